/* A file that all ranks write. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/memory.h"
#include "../core/status.h"

enum { SUFFIX = 32, ATTEMPTS = 100 };

static void name_temporary(ptl__output *out, int64_t number)
{
    size_t length = strlen(out->path);
    memcpy(out->temporary, out->path, length);
    snprintf(out->temporary + length, SUFFIX, ".%" PRId64 ".part", number);
}

/* (L) That the target can be replaced by a file; room for the temporary name. */
static ptl_status check_target(ptl__output *out)
{
    struct stat info;
    PTL_CHECK(out->path, PTL_INVALID, "path is NULL");
    PTL_TRY(PTL_NEW((int64_t)strlen(out->path) + SUFFIX, char, &out->temporary));
    if (stat(out->path, &info) != 0)
        return PTL_OK;
    PTL_CHECK(!S_ISDIR(info.st_mode), PTL_IO, "%s: %s", out->path, strerror(EISDIR));
    PTL_CHECK(S_ISREG(info.st_mode), PTL_IO, "%s: not a regular file", out->path);
    return PTL_OK;
}

/* (L) On rank 0: a file that was not there; *number tells its name. */
static ptl_status make_file(ptl__output *out, int64_t *number)
{
    *number = (int64_t)getpid() * ATTEMPTS;
    for (int i = 0; i < ATTEMPTS && out->fd < 0; i++, ++*number) {
        name_temporary(out, *number);
        out->fd = open(out->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (out->fd >= 0 || errno != EEXIST)
            break;
    }
    PTL_CHECK(out->fd >= 0, PTL_IO, "%s: %s", out->temporary, strerror(errno));
    out->made = 1;
    return PTL_OK;
}

/* (L) On the other ranks: the same file, by their own path to it. */
static ptl_status open_made(ptl__output *out, int64_t number)
{
    name_temporary(out, number);
    out->fd = open(out->temporary, O_WRONLY | O_CLOEXEC);
    PTL_CHECK(out->fd >= 0, PTL_IO, "%s, which rank 0 has made: %s", out->temporary,
              strerror(errno));
    return PTL_OK;
}

/* (C) */
static ptl_status open_together(ptl_comm *comm, int64_t format, ptl_status status, ptl__output *out)
{
    int64_t number = 0;
    if (status == PTL_OK)
        status = check_target(out);
    if (status == PTL_OK && comm->rank == 0)
        status = make_file(out, &number);
    PTL_TRY(ptl__agree(comm, status, format, "formats"));
    PTL_TRY(ptl__comm_bcast(comm, &number, sizeof number, 0));
    if (comm->rank != 0)
        status = open_made(out, number);
    return ptl__agree(comm, status, 0, "calls");
}

/* (L) */
static void discard(ptl__output *out)
{
    if (out->fd >= 0)
        close(out->fd);
    if (out->made)
        unlink(out->temporary);
    ptl__free(out->temporary);
    *out = (ptl__output){.fd = -1};
}

ptl_status ptl__output_open(ptl_comm *comm, const char *path, int64_t format, ptl_status status,
                            ptl__output *out)
{
    *out = (ptl__output){.comm = comm, .path = path, .fd = -1};
    status = open_together(comm, format, status, out);
    if (status != PTL_OK)
        discard(out);
    return status;
}

ptl_status ptl__output_write(const ptl__output *out, int64_t offset, int64_t bytes,
                             const void *from)
{
    for (int64_t done = 0; done < bytes;) {
        ssize_t n =
            pwrite(out->fd, (const char *)from + done, (size_t)(bytes - done), offset + done);
        if (n < 0 && errno == EINTR)
            continue;
        PTL_CHECK(n > 0, PTL_IO, "%s: %s", out->path, strerror(n < 0 ? errno : ENOSPC));
        done += n;
    }
    return PTL_OK;
}

/* (L) */
static ptl_status close_file(ptl__output *out)
{
    int fd = out->fd;
    out->fd = -1;
    PTL_CHECK(fd < 0 || close(fd) == 0, PTL_IO, "%s: %s", out->path, strerror(errno));
    return PTL_OK;
}

ptl_status ptl__output_finish(ptl__output *out, ptl_status status)
{
    if (!out->comm)
        return status;
    ptl_status closed = close_file(out);
    status = ptl__agree(out->comm, status != PTL_OK ? status : closed, 0, "calls");
    if (status == PTL_OK) {
        if (out->comm->rank == 0 && rename(out->temporary, out->path) != 0)
            status = ptl_fail(PTL_IO, "%s: %s", out->path, strerror(errno));
        out->made = out->made && status != PTL_OK;
        status = ptl__agree(out->comm, status, 0, "calls");
    }
    discard(out);
    return status;
}
