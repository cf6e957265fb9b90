/* A file that all ranks read. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/interrupt.h"
#include "../core/status.h"

static ptl__file_state state_of(const struct stat *info)
{
    return (ptl__file_state){.inode = (int64_t)info->st_ino,
                             .size = info->st_size,
                             .written = {info->st_mtim.tv_sec, info->st_mtim.tv_nsec},
                             .changed = {info->st_ctim.tv_sec, info->st_ctim.tv_nsec}};
}

ptl_status ptl__file_look(const char *path, int fd, ptl__file_state *out)
{
    struct stat info;
    PTL_CHECK(fstat(fd, &info) == 0, PTL_IO, "%s: %s", path, strerror(errno));
    PTL_CHECK(!S_ISDIR(info.st_mode), PTL_IO, "%s: %s", path, strerror(EISDIR));
    PTL_CHECK(S_ISREG(info.st_mode), PTL_IO,
              "%s: not a regular file: ranks read parts of it, which is impossible with a pipe or "
              "a device",
              path);
    *out = state_of(&info);
    return PTL_OK;
}

ptl_status ptl__file_agree(ptl_comm *comm, const char *path, const ptl__file_state *state,
                           ptl_status status)
{
    ptl__file_state root = *state;
    PTL_TRY(ptl__comm_bcast(comm, &root, sizeof root, 0));
    if (status == PTL_OK && (root.inode != state->inode || root.size != state->size ||
                             memcmp(root.changed, state->changed, sizeof root.changed) != 0))
        status = ptl_fail(PTL_IO,
                          "%s: ranks have opened different files: inode %" PRId64 " of %" PRId64
                          " bytes here, %" PRId64 " of %" PRId64
                          " bytes on rank 0: the file was replaced or changed meanwhile, or the "
                          "path leads to another file",
                          path, state->inode, state->size, root.inode, root.size);
    return ptl__agree(comm, status, 0, "calls");
}

/* (L) Without waiting, as for the other end of a pipe. */
static ptl_status open_here(ptl__file *file)
{
    PTL_CHECK(file->path, PTL_INVALID, "path is NULL");
    file->fd = open(file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    PTL_CHECK(file->fd >= 0, PTL_IO, "%s: %s", file->path,
              errno == ENXIO ? "not a regular file" /* a socket */ : strerror(errno));
    PTL_TRY(ptl__file_look(file->path, file->fd, &file->state));
    int64_t size = file->state.size;
    return ptl__file_read(file, 0, size < PTL__FILE_FIRST ? size : PTL__FILE_FIRST, file->first);
}

ptl_status ptl__file_open(ptl_comm *comm, const char *path, int64_t signature, ptl__file *out)
{
    *out = (ptl__file){.path = path, .fd = -1};
    PTL_TRY(ptl__agree(comm, open_here(out), signature, "dtypes or partitions"));
    return ptl__file_agree(comm, path, &out->state, PTL_OK);
}

void ptl__file_close(ptl__file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

ptl_status ptl__file_check(const ptl__file *file)
{
    struct stat info;
    PTL_CHECK(fstat(file->fd, &info) == 0, PTL_IO, "%s: %s", file->path, strerror(errno));
    const ptl__file_state now = state_of(&info), *then = &file->state;
    PTL_CHECK(now.size == then->size && memcmp(now.written, then->written, sizeof now.written) == 0,
              PTL_IO,
              "%s: the file was changed while it was read: it had %" PRId64
              " bytes, and has %" PRId64,
              file->path, then->size, now.size);
    return PTL_OK;
}

ptl_status ptl__file_read(const ptl__file *file, int64_t offset, int64_t bytes, void *to)
{
    PTL_TRY(ptl__interrupt());
    for (int64_t done = 0; done < bytes;) {
        ssize_t n = pread(file->fd, (char *)to + done, (size_t)(bytes - done), offset + done);
        if (n < 0 && errno == EINTR)
            continue;
        PTL_CHECK(n >= 0, PTL_IO, "%s: %s", file->path, strerror(errno));
        PTL_CHECK(n > 0, PTL_IO, "%s: the file ends at byte %" PRId64 ", it had %" PRId64,
                  file->path, offset + done, file->state.size);
        done += n;
    }
    return ptl__file_check(file);
}

void ptl__file_expect(const ptl__file *file, int64_t offset, int64_t bytes)
{
    (void)posix_fadvise(file->fd, offset, bytes, POSIX_FADV_WILLNEED);
}
