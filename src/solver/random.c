/* Random vectors by a counter, not by a state. */
#include "random.h"

#include "../comm/comm.h"
#include "../core/status.h"

/* A bijection whose outputs pass tests of randomness (Steele, Lea and Flood, OOPSLA 2014:
 * SplitMix64). */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static double unit(uint64_t bits)
{
    return (double)(int64_t)bits * 0x1p-63;
}

/* v is on the host. */
static void fill(ptl_vector *v, uint64_t k)
{
    const int parts = ptl__coef_doubles(v->dtype);
    const int narrow = ptl_dtype_real(v->dtype) == PTL_F32;
    const uint64_t stream = mix(mix(k) ^ (uint64_t)v->comm->rank);
    for (int64_t i = 0; i < v->local_rows; i++)
        for (int64_t j = 0; j < parts * v->columns; j++) {
            const double value = unit(mix(mix(stream ^ (uint64_t)i) ^ (uint64_t)j));
            const int64_t at = parts * v->ld * i + j;
            if (narrow)
                ((float *)v->data)[at] = (float)value;
            else
                ((double *)v->data)[at] = value;
        }
}

ptl_status ptl__random_fill(ptl_vector *v, uint64_t k)
{
    ptl_vector *host;
    PTL_TRY(ptl__vector_on_host(v, &host));
    fill(host, k);
    ptl_status status = ptl__vector_write(v, host->ld, host->data);
    ptl_vector_release(&host);
    return status;
}
