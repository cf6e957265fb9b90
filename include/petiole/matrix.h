/* Distributed sparse matrices. Rank r owns the rows that a partition gives to part r. Its entries
 * are a local block (columns that it owns too) and a ghost block (columns owned elsewhere,
 * compressed to the index map's ghosts). Entries may be halves (PTL_F16): those given for one place
 * are summed as floats and rounded once. What is generated from such a matrix (preconditioners,
 * factorizations, direct and triangular solvers) is made from a copy with floats, and is of
 * PTL_F32; a Krylov solver's products read the halves. */
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

/* What to do with entries whose row another rank owns. */
typedef enum ptl_foreign { PTL_FOREIGN_SEND, PTL_FOREIGN_REFUSE } ptl_foreign;

/* Where a matrix lives. col_partition NULL is partition (a square matrix). Both are retained. */
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

/* (C) From triplets given on any rank. Rows owned elsewhere are sent to their owner, or refused
 * (PTL_INDEX). Duplicates are summed, in the order of rank and then position. PTL_INDEX where an
 * index is out of range: the message has rank, position and value. PTL_DIMENSION where a partition
 * has another number of parts than comm. */
PTL_API ptl_status ptl_matrix_from_coo(const ptl_matrix_layout *layout,
                                       const ptl_triplets *triplets, ptl_foreign foreign,
                                       ptl_matrix **out) PTL_MUST_USE;

/* (C) From the owned rows in local order, with global columns (arrays->cols is ignored), in host
 * memory. Duplicates are summed. PTL_DIMENSION where arrays->rows is not the part's size;
 * PTL_INVALID and PTL_INDEX as for ptl_csr_copy_of. */
PTL_API ptl_status ptl_matrix_from_csr(const ptl_matrix_layout *layout,
                                       const ptl_csr_arrays *arrays, ptl_matrix **out) PTL_MUST_USE;

/* (C) From both blocks as they are; `ghosts` are the num_ghosts global columns that the ghost
 * block's columns stand for, without duplicates, ordered by owner and then by index (an index map's
 * order). local and ghost are retained; ghost may be NULL where num_ghosts is 0. PTL_DIMENSION
 * where a block does not have the part's rows or its columns, PTL_DTYPE where their dtypes differ,
 * PTL_INVALID where the ghosts are in another order, PTL_INDEX where one is out of range. */
PTL_API ptl_status ptl_matrix_from_blocks(const ptl_matrix_layout *layout, int64_t num_ghosts,
                                          const int64_t *ghosts, ptl_csr *local, ptl_csr *ghost,
                                          ptl_matrix **out) PTL_MUST_USE;

/* (C) Block-diagonal, of any operator on one process per rank: `local` is retained; it makes no
 * exchange. rows, cols: the global sizes, or -1 for the sums. PTL_DIMENSION where the sums differ;
 * PTL_INVALID where local lives on several ranks. */
PTL_API ptl_status ptl_matrix_from_local(ptl_comm *comm, ptl_linop *local, int64_t rows,
                                         int64_t cols, ptl_matrix **out) PTL_MUST_USE;

/* (C) New values in the order and number given at assembly (from_coo: this rank's triplets;
 * from_csr: its entries), in the same pattern. PTL_DIMENSION, PTL_DTYPE; PTL_NOT_SUPPORTED for
 * from_blocks, from_local and files. */
PTL_API ptl_status ptl_matrix_update_values(ptl_matrix *A, int64_t count, ptl_dtype dtype,
                                            const void *values) PTL_MUST_USE;

/* (C) A new matrix of the same partitions: a copy; with entries of another dtype (PTL_DTYPE:
 * complex to real); with its local block in another storage (the ghost block stays CSR). What was
 * assembled keeps its ptl_matrix_update_values in none of them. PTL_NOT_SUPPORTED where the local
 * operator is no local format. */
PTL_API ptl_status ptl_matrix_copy(ptl_matrix *A, ptl_matrix **out) PTL_MUST_USE;
PTL_API ptl_status ptl_matrix_astype(ptl_matrix *A, ptl_dtype dtype, ptl_matrix **out) PTL_MUST_USE;
PTL_API ptl_status ptl_matrix_convert(ptl_matrix *A, ptl_storage storage,
                                      ptl_matrix **out) PTL_MUST_USE;

/* (C) A = diag(v) A; A = A diag(v), in place. v: one column, of A's dtype or its real one, of A's
 * rows or columns: else PTL_DIMENSION, PTL_DTYPE, PTL_INVALID (another communicator).
 * The blocks themselves are scaled: PTL_NOT_SUPPORTED where one is no CSR, of PTL_F16 or a view of
 * the caller's arrays. */
PTL_API ptl_status ptl_matrix_row_scale(ptl_matrix *A, ptl_vector *v) PTL_MUST_USE;
PTL_API ptl_status ptl_matrix_col_scale(ptl_matrix *A, ptl_vector *v) PTL_MUST_USE;

/* (C) The calls below make new CSR matrices; PTL_NOT_SUPPORTED where an operand is a from_local
 * matrix whose operator is no local format. */

/* (C) op(A) as a matrix of its own: A's column partition is its row partition, and vice versa.
 * PTL_OP_NONE is a copy. */
PTL_API ptl_status ptl_matrix_transpose(ptl_matrix *A, ptl_op op, ptl_matrix **out) PTL_MUST_USE;

/* (C) The same matrix on other partitions of the same sizes (NULL col_partition: partition, for a
 * square matrix). Both are retained. PTL_DIMENSION. */
PTL_API ptl_status ptl_matrix_redistribute(ptl_matrix *A, ptl_partition *partition,
                                           ptl_partition *col_partition,
                                           ptl_matrix **out) PTL_MUST_USE;

/* (C) C = A B: A's column partition is B's row partition, the dtypes are the same: else
 * PTL_DIMENSION, PTL_DTYPE. Rows of B travel to the ranks whose ghosts they are; entries are made
 * row by row (Gustavson: Two Fast Algorithms for Sparse Matrices, ACM TOMS 4(3), 1978), and those
 * that come out as 0 are kept. PTL_NOT_SUPPORTED for PTL_F16. */
PTL_API ptl_status ptl_matrix_multiply(ptl_matrix *A, ptl_matrix *B, ptl_matrix **out) PTL_MUST_USE;

/* (C) C = alpha A + beta B, on the same partitions; alpha, beta: one double, or one ptl_c128 for
 * complex dtypes, in host memory, NULL is 1. The pattern is the union. B NULL: C = alpha A. Else
 * PTL_DIMENSION, PTL_DTYPE; PTL_NOT_SUPPORTED for two of PTL_F16. */
PTL_API ptl_status ptl_matrix_add(const void *alpha, ptl_matrix *A, const void *beta, ptl_matrix *B,
                                  ptl_matrix **out) PTL_MUST_USE;

/* (C) Rows and columns by global indices, any on any rank: row i of the new matrix's part r is A's
 * row rows[i] as rank r gives it, and columns likewise; both partitions are contiguous. Rows may
 * repeat; a column that is given twice is PTL_INVALID. PTL_INDEX where one is out of range. */
PTL_API ptl_status ptl_matrix_submatrix(ptl_matrix *A, int64_t num_rows, const int64_t *rows,
                                        int64_t num_cols, const int64_t *cols,
                                        ptl_matrix **out) PTL_MUST_USE;

/* (L) The owned rows in local order with global columns, each row's ascending: a new local_rows x
 * cols matrix. PTL_NOT_SUPPORTED also for a from_local matrix on several ranks: it does not know
 * its place among the others. */
PTL_API ptl_status ptl_matrix_owned_rows(ptl_matrix *A, ptl_csr **out) PTL_MUST_USE;

/* (L) A new vector with the owned diagonal entries, 0 where no entry is. PTL_DIMENSION where row
 * and column partitions differ, PTL_NOT_SUPPORTED where the local operator has no diagonal. */
PTL_API ptl_status ptl_matrix_diagonal(ptl_matrix *A, ptl_vector **out) PTL_MUST_USE;

/* (C) Stored entries over all ranks. */
PTL_API ptl_status ptl_matrix_nnz(ptl_matrix *A, int64_t *out) PTL_MUST_USE;
/* (L) Stored entries on this rank (0 for a from_local matrix whose operator is no local format). */
PTL_API int64_t ptl_matrix_local_nnz(const ptl_matrix *A);

/* (L) Borrowed: they live as long as A. The ghost block has only num_ghosts columns, and is a whole
 * CSR of all local rows, made at the first call (NULL where the matrix has none). */
PTL_API ptl_linop *ptl_matrix_local(ptl_matrix *A);
PTL_API ptl_status ptl_matrix_ghost(ptl_matrix *A, ptl_csr **out) PTL_MUST_USE;
PTL_API ptl_partition *ptl_matrix_partition(const ptl_matrix *A);
PTL_API ptl_partition *ptl_matrix_col_partition(const ptl_matrix *A);
PTL_API ptl_index_map *ptl_matrix_index_map(const ptl_matrix *A);

/* (L) The same object as an operator; borrowed. And back: NULL where A is none; borrowed. */
PTL_API ptl_linop *ptl_matrix_linop(ptl_matrix *A);
PTL_API ptl_matrix *ptl_linop_as_matrix(ptl_linop *A);

PTL_API ptl_matrix *ptl_matrix_retain(ptl_matrix *A);
PTL_API void ptl_matrix_release(ptl_matrix **A);

PTL_END_DECLS

#endif
