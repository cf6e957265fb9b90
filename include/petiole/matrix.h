/* Distributed sparse matrices. Rank r owns the rows that a partition gives to part r. They are
 * stored as a local block (the columns that the rank owns too) and a ghost block (the columns owned
 * by other ranks, numbered as the index map's ghosts). Entries may be of PTL_F16: duplicates are
 * summed in float and rounded once. Preconditioners, factorizations, direct and triangular solvers
 * are generated from a float copy of such a matrix, and are of PTL_F32; a Krylov solver's products
 * read the PTL_F16 entries. */
#ifndef PETIOLE_MATRIX_H
#define PETIOLE_MATRIX_H

#include <petiole/comm.h>
#include <petiole/csr.h>
#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/format.h>
#include <petiole/index_map.h>
#include <petiole/linop.h>
#include <petiole/partition.h>
#include <petiole/status.h>
#include <petiole/types.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

typedef struct ptl_matrix ptl_matrix;

/* What to do with entries of rows that another rank owns. */
typedef enum ptl_foreign { PTL_FOREIGN_SEND, PTL_FOREIGN_REFUSE } ptl_foreign;

/* Where a matrix lives. col_partition NULL means `partition` (a square matrix). The matrix retains
 * both. */
typedef struct ptl_matrix_layout {
    ptl_comm *comm;
    ptl_exec *exec;
    ptl_partition *partition;
    ptl_partition *col_partition;
} ptl_matrix_layout;

/* Triplets in host memory: values[i] at (rows[i], cols[i]), global indices. */
typedef struct ptl_triplets {
    int64_t count;
    const int64_t *rows, *cols;
    const void *values;
    ptl_dtype dtype;
} ptl_triplets;

/* (C) From triplets given on any rank. Entries of rows that another rank owns are sent there, or
 * refused (PTL_INDEX). Duplicates are summed, in the order of rank and then position. PTL_INDEX if
 * an index is out of range: the message gives rank, position and value. PTL_DIMENSION if a
 * partition has another number of parts than comm. */
PTL_API ptl_status ptl_matrix_from_coo(const ptl_matrix_layout *layout,
                                       const ptl_triplets *triplets, ptl_foreign foreign,
                                       ptl_matrix **out) PTL_MUST_USE;

/* (C) From the owned rows in local order, with global columns (arrays->cols is ignored), in host
 * memory. Duplicates are summed. PTL_DIMENSION if arrays->rows is not the part's size; PTL_INVALID
 * and PTL_INDEX as for ptl_csr_copy_of. */
PTL_API ptl_status ptl_matrix_from_csr(const ptl_matrix_layout *layout,
                                       const ptl_csr_arrays *arrays, ptl_matrix **out) PTL_MUST_USE;

/* (C) From a local and a ghost block. `ghosts` gives the num_ghosts global columns of the ghost
 * block's columns, without duplicates, ordered by owner and then by index (the order of an index
 * map). local and ghost are retained; ghost may be NULL if num_ghosts is 0. PTL_DIMENSION if a
 * block does not have the part's rows or its columns, PTL_DTYPE if their dtypes differ, PTL_INVALID
 * if the ghosts are in another order, PTL_INDEX if one is out of range. */
PTL_API ptl_status ptl_matrix_from_blocks(const ptl_matrix_layout *layout, int64_t num_ghosts,
                                          const int64_t *ghosts, ptl_csr *local, ptl_csr *ghost,
                                          ptl_matrix **out) PTL_MUST_USE;

/* (C) A block-diagonal matrix whose blocks are the ranks' `local` operators, each on one process,
 * of any class. `local` is retained. Products need no messages. rows, cols: the global sizes, or -1
 * for the sums of the local ones. PTL_DIMENSION if they are not these sums; PTL_INVALID if local
 * lives on several ranks. */
PTL_API ptl_status ptl_matrix_from_local(ptl_comm *comm, ptl_linop *local, int64_t rows,
                                         int64_t cols, ptl_matrix **out) PTL_MUST_USE;

/* (C) Replaces the values, keeping the pattern. `values` has the number and order of values given
 * at assembly (from_coo: this rank's triplets; from_csr: its entries); else PTL_DIMENSION,
 * PTL_DTYPE. PTL_NOT_SUPPORTED for matrices of from_blocks, from_local and files. */
PTL_API ptl_status ptl_matrix_update_values(ptl_matrix *A, int64_t count, ptl_dtype dtype,
                                            const void *values) PTL_MUST_USE;

/* (C) A new matrix of the same partitions. copy: the same entries. astype: entries of another dtype
 * (PTL_DTYPE for complex to real). convert: the local block in another storage (the ghost block
 * stays CSR). ptl_matrix_update_values does not work on the new matrix. PTL_NOT_SUPPORTED if the
 * local operator is not a local format. */
PTL_API ptl_status ptl_matrix_copy(ptl_matrix *A, ptl_matrix **out) PTL_MUST_USE;
PTL_API ptl_status ptl_matrix_astype(ptl_matrix *A, ptl_dtype dtype, ptl_matrix **out) PTL_MUST_USE;
PTL_API ptl_status ptl_matrix_convert(ptl_matrix *A, ptl_storage storage,
                                      ptl_matrix **out) PTL_MUST_USE;

/* (C) A = diag(v) A; A = A diag(v), in place. v has one column, A's dtype or its real counterpart,
 * A's communicator, and as many rows as A has rows (columns): else PTL_DIMENSION, PTL_DTYPE or
 * PTL_INVALID. PTL_NOT_SUPPORTED if a block is not CSR, is of PTL_F16, or is a view of the caller's
 * arrays. */
PTL_API ptl_status ptl_matrix_row_scale(ptl_matrix *A, ptl_vector *v) PTL_MUST_USE;
PTL_API ptl_status ptl_matrix_col_scale(ptl_matrix *A, ptl_vector *v) PTL_MUST_USE;

/* (C) The calls below make new CSR matrices; PTL_NOT_SUPPORTED if an operand is a from_local matrix
 * whose operator is not a local format. */

/* (C) op(A) as a new matrix: its row partition is A's column partition, and vice versa. PTL_OP_NONE
 * is a copy. */
PTL_API ptl_status ptl_matrix_transpose(ptl_matrix *A, ptl_op op, ptl_matrix **out) PTL_MUST_USE;

/* (C) The same matrix on other partitions of the same sizes (NULL col_partition: `partition`, for a
 * square matrix), which are retained. PTL_DIMENSION if a size differs. */
PTL_API ptl_status ptl_matrix_redistribute(ptl_matrix *A, ptl_partition *partition,
                                           ptl_partition *col_partition,
                                           ptl_matrix **out) PTL_MUST_USE;

/* (C) C = A B: A's column partition is B's row partition, the dtypes are the same: else
 * PTL_DIMENSION, PTL_DTYPE. Rows of B travel to the ranks whose ghosts they are; the entries are
 * computed row by row (Gustavson: Two Fast Algorithms for Sparse Matrices, ACM TOMS 4(3), 1978),
 * and those that become 0 are kept. PTL_NOT_SUPPORTED for PTL_F16. */
PTL_API ptl_status ptl_matrix_multiply(ptl_matrix *A, ptl_matrix *B, ptl_matrix **out) PTL_MUST_USE;

/* (C) C = alpha A + beta B, on the same partitions; of the same dtype: else PTL_DIMENSION,
 * PTL_DTYPE. alpha, beta: one double, or one ptl_c128 for complex dtypes, in host memory; NULL is
 * 1. The pattern of C is the union of both. B NULL: C = alpha A. PTL_NOT_SUPPORTED if A and B are
 * of PTL_F16. */
PTL_API ptl_status ptl_matrix_add(const void *alpha, ptl_matrix *A, const void *beta, ptl_matrix *B,
                                  ptl_matrix **out) PTL_MUST_USE;

/* (C) The sub-matrix of the rows and columns with the given global indices. Each rank gives those
 * that it wants to own, whoever owns them in A: row i of part r in the new matrix is row rows[i] of
 * A, as given on rank r; columns likewise. Both new partitions are contiguous. A row may be given
 * several times. PTL_INVALID if a column is given twice, PTL_INDEX if an index is out of range. */
PTL_API ptl_status ptl_matrix_submatrix(ptl_matrix *A, int64_t num_rows, const int64_t *rows,
                                        int64_t num_cols, const int64_t *cols,
                                        ptl_matrix **out) PTL_MUST_USE;

/* (L) The owned rows in local order as a new local_rows x cols matrix, with global columns,
 * ascending within each row. PTL_NOT_SUPPORTED also for a from_local matrix on several ranks, which
 * does not know the global numbers of its columns. */
PTL_API ptl_status ptl_matrix_owned_rows(ptl_matrix *A, ptl_csr **out) PTL_MUST_USE;

/* (L) A new vector with the owned diagonal entries; 0 where none is stored. PTL_DIMENSION if row
 * and column partitions differ, PTL_NOT_SUPPORTED if the local operator has no diagonal. */
PTL_API ptl_status ptl_matrix_diagonal(ptl_matrix *A, ptl_vector **out) PTL_MUST_USE;

/* (C) The number of stored entries on all ranks together. */
PTL_API ptl_status ptl_matrix_nnz(ptl_matrix *A, int64_t *out) PTL_MUST_USE;
/* (L) The number of stored entries on this rank (0 for a from_local matrix whose operator is not a
 * local format). */
PTL_API int64_t ptl_matrix_local_nnz(const ptl_matrix *A);

/* (L) Borrowed: they live as long as A. The ghost block is a CSR matrix of all local rows and
 * num_ghosts columns, made at the first call (NULL if the matrix has none). */
PTL_API ptl_linop *ptl_matrix_local(ptl_matrix *A);
PTL_API ptl_status ptl_matrix_ghost(ptl_matrix *A, ptl_csr **out) PTL_MUST_USE;
PTL_API ptl_partition *ptl_matrix_partition(const ptl_matrix *A);
PTL_API ptl_partition *ptl_matrix_col_partition(const ptl_matrix *A);
PTL_API ptl_index_map *ptl_matrix_index_map(const ptl_matrix *A);

/* (L) The same object as an operator, and back (NULL if A is not a ptl_matrix); borrowed. */
PTL_API ptl_linop *ptl_matrix_linop(ptl_matrix *A);
PTL_API ptl_matrix *ptl_linop_as_matrix(ptl_linop *A);

PTL_API ptl_matrix *ptl_matrix_retain(ptl_matrix *A);
PTL_API void ptl_matrix_release(ptl_matrix **A);

PTL_END_DECLS

#endif
