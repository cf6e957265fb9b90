/* Distributed matrices from the inside. */
#ifndef PTL_DISTRIBUTED_MATRIX_H
#define PTL_DISTRIBUTED_MATRIX_H

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
    ptl_linop *local;   /* a local format; or any operator of one process, for a shell */
    ptl_csr *local_csr; /* local, where it is one (borrowed) */
    ptl__ghost_block ghost;
    ptl__transposed ghost_transposed; /* made by the first transposed product */
    ptl_csr *ghost_csr;               /* the whole ghost block, made when asked for */
    ptl__refill *refill;              /* NULL where values cannot be updated */
};

/* The classes: one for blocks in local formats; and shells over a local operator of any kind, which
 * may fail to apply, by whether it takes vectors of other dtypes. */
extern const ptl__linop_class ptl__matrix_class;
extern const ptl__linop_class ptl__matrix_shell_classes[2];

static inline ptl_matrix *ptl__matrix_of(ptl_linop *base)
{
    return (ptl_matrix *)base; /* base comes first */
}

/* (C) A with floats for its halves; fails on every rank or on none. */
ptl_status ptl__matrix_widen(ptl_linop *base, ptl_linop **out) PTL_MUST_USE;
/* What both classes share. */
void ptl__matrix_destroy(ptl_linop *base);
/* (L) A vector of A's rows, uninitialised; PTL_DIMENSION where A has no diagonal to speak of. */
ptl_status ptl__matrix_new_diagonal(const ptl_matrix *A, ptl_vector **out) PTL_MUST_USE;

void ptl__ghost_block_clear(ptl_exec *exec, ptl__ghost_block *ghost);
/* (L) The pattern of the ghost block's transpose, whose rows are the local ones. */
ptl_status ptl__ghost_block_transpose(ptl_exec *exec, const ptl__ghost_block *ghost,
                                      int64_t local_rows, ptl__transposed *out) PTL_MUST_USE;
/* (L) From host memory to the executor's. On failure all is as it was. */
ptl_status ptl__ghost_block_hand_over(ptl_exec *exec, ptl_dtype dtype,
                                      ptl__ghost_block *ghost) PTL_MUST_USE;
/* (L) A copy in host memory of a block of exec. To be cleared with exec->host, on failure too. */
ptl_status ptl__ghost_block_read(ptl_exec *exec, const ptl__ghost_block *ghost, ptl_dtype dtype,
                                 ptl__ghost_block *out) PTL_MUST_USE;
/* (L) A copy of its own, with values of dtype `to`. To be cleared, on failure too. */
ptl_status ptl__ghost_block_copy(ptl_exec *exec, const ptl__ghost_block *ghost, ptl_dtype from,
                                 ptl_dtype to, ptl__ghost_block *out) PTL_MUST_USE;
static inline ptl__csr ptl__ghost_block_view(const ptl__ghost_block *g)
{
    return (ptl__csr){g->rows, g->indptr, g->indices, g->values, g->row_ids};
}

#endif
