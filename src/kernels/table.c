/* A backend's table, over those of its dtypes. */
#include "tables.h"

#define TEXT_(name) #name
#define TEXT(name) TEXT_(name)

/* The entries [M][V] of the real M, for V = f32, f64, c64, c128, and those of the complex M. */
#define REAL_M(OF, m)                                                                              \
    {                                                                                              \
        OF(f32, m), OF(f64, m), OF(c64, m), OF(c128, m)                                            \
    }
#define COMPLEX_M(OF, m)                                                                           \
    {                                                                                              \
        [PTL_C64] = OF(c64, m), [PTL_C128] = OF(c128, m)                                           \
    }
#define EACH_M(OF)                                                                                 \
    {                                                                                              \
        REAL_M(OF, PTL_F32), REAL_M(OF, PTL_F64), COMPLEX_M(OF, PTL_C64), COMPLEX_M(OF, PTL_C128)  \
    }

#define VECTOR(v) &PTL__DTYPE_TABLE(v).vector
#define INDEX(v)                                                                                   \
    {                                                                                              \
        &PTL__DTYPE_TABLE(v).index[PTL_I32], &PTL__DTYPE_TABLE(v).index[PTL_I64]                   \
    }
#define DENSE(v, m) &PTL__DTYPE_TABLE(v).dense[m]
#define SPARSE(v, m)                                                                               \
    {                                                                                              \
        &PTL__DTYPE_TABLE(v).sparse[m][PTL_I32], &PTL__DTYPE_TABLE(v).sparse[m][PTL_I64]           \
    }

const ptl__kernels PTL__JOIN(ptl__kernels, BACKEND) = {
    .name = BACKEND_NAME,
    .isa = ISA,
    .vector = {VECTOR(f32), VECTOR(f64), VECTOR(c64), VECTOR(c128)},
    .index = {INDEX(f32), INDEX(f64), INDEX(c64), INDEX(c128)},
    .dense = EACH_M(DENSE),
    .sparse = EACH_M(SPARSE),
};
