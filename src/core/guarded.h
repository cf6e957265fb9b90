/* The guarded build (-Dguarded=true), for tests: executors have memory of their own, which is
 * closed to the library but for its kernels, filled with NaN when new, and open to everybody else,
 * so that the suites run on it as they are. A read or write by the library outside of a kernel ends
 * the process with SIGSEGV. It proves that a second memory could be anywhere.
 *
 * The library and the C tests are compiled with -finstrument-functions; where a call goes from the
 * library to others, or back, the memory is opened and closed. Where threads are in both, it is
 * closed while one is in the library and none in a kernel. */
#ifndef PTL_CORE_GUARDED_H
#define PTL_CORE_GUARDED_H

#include <stddef.h>

typedef enum ptl__zone { PTL__HOST_ZONE, PTL__GUARDED_ZONE } ptl__zone;

/* A block of `bytes` bytes, aligned to 64; NULL where the zone is full. */
void *ptl__guarded_take(ptl__zone zone, size_t bytes);
/* Ends the process where the block is of the other zone. */
void ptl__guarded_give(ptl__zone zone, void *block);
/* Whether `data` is in the zone. */
int ptl__guarded_in(ptl__zone zone, const void *data);

/* Called with each block of the host's that is freed; NULL until it is set. */
extern void (*ptl__guarded_freed)(const void *data, size_t bytes);

/* A mistake to be caught: reads a number as a caller would that takes every memory for the host's.
 */
double ptl__guarded_mistake(const double *data);

/* A kernel or a copy begins and ends; enter returns what leave is given. */
int ptl__guarded_enter(void);
void ptl__guarded_leave(int before);

#endif
