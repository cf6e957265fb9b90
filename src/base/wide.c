/* Vectors of halves at an operator's public calls. */
#include "wide.h"

#include <math.h>

#include "../core/status.h"
#include "vector.h"

void ptl__wide_clear(ptl__wide *wide)
{
    ptl_vector_release(&wide->x);
    ptl_vector_release(&wide->y);
}

static int is_like(const ptl_vector *w, const ptl_vector *v, ptl_dtype dtype)
{
    return w && w->comm == v->comm && w->exec == v->exec && w->partition == v->partition &&
           w->dtype == dtype && w->ndim == v->ndim && w->rows == v->rows &&
           w->local_rows == v->local_rows && w->columns == v->columns;
}

/* *out is v itself, or where that is of halves *space, a vector like it of `dtype`. */
static ptl_status widen(ptl_vector *v, ptl_dtype dtype, ptl_vector **space, ptl_vector **out)
{
    *out = v;
    if (v->dtype != PTL_F16)
        return PTL_OK;
    if (!is_like(*space, v, dtype)) {
        ptl_vector_release(space);
        PTL_TRY(ptl__vector_new_like(v, dtype, space));
    }
    *out = *space;
    return PTL_OK;
}

/* What takes the place of halves. */
static ptl_dtype dtype_for(const ptl_linop *A, const ptl_vector *x, const ptl_vector *y)
{
    if (x->dtype != PTL_F16)
        return x->dtype;
    if (y->dtype != PTL_F16)
        return y->dtype;
    return A->cls->mixes ? PTL_F32 : A->dtype;
}

ptl_status ptl__wide_open(ptl_linop *A, ptl_vector *x, ptl_vector *y, const char *const names[2],
                          ptl_vector **from, ptl_vector **to)
{
    *from = *to = NULL;
    PTL_CHECK(x && y, PTL_INVALID, "%s is NULL", names[x != NULL]);
    PTL_CHECK(x->data != y->data || x->local_rows == 0, PTL_INVALID,
              "%s and %s share memory: an operator cannot be applied in place", names[0], names[1]);
    const ptl_dtype other = ptl_dtype_is_complex(x->dtype) ? x->dtype : A->dtype;
    PTL_CHECK(y->dtype != PTL_F16 || !ptl_dtype_is_complex(other), PTL_DTYPE,
              "%s is float16, %s is %s: expected a complex %s", names[1],
              other == A->dtype ? "the operator" : names[0], ptl_dtype_name(other), names[1]);
    const ptl_dtype dtype = dtype_for(A, x, y);
    PTL_TRY(widen(x, dtype, &A->wide.x, from));
    return widen(y, dtype, &A->wide.y, to);
}

double ptl__wide_limit(const ptl_vector *y)
{
    return y->dtype == PTL_F16 ? 65520 : HUGE_VAL;
}

void ptl__wide_convert(const ptl_vector *from, ptl_vector *to)
{
    if (from != to)
        ptl__vector_kernels_of(from)->convert(ptl__vector_run(from), to->dtype,
                                              ptl__vector_block(from), ptl__vector_block(to));
}
