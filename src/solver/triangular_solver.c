/* What lower_trs and upper_trs share: M is the triangle's inverse, and where the diagonal counts as
 * ones, so does the operator that is inverted. */
#include "triangular_solver.h"

#include <string.h>

#include "../algebra/gathered.h"
#include "../core/status.h"
#include "../factor/triangular.h"
#include "../matrix/csr.h"
#include "params.h"
#include <petiole/composition.h>
#include <petiole/diagonal.h>
#include <petiole/matrix.h>

const ptl_param ptl__trs_params[] = {
    PTL__PARAM_UNIT_DIAGONAL,
    PTL__PARAM_GATHER_LIMIT,
    PTL__PARAM_END,
};

static ptl_status make_triangular(const void *ctx, ptl_csr *A, ptl_linop **out)
{
    return ptl__triangular_create(A, *(const int *)ctx, out);
}

ptl_status ptl__trs_precond(const ptl_solver_options *options, int triangle, ptl_linop *A,
                            ptl_linop **out)
{
    const int which = triangle | (options->unit_diagonal ? PTL__UNIT_DIAGONAL : 0);
    const ptl__local_maker maker = {
        .make = make_triangular,
        .ctx = &which,
        .name = which & PTL__UPPER ? "upper_trs" : "lower_trs",
        .limit = options->gather_limit,
    };
    return ptl__gathered_create(A, &maker, out);
}

/* The entries (i, i) of an A on the host become 0. */
static void clear_on_host(ptl_csr *A)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    const size_t size = ptl_dtype_size(a.dtype);
    for (int64_t i = 0; i < a.rows; i++)
        for (int64_t k = ptl__index_at(a.indptr, a.itype, i);
             k < ptl__index_at(a.indptr, a.itype, i + 1); k++)
            if (ptl__index_at(a.indices, a.itype, k) == i)
                memset((char *)a.values + (size_t)k * size, 0, size);
}

static ptl_status clear_diagonal(ptl_csr *A)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    ptl_exec *exec = ptl_csr_linop(A)->exec;
    ptl_csr *host;
    PTL_TRY(ptl__csr_on(A, exec->host, &host));
    clear_on_host(host);
    ptl_status status = ptl__exec_write(exec, ptl_csr_nnz(A), ptl_dtype_size(a.dtype),
                                        ptl_csr_get_arrays(host).values, (void *)a.values);
    ptl_csr_release(&host);
    return status;
}

/* (C) A copy of A, its local entries as CSR. *csr is borrowed. Fails on every rank or on none. */
static ptl_status copy_matrix(ptl_linop *A, ptl_linop **out, ptl_csr **csr)
{
    ptl_matrix *matrix = ptl_linop_as_matrix(A), *copy;
    if (!matrix) {
        PTL_TRY(ptl_format_convert(A, PTL_CSR, -1, out));
        *csr = ptl_linop_as_csr(*out);
        return PTL_OK;
    }
    PTL_TRY(ptl_matrix_convert(matrix, PTL_CSR, &copy));
    *out = ptl_matrix_linop(copy);
    *csr = ptl_linop_as_csr(ptl_matrix_local(copy));
    return PTL_OK;
}

ptl_status ptl__trs_system(const ptl_solver_options *options, ptl_linop *A, ptl_linop **out)
{
    static const ptl_c128 ones[2] = {{1, 0}, {1, 0}};
    static const double real_ones[2] = {1, 1};
    ptl_linop *parts[2] = {NULL, NULL};
    ptl_csr *csr;
    if (!options->unit_diagonal) {
        *out = ptl_linop_retain(A);
        return PTL_OK;
    }
    PTL_TRY(copy_matrix(A, &parts[0], &csr));
    const ptl_status cleared = clear_diagonal(csr);
    ptl_status status = ptl_identity_create(A->comm, A->exec, A->rows, A->local_rows,
                                            ptl_dtype_compute(A->dtype), &parts[1]);
    if (cleared != PTL_OK)
        status = cleared;
    if (status == PTL_OK)
        status = ptl_combination_create(
            2, ptl_dtype_is_complex(A->dtype) ? (const void *)ones : real_ones, parts, out);
    ptl_linop_release(&parts[0]);
    ptl_linop_release(&parts[1]);
    return status;
}
