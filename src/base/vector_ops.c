/* What vectors do on each rank alone, element by element. */
#include "../comm/comm.h"
#include "../core/status.h"
#include "operation.h"
#include "vector.h"

/* That x can be combined with v, row by row. */
static ptl_status check_like(const ptl_vector *v, const ptl_vector *x)
{
    PTL_TRY(ptl__exec_check(v->exec, "the vector", x->exec, "x"));
    PTL_CHECK(x->dtype == v->dtype, PTL_DTYPE, "x has dtype %s: expected the vector's, %s",
              ptl_dtype_name(x->dtype), ptl_dtype_name(v->dtype));
    PTL_CHECK(x->local_rows == v->local_rows && x->columns == v->columns && x->rows == v->rows,
              PTL_DIMENSION,
              "x is %lld x %lld with %lld local rows: expected the vector's %lld x %lld with %lld",
              (long long)x->rows, (long long)x->columns, (long long)x->local_rows,
              (long long)v->rows, (long long)v->columns, (long long)v->local_rows);
    return PTL_OK;
}

static ptl_status begin(ptl_vector *v)
{
    return ptl__busy_begin(v, "vector");
}

static ptl_status end(ptl_vector *v)
{
    ptl__busy_end(v);
    return PTL_OK;
}

ptl_status ptl_vector_fill(ptl_vector *v, const void *value)
{
    PTL_TRY(begin(v));
    ptl__vector_kernels_of(v)->fill(ptl__vector_run(v), value, ptl__vector_block(v));
    return end(v);
}

ptl_status ptl_vector_copy_from(ptl_vector *v, const ptl_vector *x)
{
    PTL_TRY(check_like(v, x));
    PTL_TRY(begin(v));
    ptl__vector_kernels_of(v)->copy(ptl__vector_run(v), ptl__vector_block(x), ptl__vector_block(v));
    return end(v);
}

ptl_status ptl_vector_scale(ptl_vector *v, const void *a)
{
    PTL_TRY(begin(v));
    ptl__vector_kernels_of(v)->scale(ptl__vector_run(v), a, NULL, ptl__vector_block(v));
    return end(v);
}

ptl_status ptl_vector_inv_scale(ptl_vector *v, const void *a)
{
    PTL_TRY(begin(v));
    ptl__vector_kernels_of(v)->inv_scale(ptl__vector_run(v), a, NULL, ptl__vector_block(v));
    return end(v);
}

/* v = v + a x, or v - a x */
static ptl_status add_scaled(ptl_vector *v, const void *a, int subtract, const ptl_vector *x)
{
    PTL_TRY(check_like(v, x));
    PTL_TRY(begin(v));
    ptl__vector_kernels_of(v)->add_scaled(ptl__vector_run(v), a, subtract, ptl__vector_block(x),
                                          NULL, ptl__vector_block(v));
    return end(v);
}

ptl_status ptl_vector_add_scaled(ptl_vector *v, const void *a, const ptl_vector *x)
{
    return add_scaled(v, a, 0, x);
}

ptl_status ptl_vector_sub_scaled(ptl_vector *v, const void *a, const ptl_vector *x)
{
    return add_scaled(v, a, 1, x);
}

ptl_status ptl_vector_combine(const void *a, const ptl_vector *x, const void *b,
                              const ptl_vector *y, ptl_vector **out)
{
    *out = NULL;
    PTL_CHECK(x, PTL_INVALID, "x is NULL");
    PTL_TRY(y ? check_like(x, y) : PTL_OK);
    PTL_TRY(ptl__vector_new_like(x, x->dtype, out));
    (*out)->number = ptl__derived(x->number, ptl__sign(PTL__COMBINE, y ? y->number : 0));
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(*out);
    const ptl__run run = ptl__vector_run(*out);
    kernels->copy(run, ptl__vector_block(x), ptl__vector_block(*out));
    if (a)
        kernels->scale(run, a, NULL, ptl__vector_block(*out));
    if (y)
        kernels->add_scaled(run, b, 0, ptl__vector_block(y), NULL, ptl__vector_block(*out));
    return PTL_OK;
}

ptl_status ptl_vector_map(const ptl_vector *v, ptl_map map, ptl_vector **out)
{
    *out = NULL;
    PTL_CHECK((int)map >= PTL_MAP_ABS && map <= PTL_MAP_CONJ, PTL_INVALID,
              "map is %d: expected a ptl_map", (int)map);
    const ptl_dtype dtype = map == PTL_MAP_CONJ ? v->dtype : ptl_dtype_real(v->dtype);
    PTL_TRY(ptl__vector_new_like(v, dtype, out));
    (*out)->number = ptl__derived(v->number, PTL__MAP + (int)map);
    ptl__vector_kernels_of(v)->map(ptl__vector_run(v), map, ptl__vector_block(v),
                                   ptl__vector_block(*out));
    return PTL_OK;
}
