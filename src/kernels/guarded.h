/* The executors of the guarded build (core/guarded.h): their space, and what stands before each of
 * their kernels. What a kernel is given in ON(…) must not be the library's host memory, and its
 * sums are NaN until the wait. */
#ifndef PTL_KERNELS_GUARDED_H
#define PTL_KERNELS_GUARDED_H

#include "kernels.h"
#include "space.h"

extern const ptl__space ptl__guarded_space;
/* The tables behind the door. */
extern const ptl__kernels ptl__kernels_guarded_reference, ptl__kernels_guarded_openmp;
/* What is behind them. */
extern const ptl__kernels *ptl__under_reference, *ptl__under_openmp;

typedef struct ptl__guarded_call {
    const char *name;
    int before;
} ptl__guarded_call;

ptl__guarded_call ptl__guarded_begin(const char *kernel);
void ptl__guarded_end(ptl__guarded_call call);
/* Ends the process where `data` is host memory of the library's; returns it. */
const void *ptl__guarded_on(const void *data);
/* Where a kernel writes `count` doubles of sums instead of `sums`, which get them at the wait; it
 * begins with what they are, and they become NaN. NULL stays NULL. */
double *ptl__guarded_sums(double *sums, int64_t count);

/* The arrays of what a kernel is given. */
#define PTL__GUARDED_ON(type, ...)                                                                 \
    static inline type ptl__guarded_##type(type x)                                                 \
    {                                                                                              \
        const void *arrays[] = {__VA_ARGS__};                                                      \
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)                                \
            ptl__guarded_on(arrays[i]);                                                            \
        return x;                                                                                  \
    }
PTL__GUARDED_ON(ptl__block, x.data)
PTL__GUARDED_ON(ptl__coo, x.row_indices, x.col_indices, x.values)
PTL__GUARDED_ON(ptl__ell, x.indices, x.values)
PTL__GUARDED_ON(ptl__sellp, x.slice_sets, x.indices, x.values)
PTL__GUARDED_ON(ptl__dense, x.values)
PTL__GUARDED_ON(ptl__transposed, x.indptr, x.rows, x.slots, x.values)
PTL__GUARDED_ON(ptl__csr, x.indptr, x.indices, x.values, x.row_ids)
PTL__GUARDED_ON(ptl__triangle, x.indptr, x.indices, x.values, x.inverses, x.level_starts, x.order)
PTL__GUARDED_ON(ptl__blocks, x.starts, x.offsets, x.values)
PTL__GUARDED_ON(ptl__pipecg, x.n.data, x.m.data, x.z.data, x.q.data, x.s.data, x.p.data, x.x.data,
                x.r.data, x.u.data, x.w.data)

static inline void *ptl__guarded_pointer(void *x)
{
    ptl__guarded_on(x);
    return x;
}

static inline const ptl__block *ptl__guarded_blocks_of(int64_t count, const ptl__block *x)
{
    for (int64_t i = 0; i < count; i++)
        ptl__guarded_on(x[i].data);
    return x;
}

#define ON(x)                                                                                      \
    _Generic((x), ptl__block                                                                       \
             : ptl__guarded_ptl__block, ptl__coo                                                   \
             : ptl__guarded_ptl__coo, ptl__ell                                                     \
             : ptl__guarded_ptl__ell, ptl__sellp                                                   \
             : ptl__guarded_ptl__sellp, ptl__dense                                                 \
             : ptl__guarded_ptl__dense, ptl__transposed                                            \
             : ptl__guarded_ptl__transposed, ptl__csr                                              \
             : ptl__guarded_ptl__csr, ptl__triangle                                                \
             : ptl__guarded_ptl__triangle, ptl__blocks                                             \
             : ptl__guarded_ptl__blocks, ptl__pipecg                                               \
             : ptl__guarded_ptl__pipecg, void *                                                    \
             : ptl__guarded_pointer, const void *                                                  \
             : ptl__guarded_on)(x)
#define EACH_ON(count, x) ptl__guarded_blocks_of((count), (x))
#define REALS(sums, count) ptl__guarded_sums((sums), (count))
#define SUMS(sums, count) ptl__guarded_sums((sums), (int64_t)(sizeof(W) / sizeof(double)) * (count))

#endif
