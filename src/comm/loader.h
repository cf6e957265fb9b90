/* Finding the MPI of this process, and the adaptor that speaks to it. */
#ifndef PTL_COMM_LOADER_H
#define PTL_COMM_LOADER_H

#include <limits.h>

#include "mpi_adaptor.h"
#include <petiole/status.h>

/* An MPI library in this process. */
typedef struct ptl__library {
    void *handle;          /* of dlopen */
    const char *interface; /* its binary interface: "openmpi", "mpich", "mpi-abi" */
    char path[PATH_MAX];
} ptl__library;

/* (L) Looks for one; where there are several, the one that is initialised. 0 where none is. */
int ptl__library_find(ptl__library *out);
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
 * path of a library. PTL_MPI where either is missing. */
ptl_status ptl__loader_open(const char *which, const ptl__mpi **out) PTL_MUST_USE;
/* (L) The adaptor in use, or NULL; and the names of those that are installed, by comma. */
const ptl__mpi *ptl__loader_current(void);
const char *ptl__loader_installed(void);

/* (L) PTL_MPI where a launcher has started several processes and this one sees itself alone. */
ptl_status ptl__launcher_check(const ptl__mpi *mpi) PTL_MUST_USE;

#endif
