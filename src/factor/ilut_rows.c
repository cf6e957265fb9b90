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
#include "ilut_rows.h"

#include <float.h>
#include <tgmath.h>
#undef I /* tgmath.h's imaginary unit: here it is the index type */

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../matrix/csr.h"
#include "../matrix/values.h"

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
    ptl__ilut_rules rules;
    ptl_csr_arrays A;
    triangle L, U;
    int64_t shifts;
    double unit;                         /* what stands for 1 in a row of zeros */
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
    while (e->num_kept > e->rules.most && first < last) {
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
        if (j < e->rules.most - 1)
            first = i;
        if (i > e->rules.most - 1)
            last = j;
    }
    return e->num_kept < e->rules.most ? e->num_kept : e->rules.most;
}

/* ---- what can be wrong with it ---- */

static long long row_in_messages(const elimination *e, int64_t i)
{
    return (long long)ptl__global_row(e->rules.block->whole, e->rules.p ? e->rules.p[i] : i);
}

static ptl_status check_norm(elimination *e, int64_t i, double norm)
{
    PTL_CHECK(norm >= 0 && isfinite(norm), PTL_INVALID,
              "Ilut: row %lld has an entry that is not finite", row_in_messages(e, i));
    if (!e->rules.scales)
        e->lower_weights[i] = norm > 0 ? norm : e->unit;
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
    PTL_CHECK(e->rules.shift || size > e->rules.pivot_tolerance * largest, PTL_INVALID,
              "Ilut: the pivot of row %lld is %s: pivots can be shifted, and a matching, or a "
              "smaller drop_tolerance, may help",
              row_in_messages(e, i), size > 0 ? "tiny" : "zero");
    return PTL_OK;
}

#define KERNELS "scalar.kern.h"
#include "../kernels/each_dtype.h"
#define INDEX_KERNELS "../factor/ilut_rows.kern.h"
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
    const int64_t room = T->count + e->rules.most + 1;
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
        e->col_weights[i] = e->rules.scales ? e->rules.scales[n + e->rules.q[i]] : 1;
        e->lower_weights[i] = e->rules.scales ? 1 / e->rules.scales[e->rules.p[i]] : 1;
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

/* The power of two below A's first entry that is not 0. */
static double unit_of(const ptl_csr_arrays *A, int64_t nnz)
{
    for (int64_t k = 0; k < nnz; k++) {
        const char *value = (const char *)A->values + (size_t)k * ptl_dtype_size(A->dtype);
        if (!ptl__value_is_zero(A->dtype, value) && ptl__value_is_finite(A->dtype, value))
            return ldexp(1, ilogb(ptl__value_size(A->dtype, value)));
    }
    return 1;
}

static ptl_status eliminate(elimination *e, int64_t nnz)
{
    PTL_TRY(allocate(e, nnz));
    e->unit = unit_of(&e->A, nnz);
    for (int64_t i = 0; i < e->A.rows; i++) {
        PTL_TRY(ptl__interrupt_at(i));
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

ptl_status ptl__ilut_rows(const ptl__ilut_rules *rules, const ptl_csr *A, ptl__factors *out)
{
    elimination e = {.rules = *rules, .A = ptl_csr_get_arrays(A)};
    ptl_status status = eliminate(&e, ptl_csr_nnz(A));
    if (status == PTL_OK)
        status = put_factors(A->format.base.exec, &e, out);
    elimination_clear(&e);
    return status;
}
