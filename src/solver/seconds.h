/* The clock of solves. */
#ifndef PTL_SOLVER_SECONDS_H
#define PTL_SOLVER_SECONDS_H

#include <time.h>

static inline double ptl__seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
