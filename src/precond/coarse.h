/* The coarse level of two-level Schwarz: M_0 = R^H A_0^-1 R with A_0 = R A R^H. */
#ifndef PTL_PRECOND_COARSE_H
#define PTL_PRECOND_COARSE_H

#include "../base/composed.h"
#include <petiole/precond.h>

typedef struct ptl__coarse ptl__coarse;

/* (L) That the options' restriction fits A, or, where there is none, that aggregates can be made.
 */
ptl_status ptl__coarse_check(const ptl_schwarz_options *options, const ptl_linop *A) PTL_MUST_USE;
/* (C) The options stay the caller's, for as long as what is made. Both fail on all ranks or none.
 */
ptl_status ptl__coarse_create(const ptl_schwarz_options *options, ptl_linop *A,
                              ptl__coarse **out) PTL_MUST_USE;
/* (C) With the same R. */
ptl_status ptl__coarse_refresh(ptl__coarse *coarse, ptl_linop *A) PTL_MUST_USE;
void ptl__coarse_free(ptl__coarse *coarse); /* NULL is let through */

/* (L) For vectors like x. */
ptl_status ptl__coarse_prepare(ptl__coarse *coarse, const ptl_vector *x) PTL_MUST_USE;
/* (C) y = alpha M_0 x + beta y. What fails on this rank is noted, and all communication completed.
 */
void ptl__coarse_apply(ptl__coarse *coarse, const void *alpha, ptl_vector *x, const void *beta,
                       ptl_vector *y, ptl__first_failure *first);

#endif
