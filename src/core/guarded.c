/* Two zones of memory, and the door of one of them. */
#include "guarded.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PLAIN __attribute__((no_instrument_function))

/* ---- zones: blocks of powers of two, never given back to the system ---- */

enum { CLASSES = 48, HEAD = 64, NEW = 0xFF /* NaN in every dtype, and no index */ };
static const size_t room = (size_t)1 << 36;

typedef struct head {
    struct head *next; /* of the free ones of its size */
    size_t bytes;
    int size_class;
} head;

static char *zones[2];
static size_t used[2];
static head *unused[2][CLASSES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

PLAIN static void make_zones(void)
{
    for (int zone = 0; zone < 2; zone++) {
        zones[zone] = mmap(NULL, room, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (zones[zone] == MAP_FAILED)
            abort();
        (void)madvise(zones[zone], room, MADV_HUGEPAGE); /* fewer pages to open and close */
    }
}

PLAIN int ptl__guarded_in(ptl__zone zone, const void *data)
{
    const char *at = data;
    return zones[zone] && at >= zones[zone] && at < zones[zone] + room;
}

PLAIN static int class_of(size_t bytes)
{
    int size_class = 7;
    while (((size_t)1 << size_class) < bytes + HEAD)
        size_class++;
    return size_class;
}

PLAIN static head *find_block(ptl__zone zone, int size_class)
{
    head *block = unused[zone][size_class];
    const size_t size = (size_t)1 << size_class;
    if (block) {
        unused[zone][size_class] = block->next;
    } else if (size <= room - used[zone]) {
        block = (head *)(zones[zone] + used[zone]);
        used[zone] += size;
    }
    return block;
}

PLAIN void *ptl__guarded_take(ptl__zone zone, size_t bytes)
{
    pthread_once(&once, make_zones);
    const int size_class = bytes < room / 2 ? class_of(bytes) : CLASSES;
    if (size_class >= CLASSES)
        return NULL;
    const int before = ptl__guarded_enter();
    pthread_mutex_lock(&lock);
    head *block = find_block(zone, size_class);
    pthread_mutex_unlock(&lock);
    if (block) {
        *block = (head){.bytes = bytes, .size_class = size_class};
        if (zone == PTL__GUARDED_ZONE)
            memset((char *)block + HEAD, NEW, bytes);
    }
    ptl__guarded_leave(before);
    return block ? (char *)block + HEAD : NULL;
}

void (*ptl__guarded_freed)(const void *data, size_t bytes);

PLAIN void ptl__guarded_give(ptl__zone zone, void *data)
{
    if (!ptl__guarded_in(zone, data)) {
        fprintf(stderr, "guarded: a block is freed as if it was %s memory, and is not\n",
                zone == PTL__HOST_ZONE ? "the host's" : "an executor's");
        abort();
    }
    head *block = (head *)((char *)data - HEAD);
    const int before = ptl__guarded_enter();
    if (zone == PTL__HOST_ZONE && ptl__guarded_freed)
        ptl__guarded_freed(data, block->bytes);
    pthread_mutex_lock(&lock);
    memset(data, NEW, block->bytes < 4096 ? block->bytes : 4096);
    block->next = unused[zone][block->size_class];
    unused[zone][block->size_class] = block;
    pthread_mutex_unlock(&lock);
    ptl__guarded_leave(before);
}

/* ---- the door ---- */

enum { OUTSIDE, LIBRARY, KERNEL };
static __thread int here; /* where this thread is */
static int in_library, in_kernels, closed;
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;

PLAIN static void go(int there)
{
    pthread_mutex_lock(&door);
    in_library += (there == LIBRARY) - (here == LIBRARY);
    in_kernels += (there == KERNEL) - (here == KERNEL);
    here = there;
    const int close = in_library > 0 && in_kernels == 0;
    if (close != closed && zones[PTL__GUARDED_ZONE]) {
        const size_t page = (size_t)1 << 21;
        const size_t bytes = (used[PTL__GUARDED_ZONE] + page - 1) & ~(page - 1);
        if (bytes && mprotect(zones[PTL__GUARDED_ZONE], bytes,
                              close ? PROT_NONE : PROT_READ | PROT_WRITE) != 0)
            abort();
        closed = close;
    }
    pthread_mutex_unlock(&door);
}

PLAIN int ptl__guarded_enter(void)
{
    const int before = here;
    if (before != KERNEL)
        go(KERNEL);
    return before;
}

PLAIN void ptl__guarded_leave(int before)
{
    if (here != before)
        go(before);
}

/* Where this library's code lies. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

PLAIN static int owner_of(const void *code)
{
    const char *at = code;
    return at >= __ehdr_start && at < etext ? LIBRARY : OUTSIDE;
}

/* What the compiler has each function call. */
PLAIN __attribute__((visibility("default"))) void __cyg_profile_func_enter(void *function,
                                                                           void *caller);
PLAIN __attribute__((visibility("default"))) void __cyg_profile_func_exit(void *function,
                                                                          void *caller);

/* Where this thread was before each call that it is in. */
enum { DEEPEST = 1 << 16 };
static __thread unsigned char before[DEEPEST];
static __thread int depth;

PLAIN void __cyg_profile_func_enter(void *function, void *caller)
{
    (void)caller;
    const int there = owner_of(function);
    if (depth < DEEPEST)
        before[depth] = (unsigned char)here;
    depth++;
    if (here != there && here != KERNEL)
        go(there);
}

PLAIN void __cyg_profile_func_exit(void *function, void *caller)
{
    (void)function;
    (void)caller;
    depth--;
    const int there = depth >= 0 && depth < DEEPEST ? before[depth] : here;
    if (here != there && here != KERNEL)
        go(there);
}

/* ---- for the test of all this ---------------------------------------------------------------- */

double ptl__guarded_mistake(const double *data)
{
    return *data;
}
