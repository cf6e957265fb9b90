/* The lower triangle of A[p][:, p] by counting. */
#include "permuted.h"

#include <string.h>
#include <tgmath.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../matrix/csr.h"

#undef I /* tgmath.h's imaginary unit: here it is the index type */

typedef struct move {
    ptl__csr A;
    const int64_t *inverse; /* of the permutation */
    ptl_csr_arrays to;
} move;

#define KERNELS "../factor/numeric.kern.h"
#define INDEX_KERNELS "../factor/permuted.kern.h"
#include "../kernels/each_dtype.h"

static void (*const permute[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT])(const move *m) = {
    [PTL_F32] = {permute_f32_i32, permute_f32_i64},
    [PTL_F64] = {permute_f64_i32, permute_f64_i64},
    [PTL_C64] = {permute_c64_i32, permute_c64_i64},
    [PTL_C128] = {permute_c128_i32, permute_c128_i64},
};

/* The arrays are the executor's, also on failure. */
static ptl_status make(const ptl_csr *A, const int64_t *permutation, ptl_exec *exec, move *m)
{
    const int64_t rows = m->A.rows;
    const size_t index = ptl_itype_size(m->to.itype);
    int64_t *inverse;
    PTL_TRY(ptl__exec_alloc(exec, rows + 1, index, (void **)&m->to.indptr));
    PTL_TRY(ptl__exec_alloc(exec, ptl_csr_nnz(A), index, (void **)&m->to.indices));
    PTL_TRY(
        ptl__exec_alloc(exec, ptl_csr_nnz(A), ptl_dtype_size(m->to.dtype), (void **)&m->to.values));
    PTL_TRY(PTL_NEW(rows, int64_t, &inverse));
    for (int64_t i = 0; i < rows; i++)
        inverse[permutation[i]] = i;
    m->inverse = inverse;
    permute[m->to.dtype][m->to.itype](m);
    ptl__free(inverse);
    return PTL_OK;
}

ptl_status ptl__csr_permuted_lower(const ptl_csr *A, const int64_t *permutation, ptl_csr **out)
{
    const ptl_csr_arrays from = ptl_csr_get_arrays(A);
    ptl_exec *exec = A->format.base.exec;
    ptl_csr *moved = NULL;
    move m = {.A = ptl__csr_view_of(A), .to = from};
    m.to.indptr = m.to.indices = m.to.values = NULL;
    *out = NULL;
    ptl_status status = make(A, permutation, exec, &m);
    if (status == PTL_OK)
        status = ptl__csr_take(exec, &m.to, &moved);
    else
        ptl__csr_arrays_free(&m.to);
    if (status == PTL_OK)
        status = ptl__csr_tidy(moved, out);
    ptl_csr_release(&moved);
    return status;
}
