/* The executors of the host, and the process's default. */
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

/* ---- all of them, since fork leaves OpenMP's threads behind ---------------------------------- */

/* A child of fork has the pool of OpenMP's threads without the threads: a loop that is given to
 * them would wait for ever. There every executor has one thread, also one that is made later. */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static ptl_exec *list;
static int forked;

static void before_fork(void)
{
    pthread_mutex_lock(&default_lock);
    pthread_mutex_lock(&list_lock);
}
static void after_fork(void)
{
    pthread_mutex_unlock(&list_lock);
    pthread_mutex_unlock(&default_lock);
}
static void after_fork_in_child(void)
{
    forked = 1;
    for (ptl_exec *exec = list; exec; exec = exec->next)
        exec->threads = 1;
    after_fork();
}
static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static void enlist(ptl_exec *exec)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&list_lock);
    if (forked)
        exec->threads = 1;
    exec->next = list;
    list = exec;
    pthread_mutex_unlock(&list_lock);
}

static void exec_destroy(void *self)
{
    ptl_exec *exec = self;
    pthread_mutex_lock(&list_lock);
    ptl_exec **at = &list;
    while (*at != exec)
        at = &(*at)->next;
    *at = (*at)->next;
    pthread_mutex_unlock(&list_lock);
    if (exec->host != exec)
        ptl_exec_release(&exec->host);
    ptl__free(exec);
}

/* ---- making them ----------------------------------------------------------------------------- */

/* In the memory of the host. */
static ptl_status host_exec(ptl_exec_kind kind, int threads, const ptl__kernels *kernels,
                            ptl_exec **out)
{
    ptl_exec *exec;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_exec, &exec));
    ptl__object_init(exec, exec_destroy);
    exec->kind = kind;
    exec->threads = threads;
    exec->kernels = kernels;
    exec->host = exec;
    enlist(exec);
    *out = exec;
    return PTL_OK;
}

#ifdef PTL__GUARDED
#include "guarded.h"

/* In this build the same with a memory of its own: see core/guarded.h. */
static ptl_status exec_new(ptl_exec_kind kind, int threads, const ptl__kernels *kernels,
                           ptl_exec **out)
{
    const int openmp = kind == PTL_EXEC_OPENMP;
    ptl_exec *twin;
    PTL_TRY(host_exec(kind, threads, kernels, &twin));
    ptl_status status = host_exec(kind, threads, kernels, out);
    if (status != PTL_OK) {
        ptl_exec_release(&twin);
        return status;
    }
    if (openmp)
        ptl__under_openmp = kernels;
    (*out)->kernels = openmp ? &ptl__kernels_guarded_openmp : &ptl__kernels_guarded_reference;
    (*out)->space = &ptl__guarded_space;
    (*out)->host = twin;
    return PTL_OK;
}
#else
#define exec_new host_exec
#endif

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

ptl_status ptl__exec_check(const ptl_exec *exec, const char *owner, const ptl_exec *other,
                           const char *name)
{
    PTL_CHECK(ptl__exec_shares(exec, other), PTL_INVALID,
              "%s is on the executor \"%s\" and %s on \"%s\", which have different memories: make "
              "both on the same executor",
              owner, ptl_exec_name(exec), name, ptl_exec_name(other));
    return PTL_OK;
}

ptl_status ptl__unavailable(const ptl_exec *exec, const char *what)
{
    return ptl_fail(PTL_NOT_SUPPORTED, "%s is not available on the executor \"%s\"", what,
                    ptl_exec_name(exec));
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
    return ptl__exec_wait(exec);
}
