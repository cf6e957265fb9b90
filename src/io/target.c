/* A file that is replaced as a whole. */
#include "target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/memory.h"
#include "../core/status.h"

enum { SUFFIX = 32, ATTEMPTS = 100, LINKS = 40 };

/* ---- the name ---------------------------------------------------------------------------------
 */

/* How much of a path is its folder, with the slash. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* One step through a link, *name's content; *done: there is none. */
static ptl_status follow(const char *path, char name[PATH_MAX], int *done)
{
    char link[PATH_MAX];
    ssize_t length = readlink(name, link, sizeof link);
    *done = length < 0 && (errno == EINVAL || errno == ENOENT);
    if (*done)
        return PTL_OK;
    PTL_CHECK(length >= 0, PTL_IO, "%s: %s", path, strerror(errno));
    size_t folder = link[0] == '/' ? 0 : folder_length(name);
    PTL_CHECK(folder + (size_t)length < PATH_MAX, PTL_IO, "%s: %s", path, strerror(ENAMETOOLONG));
    memcpy(name + folder, link, (size_t)length);
    name[folder + (size_t)length] = '\0';
    return PTL_OK;
}

/* The end of a chain of links, where there need not be a file. */
static ptl_status resolve(const char *path, char name[PATH_MAX])
{
    int done = 0;
    size_t length = strlen(path);
    PTL_CHECK(length < PATH_MAX, PTL_IO, "%s: %s", path, strerror(ENAMETOOLONG));
    memcpy(name, path, length + 1);
    for (int i = 0; i < LINKS && !done; i++)
        PTL_TRY(follow(path, name, &done));
    PTL_CHECK(done, PTL_IO, "%s: %s", path, strerror(ELOOP));
    return PTL_OK;
}

/* What is there. The system follows the links itself here, so that it can refuse one that it does
 * not trust. */
static ptl_status look(ptl__target *t)
{
    struct stat info;
    t->exists = stat(t->path, &info) == 0;
    if (!t->exists) {
        PTL_CHECK(errno == ENOENT, PTL_IO, "%s: %s", t->path, strerror(errno));
        return PTL_OK;
    }
    PTL_CHECK(!S_ISDIR(info.st_mode), PTL_IO, "%s: %s", t->path, strerror(EISDIR));
    PTL_CHECK(S_ISREG(info.st_mode), PTL_IO, "%s: not a regular file", t->path);
    PTL_CHECK(faccessat(AT_FDCWD, t->path, W_OK, AT_EACCESS) == 0, PTL_IO, "%s: %s", t->path,
              strerror(errno));
    t->mode = info.st_mode & 07777;
    t->owner = info.st_uid;
    t->group = info.st_gid;
    return PTL_OK;
}

ptl_status ptl__target_find(const char *path, ptl__target *out)
{
    char name[PATH_MAX];
    *out = (ptl__target){.path = path};
    PTL_CHECK(path, PTL_INVALID, "path is NULL");
    PTL_TRY(look(out));
    PTL_TRY(resolve(path, name));
    size_t length = strlen(name);
    PTL_TRY(PTL_NEW((int64_t)length + 1, char, &out->name));
    PTL_TRY(PTL_NEW((int64_t)length + SUFFIX, char, &out->temporary));
    memcpy(out->name, name, length + 1);
    return PTL_OK;
}

void ptl__target_clear(ptl__target *t)
{
    ptl__free(t->name);
    ptl__free(t->temporary);
    *t = (ptl__target){0};
}

/* ---- the temporary file -----------------------------------------------------------------------
 */

static void name_temporary(ptl__target *t, int64_t number)
{
    snprintf(t->temporary, strlen(t->name) + SUFFIX, "%s.%" PRId64 ".part", t->name, number);
}

/* 1 where `entry` of the folder is a name that name_temporary makes of `name`. */
static int is_temporary(const char *entry, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(entry, name, length) != 0 || entry[length] != '.')
        return 0;
    size_t digits = strspn(entry + length + 1, "0123456789");
    return digits > 0 && strcmp(entry + length + 1 + digits, ".part") == 0;
}

/* Removes a temporary file that nobody holds. Under its lock nobody else renames or removes it, so
 * the name, once it is seen to be that file's, stays so. */
static void remove_abandoned(int folder, const char *entry)
{
    struct stat named, held;
    int fd = openat(folder, entry, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &held) == 0 && S_ISREG(held.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        fstatat(folder, entry, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == held.st_ino &&
        named.st_dev == held.st_dev)
        (void)unlinkat(folder, entry, 0);
    close(fd);
}

static const char *name_folder(const ptl__target *t, char folder[PATH_MAX])
{
    size_t length = folder_length(t->name);
    memcpy(folder, length > 0 ? t->name : ".", length > 0 ? length : 1);
    folder[length > 0 ? length : 1] = '\0';
    return folder;
}

static void clean_up(const ptl__target *t)
{
    const char *name = t->name + folder_length(t->name);
    char path[PATH_MAX];
    DIR *folder = opendir(name_folder(t, path));
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (is_temporary(entry->d_name, name))
            remove_abandoned(dirfd(folder), entry->d_name);
    closedir(folder);
}

/* Takes the lock of a file that was just made: 0 where another writer's clean_up was faster. Where
 * the file system has no locks, nothing can be cleaned up either. */
static int lock(int fd)
{
    struct stat info;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno != EWOULDBLOCK;
    return fstat(fd, &info) != 0 || info.st_nlink > 0;
}

/* All ranks must be able to open a new file, whatever the umask says; of one that is replaced
 * nobody else sees anything before it has that one's mode. */
static ptl_status prepare(ptl__target *t, int fd)
{
    struct stat info;
    if (t->exists)
        return PTL_OK;
    PTL_CHECK(fstat(fd, &info) == 0, PTL_IO, "%s: %s", t->temporary, strerror(errno));
    t->mode = info.st_mode & 07777;
    PTL_CHECK((t->mode & 0600) == 0600 || fchmod(fd, t->mode | 0600) == 0, PTL_IO, "%s: %s",
              t->temporary, strerror(errno));
    return PTL_OK;
}

ptl_status ptl__target_make(ptl__target *t, int64_t *number, int *fd)
{
    const int64_t first = (int64_t)getpid() * ATTEMPTS;
    *fd = -1;
    clean_up(t);
    for (int i = 0; i < ATTEMPTS && *fd < 0; i++) {
        *number = first + i;
        name_temporary(t, *number);
        *fd = open(t->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   t->exists ? 0600 : 0666);
        PTL_CHECK(*fd >= 0 || errno == EEXIST, PTL_IO, "%s: %s", t->temporary, strerror(errno));
        if (*fd >= 0 && !lock(*fd)) {
            close(*fd);
            *fd = -1;
        }
    }
    PTL_CHECK(*fd >= 0, PTL_IO, "%s: %s", t->temporary, strerror(EEXIST));
    return prepare(t, *fd);
}

ptl_status ptl__target_open(ptl__target *t, int64_t number, int *fd)
{
    name_temporary(t, number);
    *fd = open(t->temporary, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    PTL_CHECK(*fd >= 0, PTL_IO, "%s, created by rank 0: %s", t->temporary, strerror(errno));
    return PTL_OK;
}

/* ---- the end ----------------------------------------------------------------------------------
 */

/* 0 where a file system that can do it failed. */
static int sync_fd(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
}

ptl_status ptl__target_sync(const ptl__target *t, int fd)
{
    PTL_CHECK(sync_fd(fd), PTL_IO, "%s: %s", t->path, strerror(errno));
    return PTL_OK;
}

/* The owner and group, where they may be given away; what of the mode holds then. A group that
 * cannot be kept leaves to the new one what all others may do. */
static uint32_t keep_owner(const ptl__target *t, int fd, const struct stat *now)
{
    if ((now->st_uid == t->owner && now->st_gid == t->group) || fchown(fd, t->owner, t->group) == 0)
        return t->mode;
    uint32_t mode = t->mode & 0777;
    if (now->st_gid == t->group || fchown(fd, (uid_t)-1, t->group) == 0)
        return mode;
    return (mode & 0707) | (mode & 07) << 3;
}

static ptl_status keep_mode(const ptl__target *t, int fd)
{
    struct stat info;
    PTL_CHECK(fstat(fd, &info) == 0, PTL_IO, "%s: %s", t->path, strerror(errno));
    uint32_t mode = t->exists ? keep_owner(t, fd, &info) : t->mode;
    PTL_CHECK((info.st_mode & 07777) == mode || fchmod(fd, mode) == 0, PTL_IO, "%s: %s", t->path,
              strerror(errno));
    return PTL_OK;
}

ptl_status ptl__target_replace(const ptl__target *t, int fd)
{
    PTL_TRY(keep_mode(t, fd));
    PTL_TRY(ptl__target_sync(t, fd));
    PTL_CHECK(rename(t->temporary, t->name) == 0, PTL_IO, "%s: %s", t->path, strerror(errno));
    char path[PATH_MAX];
    int folder = open(name_folder(t, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int synced =
        folder < 0 || sync_fd(folder); /* a folder that cannot be read: its name may wait */
    int error = errno;
    if (folder >= 0)
        close(folder);
    PTL_CHECK(synced, PTL_IO, "%s: %s", t->path, strerror(error));
    return PTL_OK;
}
