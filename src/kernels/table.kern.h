/* The table of one dtype of vectors, after the kernels; m and i are the tags of M and I. */
#define OF_V(f) .f = PTL__JOIN(f, TAG)
#define OF_VI(f, i) .f = PTL__JOIN(PTL__JOIN(f, TAG), i)
#define OF_MV(f, m) .f = PTL__JOIN(PTL__JOIN(f, m), TAG)
#define OF_MVI(f, m, i) .f = PTL__JOIN(PTL__JOIN(PTL__JOIN(f, m), TAG), i)

#define INDEX_SLOTS(i)                                                                             \
    {                                                                                              \
        OF_VI(gather, i), OF_VI(scatter_add, i), OF_VI(csr_diagonal, i), OF_VI(csr_row_scale, i),  \
            OF_VI(csr_col_scale, i), OF_VI(csr_solve, i),                                          \
    }

#define DENSE_SLOTS(m)                                                                             \
    {                                                                                              \
        OF_MV(dense_apply, m), OF_MV(diagonal_apply, m),                                           \
    }

#define SPARSE_SLOTS(m, i)                                                                         \
    {                                                                                              \
        OF_MVI(csr_spmv, m, i), OF_MVI(csr_spmv_dot, m, i), OF_MVI(csr_spmv_add, m, i),            \
            OF_MVI(csr_spmv_add_dot, m, i), OF_MVI(coo_spmv, m, i), OF_MVI(ell_spmv, m, i),        \
            OF_MVI(sellp_spmv, m, i), OF_MVI(transposed_spmv, m, i),                               \
    }

#define SPARSE_ROW(m)                                                                              \
    {                                                                                              \
        SPARSE_SLOTS(m, i32), SPARSE_SLOTS(m, i64)                                                 \
    }

extern const ptl__dtype_kernels PTL__DTYPE_TABLE(BACKEND, TAG);
const ptl__dtype_kernels PTL__DTYPE_TABLE(BACKEND, TAG) = {
    .vector = {OF_V(fill),
               OF_V(copy),
               OF_V(scale),
               OF_V(inv_scale),
               OF_V(add_scaled),
               OF_V(scale_add),
               OF_V(dot),
               OF_V(norm2_squared),
               OF_V(scaled_squares),
               OF_V(norm1),
               OF_V(norm_inf),
               OF_V(sum),
               OF_V(map),
               OF_V(convert),
               OF_V(widen),
               OF_V(diagonal_apply_dot),
               OF_V(diagonal_invert),
               OF_V(combine),
               OF_V(dots),
               OF_V(cg_step),
               OF_V(pipecg_step),
               OF_V(gram),
               OF_V(multiply),
               OF_V(blocks_apply)},
    .index = {INDEX_SLOTS(i32), INDEX_SLOTS(i64)},
#if IS_COMPLEX
    .dense = {DENSE_SLOTS(f32), DENSE_SLOTS(f64), DENSE_SLOTS(c64),
              DENSE_SLOTS(c128), [PTL_F16] = DENSE_SLOTS(f16)},
    .sparse = {SPARSE_ROW(f32), SPARSE_ROW(f64), SPARSE_ROW(c64),
               SPARSE_ROW(c128), [PTL_F16] = SPARSE_ROW(f16)},
#else
    .dense = {DENSE_SLOTS(f32), DENSE_SLOTS(f64), [PTL_F16] = DENSE_SLOTS(f16)},
    .sparse = {SPARSE_ROW(f32), SPARSE_ROW(f64), [PTL_F16] = SPARSE_ROW(f16)},
#endif
};
