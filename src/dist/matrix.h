/* Distributed matrices from the inside. */
#ifndef PTL_DIST_MATRIX_H
#define PTL_DIST_MATRIX_H

#include "../base/linop.h"
#include "../kernels/kernels.h"
#include "../matrix/csr.h"
#include "halo.h"
#include <petiole/matrix.h>

/* The ghost block: boundary rows alone. Its arrays live in the executor's memory. */
typedef struct ptl__ghost_block {
    ptl_itype itype;
    int64_t rows, cols, nnz; /* stored rows; ghosts; entries */
    void *row_ids, *indptr, *indices, *values;
    int borrowed; /* 1: indices and values are ghost_csr's */
} ptl__ghost_block;

/* How values given at assembly reach the blocks: see refill.h. */
typedef struct ptl__refill ptl__refill;

struct ptl_matrix {
    ptl_linop base;
    ptl_partition *partition, *col_partition; /* NULL for from_local */
    ptl_index_map *map;                       /* of the columns; NULL for from_local */
    ptl__halo *halo;                          /* NULL where no rank has a ghost */
    ptl_linop *local;
    ptl_csr
        *local_csr; /* local, where it is one (borrowed); else local is applied as an operator */
    ptl__ghost_block ghost;
    ptl_csr *ghost_csr;  /* the whole ghost block, made when asked for */
    ptl__refill *refill; /* NULL where values cannot be updated */
};

/* The classes: one for blocks, one for a local operator of any kind (which may fail to apply). */
extern const ptl__linop_class ptl__matrix_class;
extern const ptl__linop_class ptl__matrix_shell_class;

void ptl__ghost_block_clear(ptl_exec *exec, ptl__ghost_block *ghost);

#endif
