/* The space of the guarded build, the door before its kernels, and sums that are late. */
#include "guarded.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/guarded.h"
#include "../core/status.h"

const ptl__kernels *ptl__under_reference = &ptl__kernels_reference, *ptl__under_openmp;

static __thread const char *kernel; /* that is running */

ptl__guarded_call ptl__guarded_begin(const char *name)
{
    kernel = name;
    return (ptl__guarded_call){name, ptl__guarded_enter()};
}

void ptl__guarded_end(ptl__guarded_call call)
{
    ptl__guarded_leave(call.before);
}

const void *ptl__guarded_on(const void *data)
{
    if (ptl__guarded_in(PTL__HOST_ZONE, data)) {
        fprintf(stderr, "guarded: the kernel %s is given host memory\n", kernel);
        abort();
    }
    return data;
}

/* ---- sums ---- */

/* Sums that a kernel of this thread has made, and nobody has waited for. */
typedef struct late {
    struct late *next;
    const char *kernel;
    double *sums;
    int64_t count;
    double numbers[];
} late;
static __thread late *lates;

/* Ends the process where sums are freed that have not been waited for. */
static void check_freed(const void *data, size_t bytes)
{
    for (const late *l = lates; l; l = l->next)
        if ((const char *)l->sums >= (const char *)data &&
            (const char *)l->sums < (const char *)data + bytes) {
            fprintf(stderr, "guarded: sums of the kernel %s are freed before a wait\n", l->kernel);
            abort();
        }
}

double *ptl__guarded_sums(double *sums, int64_t count)
{
    if (!sums)
        return NULL;
    for (late *l = lates; l; l = l->next)
        if (l->sums == sums && l->count >= count)
            return l->numbers;
    late *l = malloc(sizeof *l + (size_t)count * sizeof *l->numbers);
    if (!l)
        abort();
    ptl__guarded_freed = check_freed;
    l->kernel = kernel;
    l->sums = sums;
    l->count = count;
    for (int64_t i = 0; i < count; i++) {
        l->numbers[i] = sums[i];
        sums[i] = NAN;
    }
    l->next = lates;
    lates = l;
    return l->numbers;
}

static ptl_status guarded_wait(void *queue)
{
    (void)queue;
    while (lates) {
        late *l = lates;
        lates = l->next;
        memcpy(l->sums, l->numbers, (size_t)l->count * sizeof *l->numbers);
        free(l);
    }
    return PTL_OK;
}

/* ---- the space ---- */

static ptl_status guarded_alloc(void *queue, size_t bytes, void **block)
{
    (void)queue;
    *block = ptl__guarded_take(PTL__GUARDED_ZONE, bytes);
    PTL_CHECK(*block, PTL_NOMEM, "cannot allocate %zu bytes", bytes);
    return PTL_OK;
}

static void guarded_free(void *queue, void *block)
{
    (void)queue;
    ptl__guarded_give(PTL__GUARDED_ZONE, block);
}

static ptl_status guarded_alloc_pinned(size_t bytes, void **block)
{
    *block = ptl__guarded_take(PTL__HOST_ZONE, bytes);
    PTL_CHECK(*block, PTL_NOMEM, "cannot allocate %zu bytes", bytes);
    return PTL_OK;
}

static void guarded_free_pinned(void *block)
{
    ptl__guarded_give(PTL__HOST_ZONE, block);
}

static ptl_status guarded_copy_2d(void *queue, void *to, size_t to_pitch, const void *from,
                                  size_t from_pitch, size_t width, size_t rows)
{
    (void)queue;
    const int before = ptl__guarded_enter();
    for (size_t i = 0; i < rows; i++)
        memmove((char *)to + i * to_pitch, (const char *)from + i * from_pitch, width);
    ptl__guarded_leave(before);
    return PTL_OK;
}

static ptl_status guarded_copy(void *queue, void *to, const void *from, size_t bytes)
{
    return guarded_copy_2d(queue, to, bytes, from, bytes, bytes, 1);
}

static ptl_status guarded_clear(void *queue, void *block, size_t bytes)
{
    (void)queue;
    const int before = ptl__guarded_enter();
    memset(block, 0, bytes);
    ptl__guarded_leave(before);
    return PTL_OK;
}

/* Its queue is never behind. */
static ptl_status guarded_mark(void *queue, void **mark)
{
    (void)queue;
    *mark = (void *)&ptl__guarded_space;
    return PTL_OK;
}

static ptl_status guarded_wait_for(void *queue, void *mark)
{
    (void)queue;
    (void)mark;
    return PTL_OK;
}

static void guarded_free_mark(void *mark)
{
    (void)mark;
}

static ptl_status guarded_adopt(void *queue, void *stream)
{
    (void)queue;
    (void)stream;
    return PTL_OK;
}

/* Users' views are of their own memory here, which kernels and the library may both read. */
static int guarded_holds(const void *data)
{
    (void)data;
    return 1;
}

const ptl__space ptl__guarded_space = {
    .name = "guarded",
    .alloc = guarded_alloc,
    .free = guarded_free,
    .alloc_pinned = guarded_alloc_pinned,
    .free_pinned = guarded_free_pinned,
    .copy = guarded_copy,
    .copy_2d = guarded_copy_2d,
    .clear = guarded_clear,
    .wait = guarded_wait,
    .mark = guarded_mark,
    .wait_for = guarded_wait_for,
    .free_mark = guarded_free_mark,
    .adopt = guarded_adopt,
    .holds = guarded_holds,
};
