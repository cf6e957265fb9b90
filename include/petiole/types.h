/* Scalar and index types. */
#ifndef PETIOLE_TYPES_H
#define PETIOLE_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include <petiole/export.h>

PTL_BEGIN_DECLS

/* Complex numbers as the public headers pass them: layout of C's float/double _Complex. */
typedef struct ptl_c64 {
    float re, im;
} ptl_c64;
typedef struct ptl_c128 {
    double re, im;
} ptl_c128;

/* The dtypes that are computed with: X(NAME, element type, real counterpart, NumPy name) */
#define PTL_DTYPE_MAP(X)                                                                           \
    X(F32, float, F32, "float32")                                                                  \
    X(F64, double, F64, "float64")                                                                 \
    X(C64, ptl_c64, F32, "complex64")                                                              \
    X(C128, ptl_c128, F64, "complex128")

typedef enum ptl_dtype {
#define X(name, type, real, text) PTL_##name,
    PTL_DTYPE_MAP(X)
#undef X
        PTL_DTYPE_COUNT,
    /* Half precision (IEEE 754's binary16, NumPy's "float16"), in uint16_t: to store vectors and
     * entries of matrices in. It is computed with as PTL_F32, and results are rounded to it once,
     * to the nearest, ties to even. There is no complex one. */
    PTL_F16 = PTL_DTYPE_COUNT,
    PTL_DTYPE_ALL /* how many there are, PTL_F16 included */
} ptl_dtype;

typedef enum ptl_itype { PTL_I32, PTL_I64, PTL_ITYPE_COUNT } ptl_itype;

/* (L) Bytes of one element; 0 for an unknown dtype. */
PTL_API size_t ptl_dtype_size(ptl_dtype dtype);
/* (L) NumPy's name of the dtype, a static string; "unknown" for an unknown one. */
PTL_API const char *ptl_dtype_name(ptl_dtype dtype);
/* (L) 1 for PTL_C64 and PTL_C128, else 0. */
PTL_API int ptl_dtype_is_complex(ptl_dtype dtype);
/* (L) The real dtype of the same precision. */
PTL_API ptl_dtype ptl_dtype_real(ptl_dtype dtype);
/* (L) What is computed with where the dtype is stored: PTL_F32 for PTL_F16, else the dtype itself.
 */
PTL_API ptl_dtype ptl_dtype_compute(ptl_dtype dtype);
/* (L) Bytes of one index. */
PTL_API size_t ptl_itype_size(ptl_itype itype);

/* How deep objects that are made of objects of their kind may be nested: operators (products, sums,
 * transposes, solvers with a preconditioner), factories within factories, criteria within criteria.
 * What would be deeper is PTL_INVALID when it is made: calls on it would overflow the stack. Long
 * chains are made flat: one product of many factors is one deep. PTL_MAX_PARTS: how many factories,
 * or criteria, one may be made of, each counted as often as it is met. */
typedef enum ptl_limit { PTL_MAX_DEPTH = 500, PTL_MAX_PARTS = 4096 } ptl_limit;

PTL_END_DECLS

#endif
