/* How a backend's tables hang together: one for each dtype of vectors (dtype_*.c), and table.c's
 * over them.
 *
 * The slots are listed once, in *_slots.h, a line each:
 *
 *     SLOT(need, type of the result, name, (parameters), (arguments))
 *
 * and whoever includes such a list defines SLOT as what it wants of each: the member of a table
 * (kernels.h), its initialiser (table.kern.h), the check of a table (check.c), a function that
 * stands before the kernel (guarded.kern.h). need is
 *
 *     OF_ALL      required, for vectors of halves too where a backend has any kernel for them
 *     REQUIRED    required
 *     OPTIONAL    may be NULL: who calls it asks first, and does without it, or says that it is not
 *                 available on this executor (ptl__unavailable)
 *
 * A table of the host without one of its slots does not compile; a plugin's without a required one
 * is refused when it is loaded. Of the arguments, ON(x) is in the executor's memory, EACH_ON(n, x)
 * are n of those, SUMS(x, n) and REALS(x, n) are n results of W, or of double, in host memory. All
 * others are host memory that is read at the call. */
#ifndef PTL_KERNELS_TABLES_H
#define PTL_KERNELS_TABLES_H

#include "kernels.h"

#define PTL__JOIN_(a, b) a##_##b
#define PTL__JOIN(a, b) PTL__JOIN_(a, b)
/* The index of a tag in a table: ENUM(f32) is PTL_F32. */
#define ENUM(tag) PTL__JOIN(PTL__ENUM, tag)
#define PTL__ENUM_f16 PTL_F16
#define PTL__ENUM_f32 PTL_F32
#define PTL__ENUM_f64 PTL_F64
#define PTL__ENUM_c64 PTL_C64
#define PTL__ENUM_c128 PTL_C128
#define PTL__ENUM_i32 PTL_I32
#define PTL__ENUM_i64 PTL_I64
#define PTL__DTYPE_TABLE(backend, tag) PTL__JOIN(PTL__JOIN(ptl__kernels, backend), tag)

/* The kernels on vectors of one dtype, by M and I; zero where M is complex and V is not. */
typedef struct ptl__dtype_kernels {
    ptl__vector_kernels vector;
    ptl__index_kernels index[PTL_ITYPE_COUNT];
    ptl__dense_kernels dense[PTL_DTYPE_ALL];
    ptl__sparse_kernels sparse[PTL_DTYPE_ALL][PTL_ITYPE_COUNT];
} ptl__dtype_kernels;

#endif
