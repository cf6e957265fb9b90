/* What methods are written with: operators, vectors and reductions of one solve. */
#include <string.h>

#include "../comm/comm.h"
#include "../core/status.h"
#include "../core/trace.h"
#include "generated.h"
#include "scalars.h"
#include "seconds.h"

void ptl__solve_apply(ptl__solve *s, ptl_vector *x, ptl_vector *y)
{
    const char *name = s->A->cls->kind;
    ptl__trace_begin(PTL_TRACE_PRODUCT, name, 0);
    ptl__solve_note(s, ptl__linop_apply(s->A, NULL, x, NULL, y));
    ptl__trace_end(PTL_TRACE_PRODUCT, name, 0);
}

void ptl__solve_apply_dot(ptl__solve *s, ptl_vector *x, ptl_vector *y, double *sums)
{
    const char *name = s->A->cls->kind;
    ptl__trace_begin(PTL_TRACE_PRODUCT, name, 0);
    ptl__solve_note(s, ptl__linop_apply_dot(s->A, x, y, sums));
    ptl__trace_end(PTL_TRACE_PRODUCT, name, 0);
}

ptl_vector *ptl__solve_precondition(ptl__solve *s, ptl_vector *r, ptl_vector *z, double *sums)
{
    if (!s->M)
        return r;
    const char *name = s->M->cls->kind;
    ptl__trace_begin(PTL_TRACE_PRECONDITION, name, 0);
    if (sums)
        ptl__solve_note(s, ptl__linop_apply_dot(s->M, r, z, sums));
    else
        ptl__solve_note(s, ptl__linop_apply(s->M, NULL, r, NULL, z));
    ptl__trace_end(PTL_TRACE_PRECONDITION, name, 0);
    return z;
}

/* Products of single precision are safe with vectors of norms between this and its inverse. */
static const double safe_norm = 0x1p40;

ptl_vector *ptl__solve_bounded(ptl__solve *s, ptl_dtype dtype, double (*length)(double),
                               ptl_vector *z, double *scale)
{
    int safe = 1;
    for (int64_t j = 0; j < s->columns; j++) {
        const double norm = s->begun ? s->log->residual_norms[j] : s->log->rhs_norms[j];
        safe = safe && (!s->mask[j] || (norm < safe_norm && norm > 1 / safe_norm));
        ptl__set(scale, j, s->width, 1 / length(norm));
    }
    if (safe || ptl_dtype_real(dtype) != PTL_F32) {
        memcpy(scale, s->one, (size_t)(s->columns * s->width) * sizeof *scale);
        return s->r;
    }
    ptl__solve_copy_scaled(s, scale, s->r, z);
    return z;
}

ptl_vector *ptl__solve_precondition_bounded(ptl__solve *s, ptl_vector *space, ptl_vector *z,
                                            double *scale, double *sums)
{
    ptl_vector *r = ptl__solve_bounded(s, s->b->dtype, ptl__power_root, s->M ? space : z, scale);
    return ptl__solve_precondition(s, r, z, sums);
}

void ptl__solve_passed(const char *kernel, int words)
{
    ptl__trace_point(PTL_TRACE_VECTOR, kernel, words);
}

void ptl__solve_copy(ptl__solve *s, ptl_vector *x, ptl_vector *y)
{
    s->kernels->copy(s->threads, ptl__vector_block(x), ptl__vector_block(y));
    ptl__solve_passed("copy", 2);
}

void ptl__solve_copy_scaled(ptl__solve *s, const double *a, ptl_vector *x, ptl_vector *y)
{
    const ptl__block from = ptl__vector_block(x);
    s->kernels->combine(s->threads, 1, &from, a, NULL, NULL, ptl__vector_block(y), NULL);
    ptl__solve_passed("combine", 2);
}

void ptl__solve_zero(ptl__solve *s, ptl_vector *y)
{
    static const double zero[2] = {0, 0};
    s->kernels->fill(s->threads, zero, ptl__vector_block(y));
    ptl__solve_passed("fill", 1);
}

void ptl__solve_combine(ptl__solve *s, int64_t count, ptl_vector *const *x, const double *a,
                        const double *beta, ptl_vector *y, double *norms)
{
    const ptl__block to = ptl__vector_block(y);
    enum { MOST = PTL__COMBINED_MAX };
    ptl__block from[MOST];
    for (int64_t done = 0; done == 0 || done < count;) {
        const int64_t some = count - done < MOST ? count - done : MOST;
        for (int64_t i = 0; i < some; i++)
            from[i] = ptl__vector_block(x[done + i]);
        s->kernels->combine(s->threads, (int)some, from, a + done * s->columns * s->width,
                            done ? s->one : beta, s->mask, to, done + some == count ? norms : NULL);
        ptl__solve_passed("combine", (int)some + 1 + (beta || done));
        done += some ? some : 1;
    }
}

void ptl__solve_dots(ptl__solve *s, int64_t count, ptl_vector *const *x, ptl_vector *y,
                     double *sums)
{
    const ptl__block with = ptl__vector_block(y);
    enum { MOST = PTL__COMBINED_MAX };
    ptl__block from[MOST];
    for (int64_t done = 0; done < count; done += MOST) {
        const int64_t some = count - done < MOST ? count - done : MOST;
        for (int64_t i = 0; i < some; i++)
            from[i] = ptl__vector_block(x[done + i]);
        s->kernels->dots(s->threads, (int)some, from, with, sums + done * s->columns * s->width);
        ptl__solve_passed("dots", (int)some + 1);
    }
}

void ptl__solve_norms(ptl__solve *s, ptl_vector *x, double *norms)
{
    s->kernels->norm2_squared(s->threads, ptl__vector_block(x), norms);
    ptl__solve_passed("norms", 1);
}

void ptl__solve_begin(ptl__solve *s)
{
    ptl__reducer_begin(s->reducer);
    s->elapsed = ptl__reducer_add(s->reducer, 1);
}

double *ptl__solve_sums(ptl__solve *s, int64_t entries)
{
    return ptl__reducer_add(s->reducer, s->columns * s->width * entries);
}

double *ptl__solve_norm_sums(ptl__solve *s)
{
    return ptl__reducer_add(s->reducer, s->columns);
}

void ptl__solve_note(ptl__solve *s, ptl_status status)
{
    ptl__reducer_note(s->reducer, status);
}

void ptl__solve_await(ptl__solve *s)
{
    ptl__solve_note(s, ptl__exec_wait(s->b->exec));
}

ptl_status ptl__solve_post(ptl__solve *s)
{
    if (s->A->comm->rank == 0)
        *s->elapsed = ptl__seconds_now() - s->began;
    ptl__solve_await(s);
    return ptl__reducer_post(s->reducer);
}

ptl_status ptl__solve_wait(ptl__solve *s)
{
    ptl_status status = ptl__reducer_wait(s->reducer);
    s->seconds = *s->elapsed;
    return status;
}

ptl_status ptl__solve_reduce(ptl__solve *s)
{
    PTL_TRY(ptl__solve_post(s));
    return ptl__solve_wait(s);
}
