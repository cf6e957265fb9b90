/* Dense matrices from the inside. */
#ifndef PTL_MATRIX_DENSE_H
#define PTL_MATRIX_DENSE_H

#include "format.h"
#include <petiole/dense.h>

struct ptl_dense {
    ptl__format format; /* its itype is that of the CSR which it would become */
    int64_t ld;
};

#endif
