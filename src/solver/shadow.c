/* The shadow residual of Bicgstab and Cgs. */
#include "shadow.h"

int ptl__shadow_ratio(ptl__solve *s, ptl__shadow shadow, int64_t j, ptl__scalar rho, double rr,
                      ptl__scalar *ratio)
{
    const ptl__scalar old = ptl__get(shadow.rho, j, s->width);
    const double norm = creal(ptl__get(shadow.norms, j, s->width));
    *ratio = ptl__divide(rho, old);
    /* Below that rho is rounding alone. */
    const int holds = cabs(rho) > ptl__epsilon(s->b->dtype) * sqrt(norm) * sqrt(rr);
    if (holds && old != 0 && ptl__fits(*ratio, s->b->dtype)) {
        ptl__set(shadow.rho, j, s->width, rho);
        return 1;
    }
    s->kernels->copy(s->threads, ptl__vector_column(s->r, j), ptl__vector_column(shadow.vector, j));
    ptl__set(shadow.norms, j, s->width, rr);
    ptl__set(shadow.rho, j, s->width, rr);
    *ratio = 0;
    return 0;
}

ptl__scalar ptl__shadow_step(ptl__solve *s, ptl__shadow shadow, int64_t j, ptl__scalar sigma)
{
    const ptl__scalar alpha = ptl__divide(ptl__get(shadow.rho, j, s->width), sigma);
    if (ptl__fits(alpha, s->b->dtype))
        return alpha;
    if (!ptl__fits(sigma, PTL_F64))
        ptl__solve_stop_column(s, j, PTL_REASON_NON_FINITE);
    ptl__set(shadow.rho, j, s->width, 0);
    return 0;
}
