/* Rows of a coarse matrix beside the entries that they are made of. */
#include "coarse_rows.h"

#include <float.h>
#include <math.h>

#include "../algebra/operand.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/local_block.h"
#include "../matrix/values.h"
#include "l1.h"

/* (L) What a row's entries sum up to in absolute value. */
static void add_row_sums(const ptl_csr *A, double *sums)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    const size_t size = ptl_dtype_size(a.dtype);
    for (int64_t i = 0; i < a.rows; i++) {
        const int64_t end = ptl__index_at(a.indptr, a.itype, i + 1);
        for (int64_t k = ptl__index_at(a.indptr, a.itype, i); k < end; k++)
            sums[i] += ptl__value_modulus(a.dtype, (const char *)a.values + (size_t)k * size);
    }
}

/* (L) Of this rank's rows, the columns of other ranks included: to be freed, on failure too. */
static ptl_status row_sums(ptl_linop *A, double **sums)
{
    ptl__local_block block;
    ptl_status status = ptl__local_block_open(A, "Schwarz", &block);
    if (status == PTL_OK)
        status = PTL_NEW(A->local_rows, double, sums);
    if (status == PTL_OK) {
        ptl__l1_sums(&block, 0, NULL, *sums);
        add_row_sums(block.A, *sums);
    }
    ptl__local_block_close(&block);
    return status;
}

/* (L) keep: 1 for every row of A_0 that is more than rounding, else 0. */
static void judge(ptl_csr *R, const double *fine, const double *coarse, ptl_dtype dtype, void *keep)
{
    const ptl_csr_arrays r = ptl_csr_get_arrays(R);
    const int single = ptl_dtype_real(dtype) == PTL_F32;
    const double eps = single ? FLT_EPSILON : DBL_EPSILON;
    for (int64_t i = 0; i < r.rows; i++) {
        const int64_t end = ptl__index_at(r.indptr, r.itype, i + 1);
        double sum = 0;
        for (int64_t k = ptl__index_at(r.indptr, r.itype, i); k < end; k++)
            sum += fine[ptl__index_at(r.indices, r.itype, k)];
        const int more = coarse[i] > 4 * eps * sum;
        ptl__value_put(dtype, (char *)keep + (size_t)i * ptl_dtype_size(dtype), more);
    }
}

/* (L) */
static ptl_status find_rows(ptl_matrix *R, ptl_linop *A, ptl_linop *A_0, ptl_vector **keep)
{
    const ptl_vector_shape shape = {A_0->rows, A_0->local_rows, 1, A_0->dtype};
    double *fine = NULL, *coarse = NULL;
    ptl_csr *block = NULL;
    ptl_status status = ptl__vector_new(A_0->comm, A_0->exec->host, shape, keep);
    if (status == PTL_OK)
        status = row_sums(A, &fine);
    if (status == PTL_OK)
        status = row_sums(A_0, &coarse);
    if (status == PTL_OK)
        status = ptl__matrix_local_csr(R, &block);
    ptl_csr *host = NULL;
    if (status == PTL_OK)
        status = ptl__csr_on(block, R->base.exec->host, &host);
    if (status == PTL_OK) {
        judge(host, fine, coarse, A_0->dtype, (*keep)->data);
        status = ptl__vector_hand_over(*keep, A_0->exec);
    }
    ptl_csr_release(&host);
    ptl_csr_release(&block);
    ptl__free(fine);
    ptl__free(coarse);
    return status;
}

ptl_status ptl__coarse_drop_rounding(ptl_matrix *R, ptl_linop *A, ptl_matrix *A_0)
{
    ptl_vector *keep = NULL;
    ptl_status status = find_rows(R, A, ptl_matrix_linop(A_0), &keep);
    status = ptl__agree(A->comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl_matrix_row_scale(A_0, keep);
    ptl_vector_release(&keep);
    return status;
}
