/* ILUT as a method: the order of rows and columns, and the elimination (ilut_rows.c) in it. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "../base/params.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/csr.h"
#include "best_matching.h"
#include "ilut_rows.h"
#include "reordered.h"

/* The ordering of the A whose rows are permuted already, put after that permutation. */
static ptl_status reorder(const ptl__local_block *block, ptl_ordering ordering, ptl__factors *out)
{
    const int64_t n = block->A->format.base.rows;
    ptl_csr *A;
    int64_t *rows;
    PTL_TRY(ptl__csr_reordered(block->A, out->row_permutation, NULL, block->A->format.itype, &A));
    ptl_status status = ptl_ordering_find(ptl_csr_linop(A), ordering, out->col_permutation);
    ptl_csr_release(&A);
    PTL_TRY(status);
    PTL_TRY(PTL_NEW(n, int64_t, &rows));
    memcpy(rows, out->row_permutation, (size_t)n * sizeof *rows);
    for (int64_t i = 0; i < n; i++)
        out->row_permutation[i] = rows[out->col_permutation[i]];
    ptl__free(rows);
    return PTL_OK;
}

static ptl_status match(const ptl__local_block *block, const ptl_ilut_options *o, int64_t *rows,
                        double *scales)
{
    return ptl__best_matching(block, o->pivot == PTL_PIVOT_SHIFT, rows, scales);
}

/* The permutations, and with a matching A's scales. */
static ptl_status find_order(const ptl__local_block *block, const ptl_ilut_options *o,
                             ptl__factors *out, double *scales)
{
    const int64_t n = block->A->format.base.rows;
    if (!o->match && o->ordering == PTL_ORDERING_NATURAL)
        return PTL_OK;
    PTL_TRY(PTL_NEW(n, int64_t, &out->row_permutation));
    PTL_TRY(PTL_NEW(n, int64_t, &out->col_permutation));
    for (int64_t i = 0; i < n; i++)
        out->row_permutation[i] = out->col_permutation[i] = i;
    if (o->match)
        PTL_TRY(match(block, o, out->row_permutation, scales));
    return o->ordering ? reorder(block, (ptl_ordering)o->ordering, out) : PTL_OK;
}

/* ---- the method ---- */

/* Half of `fill` times A's average is what each row of a triangle may have. */
static int64_t most_entries(const ptl_ilut_options *o, int64_t n, int64_t nnz)
{
    const double most = ceil(o->fill * (double)nnz / (2.0 * (double)n));
    return most < (double)n ? (int64_t)most : n;
}

static ptl__ilut_rules rules_of(const ptl__local_block *block, const ptl_ilut_options *o,
                                const ptl__factors *out, const double *scales)
{
    const int64_t n = block->A->format.base.rows;
    return (ptl__ilut_rules){
        .block = block,
        .p = out->row_permutation,
        .q = out->col_permutation,
        .scales = o->match ? scales : NULL,
        .drop_tolerance = o->drop_tolerance,
        .pivot_tolerance = ptl__pivot_tolerance(o->pivot_tolerance, block->A->format.base.dtype),
        .shift = o->pivot == PTL_PIVOT_SHIFT,
        .most = n > 0 ? most_entries(o, n, ptl_csr_nnz(block->A)) : 0,
    };
}

/* The factors, in the order that `out` has. */
static ptl_status make_factors(const ptl__local_block *block, const ptl_ilut_options *o,
                               const double *scales, ptl__factors *out)
{
    const ptl__ilut_rules rules = rules_of(block, o, out, scales);
    const int64_t n = block->A->format.base.rows;
    const int wide = n >= INT32_MAX || (rules.most + 1) > (INT32_MAX - n) / (n + 1);
    ptl_csr *A;
    PTL_TRY(ptl__csr_reordered(block->A, rules.p, rules.q, wide ? PTL_I64 : block->A->format.itype,
                               &A));
    ptl_status status = ptl__ilut_rows(&rules, A, out);
    ptl_csr_release(&A);
    return status;
}

static ptl_status ilut_factorize(const ptl__local_block *block, const void *options,
                                 ptl__factors *out)
{
    double *scales;
    PTL_TRY(PTL_NEW(2 * block->A->format.base.rows, double, &scales));
    ptl_status status = find_order(block, options, out, scales);
    if (status == PTL_OK)
        status = make_factors(block, options, scales, out);
    ptl__free(scales);
    return status;
}

/* Permutations stay as they are; a matching's scales are those of the new values. */
static ptl_status ilut_refresh(const ptl__local_block *block, const void *options,
                               ptl__factors *factors)
{
    const int64_t n = block->A->format.base.rows;
    const ptl_ilut_options *o = options;
    double *scales;
    ptl__triangular_clear(&factors->lower);
    ptl__triangular_clear(&factors->upper);
    PTL_TRY(PTL_NEW(3 * n, double, &scales));
    ptl_status status = o->match ? match(block, o, (int64_t *)(scales + 2 * n), scales) : PTL_OK;
    if (status == PTL_OK)
        status = make_factors(block, o, scales, factors);
    ptl__free(scales);
    return status;
}

const ptl_param ptl__ilut_params[] = {
    {"drop_tolerance", NULL, "entries smaller than this times the norm of A's row are dropped",
     PTL_PARAM_REAL, offsetof(ptl_ilut_options, drop_tolerance), 0, NULL},
    {"fill", "fill_in_limit", "L and U together have at most this times as many entries as A",
     PTL_PARAM_REAL, offsetof(ptl_ilut_options, fill), 0, NULL},
    {"match", NULL, "whether rows are first permuted such that large entries are on the diagonal",
     PTL_PARAM_BOOL, offsetof(ptl_ilut_options, match), 0, NULL},
    {"ordering", NULL, "ordering of the rows and columns", PTL_PARAM_CHOICE,
     offsetof(ptl_ilut_options, ordering), 0, ptl__ordering_choices},
    {"pivot", NULL, "what to do about a pivot that is 0 or tiny: an error, or a shift",
     PTL_PARAM_CHOICE, offsetof(ptl_ilut_options, pivot), 0, ptl__pivot_choices},
    {"pivot_tolerance", NULL,
     "a pivot is tiny if it is at most this times the largest entry of its row; None: 1e-14, in "
     "single precision 1e-6",
     PTL_PARAM_REAL, offsetof(ptl_ilut_options, pivot_tolerance), 0, NULL},
    {NULL},
};

const ptl__factor_method ptl__ilut_method = {
    .kind = PTL__FACTOR_KIND("ilut", ptl_ilut_options, PTL_ILUT_OPTIONS_INIT, ptl__ilut_params),
    .factorize = ilut_factorize,
    .refresh = ilut_refresh,
};

ptl_status ptl_factorize_ilut(ptl_linop *A, const ptl_ilut_options *options,
                              ptl_factorization **out)
{
    return ptl__factorize(&ptl__ilut_method, A, options, out);
}
