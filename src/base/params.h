/* Parameters of factories, as their kinds describe them. */
#ifndef PTL_BASE_PARAMS_H
#define PTL_BASE_PARAMS_H

#include <petiole/kind.h>

/* (L) 1 where the options struct has something else than the default there. */
int ptl__param_given(const ptl_param *param, const void *options);
/* (L) That the values at the kind's parameters can be: PTL_INVALID. */
ptl_status ptl__params_check(const ptl_kind *kind, const void *options) PTL_MUST_USE;
/* (L) Mixes the values into a signature (see ptl__agree): operators by what they are, factories by
 * what they hold. */
int64_t ptl__params_sign(int64_t signature, const ptl_kind *kind, const void *options);

/* (L) Takes, and gives back, a reference to each object among the parameters. */
void ptl__params_retain(const ptl_kind *kind, void *options);
void ptl__params_release(const ptl_kind *kind, void *options);

/* What a method reads: the value given, or the default. */
static inline int64_t ptl__int_or(int64_t value, int64_t initial)
{
    return value ? value : initial;
}
static inline double ptl__real_or(double value, double initial)
{
    return value != 0 ? value : initial;
}

#endif
