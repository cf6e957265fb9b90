/* A file that all ranks read. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/status.h"

/* (L) */
static ptl_status open_here(ptl__file *file)
{
    struct stat info;
    PTL_CHECK(file->path, PTL_INVALID, "path is NULL");
    file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
    PTL_CHECK(file->fd >= 0 && fstat(file->fd, &info) == 0, PTL_IO, "%s: %s", file->path,
              strerror(errno));
    PTL_CHECK(!S_ISDIR(info.st_mode), PTL_IO, "%s: %s", file->path, strerror(EISDIR));
    PTL_CHECK(S_ISREG(info.st_mode), PTL_IO,
              "%s: not a regular file: ranks read parts of it, which a pipe does not have",
              file->path);
    file->size = info.st_size;
    return PTL_OK;
}

ptl_status ptl__file_open(ptl_comm *comm, const char *path, ptl_status status, int64_t signature,
                          ptl__file *out)
{
    *out = (ptl__file){.path = path, .fd = -1};
    if (status == PTL_OK)
        status = open_here(out);
    return ptl__agree(comm, status, ptl__sign(signature, out->size),
                      "files (by their size), dtypes or partitions");
}

void ptl__file_close(ptl__file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

ptl_status ptl__file_read(const ptl__file *file, int64_t offset, int64_t bytes, void *to)
{
    for (int64_t done = 0; done < bytes;) {
        ssize_t n = pread(file->fd, (char *)to + done, (size_t)(bytes - done), offset + done);
        if (n < 0 && errno == EINTR)
            continue;
        PTL_CHECK(n >= 0, PTL_IO, "%s: %s", file->path, strerror(errno));
        PTL_CHECK(n > 0, PTL_IO, "%s: the file ends at byte %" PRId64 ", it had %" PRId64,
                  file->path, offset + done, file->size);
        done += n;
    }
    return PTL_OK;
}

void ptl__file_expect(const ptl__file *file, int64_t offset, int64_t bytes)
{
    (void)posix_fadvise(file->fd, offset, bytes, POSIX_FADV_WILLNEED);
}
