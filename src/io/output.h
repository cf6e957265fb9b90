/* A file that all ranks write, each its own bytes. It has a name of its own beside the target's
 * until it is whole. */
#ifndef PTL_IO_OUTPUT_H
#define PTL_IO_OUTPUT_H

#include <stdint.h>

#include "../comm/comm.h"

typedef struct ptl__output {
    ptl_comm *comm;   /* borrowed; NULL: not open */
    const char *path; /* borrowed */
    char *temporary;  /* the name until then */
    int fd;           /* -1: not open */
    int made;         /* on rank 0: the temporary file is there */
} ptl__output;

/* What is written: ranks must not differ. */
enum { PTL__OUTPUT_MTX = 1, PTL__OUTPUT_BINARY, PTL__OUTPUT_TRACE };

/* (C) Makes the file on rank 0 and opens it on every rank. `status` is this rank's. PTL_IO;
 * PTL_INVALID where path is NULL; PTL_DIMENSION where ranks differ in `format`. To be ended by
 * finish, which on failure does nothing. */
ptl_status ptl__output_open(ptl_comm *comm, const char *path, int64_t format, ptl_status status,
                            ptl__output *out) PTL_MUST_USE;

/* (L) */
ptl_status ptl__output_write(const ptl__output *out, int64_t offset, int64_t bytes,
                             const void *from) PTL_MUST_USE;

/* (C) Where `status` is PTL_OK on all ranks, the file takes its name; else it is removed. Of a file
 * that open could not make, (L): returns `status`. */
ptl_status ptl__output_finish(ptl__output *out, ptl_status status) PTL_MUST_USE;

#endif
