/* A file that all ranks read, each its own bytes. */
#ifndef PTL_IO_FILE_H
#define PTL_IO_FILE_H

#include <stdint.h>

#include "../comm/comm.h"

enum { PTL__FILE_FIRST = 8 };

/* Which file it is, and in what state. Without the device, which differs between the nodes of a
 * network file system. */
typedef struct ptl__file_state {
    int64_t inode, size;
    int64_t written[2], changed[2]; /* times: seconds, nanoseconds */
} ptl__file_state;

typedef struct ptl__file {
    const char *path; /* borrowed */
    int fd;           /* -1: not open */
    ptl__file_state state;
    unsigned char first[PTL__FILE_FIRST]; /* its first bytes, zeros after its end */
} ptl__file;

/* (L) What `fd` is. PTL_IO where it is no regular file. */
ptl_status ptl__file_look(const char *path, int fd, ptl__file_state *out) PTL_MUST_USE;
/* (C) That all ranks hold what rank 0 holds, in the same state; `status` is this rank's. PTL_IO. */
ptl_status ptl__file_agree(ptl_comm *comm, const char *path, const ptl__file_state *state,
                           ptl_status status) PTL_MUST_USE;

/* (C) Opens the file on every rank, once. `signature` is agreed on, then that it is the same file.
 * PTL_IO where a rank cannot open it, it is no regular file, or it is replaced meanwhile;
 * PTL_INVALID where path is NULL. To be closed, on failure too. */
ptl_status ptl__file_open(ptl_comm *comm, const char *path, int64_t signature,
                          ptl__file *out) PTL_MUST_USE;
void ptl__file_close(ptl__file *file);

/* (L) Exactly `bytes` bytes, which the file has at `offset`. PTL_IO, also where the file has
 * changed since it was opened. */
ptl_status ptl__file_read(const ptl__file *file, int64_t offset, int64_t bytes,
                          void *to) PTL_MUST_USE;
/* (L) That it has not: of what was read otherwise. */
ptl_status ptl__file_check(const ptl__file *file) PTL_MUST_USE;
/* (L) Says that these bytes will be read next. */
void ptl__file_expect(const ptl__file *file, int64_t offset, int64_t bytes);

#endif
