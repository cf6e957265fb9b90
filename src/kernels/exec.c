/* The executors of the host, the process's default, and their memory. */
#include "exec.h"

#include <pthread.h>
#include <stdlib.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "kernels.h"

enum { MAX_THREADS = 1024 };

static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;
static ptl_exec *default_exec; /* NULL until asked for or set */

PTL__OBJECT_FUNCTIONS(ptl_exec)

static ptl_status exec_new(ptl_exec_kind kind, int threads, const ptl__kernels *kernels,
                           ptl_exec **out)
{
    ptl_exec *exec;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_exec, &exec));
    ptl__object_init(exec, ptl__free);
    exec->kind = kind;
    exec->threads = threads;
    exec->kernels = kernels;
    *out = exec;
    return PTL_OK;
}

/* OMP_NUM_THREADS, whose first number counts where it is a list; else one. */
static int environment_threads(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    char *end;
    long threads = text ? strtol(text, &end, 10) : 1;
    if (threads < 1 || (text && *end != '\0' && *end != ',' && *end != ' '))
        return 1;
    return threads > MAX_THREADS ? MAX_THREADS : (int)threads;
}

ptl_status ptl_exec_reference(ptl_exec **out)
{
    *out = NULL;
    return exec_new(PTL_EXEC_REFERENCE, 1, &ptl__kernels_reference, out);
}

ptl_status ptl_exec_openmp(int threads, ptl_exec **out)
{
    *out = NULL;
    PTL_CHECK(threads >= 0 && threads <= MAX_THREADS, PTL_INVALID,
              "threads is %d: expected 0 (OMP_NUM_THREADS, else one) to %d", threads, MAX_THREADS);
    const ptl__kernels *kernels;
    PTL_TRY(ptl__kernels_openmp(&kernels));
    return exec_new(PTL_EXEC_OPENMP, threads ? threads : environment_threads(), kernels, out);
}

ptl_status ptl_exec_default(ptl_exec **out)
{
    *out = NULL;
    pthread_mutex_lock(&default_lock);
    ptl_status status = default_exec ? PTL_OK : ptl_exec_openmp(0, &default_exec);
    *out = ptl_exec_retain(default_exec);
    pthread_mutex_unlock(&default_lock);
    return status;
}

ptl_status ptl_exec_set_default(ptl_exec *exec)
{
    PTL_CHECK(exec, PTL_INVALID, "exec is NULL: expected an executor");
    ptl_exec_retain(exec);
    pthread_mutex_lock(&default_lock);
    ptl_exec *old = default_exec;
    default_exec = exec;
    pthread_mutex_unlock(&default_lock);
    ptl_exec_release(&old);
    return PTL_OK;
}

ptl_status ptl__exec_or_default(ptl_exec *exec, ptl_exec **out)
{
    if (!exec)
        return ptl_exec_default(out);
    *out = ptl_exec_retain(exec);
    return PTL_OK;
}

ptl_exec_kind ptl_exec_get_kind(const ptl_exec *exec)
{
    return exec->kind;
}

const char *ptl_exec_name(const ptl_exec *exec)
{
    return exec->kernels->name;
}

const char *ptl_exec_isa(const ptl_exec *exec)
{
    return exec->kernels->isa;
}

int ptl_exec_threads(const ptl_exec *exec)
{
    return exec->threads;
}

ptl_status ptl_exec_synchronize(ptl_exec *exec)
{
    (void)exec; /* host kernels return when they are done */
    return PTL_OK;
}

ptl_status ptl__exec_alloc(ptl_exec *exec, int64_t count, size_t size, void **out)
{
    (void)exec; /* every executor so far lives in host memory */
    return ptl__alloc(count, size, out);
}

void ptl__exec_free(ptl_exec *exec, void *block)
{
    (void)exec;
    ptl__free(block);
}
