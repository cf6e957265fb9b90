/* The members of products and sums of operators. */
#include "composed.h"

#include "../comm/comm.h"
#include "../core/memory.h"
#include <petiole/composition.h>

ptl_status ptl__composed_check(int count, ptl_linop *const *ops)
{
    PTL_CHECK(count >= 1, PTL_INVALID, "count is %d: expected 1 operator or more", count);
    PTL_CHECK(ops, PTL_INVALID, "ops is NULL: expected %d operators", count);
    for (int i = 0; i < count; ++i) {
        PTL_CHECK(ops[i], PTL_INVALID, "ops[%d] is NULL: expected an operator", i);
        PTL_CHECK(ptl_dtype_compute(ops[i]->dtype) == ptl_dtype_compute(ops[0]->dtype), PTL_DTYPE,
                  "ops[%d] is %s, ops[0] is %s", i, ptl_dtype_name(ops[i]->dtype),
                  ptl_dtype_name(ops[0]->dtype));
        PTL_CHECK(ptl__comm_same(ops[i]->comm, ops[0]->comm), PTL_INVALID,
                  "ops[%d] and ops[0] live on different communicators", i);
    }
    return PTL_OK;
}

/* What depends on all members is found once: the same one may be met on many ways. */
static ptl_status take_members(ptl__composed *A, int count, ptl_linop *const *ops)
{
    PTL_TRY(PTL_NEW(count, ptl_linop *, &A->ops));
    for (int op = 0; op < PTL_OP_COUNT; ++op)
        A->has[op] = 1;
    for (int i = 0; i < count; ++i) {
        PTL_TRY(ptl__object_made_of(A, ops[i], "an operator"));
        A->ops[A->count++] = ptl_linop_retain(ops[i]);
        for (int op = 0; op < PTL_OP_COUNT; ++op)
            A->has[op] &= ptl__linop_has_op(ops[i], (ptl_op)op);
    }
    return PTL_OK;
}

ptl_status ptl__composed_new(const ptl__linop_class classes[2][2], size_t size, int count,
                             ptl_linop *const *ops, ptl__composed_shape shape, void *out)
{
    ptl__composed *A;
    int fallible = 0, mixes = 1;
    ptl_dtype dtype = ops[0]->dtype;
    for (int i = 0; i < count; ++i) {
        fallible |= !!ops[i]->cls->fallible;
        mixes &= !!ops[i]->cls->mixes;
        if (ops[i]->dtype != dtype) /* halves, and floats */
            dtype = ptl_dtype_compute(dtype);
    }
    PTL_TRY(ptl__calloc(1, size, (void **)&A));
    ptl__linop_init(&A->base, &classes[fallible][mixes],
                    &(ptl__linop_spec){ops[0]->comm, ops[0]->exec, shape.rows, shape.cols,
                                       shape.local_rows, shape.local_cols, dtype});
    ptl_status status = take_members(A, count, ops);
    if (status != PTL_OK)
        ptl__object_release(A);
    else
        *(void **)out = A;
    return status;
}

void ptl__composed_name(ptl_linop *A, ptl__operation operation)
{
    const ptl__composed *C = ptl__composed_of(A);
    A->number = ptl__derived(C->ops[0]->number, (int64_t)operation);
    for (int i = 1; i < C->count; ++i)
        A->number = ptl__derived(A->number, C->ops[i]->number);
}

void ptl__composed_clear(ptl_linop *A)
{
    ptl__composed *C = ptl__composed_of(A);
    for (int i = 0; i < C->count; ++i)
        ptl_linop_release(&C->ops[i]);
    ptl__free(C->ops);
}

int ptl__composed_has_op(const ptl_linop *A, ptl_op op)
{
    return ptl__composed_of(A)->has[op];
}

static int is_composed(const ptl_linop *A)
{
    return A && A->cls->has_op == ptl__composed_has_op;
}

int ptl_composition_count(const ptl_linop *A)
{
    return is_composed(A) ? ptl__composed_of(A)->count : 0;
}

ptl_linop *ptl_composition_operator(ptl_linop *A, int i)
{
    return i >= 0 && i < ptl_composition_count(A) ? ptl__composed_of(A)->ops[i] : NULL;
}

void ptl__first_failure_note(ptl__first_failure *first, ptl_status status)
{
    if (status == PTL_OK || first->status != PTL_OK)
        return;
    first->status = status;
    first->error = *ptl__error_of(status);
}

ptl_status ptl__first_failure_end(const ptl__first_failure *first)
{
    if (first->status != PTL_OK)
        *ptl__last_error() = first->error;
    return first->status;
}
