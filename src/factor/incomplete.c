/* Incomplete factorizations by levels of fill: pattern, memory, numeric phase, order. Without fill
 * and ordering there is no symbolic phase: the numeric one writes A's own pattern as it goes. */
#include "incomplete.h"

#include <string.h>

#include "../base/params.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/csr.h"
#include "fill.h"
#include "permuted.h"
#include "reordered.h"

/* What a refresh needs: the triangles in the order of rows. indices and values are lower's, and
 * upper's the same. */
typedef struct incomplete {
    ptl__triangular lower, upper;
    int64_t room; /* of indices and values */
    int has_fill;
} incomplete;

void ptl__incomplete_forget(void *symbolic)
{
    incomplete *f = symbolic;
    f->upper.triangle.indices = f->upper.triangle.values = NULL; /* lower's */
    ptl__triangular_clear(&f->lower);
    ptl__triangular_clear(&f->upper);
    ptl__free(f);
}

/* ---- the matrix that is factorized ------------------------------------------------------------
 */

/* An array of indices, as 64 bits. */
static ptl_status widen_indices(ptl_exec *exec, int64_t count, const void *from, const void **to)
{
    return ptl__copy_indices(exec, PTL_I32, PTL_I64, count, from, (void **)to);
}

/* *A becomes one with indices of 64 bits, where `itype` is that and it has not. */
static ptl_status match_itype(ptl_itype itype, ptl_csr **A)
{
    const ptl_csr_arrays from = ptl_csr_get_arrays(*A);
    ptl_exec *exec = ptl_csr_linop(*A)->exec;
    const int64_t nnz = ptl_csr_nnz(*A);
    ptl_csr *wide = NULL;
    if (itype == from.itype)
        return PTL_OK;
    ptl_csr_arrays to = {from.rows, from.cols, from.dtype, PTL_I64, NULL, NULL, NULL};
    ptl_status status = widen_indices(exec, from.rows + 1, from.indptr, &to.indptr);
    if (status == PTL_OK)
        status = widen_indices(exec, nnz, from.indices, &to.indices);
    if (status == PTL_OK)
        status = ptl__copy_values(exec, from.dtype, nnz, from.values, (void **)&to.values);
    if (status != PTL_OK) {
        ptl__csr_arrays_free(&to);
        return status;
    }
    PTL_TRY(ptl__csr_take(exec, &to, &wide));
    ptl_csr_release(A);
    *A = wide;
    return PTL_OK;
}

/* p, and q which is the same. */
static ptl_status find_order(ptl_csr *A, int ordering, ptl__factors *factors)
{
    const int64_t rows = ptl_csr_linop(A)->rows;
    if (ordering == PTL_ORDERING_NATURAL)
        return PTL_OK;
    PTL_TRY(PTL_NEW(rows, int64_t, &factors->row_permutation));
    PTL_TRY(PTL_NEW(rows, int64_t, &factors->col_permutation));
    PTL_TRY(ptl_ordering_find(ptl_csr_linop(A), (ptl_ordering)ordering, factors->row_permutation));
    memcpy(factors->col_permutation, factors->row_permutation, (size_t)rows * sizeof(int64_t));
    return PTL_OK;
}

/* A new reference to A in the order of the factors. */
static ptl_status in_order(const ptl__incomplete_class *cls, ptl_csr *A, const int64_t *permutation,
                           ptl_csr **out)
{
    ptl_csr *moved;
    *out = permutation ? NULL : ptl_csr_retain(A);
    if (!permutation)
        return PTL_OK;
    if (cls->hermitian)
        return ptl__csr_permuted_lower(A, permutation, out);
    PTL_TRY(ptl__csr_reordered(A, permutation, permutation, A->format.itype, &moved));
    ptl_status status = ptl__csr_tidy(moved, out);
    ptl_csr_release(&moved);
    return status;
}

/* ---- patterns ---------------------------------------------------------------------------------
 */

/* The lower triangle of A without its diagonal, and its mirror image: columns ascend, since each
 * row gets its own entries first and then those of later rows. */
static void mirror(const ptl_csr_arrays *A, void *indptr, void *indices)
{
    const ptl_itype itype = A->itype;
    memset(indptr, 0, (size_t)(A->rows + 2) * ptl_itype_size(itype));
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < A->rows; i++)
            for (int64_t e = ptl__index_at(A->indptr, itype, i);
                 e < ptl__index_at(A->indptr, itype, i + 1); e++) {
                const int64_t ends[2] = {i, ptl__index_at(A->indices, itype, e)};
                for (int side = 0; side < 2 && ends[1] < i; side++) {
                    /* counts lie two places further, beginnings that move on one */
                    const int64_t slot = ends[side] + 2 - pass;
                    const int64_t at = ptl__index_at(indptr, itype, slot);
                    ptl__index_put(indptr, itype, slot, at + 1);
                    if (pass == 1)
                        ptl__index_put(indices, itype, at, ends[1 - side]);
                }
            }
        for (int64_t i = 0; pass == 0 && i < A->rows; i++)
            ptl__index_put(indptr, itype, i + 2,
                           ptl__index_at(indptr, itype, i + 1) +
                               ptl__index_at(indptr, itype, i + 2));
    }
}

/* The index type that counts A's entries and, where its pattern is mirrored, as many again. */
static ptl_itype widest(const ptl__incomplete_class *cls, const ptl_csr *A)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    return ptl__itype_for(a.itype, a.rows, a.cols, ptl_csr_nnz(A) * (cls->hermitian ? 2 : 1));
}

static ptl_status find_fill(const ptl__incomplete_class *cls, ptl_csr *A, int64_t level,
                            ptl__fill *fill)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    if (!cls->hermitian)
        return ptl__fill_init(a.rows, a.itype, a.indptr, a.indices, level, fill);
    void *indptr = NULL, *indices = NULL;
    ptl_status status = ptl__alloc(a.rows + 2, ptl_itype_size(a.itype), &indptr);
    if (status == PTL_OK)
        status = ptl__alloc(2 * ptl_csr_nnz(A), ptl_itype_size(a.itype), &indices);
    if (status == PTL_OK) {
        mirror(&a, indptr, indices);
        status = ptl__fill_init(a.rows, a.itype, indptr, indices, level, fill);
    }
    ptl__free(indptr);
    ptl__free(indices);
    return status;
}

/* The patterns into their places: U's from the back. */
static void write_fill(const ptl__fill *fill, const incomplete *f)
{
    const ptl_itype itype = f->lower.itype;
    void *lower = (void *)f->lower.triangle.indptr, *upper = (void *)f->upper.triangle.indptr;
    void *indices = (void *)f->lower.triangle.indices;
    for (int64_t i = 0; i <= fill->rows; i++) {
        ptl__index_put(lower, itype, i, fill->lower_indptr[i]);
        ptl__index_put(upper, itype, fill->rows - i, f->room - fill->upper_indptr[i]);
    }
    for (int64_t e = 0; e < fill->lower_nnz; e++)
        ptl__index_put(indices, itype, e, ptl__index_at(fill->lower, fill->itype, e));
    for (int64_t e = 0; e < fill->upper_nnz; e++)
        ptl__index_put(indices, itype, f->room - 1 - e, ptl__index_at(fill->upper, fill->itype, e));
}

/* Memory for L and U of `room` entries. */
static ptl_status allocate(ptl_csr *A, incomplete *f)
{
    const ptl_linop *op = ptl_csr_linop(A);
    const ptl_itype itype =
        ptl__itype_for(ptl_csr_get_arrays(A).itype, op->rows, op->rows, f->room);
    for (int upper = 0; upper < 2; upper++)
        *(upper ? &f->upper : &f->lower) = (ptl__triangular){
            .exec = ptl_exec_retain(op->exec),
            .dtype = op->dtype,
            .itype = itype,
            .triangle = {.rows = op->rows, .upper = upper},
        };
    ptl__triangle *u = &f->upper.triangle;
    const size_t size = ptl_dtype_size(op->dtype);
    PTL_TRY(ptl__triangular_allocate(&f->lower, f->room, 0));
    PTL_TRY(ptl__exec_alloc(op->exec, op->rows + 1, ptl_itype_size(itype), (void **)&u->indptr));
    PTL_TRY(ptl__exec_alloc(op->exec, op->rows, size, (void **)&u->inverses));
    u->indices = f->lower.triangle.indices;
    u->values = f->lower.triangle.values;
    return PTL_OK;
}

/* All but the numbers. */
static ptl_status make_patterns(const ptl__incomplete_class *cls, ptl_csr *A,
                                const ptl_ilu_options *options, incomplete *f)
{
    ptl__fill fill = {0};
    f->has_fill = options->level > 0;
    if (!f->has_fill) {
        f->room = cls->room(A);
        return allocate(A, f);
    }
    ptl_status status = find_fill(cls, A, options->level, &fill);
    if (status == PTL_OK) {
        f->room = fill.lower_nnz + fill.upper_nnz;
        status = allocate(A, f);
    }
    if (status == PTL_OK)
        write_fill(&fill, f);
    ptl__fill_clear(&fill);
    return status;
}

/* ---- numbers ----------------------------------------------------------------------------------
 */

static ptl_status report(const ptl__incomplete_class *cls, const ptl__local_block *block,
                         const int64_t *permutation, const ptl__numeric *n)
{
    if (n->trouble == PTL__NO_TROUBLE || n->trouble == PTL__INTERRUPTED)
        return n->interrupt;
    const int64_t local = permutation ? permutation[n->bad_row] : n->bad_row;
    const char *name = cls->name;
    const long long row = ptl__global_row(block->whole, local);
    switch (n->trouble) {
    case PTL__NOT_FINITE:
        return ptl_fail(PTL_INVALID, "%s: row %lld has an entry that is not finite", name, row);
    case PTL__NOT_POSITIVE:
        return ptl_fail(PTL_INVALID,
                        "%s: the diagonal entry of row %lld is missing or not positive: the matrix "
                        "is not positive definite",
                        name, row);
    case PTL__OVERFLOW:
        return ptl_fail(PTL_INVALID, "%s: the pivot of row %lld overflows", name, row);
    case PTL__NO_TROUBLE:
    case PTL__INTERRUPTED:
    case PTL__TINY_PIVOT:
        break;
    }
    if (!cls->hermitian)
        return ptl_fail(PTL_INVALID,
                        "%s: the pivot of row %lld is 0 or tiny; pivot=\"shift\" moves it away "
                        "from 0",
                        name, row);
    if (cls->exact)
        return ptl_fail(PTL_INVALID,
                        "%s: the pivot of row %lld is not positive: the matrix is not positive "
                        "definite",
                        name, row);
    if (n->shift > 0)
        return ptl_fail(PTL_INVALID,
                        "%s: the pivot of row %lld is not positive, even with the diagonal shifted "
                        "by up to %g times its size",
                        name, row, n->shift);
    return ptl_fail(PTL_INVALID,
                    "%s: the pivot of row %lld is not positive: the matrix is not positive "
                    "definite, or has no such factor; pivot=\"shift\" shifts the diagonal until "
                    "it has one",
                    name, row);
}

static ptl_status make_numbers(const ptl__incomplete_class *cls, ptl_csr *A,
                               const ptl_ilu_options *options, const incomplete *f, ptl__numeric *n,
                               double *shift)
{
    const int single = ptl_dtype_real(f->lower.dtype) == PTL_F32;
    *n = (ptl__numeric){
        .rows = f->lower.triangle.rows,
        .A = ptl__csr_view_of(A),
        .room = f->room,
        .has_fill = f->has_fill,
        .lower_indptr = (void *)f->lower.triangle.indptr,
        .upper_indptr = (void *)f->upper.triangle.indptr,
        .indices = (void *)f->lower.triangle.indices,
        .values = (void *)f->lower.triangle.values,
        .inverses = (void *)f->upper.triangle.inverses,
        .epsilon = single ? 0x1p-23 : 0x1p-52,
        .tolerance = ptl__pivot_tolerance(options->pivot_tolerance, f->lower.dtype),
    };
    PTL_TRY(ptl__calloc(n->rows, ptl_dtype_size(f->lower.dtype), &n->row));
    *shift = cls->run(n, cls->numeric[f->lower.dtype][f->lower.itype],
                      options->pivot == PTL_PIVOT_SHIFT);
    ptl__free(n->row);
    return PTL_OK;
}

/* Patterns, where there are none yet, and numbers of A, which is in the order of the factors and
 * may be replaced by one with wider indices. */
static ptl_status fill_in(const ptl__incomplete_class *cls, const ptl__local_block *block,
                          const ptl_ilu_options *options, ptl_csr **A, ptl__factors *factors)
{
    incomplete *f = factors->symbolic;
    ptl__numeric n;
    if (!f) {
        PTL_TRY(PTL_NEW_ZERO(1, incomplete, &f));
        factors->symbolic = f;
        PTL_TRY(match_itype(widest(cls, *A), A));
        PTL_TRY(make_patterns(cls, *A, options, f));
    }
    PTL_TRY(match_itype(f->lower.itype, A));
    PTL_TRY(make_numbers(cls, *A, options, f, &n, &factors->shift));
    return report(cls, block, factors->row_permutation, &n);
}

ptl_status ptl__incomplete_refresh(const ptl__incomplete_class *cls, const ptl__local_block *block,
                                   const ptl_ilu_options *options, ptl__factors *factors)
{
    ptl_csr *A = NULL;
    ptl_status status = in_order(cls, block->A, factors->row_permutation, &A);
    if (status == PTL_OK)
        status = fill_in(cls, block, options, &A, factors);
    ptl_csr_release(&A);
    PTL_TRY(status);
    const incomplete *f = factors->symbolic;
    if (factors->lower.exec) {
        ptl__triangular_take_values(&f->lower, &factors->lower);
        ptl__triangular_take_values(&f->upper, &factors->upper);
    }
    return PTL_OK;
}

ptl_status ptl__incomplete_factorize(const ptl__incomplete_class *cls,
                                     const ptl__local_block *block, const ptl_ilu_options *options,
                                     ptl__factors *out)
{
    out->root_free = cls->hermitian;
    PTL_TRY(find_order(block->A, options->ordering, out));
    PTL_TRY(ptl__incomplete_refresh(cls, block, options, out));
    const incomplete *f = out->symbolic;
    PTL_TRY(ptl__triangular_arrange(&f->lower, &out->lower));
    return ptl__triangular_arrange(&f->upper, &out->upper);
}
