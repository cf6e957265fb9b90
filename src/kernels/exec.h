/* An executor: a memory space and a table of kernels. */
#ifndef PTL_KERNELS_EXEC_H
#define PTL_KERNELS_EXEC_H

#include "../core/object.h"
#include <petiole/exec.h>

struct ptl__kernels;

struct ptl_exec {
    ptl__object object;
    ptl_exec_kind kind;
    int threads; /* 1 in a process that was forked: whatever runs in parallel asks here */
    const struct ptl__kernels *kernels;
    struct ptl_exec *next; /* of all that there are */
};

/* Memory of the executor: as ptl__alloc and its kin. */
ptl_status ptl__exec_alloc(ptl_exec *exec, int64_t count, size_t size, void **out) PTL_MUST_USE;
void ptl__exec_free(ptl_exec *exec, void *block);
/* A new reference to `exec`, or to the default where it is NULL. */
ptl_status ptl__exec_or_default(ptl_exec *exec, ptl_exec **out) PTL_MUST_USE;

#endif
