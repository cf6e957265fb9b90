/* How much memory there is to be had, as Linux tells it: proc(5), cgroups(7). */
#include "available.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT = 1 << 14 }; /* bytes that are read of a file */
static const int64_t address_space = INT64_C(1) << 47, unlimited = INT64_C(1) << 60;

/* The file's text, "" where it cannot be read. */
static void read_text(const char *path, char text[TEXT])
{
    ssize_t n = 0, length = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && length < TEXT - 1 && (n = read(fd, text + length, TEXT - 1 - length)) > 0)
        length += n;
    text[length] = '\0';
    if (fd >= 0)
        close(fd);
}

/* The number after `key` at the begin of a line; 0 where it is not there. */
static int64_t number_after(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, key, length) == 0)
            return strtoll(line + length, NULL, 10);
    return 0;
}

static uint64_t mix(uint64_t key, uint64_t value)
{
    key = (key ^ value) * 0x9e3779b97f4a7c15u;
    return key ^ key >> 29;
}

/* The same in all processes of this system, until it boots again; 0: unknown. */
static uint64_t system_key(void)
{
    char text[TEXT];
    uint64_t key = 0;
    read_text("/proc/sys/kernel/random/boot_id", text);
    for (const char *c = text; *c; c++)
        key = mix(key + 1, (unsigned char)*c);
    return key;
}

static ptl__pool look_at_system(void)
{
    char text[TEXT];
    read_text("/proc/meminfo", text);
    int64_t kilobytes = number_after(text, "MemAvailable:") + number_after(text, "SwapFree:");
    return (ptl__pool){(int64_t)system_key(), kilobytes > 0 ? 1024 * kilobytes : INT64_MAX};
}

/* ---- control groups ---------------------------------------------------------------------------
 */

/* The two versions' files. */
typedef struct version {
    const char *mount, *limit, *used;
    const char *stat[3]; /* what of memory.stat is given back where memory is short */
} version;

static const version versions[] = {
    {"/memory",
     "memory.limit_in_bytes",
     "memory.usage_in_bytes",
     {"total_inactive_file ", "total_active_file ", NULL}},
    {"", "memory.max", "memory.current", {"inactive_file ", "active_file ", "slab_reclaimable "}},
};

static void read_in(const char *folder, const char *name, char text[TEXT])
{
    char path[PATH_MAX];
    text[0] = '\0';
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path)
        read_text(path, text);
}

/* What is left in one group; INT64_MAX where it has no limit. */
static int64_t left_in(const version *v, const char *folder)
{
    char text[TEXT];
    read_in(folder, v->limit, text);
    int64_t limit = text[0] >= '0' && text[0] <= '9' ? strtoll(text, NULL, 10) : INT64_MAX;
    if (limit >= unlimited)
        return INT64_MAX;
    read_in(folder, v->used, text);
    int64_t left = limit - strtoll(text, NULL, 10);
    read_in(folder, "memory.stat", text);
    for (int i = 0; i < 3 && v->stat[i]; i++)
        left += number_after(text, v->stat[i]);
    return left < 0 ? 0 : left < limit ? left : limit;
}

/* The tightest of the group `path` and those that it is in. */
static ptl__pool tightest(const version *v, const char *root, const char *path)
{
    ptl__pool pool = {0, INT64_MAX};
    char folder[PATH_MAX];
    struct stat info;
    size_t base = strlen(root) + strlen(v->mount);
    if ((size_t)snprintf(folder, sizeof folder, "%s%s%s", root, v->mount, path) >= sizeof folder)
        return pool;
    while (strlen(folder) >= base) {
        int64_t left = left_in(v, folder);
        if (left < pool.bytes && stat(folder, &info) == 0)
            pool = (ptl__pool){(int64_t)mix(system_key(), info.st_ino), left};
        char *slash = strrchr(folder, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return pool;
}

/* A line is "number:controllers:path", of version 2 "0::path". */
ptl__pool ptl__pool_of_groups(const char *list, const char *root)
{
    ptl__pool pool = {0, INT64_MAX};
    char text[TEXT], *rest = NULL;
    read_text(list, text);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = '\0';
        int second = names[1] == '\0';
        if (!second && !strstr(names + 1, "memory"))
            continue;
        ptl__pool found = tightest(&versions[second], root, path);
        pool = found.bytes < pool.bytes ? found : pool;
    }
    return pool;
}

/* ---- this process -----------------------------------------------------------------------------
 */

static int64_t left_of(int resource, int64_t used)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur > (rlim_t)address_space)
        return address_space - used;
    int64_t left = (int64_t)limit.rlim_cur - used;
    return left > 0 ? left : 0;
}

static ptl__pool look_at_process(void)
{
    char text[TEXT];
    long long size = 0, data = 0;
    read_text("/proc/self/statm", text);
    if (sscanf(text, "%lld %*d %*d %*d %*d %lld", &size, &data) != 2)
        size = data = 0;
    int64_t page = sysconf(_SC_PAGESIZE);
    int64_t space = left_of(RLIMIT_AS, size * page), heap = left_of(RLIMIT_DATA, data * page);
    return (ptl__pool){0, space < heap ? space : heap};
}

void ptl__pools_look(ptl__pool pools[PTL__POOLS])
{
    pools[PTL__POOL_SYSTEM] = look_at_system();
    pools[PTL__POOL_GROUP] = ptl__pool_of_groups("/proc/self/cgroup", "/sys/fs/cgroup");
    pools[PTL__POOL_PROCESS] = look_at_process();
}
