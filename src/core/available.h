/* How much memory there is to be had, and who shares it. */
#ifndef PTL_CORE_AVAILABLE_H
#define PTL_CORE_AVAILABLE_H

#include <stdint.h>

/* Memory that processes share: of the system, of the control group that bounds this process most
 * (cgroups, as of containers and batch systems), and of the process by itself (ulimit). */
enum { PTL__POOL_SYSTEM, PTL__POOL_GROUP, PTL__POOL_PROCESS, PTL__POOLS };

typedef struct ptl__pool {
    int64_t key;   /* the same in all processes that share it, on any node; 0: in this one alone */
    int64_t bytes; /* that are left, with what the system would give back or swap; INT64_MAX: no
                      bound is known */
} ptl__pool;

/* (L) As of now. What cannot be found out bounds nothing. */
void ptl__pools_look(ptl__pool pools[PTL__POOLS]);

/* (L) The group among those that `list`, a file as /proc/self/cgroup, names, below `root`, where
 * cgroups are mounted (/sys/fs/cgroup). Version 1 and 2. */
ptl__pool ptl__pool_of_groups(const char *list, const char *root);

#endif
