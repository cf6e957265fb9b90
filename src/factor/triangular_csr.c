/* Triangles as matrices again. */
#include <string.h>

#include "../core/status.h"
#include "../matrix/csr.h"
#include "triangular.h"

/* Stored row k of T as row i of the matrix, with a one on the diagonal. */
static void write_row(const ptl__triangular *T, int64_t k, const void *one,
                      const ptl_csr_arrays *out)
{
    const size_t size = ptl_dtype_size(T->dtype);
    const ptl__triangle *t = &T->triangle;
    const int64_t i = ptl__triangular_row(T, k), begin = ptl__index_at(t->indptr, T->itype, k);
    const int64_t count = ptl__index_at(t->indptr, T->itype, k + 1) - begin;
    const int64_t to = ptl__index_at(out->indptr, out->itype, i);
    const int64_t diagonal = t->upper ? to : to + count;
    char *values = (char *)out->values;
    for (int64_t n = 0; n < count; n++) {
        const int64_t e = begin + n, at = t->upper ? to + count - n : to + n;
        ptl__index_put((void *)out->indices, out->itype, at,
                       ptl__index_at(t->indices, T->itype, e));
        memcpy(values + (size_t)at * size, (const char *)t->values + (size_t)e * size, size);
    }
    ptl__index_put((void *)out->indices, out->itype, diagonal, i);
    memcpy(values + (size_t)diagonal * size, one, size);
}

/* The rows' lengths, each at the row after its own, summed up. */
static void write_indptr(const ptl__triangular *T, const ptl_csr_arrays *out)
{
    const ptl__triangle *t = &T->triangle;
    void *indptr = (void *)out->indptr;
    ptl__index_put(indptr, out->itype, 0, 0);
    for (int64_t k = 0; k < t->rows; k++)
        ptl__index_put(indptr, out->itype, ptl__triangular_row(T, k) + 1,
                       ptl__index_at(t->indptr, T->itype, k + 1) -
                           ptl__index_at(t->indptr, T->itype, k) + 1);
    for (int64_t i = 0; i < t->rows; i++)
        ptl__index_put(indptr, out->itype, i + 1,
                       ptl__index_at(indptr, out->itype, i) +
                           ptl__index_at(indptr, out->itype, i + 1));
}

/* Rows times their diagonal entry, by which they are divided in T. */
static ptl_status scale_rows(const ptl__triangular *T, const ptl_csr_arrays *out)
{
    const ptl__run run = ptl__exec_run(T->exec);
    const size_t size = ptl_dtype_size(T->dtype);
    void *d;
    PTL_TRY(ptl__exec_alloc(T->exec, out->rows, size, &d));
    for (int64_t k = 0; k < out->rows; k++)
        memcpy((char *)d + (size_t)ptl__triangular_row(T, k) * size,
               (const char *)T->triangle.inverses + (size_t)k * size, size);
    (void)T->exec->kernels->vector[T->dtype]->diagonal_invert(run, out->rows, d); /* none is 0 */
    T->exec->kernels->index[T->dtype][out->itype]->csr_row_scale(
        run, (ptl__csr){out->rows, out->indptr, out->indices, out->values, NULL}, d);
    ptl__exec_free(T->exec, d);
    return PTL_OK;
}

static ptl_status write_matrix(const ptl__triangular *T, ptl_csr_arrays *out)
{
    const int64_t rows = T->triangle.rows;
    const int64_t nnz = ptl__index_at(T->triangle.indptr, T->itype, rows) + rows;
    const double coefficient[2] = {1, 0};
    ptl_c128 one;
    out->itype = ptl__itype_for(T->itype, rows, rows, nnz);
    const size_t index = ptl_itype_size(out->itype);
    PTL_TRY(ptl__exec_alloc(T->exec, rows + 1, index, (void **)&out->indptr));
    PTL_TRY(ptl__exec_alloc(T->exec, nnz, index, (void **)&out->indices));
    PTL_TRY(ptl__exec_alloc(T->exec, nnz, ptl_dtype_size(T->dtype), (void **)&out->values));
    T->exec->kernels->vector[T->dtype]->fill(ptl__exec_run(T->exec), coefficient,
                                             (ptl__block){&one, 1, 1, 1});
    write_indptr(T, out);
    for (int64_t k = 0; k < rows; k++)
        write_row(T, k, &one, out);
    return T->triangle.inverses ? scale_rows(T, out) : PTL_OK;
}

ptl_status ptl__triangular_csr(const ptl__triangular *T, ptl_csr **out)
{
    const int64_t rows = T->triangle.rows;
    ptl_csr_arrays arrays = {.rows = rows, .cols = rows, .dtype = T->dtype, .itype = T->itype};
    *out = NULL;
    ptl_status status = write_matrix(T, &arrays);
    if (status == PTL_OK)
        return ptl__csr_take(T->exec, &arrays, out);
    ptl__csr_arrays_free(&arrays);
    return status;
}
