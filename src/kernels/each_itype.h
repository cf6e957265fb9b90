/* Includes the template INDEX_KERNELS once per index type I. */
#define I int32_t
#define INDEX_TAG i32
#include INDEX_KERNELS
#undef I
#undef INDEX_TAG

#define I int64_t
#define INDEX_TAG i64
#include INDEX_KERNELS
#undef I
#undef INDEX_TAG
