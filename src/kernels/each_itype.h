/* Includes the template SPARSE_KERNELS once per index type I; PAIR(f) is f_f64_i32 and so on. To be
 * included as each_dtype.h's KERNELS. */
#define PAIR(f) PTL__JOINED(NAME(f), INDEX_TAG)

#define I int32_t
#define INDEX_TAG i32
#include SPARSE_KERNELS
#undef I
#undef INDEX_TAG

#define I int64_t
#define INDEX_TAG i64
#include SPARSE_KERNELS
#undef I
#undef INDEX_TAG

#undef PAIR
