/* Includes the template KERNELS once per dtype, for loops of other folders than this one. Inside
 * it, V is the value type, R its real counterpart, W the type of coefficients and sums, and NAME(f)
 * is f_f64 and so on; where KERNELS is each_itype.h, PAIR(f) is f_f64_i32. */
#define PTL__JOIN(a, b) a##_##b
#define PTL__JOINED(a, b) PTL__JOIN(a, b)
#define NAME(f) PTL__JOINED(f, TAG)
#define PAIR(f) PTL__JOINED(NAME(f), INDEX_TAG)

#define V float
#define R float
#define W double
#define TAG f32
#define IS_COMPLEX 0
#include KERNELS
#undef V
#undef R
#undef W
#undef TAG
#undef IS_COMPLEX

#define V double
#define R double
#define W double
#define TAG f64
#define IS_COMPLEX 0
#include KERNELS
#undef V
#undef R
#undef W
#undef TAG
#undef IS_COMPLEX

#define V float _Complex
#define R float
#define W double _Complex
#define TAG c64
#define IS_COMPLEX 1
#include KERNELS
#undef V
#undef R
#undef W
#undef TAG
#undef IS_COMPLEX

#define V double _Complex
#define R double
#define W double _Complex
#define TAG c128
#define IS_COMPLEX 1
#include KERNELS
#undef V
#undef R
#undef W
#undef TAG
#undef IS_COMPLEX

#undef PAIR
#undef NAME
#undef PTL__JOINED
#undef PTL__JOIN
#undef KERNELS
