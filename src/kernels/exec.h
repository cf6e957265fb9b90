/* An executor: a memory space and a table of kernels.
 *
 * An executor's arrays are read and written by its kernels alone. Everything else goes through the
 * calls below, which do nothing where the executor's memory is the host's: to the host, from the
 * host, wait. What is made of many entries (blocks, factors, formats) is made on the host, on the
 * executor's host twin, and handed over when it is whole. */
#ifndef PTL_KERNELS_EXEC_H
#define PTL_KERNELS_EXEC_H

#include "../core/object.h"
#include "kernels.h"
#include "space.h"
#include <petiole/exec.h>

struct ptl_exec {
    ptl__object object;
    ptl_exec_kind kind;
    int threads; /* 1 in a process that was forked: whatever runs in parallel asks here */
    const ptl__kernels *kernels;
    const ptl__space *space; /* NULL: host memory */
    void *queue;             /* of the space */
    ptl_exec *host; /* where its arrays are prepared: itself where its memory is the host's */
    ptl_exec *next; /* of all that exist */
};

/* (L) A new reference to `exec`, or to the default where it is NULL. */
ptl_status ptl__exec_or_default(ptl_exec *exec, ptl_exec **out) PTL_MUST_USE;
/* How a kernel of this executor runs. */
static inline ptl__run ptl__exec_run(const ptl_exec *exec)
{
    return (ptl__run){exec->threads, exec->queue};
}
/* 1 where kernels of one can work on the other's arrays. */
static inline int ptl__exec_shares(const ptl_exec *a, const ptl_exec *b)
{
    return a == b || (a->space == b->space && a->queue == b->queue);
}
/* (L) That `other`, the executor of the operand `name`, can work with `exec`, which is that of
 * `owner`: PTL_INVALID else, with the cure. */
ptl_status ptl__exec_check(const ptl_exec *exec, const char *owner, const ptl_exec *other,
                           const char *name) PTL_MUST_USE;
/* PTL_NOT_SUPPORTED: "... is not available on the executor ..." */
ptl_status ptl__unavailable(const ptl_exec *exec, const char *what) PTL_MUST_USE;

/* ---- the executor's memory ---- */

/* (L) As ptl__alloc and its kin. */
ptl_status ptl__exec_alloc(ptl_exec *exec, int64_t count, size_t size, void **out) PTL_MUST_USE;
void ptl__exec_free(ptl_exec *exec, void *block);

/* (L) Returns when the kernels that were called have ended, and their sums are there. */
static inline ptl_status ptl__exec_wait(const ptl_exec *exec)
{
    return exec->space ? exec->space->wait(exec->queue) : PTL_OK;
}

/* (L) To the host: *out is `data`, `count` elements of the executor's memory, as the host may read
 * them: itself, or a copy. To be ended by ptl__host_free, with the same executor. */
ptl_status ptl__to_host(ptl_exec *exec, int64_t count, size_t size, const void *data,
                        void **out) PTL_MUST_USE;
void ptl__host_free(ptl_exec *exec, void *host); /* NULL is allowed */

/* An array that is handed over: *data has `count` elements of `size` bytes; NULL stays NULL. */
typedef struct ptl__array {
    void **data;
    int64_t count;
    size_t size;
} ptl__array;

/* (L) From the host: hands over. Each *data, of ptl__alloc, becomes the executor's memory with the
 * same elements, to be freed by ptl__exec_free. On failure all arrays are as they were. */
ptl_status ptl__from_host(ptl_exec *exec, int count, const ptl__array *arrays) PTL_MUST_USE;

/* (L) A mirror: a host array that stays, as the executor's memory. *mirror is `host` itself, or a
 * copy, made where *mirror is NULL and written again where not. To be freed by ptl__mirror_free. */
ptl_status ptl__mirror(ptl_exec *exec, int64_t count, size_t size, const void *host,
                       void **mirror) PTL_MUST_USE;
void ptl__mirror_free(ptl_exec *exec, void *mirror); /* not the host array */

/* (L) The same between arrays that are there already: of the executor's memory into host memory,
 * and back. Done when they return. `to` and `from` may be the same memory where it is the host's.
 */
ptl_status ptl__exec_read(const ptl_exec *exec, int64_t count, size_t size, const void *from,
                          void *to) PTL_MUST_USE;
ptl_status ptl__exec_write(const ptl_exec *exec, int64_t count, size_t size, const void *from,
                           void *to) PTL_MUST_USE;
/* (L) The same by rows: block.rows rows of block.columns elements of `size` bytes; the host's begin
 * every `ld` elements. */
ptl_status ptl__exec_read_rows(const ptl_exec *exec, size_t size, ptl__block block, int64_t ld,
                               void *to) PTL_MUST_USE;
ptl_status ptl__exec_write_rows(const ptl_exec *exec, size_t size, ptl__block block, int64_t ld,
                                const void *from) PTL_MUST_USE;
/* (L) Zeros in the executor's memory. */
ptl_status ptl__exec_clear(const ptl_exec *exec, int64_t count, size_t size,
                           void *block) PTL_MUST_USE;

#endif
