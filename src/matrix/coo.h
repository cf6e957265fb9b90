/* Coordinates from the inside. */
#ifndef PTL_MATRIX_COO_H
#define PTL_MATRIX_COO_H

#include "format.h"
#include <petiole/coo.h>

struct ptl_coo {
    ptl__format format;
    int sorted; /* 1: the row indices ascended when the matrix was made */
    void *row_indices, *col_indices;
};

#endif
