/* The parameters of ILU(k) and IC(k), as a kind describes them. */
#include <math.h>
#include <stddef.h>

#include "factorization.h"

const char *const ptl__ordering_choices[] = {"natural", "rcm", "min_degree", "nested_dissection",
                                             NULL};
const char *const ptl__pivot_choices[] = {"error", "shift", NULL};

const ptl_param ptl__ilu_params[] = {
    {"level", NULL, "level of fill; 0: no fill", PTL_PARAM_INT, offsetof(ptl_ilu_options, level), 0,
     NULL},
    {"ordering", NULL, "ordering of the rows and columns", PTL_PARAM_CHOICE,
     offsetof(ptl_ilu_options, ordering), 0, ptl__ordering_choices},
    {"pivot", NULL, "what to do about a pivot that is 0 or tiny, or for Ic not positive",
     PTL_PARAM_CHOICE, offsetof(ptl_ilu_options, pivot), 0, ptl__pivot_choices},
    {"pivot_tolerance", NULL,
     "a pivot is tiny if it is at most this times the largest entry of its row (for Ic its "
     "diagonal entry); None: 1e-14, in single precision 1e-6",
     PTL_PARAM_REAL, offsetof(ptl_ilu_options, pivot_tolerance), 0, NULL},
    {NULL},
};

double ptl__pivot_tolerance(double given, ptl_dtype dtype)
{
    const double initial = ptl_dtype_real(dtype) == PTL_F32 ? 1e-6 : 1e-14;
    return isnan(given) ? initial : given;
}
