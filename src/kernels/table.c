/* A backend's table, over those of its dtypes: COMPLEX_BACKEND's for complex ones. */
#include "tables.h"

#define F16 PTL__JOIN(PTL__JOIN(ptl__kernels, BACKEND), f16)
#define F32 PTL__DTYPE_TABLE(BACKEND, f32)
#define F64 PTL__DTYPE_TABLE(BACKEND, f64)
#define C64 PTL__DTYPE_TABLE(COMPLEX_BACKEND, c64)
#define C128 PTL__DTYPE_TABLE(COMPLEX_BACKEND, c128)
extern const ptl__dtype_kernels F32, F64, C64, C128;
extern const ptl__vector_kernels F16;

/* The entries [M][V] of one M: any V where it is real, else complex ones. */
#define REAL_M(OF, m)                                                                              \
    {                                                                                              \
        OF(F32, m), OF(F64, m), OF(C64, m), OF(C128, m)                                            \
    }
#define COMPLEX_M(OF, m)                                                                           \
    {                                                                                              \
        [PTL_C64] = OF(C64, m), [PTL_C128] = OF(C128, m)                                           \
    }
#define EACH_M(OF)                                                                                 \
    {                                                                                              \
        REAL_M(OF, PTL_F32), REAL_M(OF, PTL_F64), COMPLEX_M(OF, PTL_C64), COMPLEX_M(OF, PTL_C128), \
            REAL_M(OF, PTL_F16)                                                                    \
    }

#define INDEX(table)                                                                               \
    {                                                                                              \
        &table.index[PTL_I32], &table.index[PTL_I64]                                               \
    }
#define DENSE(table, m) &table.dense[m]
#define SPARSE(table, m)                                                                           \
    {                                                                                              \
        &table.sparse[m][PTL_I32], &table.sparse[m][PTL_I64]                                       \
    }

const ptl__kernels PTL__JOIN(ptl__kernels, BACKEND) = {
    .name = BACKEND_NAME,
    .isa = ISA,
    .vector = {&F32.vector, &F64.vector, &C64.vector, &C128.vector, &F16},
    .index = {INDEX(F32), INDEX(F64), INDEX(C64), INDEX(C128)},
    .dense = EACH_M(DENSE),
    .sparse = EACH_M(SPARSE),
};
