/* Scalar and index types. */
#ifndef PETIOLE_TYPES_H
#define PETIOLE_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include <petiole/export.h>

PTL_BEGIN_DECLS

/* Complex numbers in the public headers. They have the layout of C's float _Complex and double
 * _Complex. */
typedef struct ptl_c64 {
    float re, im;
} ptl_c64;
typedef struct ptl_c128 {
    double re, im;
} ptl_c128;

/* The dtypes in which Petiole computes: X(NAME, element type, real counterpart, NumPy name) */
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
    /* Half precision (IEEE 754's binary16, NumPy's "float16"), stored in uint16_t. It is a storage
     * type for vectors and matrix entries: Petiole computes in PTL_F32 and rounds results once, to
     * nearest, ties to even. There is no complex half precision. */
    PTL_F16 = PTL_DTYPE_COUNT,
    PTL_DTYPE_ALL /* the number of dtypes, PTL_F16 included */
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
/* (L) The dtype in which Petiole computes with elements of `dtype`: PTL_F32 for PTL_F16, else
 * `dtype`. */
PTL_API ptl_dtype ptl_dtype_compute(ptl_dtype dtype);
/* (L) Bytes of one index. */
PTL_API size_t ptl_itype_size(ptl_itype itype);

/* PTL_MAX_DEPTH: how deep objects may be nested in objects of the same kind: operators (products,
 * sums, transposes, solvers with a preconditioner), factories within factories, criteria within
 * criteria. Making a deeper object fails with PTL_INVALID, because calls on it would overflow the
 * stack. To combine more operators, put them into one product or sum: a product of many factors has
 * depth one. PTL_MAX_PARTS: how many factories, or criteria, one object may contain; one that
 * occurs twice counts twice. */
typedef enum ptl_limit { PTL_MAX_DEPTH = 500, PTL_MAX_PARTS = 4096 } ptl_limit;

PTL_END_DECLS

#endif
