/* The order of a row's entries: ascending columns, equal ones as they came. Whatever sorts rows
 * does it here, so that duplicates are summed in one order everywhere. For each index type I:
 * ptl__row_entry_i32 and ptl__sort_row_i32, and the same with i64. */
#ifndef PTL_DISTRIBUTED_ROW_SORT_H
#define PTL_DISTRIBUTED_ROW_SORT_H

#include <stdint.h>
#include <stdlib.h>

#define I int32_t
#define ROW(f) ptl__##f##_i32
#include "row_sort.kern.h"
#undef I
#undef ROW

#define I int64_t
#define ROW(f) ptl__##f##_i64
#include "row_sort.kern.h"
#undef I
#undef ROW

#endif
