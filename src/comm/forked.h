/* MPI does not go along into a child of fork: its process is unknown to the other ranks. */
#ifndef PTL_COMM_FORKED_H
#define PTL_COMM_FORKED_H

/* (L) 1 in a process that was forked from one in which MPI had started (and not ended). */
int ptl__comm_forked(void);

#endif
