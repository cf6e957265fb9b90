/* Products of operators. The vectors between two of them are made before the ranks agree, and kept.
 */
#include <assert.h>

#include "../core/memory.h"
#include "composed.h"
#include "vector.h"
#include <petiole/composition.h>

/* The vectors for products of one kind. Gap g lies between ops[g] and ops[g + 1]. */
typedef struct space {
    ptl_dtype dtype;
    int64_t columns;
    int transposed;
    ptl_vector **gaps; /* count - 1 */
} space;

typedef struct composition {
    ptl__composed composed;
    space *spaces;
    int64_t space_count;
} composition;

static composition *composition_of(ptl_linop *A)
{
    return (composition *)A;
}

static space *find_space(const composition *C, ptl_op op, const ptl_vector *x)
{
    for (int64_t k = 0; k < C->space_count; ++k) {
        space *s = &C->spaces[k];
        if (s->dtype == x->dtype && s->columns == x->columns &&
            s->transposed == (op != PTL_OP_NONE))
            return s;
    }
    return NULL;
}

static ptl_status add_space(composition *C, ptl_op op, const ptl_vector *x, space **out)
{
    const space s = {x->dtype, x->columns, op != PTL_OP_NONE, NULL};
    PTL_TRY(ptl__grow(C->space_count, C->space_count + 1, sizeof s, (void **)&C->spaces));
    space *added = &C->spaces[C->space_count];
    *added = s;
    PTL_TRY(PTL_NEW_ZERO(C->composed.count - 1, ptl_vector *, &added->gaps));
    C->space_count++;
    *out = added;
    return PTL_OK;
}

/* How many rows of gap g are here: what its neighbours say, else as many as x has. */
static ptl_status gap_local_rows(const composition *C, int g, const ptl_vector *x, int64_t *out)
{
    const ptl_linop *left = C->composed.ops[g], *right = C->composed.ops[g + 1];
    *out = left->local_cols >= 0 ? left->local_cols : right->local_rows;
    if (*out >= 0)
        return PTL_OK;
    PTL_CHECK(left->cols == x->rows, PTL_DIMENSION,
              "operators %d and %d take any local size, so the vector of %lld rows between them "
              "would get the local sizes of x, which has %lld rows",
              g, g + 1, (long long)left->cols, (long long)x->rows);
    *out = x->local_rows;
    return PTL_OK;
}

/* Gap g for products with vectors like x, zeros where it is new. */
static ptl_status prepare_gap(composition *C, int g, const ptl_vector *x, ptl_vector **gap)
{
    const ptl_linop *base = &C->composed.base;
    static const ptl_c128 zero = {0, 0};
    int64_t local_rows;
    PTL_TRY(gap_local_rows(C, g, x, &local_rows));
    if (*gap && (*gap)->local_rows != local_rows)
        ptl_vector_release(gap);
    if (!*gap) {
        const ptl_vector_shape shape = {C->composed.ops[g]->cols, local_rows, x->columns, x->dtype};
        PTL_TRY(ptl__vector_new(base->comm, base->exec, shape, gap));
        PTL_TRY(ptl_vector_fill(*gap, &zero));
    }
    /* User code sees it as it sees x. */
    const int like_x = (*gap)->rows == x->rows && local_rows == x->local_rows;
    (*gap)->ndim = x->ndim;
    ptl__object_release((*gap)->partition);
    (*gap)->partition = like_x ? ptl__object_retain(x->partition) : NULL;
    return PTL_OK;
}

/* The operator that comes at a step, and the gap that it writes: the last step writes none. */
static int operator_at(const composition *C, ptl_op op, int step)
{
    return op == PTL_OP_NONE ? C->composed.count - 1 - step : step;
}
static int gap_after(ptl_op op, int i)
{
    return op == PTL_OP_NONE ? i - 1 : i;
}

static ptl_status composition_prepare(ptl_linop *A, ptl_op op, const ptl_vector *x)
{
    composition *C = composition_of(A);
    const int last = C->composed.count - 1;
    space *s = find_space(C, op, x);
    if (!s)
        PTL_TRY(add_space(C, op, x, &s));
    const ptl_vector *from = x;
    for (int step = 0; step <= last; ++step) {
        const int i = operator_at(C, op, step);
        PTL_TRY(ptl__linop_prepare(C->composed.ops[i], op, from));
        if (step < last) {
            const int g = gap_after(op, i);
            PTL_TRY(prepare_gap(C, g, x, &s->gaps[g]));
            from = s->gaps[g];
        }
    }
    return PTL_OK;
}

/* Every member is applied, whatever becomes of the others: ranks where none fails wait for it. */
static ptl_status composition_apply_op(ptl_linop *A, ptl_op op, const void *alpha, ptl_vector *x,
                                       const void *beta, ptl_vector *y)
{
    composition *C = composition_of(A);
    const int last = C->composed.count - 1;
    const space *s = find_space(C, op, x);
    assert(s); /* prepared */
    ptl__first_failure first;
    first.status = PTL_OK;
    ptl_vector *from = x;
    for (int step = 0; step < last; ++step) {
        const int i = operator_at(C, op, step);
        ptl_vector *to = s->gaps[gap_after(op, i)];
        ptl__first_failure_note(&first,
                                ptl__linop_apply_op(C->composed.ops[i], op, NULL, from, NULL, to));
        from = to;
    }
    ptl_linop *end = C->composed.ops[operator_at(C, op, last)];
    ptl__first_failure_note(&first, ptl__linop_apply_op(end, op, alpha, from, beta, y));
    return ptl__first_failure_end(&first);
}

static ptl_status composition_apply(ptl_linop *A, const void *alpha, ptl_vector *x,
                                    const void *beta, ptl_vector *y)
{
    return composition_apply_op(A, PTL_OP_NONE, alpha, x, beta, y);
}

static void composition_destroy(ptl_linop *A)
{
    composition *C = composition_of(A);
    for (int64_t k = 0; k < C->space_count; ++k) {
        for (int g = 0; g < C->composed.count - 1; ++g)
            ptl_vector_release(&C->spaces[k].gaps[g]);
        ptl__free(C->spaces[k].gaps);
    }
    ptl__free(C->spaces);
    ptl__composed_clear(A);
}

#define CLASS(may_fail, may_mix)                                                                   \
    {                                                                                              \
        .kind = "composition", .fallible = may_fail, .mixes = may_mix, .apply = composition_apply, \
        .destroy = composition_destroy, .apply_op = composition_apply_op,                          \
        .has_op = ptl__composed_has_op, .prepare = composition_prepare                             \
    }
static const ptl__linop_class classes[2][2] = PTL__COMPOSED_CLASSES(CLASS);

/* That each takes what the next gives. */
static ptl_status check_chain(int count, ptl_linop *const *ops)
{
    for (int i = 0; i + 1 < count; ++i) {
        const ptl_linop *left = ops[i], *right = ops[i + 1];
        PTL_CHECK(left->cols == right->rows, PTL_DIMENSION,
                  "ops[%d] is %lld x %lld, ops[%d] is %lld x %lld: expected the first to have as "
                  "many columns as the second has rows",
                  i, (long long)left->rows, (long long)left->cols, i + 1, (long long)right->rows,
                  (long long)right->cols);
        PTL_CHECK(left->local_cols < 0 || right->local_rows < 0 ||
                      left->local_cols == right->local_rows,
                  PTL_DIMENSION, "ops[%d] takes %lld rows on rank %d, ops[%d] gives %lld there", i,
                  (long long)left->local_cols, ptl_comm_rank(left->comm), i + 1,
                  (long long)right->local_rows);
    }
    return PTL_OK;
}

ptl_status ptl_composition_create(int count, ptl_linop *const *ops, ptl_linop **out)
{
    *out = NULL;
    PTL_TRY(ptl__composed_check(count, ops));
    PTL_TRY(check_chain(count, ops));
    const ptl_linop *left = ops[0], *right = ops[count - 1];
    const ptl__composed_shape shape = {left->rows, right->cols, left->local_rows,
                                       right->local_cols};
    PTL_TRY(ptl__composed_new(classes, sizeof(composition), count, ops, shape, out));
    ptl__composed_name(*out, PTL__COMPOSE);
    return PTL_OK;
}
