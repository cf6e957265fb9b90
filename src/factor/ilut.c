/* ILUT: rows are eliminated one after the other (IKJ); of what comes out small entries are dropped,
 * and of the rest the largest are kept (Saad, Iterative Methods for Sparse Linear Systems, 2nd ed.,
 * algorithm 10.6 and section 10.4.1).
 *
 * What is small is told on a scaled A, rows and columns being multiplied by numbers that only the
 * dropping looks at, so the factors are those of A itself. With a matching they are those that make
 * its entries 1 and no other one larger (Duff and Koster, section 4); without, rows get norm 1, and
 * an entry of L counts as much as the row of A that it stands for.
 *
 * A row is held as sums by column, its columns before the diagonal in a heap, since they are wanted
 * in ascending order while elimination adds to them. */
#include <tgmath.h>
#undef I /* here it is the index type */

#include <float.h>
#include <string.h>

#include "../base/params.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/csr.h"
#include "best_matching.h"
#include "factorization.h"
#include "reordered.h"

static const double default_drop = 1e-4, default_fill = 10;

/* A triangle while it grows. */
typedef struct triangle {
    void *indptr, *indices, *values;
    int64_t count, capacity;
} triangle;

/* An entry of the row and how large it is. */
typedef struct candidate {
    double size;
    int64_t column;
} candidate;

typedef struct elimination {
    const ptl__local_block *block; /* for messages: row i of A is its row p[i] */
    const int64_t *p, *q;
    const double *scales; /* of A's rows and columns, with a matching; else NULL */
    ptl_csr_arrays A;     /* permuted */
    double drop_tolerance, pivot_tolerance, shift_size;
    int shift;
    int64_t most; /* entries of a row of L, and of one of U beside the diagonal */
    triangle L, U;
    int64_t shifts;
    double *col_weights, *lower_weights; /* of columns of A and U; of columns of L */
    /* the row */
    void *sums, *inverses; /* per column; of the pivots */
    char *there;           /* per column: the row has it */
    int64_t *heap, *after; /* columns before the diagonal that are to be eliminated; after it */
    int64_t heaped, num_after;
    candidate *kept;
    int64_t num_kept;
} elimination;

/* ---- the row ---- */

static void heap_push(elimination *e, int64_t column)
{
    int64_t place = e->heaped++;
    for (; place > 0 && e->heap[(place - 1) / 2] > column; place = (place - 1) / 2)
        e->heap[place] = e->heap[(place - 1) / 2];
    e->heap[place] = column;
}

/* The least column. */
static int64_t heap_pop(elimination *e)
{
    const int64_t first = e->heap[0], column = e->heap[--e->heaped];
    int64_t place = 0;
    for (int64_t child = 1; child < e->heaped; child = 2 * place + 1) {
        if (child + 1 < e->heaped && e->heap[child + 1] < e->heap[child])
            child++;
        if (e->heap[child] >= column)
            break;
        e->heap[place] = e->heap[child];
        place = child;
    }
    e->heap[place] = column;
    return first;
}

/* Row i has column j, perhaps already. */
static void add_column(elimination *e, int64_t i, int64_t j)
{
    if (e->there[j])
        return;
    e->there[j] = 1;
    if (j < i)
        heap_push(e, j);
    else if (j > i)
        e->after[e->num_after++] = j;
}

static void forget_column(elimination *e, int64_t j)
{
    e->there[j] = 0;
}

/* Of equals the first column is the larger one. */
static int is_larger(candidate a, candidate b)
{
    return a.size > b.size || (a.size == b.size && a.column < b.column);
}

/* Brings the largest of the candidates to the front, as many as a row has (Hoare's FIND); how many
 * they are. */
static int64_t keep_largest(elimination *e)
{
    candidate *c = e->kept;
    int64_t first = 0, last = e->num_kept - 1;
    while (e->num_kept > e->most && first < last) {
        const candidate middle = c[first + (last - first) / 2];
        int64_t i = first, j = last;
        while (i <= j) {
            for (; is_larger(c[i], middle); i++)
                ;
            for (; is_larger(middle, c[j]); j--)
                ;
            if (i <= j) {
                const candidate old = c[i];
                c[i++] = c[j];
                c[j--] = old;
            }
        }
        if (j < e->most - 1)
            first = i;
        if (i > e->most - 1)
            last = j;
    }
    return e->num_kept < e->most ? e->num_kept : e->most;
}

/* ---- what can be wrong with it ---- */

static long long row_in_messages(const elimination *e, int64_t i)
{
    return (long long)ptl__global_row(e->block->whole, e->p ? e->p[i] : i);
}

static ptl_status check_norm(elimination *e, int64_t i, double norm)
{
    PTL_CHECK(norm >= 0 && isfinite(norm), PTL_INVALID,
              "Ilut: row %lld has an entry that is not finite", row_in_messages(e, i));
    if (!e->scales)
        e->lower_weights[i] = norm > 0 ? norm : 1;
    return PTL_OK;
}

static ptl_status check_kept(const elimination *e, int64_t i)
{
    for (int64_t n = 0; n < e->num_kept; n++)
        PTL_CHECK(isfinite(e->kept[n].size), PTL_INVALID,
                  "Ilut: numbers become infinite in row %lld: a matching, or a smaller "
                  "drop_tolerance, may help",
                  row_in_messages(e, i));
    return PTL_OK;
}

static ptl_status check_pivot(const elimination *e, int64_t i, double size, double largest)
{
    PTL_CHECK(isfinite(size), PTL_INVALID,
              "Ilut: the pivot of row %lld is not finite: a matching, or a smaller drop_tolerance, "
              "may help",
              row_in_messages(e, i));
    PTL_CHECK(e->shift || size > e->pivot_tolerance * largest, PTL_INVALID,
              "Ilut: the pivot of row %lld is %s: pivots can be shifted, and a matching, or a "
              "smaller drop_tolerance, may help",
              row_in_messages(e, i), size > 0 ? "tiny" : "zero");
    return PTL_OK;
}

#define KERNELS "scalar.kern.h"
#include "../kernels/each_dtype.h"
#define INDEX_KERNELS "../factor/ilut.kern.h"
#define KERNELS "each_itype.h"
#include "../kernels/each_dtype.h"

typedef ptl_status row_function(elimination *e, int64_t i);
static row_function *const make_row[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT] = {
    [PTL_F32] = {make_row_f32_i32, make_row_f32_i64},
    [PTL_F64] = {make_row_f64_i32, make_row_f64_i64},
    [PTL_C64] = {make_row_c64_i32, make_row_c64_i64},
    [PTL_C128] = {make_row_c128_i32, make_row_c128_i64},
};

/* ---- all rows ---- */

static ptl_status reserve(const elimination *e, triangle *T)
{
    const int64_t room = T->count + e->most + 1;
    if (room <= T->capacity)
        return PTL_OK;
    const int64_t capacity = room > T->capacity * 3 / 2 ? room : T->capacity * 3 / 2;
    PTL_TRY(ptl__grow(T->count, capacity, ptl_itype_size(e->A.itype), &T->indices));
    PTL_TRY(ptl__grow(T->count, capacity, ptl_dtype_size(e->A.dtype), &T->values));
    T->capacity = capacity;
    return PTL_OK;
}

static ptl_status triangle_init(const elimination *e, int64_t nnz, triangle *T)
{
    PTL_TRY(ptl__calloc(e->A.rows + 1, ptl_itype_size(e->A.itype), &T->indptr));
    PTL_TRY(ptl__alloc(nnz, ptl_itype_size(e->A.itype), &T->indices));
    PTL_TRY(ptl__alloc(nnz, ptl_dtype_size(e->A.dtype), &T->values));
    T->capacity = nnz;
    return PTL_OK;
}

static void triangle_clear(triangle *T)
{
    ptl__free(T->indptr);
    ptl__free(T->indices);
    ptl__free(T->values);
}

static ptl_status make_weights(elimination *e)
{
    const int64_t n = e->A.rows;
    PTL_TRY(PTL_NEW(2 * n, double, &e->col_weights));
    e->lower_weights = e->col_weights + n;
    for (int64_t i = 0; i < n; i++) {
        e->col_weights[i] = e->scales ? e->scales[n + e->q[i]] : 1;
        e->lower_weights[i] = e->scales ? 1 / e->scales[e->p[i]] : 1;
    }
    return PTL_OK;
}

static ptl_status allocate(elimination *e, int64_t nnz)
{
    const int64_t n = e->A.rows;
    PTL_TRY(make_weights(e));
    PTL_TRY(triangle_init(e, nnz, &e->L));
    PTL_TRY(triangle_init(e, nnz, &e->U));
    PTL_TRY(ptl__calloc(n, ptl_dtype_size(e->A.dtype), &e->sums));
    PTL_TRY(ptl__alloc(n, ptl_dtype_size(e->A.dtype), &e->inverses));
    PTL_TRY(PTL_NEW_ZERO(n, char, &e->there));
    PTL_TRY(PTL_NEW(n, int64_t, &e->heap));
    PTL_TRY(PTL_NEW(n, int64_t, &e->after));
    return PTL_NEW(n, candidate, &e->kept);
}

static void elimination_clear(elimination *e)
{
    triangle_clear(&e->L);
    triangle_clear(&e->U);
    ptl__free(e->col_weights);
    ptl__free(e->sums);
    ptl__free(e->inverses);
    ptl__free(e->there);
    ptl__free(e->heap);
    ptl__free(e->after);
    ptl__free(e->kept);
}

static ptl_status eliminate(elimination *e, int64_t nnz)
{
    PTL_TRY(allocate(e, nnz));
    for (int64_t i = 0; i < e->A.rows; i++) {
        PTL_TRY(reserve(e, &e->L));
        PTL_TRY(reserve(e, &e->U));
        PTL_TRY(make_row[e->A.dtype][e->A.itype](e, i));
    }
    return PTL_OK;
}

static ptl_status view(ptl_exec *exec, const elimination *e, const triangle *T, ptl_csr **out)
{
    const ptl_csr_arrays arrays = {e->A.rows, e->A.cols,  e->A.dtype, e->A.itype,
                                   T->indptr, T->indices, T->values};
    return ptl_csr_view(exec, &arrays, NULL, NULL, out);
}

static ptl_status put_factors(ptl_exec *exec, const elimination *e, ptl__factors *out)
{
    ptl_csr *L = NULL, *U = NULL;
    ptl_status status = view(exec, e, &e->L, &L);
    if (status == PTL_OK)
        status = view(exec, e, &e->U, &U);
    if (status == PTL_OK)
        status = ptl__factors_of(L, 1, U, out);
    ptl_csr_release(&L);
    ptl_csr_release(&U);
    out->shift = (double)e->shifts;
    return status;
}

/* ---- the order ---- */

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
    return ptl__best_matching(block->A, o->pivot == PTL_PIVOT_SHIFT, rows, scales);
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
    const double most = ceil(ptl__real_or(o->fill, default_fill) * (double)nnz / (2.0 * (double)n));
    return most < (double)n ? (int64_t)most : n;
}

static elimination elimination_of(const ptl__local_block *block, const ptl_ilut_options *o,
                                  const ptl__factors *out, const double *scales)
{
    const int64_t n = block->A->format.base.rows;
    const int is_single = ptl_dtype_real(block->A->format.base.dtype) == PTL_F32;
    return (elimination){
        .block = block,
        .p = out->row_permutation,
        .q = out->col_permutation,
        .scales = o->match ? scales : NULL,
        .drop_tolerance = ptl__real_or(o->drop_tolerance, default_drop),
        .pivot_tolerance = ptl__real_or(o->pivot_tolerance, is_single ? 1e-6 : 1e-14),
        .shift_size = sqrt(is_single ? FLT_EPSILON : DBL_EPSILON),
        .shift = o->pivot == PTL_PIVOT_SHIFT,
        .most = n > 0 ? most_entries(o, n, ptl_csr_nnz(block->A)) : 0,
    };
}

/* The factors, in the order that `out` has. */
static ptl_status make_factors(const ptl__local_block *block, const ptl_ilut_options *o,
                               const double *scales, ptl__factors *out)
{
    elimination e = elimination_of(block, o, out, scales);
    const int64_t n = block->A->format.base.rows;
    const int wide = n >= INT32_MAX || (e.most + 1) > (INT32_MAX - n) / (n + 1);
    ptl_csr *A;
    PTL_TRY(ptl__csr_reordered(block->A, e.p, e.q, wide ? PTL_I64 : block->A->format.itype, &A));
    e.A = ptl_csr_get_arrays(A);
    ptl_status status = eliminate(&e, ptl_csr_nnz(A));
    if (status == PTL_OK)
        status = put_factors(A->format.base.exec, &e, out);
    elimination_clear(&e);
    ptl_csr_release(&A);
    return status;
}

static ptl_status ilut_factorize(const ptl__local_block *block, const void *options,
                                 ptl__factors *out)
{
    double *scales;
    PTL_TRY(ptl__ilut_check(options));
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

ptl_status ptl__ilut_check(const void *options)
{
    const ptl_ilut_options *o = options;
    PTL_CHECK(o->drop_tolerance >= 0, PTL_INVALID, "drop_tolerance is %g, expected 0 < it",
              o->drop_tolerance);
    PTL_CHECK(o->fill >= 0, PTL_INVALID, "fill is %g, expected 0 < it", o->fill);
    PTL_CHECK(o->pivot_tolerance >= 0, PTL_INVALID, "pivot_tolerance is %g, expected 0 < it",
              o->pivot_tolerance);
    return PTL_OK;
}

static const char *const orderings[] = {"natural", "rcm", "min_degree", "nested_dissection", NULL};
static const char *const pivots[] = {"error", "shift", NULL};

const ptl_param ptl__ilut_params[] = {
    {"drop_tolerance", NULL, "entries below this times the norm of A's row are dropped",
     PTL_PARAM_REAL, offsetof(ptl_ilut_options, drop_tolerance), 1e-4, NULL},
    {"fill", "fill_in_limit", "L and U have at most this times as many entries as A",
     PTL_PARAM_REAL, offsetof(ptl_ilut_options, fill), 10, NULL},
    {"match", NULL, "rows are permuted first such that large entries are on the diagonal",
     PTL_PARAM_BOOL, offsetof(ptl_ilut_options, match), 0, NULL},
    {"ordering", NULL, "of rows and columns alike", PTL_PARAM_CHOICE,
     offsetof(ptl_ilut_options, ordering), 0, orderings},
    {"pivot", NULL, "what is done about a pivot that is 0 or tiny: an error, or a shift",
     PTL_PARAM_CHOICE, offsetof(ptl_ilut_options, pivot), 0, pivots},
    {"pivot_tolerance", NULL,
     "a pivot of at most this times the row's largest entry is tiny; 1e-6 in single precision",
     PTL_PARAM_REAL, offsetof(ptl_ilut_options, pivot_tolerance), 1e-14, NULL},
    {NULL},
};

const ptl__factor_method ptl__ilut_method = {
    .kind = {.family = "factorization",
             .name = "ilut",
             .options_size = sizeof(ptl_ilut_options),
             .params = ptl__ilut_params},
    .factorize = ilut_factorize,
    .refresh = ilut_refresh,
};

ptl_status ptl_factorize_ilut(ptl_linop *A, const ptl_ilut_options *options,
                              ptl_factorization **out)
{
    return ptl__factorize(&ptl__ilut_method, A, options, out);
}
