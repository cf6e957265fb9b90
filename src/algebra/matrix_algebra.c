/* New matrices from old ones, by assembly: sums, transposes, other partitions, copies. */
#include <string.h>

#include "../base/operation.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/partition.h"
#include "../distributed/refill.h"
#include "owned_rows.h"

/* Values one after the other, as the vector kernels see them. */
static ptl__block as_block(const void *values, int64_t count)
{
    return (ptl__block){(void *)values, count, 1, 1};
}

/* (L) All owned rows with global columns. To be ended by clear, on failure too. */
static ptl_status global_rows(const ptl__operand *operand, ptl__rows *out)
{
    int64_t *names;
    *out = (ptl__rows){0};
    PTL_TRY(ptl__operand_names(operand, &names));
    ptl_status status = ptl__operand_rows(operand, names, operand->A->base.local_rows, NULL, out);
    ptl__free(names);
    return status;
}

/* ---- transpose, redistribute -------------------------------------------------------------------
 */

/* (L) The global row of each entry; to be freed. */
static ptl_status row_of_each(const ptl__operand *operand, const ptl__rows *rows, int64_t **out)
{
    int64_t *globals;
    *out = NULL;
    PTL_TRY(PTL_NEW(rows->count, int64_t, &globals));
    ptl_status status = PTL_NEW(rows->indptr[rows->count], int64_t, out);
    if (status == PTL_OK) {
        ptl__partition_globals(operand->rows, operand->A->base.comm->rank, globals);
        for (int64_t i = 0; i < rows->count; i++)
            for (int64_t k = rows->indptr[i]; k < rows->indptr[i + 1]; k++)
                (*out)[k] = globals[i];
    }
    ptl__free(globals);
    return status;
}

/* (C) A matrix of this layout from all entries of op(A), wherever they are now. Agrees on
 * `status`. */
static ptl_status assemble(const ptl__operand *operand, ptl_status status, ptl_op op,
                           const ptl_matrix_layout *layout, ptl_matrix **out)
{
    const ptl_linop *A = &operand->A->base;
    ptl__rows rows = {0};
    int64_t *row = NULL;
    if (status == PTL_OK)
        status = global_rows(operand, &rows);
    if (status == PTL_OK)
        status = row_of_each(operand, &rows, &row);
    status = ptl__agree(A->comm, status, 0, "calls");
    if (status == PTL_OK) {
        const int64_t nnz = rows.indptr[rows.count];
        const ptl__block values = as_block(rows.values, nnz);
        if (op == PTL_OP_HERMITIAN && ptl_dtype_is_complex(A->dtype))
            A->exec->kernels->vector[A->dtype]->map(ptl__exec_run(A->exec), PTL_MAP_CONJ, values,
                                                    values);
        const int64_t *first = op == PTL_OP_NONE ? row : rows.cols;
        const int64_t *second = op == PTL_OP_NONE ? rows.cols : row;
        const ptl_triplets triplets = {nnz, first, second, rows.values, A->dtype};
        status = ptl_matrix_from_coo(layout, &triplets, PTL_FOREIGN_SEND, out);
    }
    if (status == PTL_OK)
        ptl__matrix_forget_assembly(*out);
    ptl__free(row);
    ptl__rows_clear(&rows);
    return status;
}

ptl_status ptl_matrix_transpose(ptl_matrix *A, ptl_op op, ptl_matrix **out)
{
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    if (op == PTL_OP_NONE)
        return ptl_matrix_copy(A, out);
    ptl__operand operand;
    ptl_status status = PTL_OK;
    if ((unsigned)op >= PTL_OP_COUNT)
        status = ptl_fail(PTL_INVALID, "op is %d, expected a ptl_op", (int)op);
    PTL_TRY(ptl__operands_open(1, &A, status, ptl__sign(PTL__TRANSPOSE, op), &operand));
    const ptl_matrix_layout layout = ptl__operand_layout(&operand, operand.cols, operand.rows);
    status = assemble(&operand, PTL_OK, op, &layout, out);
    ptl__operands_close(1, &operand);
    return status;
}

/* (L) That a partition can replace `old`, of which it is called `name`. */
static ptl_status check_partition(const ptl_partition *p, int64_t size, const ptl_comm *comm,
                                  const char *name)
{
    PTL_CHECK(p, PTL_INVALID, "%s is NULL", name);
    PTL_CHECK(ptl_partition_size(p) == size, PTL_DIMENSION, "%s is of %lld indices, expected %lld",
              name, (long long)ptl_partition_size(p), (long long)size);
    PTL_CHECK(ptl_partition_num_parts(p) == comm->size, PTL_DIMENSION,
              "%s has %d parts, but the communicator has %d ranks", name,
              ptl_partition_num_parts(p), comm->size);
    return PTL_OK;
}

/* (L) */
static ptl_status check_redistribute(const ptl_linop *A, const ptl_partition *partition,
                                     const ptl_partition *col_partition)
{
    PTL_CHECK(col_partition || A->rows == A->cols, PTL_DIMENSION,
              "col_partition is missing: the matrix is %lld x %lld", (long long)A->rows,
              (long long)A->cols);
    PTL_TRY(check_partition(partition, A->rows, A->comm, "partition"));
    return check_partition(col_partition ? col_partition : partition, A->cols, A->comm,
                           "col_partition");
}

ptl_status ptl_matrix_redistribute(ptl_matrix *A, ptl_partition *partition,
                                   ptl_partition *col_partition, ptl_matrix **out)
{
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    ptl__operand operand;
    ptl_status status = check_redistribute(&A->base, partition, col_partition);
    int64_t signature = ptl__partition_sign(PTL__REDISTRIBUTE, partition);
    signature = ptl__partition_sign(signature, col_partition);
    PTL_TRY(ptl__operands_open(1, &A, status, signature, &operand));
    const ptl_matrix_layout layout = ptl__operand_layout(&operand, partition, col_partition);
    status = assemble(&operand, PTL_OK, PTL_OP_NONE, &layout, out);
    ptl__operands_close(1, &operand);
    return status;
}

/* ---- sum ---------------------------------------------------------------------------------------
 */

/* (L) Each row of a, and then the same row of b. To be ended by clear, on failure too. */
static ptl_status join_rows(const ptl__rows *a, const ptl__rows *b, ptl__rows *out)
{
    const size_t size = ptl_dtype_size(a->dtype);
    const ptl__rows *from[2] = {a, b};
    *out = (ptl__rows){.count = a->count, .dtype = a->dtype};
    PTL_TRY(PTL_NEW(a->count + 1, int64_t, &out->indptr));
    for (int64_t i = 0; i <= a->count; i++)
        out->indptr[i] = a->indptr[i] + b->indptr[i];
    PTL_TRY(ptl__rows_reserve(out));
    for (int64_t i = 0, to = 0; i < a->count; i++)
        for (int f = 0; f < 2; f++) {
            const int64_t begin = from[f]->indptr[i], length = from[f]->indptr[i + 1] - begin;
            if (length > 0) {
                memcpy(out->cols + to, from[f]->cols + begin, (size_t)length * sizeof *out->cols);
                memcpy((char *)out->values + (size_t)to * size,
                       (const char *)from[f]->values + (size_t)begin * size, (size_t)length * size);
            }
            to += length;
        }
    return PTL_OK;
}

/* (L) factor A's rows; factor NULL is 1. */
static ptl_status scaled_rows(const ptl__operand *operand, const void *factor, ptl__rows *out)
{
    const ptl_exec *exec = operand->A->base.exec;
    PTL_TRY(global_rows(operand, out));
    if (factor)
        exec->kernels->vector[out->dtype]->scale(ptl__exec_run(exec), factor, NULL,
                                                 as_block(out->values, out->indptr[out->count]));
    return PTL_OK;
}

/* (L) The rows of the sum, their columns twice where both have an entry. */
static ptl_status sum_rows(int count, const ptl__operand *operands, const void *const *factors,
                           ptl__rows *out)
{
    PTL_TRY(scaled_rows(&operands[0], factors[0], out));
    if (count == 1)
        return PTL_OK;
    ptl__rows first = *out, second;
    *out = (ptl__rows){0};
    ptl_status status = scaled_rows(&operands[1], factors[1], &second);
    if (status == PTL_OK)
        status = join_rows(&first, &second, out);
    ptl__rows_clear(&first);
    ptl__rows_clear(&second);
    return status;
}

/* (C) Where the operands live on the same partitions, which is known on every rank. */
static ptl_status add(int count, const ptl__operand *operands, const void *const *factors,
                      ptl_matrix **out)
{
    const ptl__operand *first = &operands[0], *last = &operands[count - 1];
    ptl__rows rows = {0};
    ptl_status status = PTL_OK;
    if (!ptl_partition_equal(first->rows, last->rows) ||
        !ptl_partition_equal(first->cols, last->cols))
        status = ptl_fail(PTL_DIMENSION, "A and B have different partitions");
    if (status == PTL_OK)
        status = sum_rows(count, operands, factors, &rows);
    status = ptl__agree(first->A->base.comm, status, 0, "calls");
    if (status == PTL_OK) {
        const ptl_matrix_layout layout = ptl__operand_layout(first, first->rows, first->cols);
        status = ptl__rows_assemble(&layout, &rows, out);
    }
    ptl__rows_clear(&rows);
    return status;
}

/* (L) */
static ptl_status check_add(const ptl_linop *A, const ptl_linop *B)
{
    PTL_CHECK(A->dtype != PTL_F16, PTL_NOT_SUPPORTED,
              "A is float16, but sums of float16 matrices are not supported: convert it first, "
              "astype(\"float32\")");
    PTL_CHECK(A->dtype == B->dtype, PTL_DTYPE, "A is %s, B is %s", ptl_dtype_name(A->dtype),
              ptl_dtype_name(B->dtype));
    PTL_CHECK(A->rows == B->rows && A->cols == B->cols, PTL_DIMENSION,
              "A is %lld x %lld, B is %lld x %lld", (long long)A->rows, (long long)A->cols,
              (long long)B->rows, (long long)B->cols);
    return PTL_OK;
}

/* Mixes a coefficient of `doubles` doubles, or none, into a signature. */
static int64_t sign_factor(int64_t signature, const void *factor, int doubles)
{
    int64_t bits[2] = {0, 0};
    if (factor)
        memcpy(bits, factor, (size_t)doubles * sizeof *bits);
    return ptl__sign(ptl__sign(ptl__sign(signature, factor != NULL), bits[0]), bits[1]);
}

ptl_status ptl_matrix_add(const void *alpha, ptl_matrix *A, const void *beta, ptl_matrix *B,
                          ptl_matrix **out)
{
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    ptl__operand operands[2];
    const int count = B ? 2 : 1, doubles = ptl__coef_doubles(A->base.dtype);
    int64_t signature = sign_factor(ptl__sign(PTL__ADD, count), alpha, doubles);
    signature = sign_factor(signature, B ? beta : NULL, doubles);
    PTL_TRY(ptl__operands_open(count, (ptl_matrix *const[]){A, B},
                               B ? check_add(&A->base, &B->base) : PTL_OK, signature, operands));
    ptl_status status = add(count, operands, (const void *const[]){alpha, beta}, out);
    ptl__operands_close(count, operands);
    return status;
}
