/* Whether MPI was at work when this process was forked: looked at before the fork, since afterwards
 * it seems to be. */
#include "forked.h"

#include <pthread.h>

#include "loader.h"

static int at_work, forked;

static void before_fork(void)
{
    const ptl__library *in_use;
    ptl__library found;
    const ptl__mpi *mpi = ptl__loader_current(&in_use);
    if (mpi)
        at_work = mpi->initialized() && !mpi->finalized();
    else
        at_work = ptl__library_find(&found) && ptl__library_initialized(&found);
}

static void after_fork_in_child(void)
{
    forked |= at_work;
}

/* From the beginning: a program may start MPI itself and fork before it calls Petiole. */
__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(before_fork, NULL, after_fork_in_child);
}

int ptl__comm_forked(void)
{
    return forked;
}
