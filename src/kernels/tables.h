/* How a backend's tables hang together: one for each dtype of vectors (dtype_*.c), and table.c's
 * over them. */
#ifndef PTL_KERNELS_TABLES_H
#define PTL_KERNELS_TABLES_H

#include "kernels.h"

#define PTL__JOIN_(a, b) a##_##b
#define PTL__JOIN(a, b) PTL__JOIN_(a, b)
#define PTL__DTYPE_TABLE(backend, tag) PTL__JOIN(PTL__JOIN(ptl__kernels, backend), tag)

/* The kernels on vectors of one dtype, by M and I; zero where M is complex and V is not. */
typedef struct ptl__dtype_kernels {
    ptl__vector_kernels vector;
    ptl__index_kernels index[PTL_ITYPE_COUNT];
    ptl__dense_kernels dense[PTL_DTYPE_ALL];
    ptl__sparse_kernels sparse[PTL_DTYPE_ALL][PTL_ITYPE_COUNT];
} ptl__dtype_kernels;

#endif
