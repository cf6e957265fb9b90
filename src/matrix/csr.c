/* CSR matrices: their making and checking, and their class of operator. */
#include "csr.h"

#include <string.h>

#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"

PTL__OBJECT_FUNCTIONS(ptl_csr)

static ptl_csr *csr_of(ptl_linop *A)
{
    return (ptl_csr *)A;
}

static const ptl__sparse_kernels *kernels_of(const ptl_csr *A)
{
    return A->base.exec->kernels->sparse[A->base.dtype][A->itype];
}

static ptl__run run_of(const ptl_csr *A)
{
    return (ptl__run){A->base.exec->threads};
}

static ptl_status csr_apply(ptl_linop *linop, const void *alpha, ptl_vector *x, const void *beta,
                            ptl_vector *y)
{
    const ptl_csr *A = csr_of(linop);
    kernels_of(A)->csr_spmv(run_of(A), ptl__csr_view_of(A), alpha, ptl__vector_block(x), beta,
                            ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status csr_apply_dot(ptl_linop *linop, ptl_vector *x, ptl_vector *y, double *sums)
{
    const ptl_csr *A = csr_of(linop);
    kernels_of(A)->csr_spmv_dot(run_of(A), ptl__csr_view_of(A), ptl__vector_block(x),
                                ptl__vector_block(y), sums);
    return PTL_OK;
}

static int64_t diagonal_length(const ptl_csr *A)
{
    return A->base.rows < A->base.cols ? A->base.rows : A->base.cols;
}

static ptl_status csr_diagonal(ptl_linop *linop, ptl_vector **out)
{
    const ptl_csr *A = csr_of(linop);
    const int64_t length = diagonal_length(A);
    const ptl_vector_shape shape = {length, length, 0, linop->dtype};
    PTL_TRY(ptl__vector_new(linop->comm, linop->exec, shape, out));
    kernels_of(A)->csr_diagonal(run_of(A), ptl__csr_view_of(A), length, (*out)->data);
    return PTL_OK;
}

static void csr_destroy(ptl_linop *linop)
{
    ptl_csr *A = csr_of(linop);
    if (A->release) {
        A->release(A->ctx);
    } else {
        ptl__exec_free(linop->exec, A->indptr);
        ptl__exec_free(linop->exec, A->indices);
        ptl__exec_free(linop->exec, A->values);
    }
}

static const ptl__linop_class csr_class = {
    .kind = "csr",
    .apply = csr_apply,
    .destroy = csr_destroy,
    .apply_dot = csr_apply_dot,
    .diagonal = csr_diagonal,
};

ptl_csr *ptl_linop_as_csr(ptl_linop *A)
{
    return A && A->cls == &csr_class ? csr_of(A) : NULL;
}

/* Entry i of an array of either index type. */
static int64_t index_at(const void *array, ptl_itype itype, int64_t i)
{
    return itype == PTL_I32 ? ((const int32_t *)array)[i] : ((const int64_t *)array)[i];
}

static int64_t nnz_of(const ptl_csr_arrays *arrays)
{
    return index_at(arrays->indptr, arrays->itype, arrays->rows);
}

static ptl_status check_indptr(const ptl_csr_arrays *arrays)
{
    int64_t before = index_at(arrays->indptr, arrays->itype, 0);
    PTL_CHECK(before == 0, PTL_INVALID, "indptr[0] is %lld: expected 0", (long long)before);
    for (int64_t i = 1; i <= arrays->rows; ++i) {
        const int64_t now = index_at(arrays->indptr, arrays->itype, i);
        PTL_CHECK(now >= before, PTL_INVALID,
                  "indptr[%lld] is %lld, after %lld: row %lld ends before it begins", (long long)i,
                  (long long)now, (long long)before, (long long)(i - 1));
        before = now;
    }
    return PTL_OK;
}

static ptl_status check_indices(const ptl_csr_arrays *arrays)
{
    int64_t k = 0;
    for (int64_t i = 0; i < arrays->rows; ++i)
        for (int64_t end = index_at(arrays->indptr, arrays->itype, i + 1); k < end; ++k) {
            const int64_t column = index_at(arrays->indices, arrays->itype, k);
            PTL_CHECK(column >= 0 && column < arrays->cols, PTL_INDEX,
                      "row %lld, entry %lld: column %lld is outside [0, %lld)", (long long)i,
                      (long long)k, (long long)column, (long long)arrays->cols);
        }
    return PTL_OK;
}

static ptl_status check_alignment(const ptl_csr_arrays *arrays)
{
    const size_t index = ptl_itype_size(arrays->itype);
    const size_t part = ptl_dtype_size(ptl_dtype_real(arrays->dtype));
    PTL_CHECK((uintptr_t)arrays->indptr % index == 0 && (uintptr_t)arrays->indices % index == 0 &&
                  (uintptr_t)arrays->values % part == 0,
              PTL_INVALID, "indptr, indices or values is not aligned to its elements");
    return PTL_OK;
}

static ptl_status check(const ptl_csr_arrays *arrays)
{
    PTL_CHECK((int)arrays->dtype >= 0 && arrays->dtype < PTL_DTYPE_COUNT, PTL_DTYPE,
              "dtype is %d: expected a ptl_dtype", (int)arrays->dtype);
    PTL_CHECK((int)arrays->itype >= 0 && arrays->itype < PTL_ITYPE_COUNT, PTL_DTYPE,
              "itype is %d: expected a ptl_itype", (int)arrays->itype);
    PTL_CHECK(arrays->rows >= 0 && arrays->cols >= 0, PTL_INVALID,
              "the matrix is %lld x %lld: expected sizes of 0 or more", (long long)arrays->rows,
              (long long)arrays->cols);
    PTL_CHECK(arrays->indptr, PTL_INVALID, "indptr is NULL: expected %lld entries",
              (long long)arrays->rows + 1);
    PTL_TRY(check_alignment(arrays));
    PTL_TRY(check_indptr(arrays));
    PTL_CHECK(nnz_of(arrays) == 0 || (arrays->indices && arrays->values), PTL_INVALID,
              "%s is NULL: expected %lld entries", arrays->indices ? "values" : "indices",
              (long long)nnz_of(arrays));
    return check_indices(arrays);
}

/* A matrix over the arrays, which it does not own yet. */
static ptl_status csr_new(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    ptl_comm *self;
    ptl_csr *A;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_csr, &A));
    ptl_status status = ptl_comm_self(&self);
    if (status != PTL_OK) {
        ptl__free(A);
        return status;
    }
    ptl__linop_init(&A->base, &csr_class,
                    &(ptl__linop_spec){self, exec, arrays->rows, arrays->cols, arrays->rows,
                                       arrays->cols, arrays->dtype});
    ptl_comm_release(&self);
    A->itype = arrays->itype;
    A->nnz = nnz_of(arrays);
    A->indptr = (void *)arrays->indptr;
    A->indices = (void *)arrays->indices;
    A->values = (void *)arrays->values;
    *out = A;
    return PTL_OK;
}

static void free_arrays(ptl_exec *exec, const ptl_csr_arrays *arrays)
{
    ptl__exec_free(exec, (void *)arrays->indptr);
    ptl__exec_free(exec, (void *)arrays->indices);
    ptl__exec_free(exec, (void *)arrays->values);
}

ptl_status ptl__csr_take(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    *out = NULL;
    ptl_status status = csr_new(exec, arrays, out);
    if (status != PTL_OK)
        free_arrays(exec, arrays);
    return status;
}

/* Copies `count` indices, in the wider type where it is asked for. */
static ptl_status copy_indices(ptl_exec *exec, ptl_itype from, ptl_itype to, int64_t count,
                               const void *indices, const void **out)
{
    void *copy;
    PTL_TRY(ptl__exec_alloc(exec, count, ptl_itype_size(to), &copy));
    *out = copy;
    if (from == to) {
        if (count > 0)
            memcpy(copy, indices, (size_t)count * ptl_itype_size(to));
    } else {
        for (int64_t i = 0; i < count; ++i)
            ((int64_t *)copy)[i] = index_at(indices, from, i);
    }
    return PTL_OK;
}

/* What was allocated is in *copy, also on failure. */
static ptl_status copy_arrays(ptl_exec *exec, const ptl_csr_arrays *arrays, ptl_csr_arrays *copy)
{
    const int64_t nnz = nnz_of(arrays);
    const size_t size = ptl_dtype_size(arrays->dtype);
    void *values;
    *copy = *arrays;
    copy->indptr = copy->indices = copy->values = NULL;
    if (arrays->rows > INT32_MAX || arrays->cols > INT32_MAX)
        copy->itype = PTL_I64;
    PTL_TRY(copy_indices(exec, arrays->itype, copy->itype, arrays->rows + 1, arrays->indptr,
                         &copy->indptr));
    PTL_TRY(copy_indices(exec, arrays->itype, copy->itype, nnz, arrays->indices, &copy->indices));
    PTL_TRY(ptl__exec_alloc(exec, nnz, size, &values));
    copy->values = values;
    if (nnz > 0)
        memcpy(values, arrays->values, (size_t)nnz * size);
    return PTL_OK;
}

ptl_status ptl_csr_copy_of(ptl_exec *given, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    *out = NULL;
    ptl_exec *exec;
    ptl_csr_arrays copy;
    PTL_TRY(check(arrays));
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = copy_arrays(exec, arrays, &copy);
    if (status == PTL_OK)
        status = ptl__csr_take(exec, &copy, out);
    else
        free_arrays(exec, &copy);
    ptl_exec_release(&exec);
    return status;
}

static void keep(void *ctx)
{
    (void)ctx; /* the caller looks after the arrays */
}

static ptl_status view(ptl_exec *given, const ptl_csr_arrays *arrays, ptl_csr **out)
{
    ptl_exec *exec;
    PTL_TRY(check(arrays));
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = csr_new(exec, arrays, out);
    ptl_exec_release(&exec);
    return status;
}

ptl_status ptl_csr_view(ptl_exec *exec, const ptl_csr_arrays *arrays, void (*release)(void *ctx),
                        void *ctx, ptl_csr **out)
{
    *out = NULL;
    ptl_status status = view(exec, arrays, out);
    if (status == PTL_OK) {
        (*out)->release = release ? release : keep;
        (*out)->ctx = ctx;
    } else if (release) {
        release(ctx);
    }
    return status;
}

ptl_csr_arrays ptl_csr_get_arrays(const ptl_csr *A)
{
    return (ptl_csr_arrays){A->base.rows, A->base.cols, A->base.dtype, A->itype,
                            A->indptr,    A->indices,   A->values};
}

int64_t ptl_csr_nnz(const ptl_csr *A)
{
    return A->nnz;
}

ptl_status ptl_csr_diagonal(const ptl_csr *A, void *out)
{
    kernels_of(A)->csr_diagonal(run_of(A), ptl__csr_view_of(A), diagonal_length(A), out);
    return PTL_OK;
}

ptl_linop *ptl_csr_linop(ptl_csr *A)
{
    return &A->base;
}
