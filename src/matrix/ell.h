/* ELLPACK from the inside. */
#ifndef PTL_MATRIX_ELL_H
#define PTL_MATRIX_ELL_H

#include "format.h"
#include <petiole/ell.h>

struct ptl_ell {
    ptl__format format;
    int64_t width, stride;
    void *indices;
};

#endif
