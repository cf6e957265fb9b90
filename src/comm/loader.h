/* Finding the MPI of this process, and the adaptor that speaks to it. */
#ifndef PTL_COMM_LOADER_H
#define PTL_COMM_LOADER_H

#include <limits.h>

#include "mpi_adaptor.h"
#include <petiole/status.h>

/* An MPI library in this process. */
typedef struct ptl__library {
    void *handle;          /* of dlopen */
    const char *interface; /* "openmpi", "mpich", "mpi-abi"; NULL for another */
    char path[PATH_MAX];
    char rival[PATH_MAX]; /* of another MPI here that is initialised as well, or "" */
} ptl__library;

/* (L) Looks for one; where there are several, the one that is initialised. 0 where none is. */
int ptl__library_find(ptl__library *out);
/* (L) Makes its symbols global, so that an adaptor finds them. 0 where those of another MPI, which
 * is then *hiding, come first. */
int ptl__library_promote(const ptl__library *library, ptl__library *hiding);
int ptl__library_initialized(const ptl__library *library); /* and not finalised */
/* Its own version text; lives as long as the process. */
const char *ptl__library_version(const ptl__library *library);

/* A version text cut to its first line, for messages. */
typedef struct ptl__line {
    char text[96];
} ptl__line;
ptl__line ptl__first_line(const char *text);

/* (L) The adaptor for the MPI in this process, loaded at the first call; *out is NULL where no MPI
 * is. PTL_MPI where there is no adaptor for it. */
ptl_status ptl__loader_in_process(const ptl__mpi **out) PTL_MUST_USE;
/* (L) Loads an MPI into a process that has none, then its adaptor: `which` is an interface or the
 * path of a library. A library beside Petiole's comes first; beside_only: and no other will do.
 * PTL_MPI where either is missing. */
ptl_status ptl__loader_open(const char *which, int beside_only, const ptl__mpi **out) PTL_MUST_USE;
/* (L) The adaptor in use and its library, both NULL while there is none; and the names of the
 * adaptors that are installed, by comma. */
const ptl__mpi *ptl__loader_current(const ptl__library **library);
const char *ptl__loader_installed(void);

/* (L) PTL_MPI where a launcher has started several processes and this one sees itself alone. */
ptl_status ptl__launcher_check(const ptl__mpi *mpi) PTL_MUST_USE;

#endif
