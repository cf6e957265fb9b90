/* Sliced ELLPACK from the inside. */
#ifndef PTL_MATRIX_SELLP_H
#define PTL_MATRIX_SELLP_H

#include "format.h"
#include <petiole/sellp.h>

struct ptl_sellp {
    ptl__format format;
    int64_t slice_size;
    int64_t *slice_sets;
    void *indices;
};

#endif
