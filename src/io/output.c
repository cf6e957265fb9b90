/* A file that all ranks write. */
#include "output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../core/interrupt.h"
#include "../core/status.h"
#include "file.h"

/* (C) */
static ptl_status open_together(ptl_comm *comm, const char *path, int64_t signature,
                                ptl_status status, ptl__output *out)
{
    int64_t number = 0; /* of the temporary file; 0: there is none */
    ptl__file_state state = {0};
    if (status == PTL_OK)
        status = ptl__target_find(path, &out->target);
    PTL_TRY(ptl__agree(comm, status, signature, "formats, or objects to write"));
    if (comm->rank == 0) {
        status = ptl__target_make(&out->target, &number, &out->fd);
        out->made = out->fd >= 0;
        number = out->made ? number : 0;
    }
    PTL_TRY(ptl__comm_bcast(comm, &number, sizeof number, 0));
    if (comm->rank != 0 && number != 0)
        status = ptl__target_open(&out->target, number, &out->fd);
    if (status == PTL_OK && out->fd >= 0)
        status = ptl__file_look(out->target.temporary, out->fd, &state);
    return ptl__file_agree(comm, path, &state, status);
}

/* (L) */
static void discard(ptl__output *out)
{
    if (out->made)
        unlink(out->target.temporary);
    if (out->fd >= 0)
        close(out->fd);
    ptl__target_clear(&out->target);
    *out = (ptl__output){.fd = -1};
}

ptl_status ptl__output_open(ptl_comm *comm, const char *path, int64_t signature, ptl_status status,
                            ptl__output *out)
{
    *out = (ptl__output){.comm = comm, .fd = -1};
    status = open_together(comm, path, signature, status, out);
    if (status != PTL_OK)
        discard(out);
    return status;
}

ptl_status ptl__output_write(const ptl__output *out, int64_t offset, int64_t bytes,
                             const void *from)
{
    PTL_TRY(ptl__interrupt());
    for (int64_t done = 0; done < bytes;) {
        ssize_t n =
            pwrite(out->fd, (const char *)from + done, (size_t)(bytes - done), offset + done);
        if (n < 0 && errno == EINTR)
            continue;
        PTL_CHECK(n > 0, PTL_IO, "%s: %s", out->target.path, strerror(n < 0 ? errno : ENOSPC));
        done += n;
    }
    return PTL_OK;
}

/* Rank 0 keeps its descriptor, and with it the lock, until the file has its name. */
ptl_status ptl__output_finish(ptl__output *out, ptl_status status)
{
    if (!out->comm)
        return status;
    if (status == PTL_OK)
        status = ptl__target_sync(&out->target, out->fd);
    status = ptl__agree(out->comm, status, 0, "calls");
    if (status == PTL_OK) {
        if (out->comm->rank == 0) {
            status = ptl__target_replace(&out->target, out->fd);
            out->made = status != PTL_OK;
        }
        status = ptl__agree(out->comm, status, 0, "calls");
    }
    discard(out);
    return status;
}
