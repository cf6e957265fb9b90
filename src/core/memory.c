/* Host memory: aligned for the kernels, counted for the tests. */
#include "memory.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "trace.h"

enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20 };

static atomic_int_least64_t live;      /* blocks */
static atomic_int_least64_t countdown; /* 1: every allocation fails; 0: none is made to */

void ptl__alloc_fail_after(int64_t n)
{
    atomic_store(&countdown, n);
}

int64_t ptl__alloc_live(void)
{
    return atomic_load(&live);
}

static int made_to_fail(void)
{
    int_least64_t n = atomic_load(&countdown);
    while (n > 1 && !atomic_compare_exchange_weak(&countdown, &n, n - 1))
        ;
    return n == 1;
}

#ifdef PTL__GUARDED
/* A build for tests, which tells the host's memory from the executors': see guarded.h. */
#include "guarded.h"

static void *allocate(size_t bytes)
{
    return ptl__guarded_take(PTL__HOST_ZONE, bytes);
}

static void release(void *block)
{
    ptl__guarded_give(PTL__HOST_ZONE, block);
}
#else
/* Large blocks stand on huge pages where the system has them: streams through a matrix miss the
 * translation buffer less. It is a wish: where it is not granted, nothing is lost. */
static void *allocate(size_t bytes)
{
    void *block = NULL;
    size_t alignment = bytes >= 2 * (size_t)HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
    if (posix_memalign(&block, alignment, bytes ? bytes : 1) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (alignment == HUGE_PAGE)
        (void)madvise(block, bytes, MADV_HUGEPAGE);
#endif
    return block;
}

static void release(void *block)
{
    free(block);
}
#endif

ptl_status ptl__alloc_admit(int64_t count, size_t size, size_t *bytes)
{
    if (count < 0 || __builtin_mul_overflow((size_t)count, size, bytes) ||
        *bytes > SIZE_MAX / 2 - HUGE_PAGE)
        return ptl_fail(PTL_NOMEM, "cannot allocate %" PRId64 " elements of %zu bytes", count,
                        size);
    if (made_to_fail())
        return ptl_fail(PTL_NOMEM, "cannot allocate %zu bytes", *bytes);
    return PTL_OK;
}

void ptl__alloc_counted(const char *space, int64_t bytes)
{
    atomic_fetch_add(&live, 1);
    ptl__trace_point(PTL_TRACE_ALLOCATION, space, bytes);
}

void ptl__free_counted(void)
{
    atomic_fetch_sub(&live, 1);
}

ptl_status ptl__alloc(int64_t count, size_t size, void **out)
{
    *out = NULL;
    size_t bytes = 0;
    ptl_status status = ptl__alloc_admit(count, size, &bytes);
    if (status != PTL_OK)
        return status;
    void *block = allocate(bytes);
    if (!block)
        return ptl_fail(PTL_NOMEM, "cannot allocate %zu bytes", bytes);
    ptl__alloc_counted("host", (int64_t)bytes);
    *out = block;
    return PTL_OK;
}

ptl_status ptl__calloc(int64_t count, size_t size, void **out)
{
    ptl_status status = ptl__alloc(count, size, out);
    if (status == PTL_OK)
        memset(*out, 0, (size_t)count * size);
    return status;
}

ptl_status ptl__grow(int64_t old_count, int64_t new_count, size_t size, void **block)
{
    void *grown;
    ptl_status status = ptl__alloc(new_count, size, &grown);
    if (status != PTL_OK)
        return status;
    int64_t kept = old_count < new_count ? old_count : new_count;
    if (*block && kept > 0)
        memcpy(grown, *block, (size_t)kept * size);
    ptl__free(*block);
    *block = grown;
    return PTL_OK;
}

void ptl__free(void *block)
{
    if (!block)
        return;
    ptl__free_counted();
    release(block);
}
