/* Includes the template ENTRY_KERNELS once per dtype of matrix entries that V takes: M is their
 * type, and E what an entry becomes before it multiplies an element of V: real where M is, in V's
 * precision. ENTRY(c, m) is m as E (of a half, the number
 * that it stands for), conjugated where c is not 0; #if M_IS_V is for matrices of the
 * vectors' own dtype. */
#define M_IS_V MIXED(PTL__SAME)
#define PTL__SAME_f32_f32 1
#define PTL__SAME_f64_f64 1
#define PTL__SAME_c64_c64 1
#define PTL__SAME_c128_c128 1

#define M float
#define E R
#define ENTRY_TAG f32
#define ENTRY(c, m) ((void)(c), (E)(m))
#include ENTRY_KERNELS
#undef M
#undef ENTRY_TAG

#define M double
#define ENTRY_TAG f64
#include ENTRY_KERNELS
#undef M
#undef ENTRY_TAG
#undef ENTRY

#define M uint16_t
#define ENTRY_TAG f16
#define ENTRY(c, m) ((void)(c), (E)half_to_float(m))
#include ENTRY_KERNELS
#undef M
#undef ENTRY_TAG
#undef E
#undef ENTRY

#if IS_COMPLEX
#define M float _Complex
#define E V
#define ENTRY_TAG c64
#define ENTRY(c, m) ((c) ? NAME(conjugate)((E)(m)) : (E)(m))
#include ENTRY_KERNELS
#undef M
#undef ENTRY_TAG

#define M double _Complex
#define ENTRY_TAG c128
#include ENTRY_KERNELS
#undef M
#undef ENTRY_TAG
#undef E
#undef ENTRY
#endif
