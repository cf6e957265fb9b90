/* How a backend's functions become its tables: after its templates, VECTOR_TABLE and SPARSE_TABLE,
 * in the files that have the functions, and KERNELS_TABLE in one of them. */
#ifndef PTL_KERNELS_TABLES_H
#define PTL_KERNELS_TABLES_H

#include <assert.h>
#include <tgmath.h>

#include "kernels.h"

#undef I /* tgmath.h's imaginary unit: here it is the index type */

#define VECTOR_SLOTS(tag)                                                                          \
    {                                                                                              \
        .fill = fill_##tag, .copy = copy_##tag, .scale = scale_##tag,                              \
        .inv_scale = inv_scale_##tag, .add_scaled = add_scaled_##tag,                              \
        .scale_add = scale_add_##tag, .dot = dot_##tag, .norm2_squared = norm2_squared_##tag,      \
        .norm1 = norm1_##tag, .norm_inf = norm_inf_##tag, .sum = sum_##tag, .map = map_##tag,      \
        .convert = convert_##tag, .diagonal_apply = diagonal_apply_##tag,                          \
        .diagonal_apply_dot = diagonal_apply_dot_##tag, .diagonal_invert = diagonal_invert_##tag,  \
        .cg_step = cg_step_##tag,                                                                  \
    }

#define VECTOR_TABLE(backend)                                                                      \
    const ptl__vector_kernels ptl__vector_##backend[PTL_DTYPE_COUNT] = {                           \
        VECTOR_SLOTS(f32), VECTOR_SLOTS(f64), VECTOR_SLOTS(c64), VECTOR_SLOTS(c128)};

#define SPARSE_SLOTS(tag)                                                                          \
    {                                                                                              \
        .csr_spmv = csr_spmv_##tag, .csr_spmv_dot = csr_spmv_dot_##tag,                            \
        .csr_spmv_add = csr_spmv_add_##tag, .csr_spmv_add_dot = csr_spmv_add_dot_##tag,            \
        .csr_diagonal = csr_diagonal_##tag, .gather = gather_##tag,                                \
    }

#define SPARSE_TABLE(backend)                                                                      \
    const ptl__sparse_kernels ptl__sparse_##backend[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT] = {          \
        {SPARSE_SLOTS(f32_i32), SPARSE_SLOTS(f32_i64)},                                            \
        {SPARSE_SLOTS(f64_i32), SPARSE_SLOTS(f64_i64)},                                            \
        {SPARSE_SLOTS(c64_i32), SPARSE_SLOTS(c64_i64)},                                            \
        {SPARSE_SLOTS(c128_i32), SPARSE_SLOTS(c128_i64)},                                          \
    };

#define KERNELS_TABLE(backend)                                                                     \
    const ptl__kernels ptl__kernels_##backend = {                                                  \
        .name = #backend,                                                                          \
        .vector = {&ptl__vector_##backend[PTL_F32], &ptl__vector_##backend[PTL_F64],               \
                   &ptl__vector_##backend[PTL_C64], &ptl__vector_##backend[PTL_C128]},             \
        .sparse = {SPARSE_ROW(backend, PTL_F32), SPARSE_ROW(backend, PTL_F64),                     \
                   SPARSE_ROW(backend, PTL_C64), SPARSE_ROW(backend, PTL_C128)},                   \
    };
#define SPARSE_ROW(backend, dtype)                                                                 \
    {                                                                                              \
        &ptl__sparse_##backend[dtype][PTL_I32], &ptl__sparse_##backend[dtype][PTL_I64]             \
    }

extern const ptl__vector_kernels ptl__vector_reference[PTL_DTYPE_COUNT];
extern const ptl__sparse_kernels ptl__sparse_reference[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT];
extern const ptl__vector_kernels ptl__vector_openmp[PTL_DTYPE_COUNT];
extern const ptl__sparse_kernels ptl__sparse_openmp[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT];

#endif
