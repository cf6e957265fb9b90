/* How a backend's templates become its table. A template for vectors ends with VECTOR_TABLE, one
 * for matrices with SPARSE_TABLE, and the backend itself with PTL__KERNELS. */
#ifndef PTL_KERNELS_TABLES_H
#define PTL_KERNELS_TABLES_H

#include <assert.h>
#include <tgmath.h>

#include "kernels.h"

#undef I /* tgmath.h's imaginary unit: here it is the index type */

#define VECTOR_TABLE                                                                               \
    static const ptl__vector_kernels NAME(vector_kernels) = {                                      \
        .fill = NAME(fill),                                                                        \
        .copy = NAME(copy),                                                                        \
        .scale = NAME(scale),                                                                      \
        .inv_scale = NAME(inv_scale),                                                              \
        .add_scaled = NAME(add_scaled),                                                            \
        .scale_add = NAME(scale_add),                                                              \
        .dot = NAME(dot),                                                                          \
        .norm2_squared = NAME(norm2_squared),                                                      \
        .norm1 = NAME(norm1),                                                                      \
        .norm_inf = NAME(norm_inf),                                                                \
        .sum = NAME(sum),                                                                          \
        .map = NAME(map),                                                                          \
        .convert = NAME(convert),                                                                  \
        .diagonal_apply = NAME(diagonal_apply),                                                    \
        .diagonal_apply_dot = NAME(diagonal_apply_dot),                                            \
        .diagonal_invert = NAME(diagonal_invert),                                                  \
        .cg_step = NAME(cg_step),                                                                  \
    };

#define SPARSE_TABLE                                                                               \
    static const ptl__sparse_kernels PAIR(sparse_kernels) = {                                      \
        .csr_spmv = PAIR(csr_spmv),                                                                \
        .csr_spmv_dot = PAIR(csr_spmv_dot),                                                        \
        .csr_spmv_add = PAIR(csr_spmv_add),                                                        \
        .csr_spmv_add_dot = PAIR(csr_spmv_add_dot),                                                \
        .csr_diagonal = PAIR(csr_diagonal),                                                        \
        .gather = PAIR(gather),                                                                    \
    };

#define PTL__KERNELS_OF_DTYPE(tag)                                                                 \
    {                                                                                              \
        &sparse_kernels_##tag##_i32, &sparse_kernels_##tag##_i64                                   \
    }

#define PTL__KERNELS(backend)                                                                      \
    const ptl__kernels ptl__kernels_##backend = {                                                  \
        .name = #backend,                                                                          \
        .vector = {&vector_kernels_f32, &vector_kernels_f64, &vector_kernels_c64,                  \
                   &vector_kernels_c128},                                                          \
        .sparse = {PTL__KERNELS_OF_DTYPE(f32), PTL__KERNELS_OF_DTYPE(f64),                         \
                   PTL__KERNELS_OF_DTYPE(c64), PTL__KERNELS_OF_DTYPE(c128)},                       \
    };

#endif
