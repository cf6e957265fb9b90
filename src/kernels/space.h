/* A space: memory that the host does not read or write. An executor without one works in host
 * memory.
 *
 * A queue is where a space's work is ordered: kernels, copies and fills of one queue run one after
 * the other, and may return before they have begun; wait returns when all of them are done. Blocks
 * are aligned to 64 bytes. Each function is local. The first failure of work that was queued is
 * returned by the next wait. */
#ifndef PTL_KERNELS_SPACE_H
#define PTL_KERNELS_SPACE_H

#include <stddef.h>

#include <petiole/status.h>

typedef struct ptl__space {
    const char *name; /* for messages */
    /* `bytes` >= 0 of this memory, uninitialised; *block is NULL on failure (PTL_NOMEM), and never
     * NULL on success. free waits for the work that was queued before it. */
    ptl_status (*alloc)(void *queue, size_t bytes, void **block);
    void (*free)(void *queue, void *block);
    /* Host memory that copies to and from this space read and write without a detour. */
    ptl_status (*alloc_pinned)(size_t bytes, void **block);
    void (*free_pinned)(void *block);
    /* Each side of a copy is of this space or host memory, which stays as it is until the wait. */
    ptl_status (*copy)(void *queue, void *to, const void *from, size_t bytes);
    /* `rows` pieces of `width` bytes, that begin every *_pitch bytes */
    ptl_status (*copy_2d)(void *queue, void *to, size_t to_pitch, const void *from,
                          size_t from_pitch, size_t width, size_t rows);
    /* Zeros. */
    ptl_status (*clear)(void *queue, void *block, size_t bytes);
    ptl_status (*wait)(void *queue);
    /* A mark is a place in a queue: `mark` makes *mark where it is NULL, else moves it; wait_for
     * makes what `queue` is given from now on wait until the other queue has come there. */
    ptl_status (*mark)(void *queue, void **mark);
    ptl_status (*wait_for)(void *queue, void *mark);
    void (*free_mark)(void *mark);
    /* Orders the queue's work in `stream`, the user's, from now on; NULL: in its own again. */
    ptl_status (*adopt)(void *queue, void *stream);
    /* 1 where kernels may be given `data`, the memory of a user's view */
    int (*holds)(const void *data);
} ptl__space;

#endif
