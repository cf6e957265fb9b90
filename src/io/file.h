/* A file that all ranks read, each its own bytes. */
#ifndef PTL_IO_FILE_H
#define PTL_IO_FILE_H

#include <stdint.h>

#include "../comm/comm.h"

typedef struct ptl__file {
    const char *path; /* borrowed */
    int fd;           /* -1: not open */
    int64_t size;
} ptl__file;

/* (C) Opens the file on every rank. `status` and `signature` are agreed on along with its size.
 * PTL_IO where a rank cannot open it, or it is no file of bytes; PTL_INVALID where path is NULL. To
 * be closed, on failure too. */
ptl_status ptl__file_open(ptl_comm *comm, const char *path, ptl_status status, int64_t signature,
                          ptl__file *out) PTL_MUST_USE;
void ptl__file_close(ptl__file *file);

/* (L) Exactly `bytes` bytes, which the file has at `offset`. PTL_IO, also where it has become
 * shorter. */
ptl_status ptl__file_read(const ptl__file *file, int64_t offset, int64_t bytes,
                          void *to) PTL_MUST_USE;
/* (L) Says that these bytes will be read next. */
void ptl__file_expect(const ptl__file *file, int64_t offset, int64_t bytes);

#endif
