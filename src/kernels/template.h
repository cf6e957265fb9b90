/* What a kernel template may use.
 *
 * A backend is a header of templates, KERNELS, compiled with dtype_*.c once per dtype of vectors
 * and with table.c: meson.build gives KERNELS and BACKEND, the suffix of its tables. In a template
 * V is the type of vectors' elements, R its real counterpart, W the type of coefficients and sums;
 * each_mtype.h adds M, the type of a matrix's entries, and each_itype.h I, that of indices. A
 * function's name tells its types: csr_spmv_f32_f64_i64 has M, V and I.
 *
 * Everything here is static: a function that two instruction sets shared by name would run on a
 * processor that lacks one of them. */
#ifndef PTL_KERNELS_TEMPLATE_H
#define PTL_KERNELS_TEMPLATE_H

#include <assert.h>
#include <string.h>
#include <tgmath.h>

#include "half.h"
#include "tables.h"

#undef I /* tgmath.h's imaginary unit: here it is the index type */

#define NAME(f) PTL__JOIN(f, TAG)                        /* by V */
#define PAIR(f) PTL__JOIN(NAME(f), INDEX_TAG)            /* by V and I */
#define MIXED(f) PTL__JOIN(PTL__JOIN(f, ENTRY_TAG), TAG) /* by M and V */
#define TRIPLE(f) PTL__JOIN(MIXED(f), INDEX_TAG)         /* by M, V and I */

#endif
