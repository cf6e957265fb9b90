/* Parameters of factories, as their kinds describe them. */
#ifndef PTL_BASE_PARAMS_H
#define PTL_BASE_PARAMS_H

#include <petiole/kind.h>

/* (L) The options that a caller has given, which may be those of older headers, or NULL for the
 * defaults, as a whole struct of this library: `own` has room for it. Objects and arrays are still
 * the caller's. PTL_INVALID for a size that no header can have written. */
ptl_status ptl__options_take(const ptl_kind *kind, const void *given, void *own) PTL_MUST_USE;
/* (L) 1 where the options struct has something else than the default there. */
int ptl__param_given(const ptl_kind *kind, const ptl_param *param, const void *options);
/* (L) 1 for a number that is NAN where it is not given. */
int ptl__param_is_open(const ptl_kind *kind, const ptl_param *param);
/* (L) What a number must be, in words: "a positive whole number". */
typedef struct ptl__expected {
    char text[64];
} ptl__expected;
ptl__expected ptl__param_expected(const ptl_param *param);
/* (L) That the values at the kind's parameters can be: PTL_INVALID. */
ptl_status ptl__params_check(const ptl_kind *kind, const void *options) PTL_MUST_USE;
/* (L) Mixes the values into a signature (see ptl__agree): operators and vectors by what they are,
 * factories by what they hold. */
int64_t ptl__params_sign(int64_t signature, const ptl_kind *kind, const void *options);

/* (L) Copies the arrays among the parameters, and takes a reference to each object. On failure,
 * too, ptl__params_release gives back what was taken. */
ptl_status ptl__params_own(const ptl_kind *kind, void *options) PTL_MUST_USE;
void ptl__params_release(const ptl_kind *kind, void *options);

#endif
