/* A file that all ranks write, each its own bytes. */
#ifndef PTL_IO_OUTPUT_H
#define PTL_IO_OUTPUT_H

#include "../comm/comm.h"
#include "target.h"

typedef struct ptl__output {
    ptl_comm *comm; /* borrowed; NULL: not open */
    ptl__target target;
    int fd;   /* -1: not open */
    int made; /* on rank 0: the temporary file is there */
} ptl__output;

/* What is written: ranks must not differ. */
enum { PTL__OUTPUT_MTX = 1, PTL__OUTPUT_BINARY, PTL__OUTPUT_TRACE };

/* (C) The first collective step of every call that writes. All ranks agree on `status`, which is
 * this rank's, and on `signature`, made of the kind of file and of what goes into it; before that
 * nothing is touched. Then rank 0 makes the file and every rank opens it. PTL_IO; PTL_INVALID where
 * path is NULL; PTL_DIMENSION where ranks differ. To be ended by finish, which on failure does
 * nothing. */
ptl_status ptl__output_open(ptl_comm *comm, const char *path, int64_t signature, ptl_status status,
                            ptl__output *out) PTL_MUST_USE;

/* (L) */
ptl_status ptl__output_write(const ptl__output *out, int64_t offset, int64_t bytes,
                             const void *from) PTL_MUST_USE;

/* (C) Where `status` is PTL_OK on all ranks, the file takes its name; else it is removed. Of a file
 * that open could not make, (L): returns `status`. */
ptl_status ptl__output_finish(ptl__output *out, ptl_status status) PTL_MUST_USE;

#endif
