/* Adaptors: plugins that are found beside the library, or through PETIOLE_PLUGIN_PATH, and chosen
 * to match the MPI in this process. One is loaded at most, and stays. */
#include "loader.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/status.h"

/* The interfaces that there are adaptors for, and the files of their libraries. */
static const struct {
    const char *name, *files[2];
} interfaces[] = {
    {"openmpi", {"libmpi.so.40", NULL}},
    {"mpich", {"libmpi.so.12", "libmpich.so.12"}}, /* everybody's name, and Debian's */
    {"mpi-abi", {"libmpi_abi.so.1", NULL}},
};
enum { INTERFACES = sizeof interfaces / sizeof *interfaces };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ptl__library in_use; /* complete before `current` is set */
static _Atomic(const ptl__mpi *) current;

const ptl__mpi *ptl__loader_current(const ptl__library **library)
{
    const ptl__mpi *mpi = current;
    *library = mpi ? &in_use : NULL;
    return mpi;
}

static int is_plugin(const char *folder, int length, const char *sub, const char *name, char *path)
{
    int n = snprintf(path, PATH_MAX, "%.*s/%spetiole_mpi_%s.so", length, folder, sub, name);
    return n < PATH_MAX && access(path, R_OK) == 0;
}

/* The folder of the file that this code is in. */
static int own_folder(char *folder)
{
    Dl_info info;
    if (!dladdr((void *)own_folder, &info) || !realpath(info.dli_fname, folder))
        return 0;
    *strrchr(folder, '/') = '\0';
    return 1;
}

/* PETIOLE_PLUGIN_PATH first; then, beside the library: where it is installed, in the Python
 * package, and in the build tree. */
static int find_plugin(const char *name, char *path)
{
    const char *folders = getenv("PETIOLE_PLUGIN_PATH");
    while (folders && *folders) {
        int length = (int)strcspn(folders, ":");
        if (length > 0 && is_plugin(folders, length, "", name, path))
            return 1;
        folders += length + (folders[length] == ':');
    }
    static const char *const beside[] = {"petiole/", "adaptors/", "", "comm/"};
    char own[PATH_MAX];
    if (own_folder(own))
        for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
            if (is_plugin(own, (int)strlen(own), beside[i], name, path))
                return 1;
    return 0;
}

const char *ptl__loader_installed(void)
{
    static const char *const names[] = {
        "",        "openmpi",         "mpich",         "openmpi,mpich",
        "mpi-abi", "openmpi,mpi-abi", "mpich,mpi-abi", "openmpi,mpich,mpi-abi"};
    char path[PATH_MAX];
    int which = 0;
    for (int i = 0; i < INTERFACES; i++)
        which |= find_plugin(interfaces[i].name, path) << i;
    return names[which];
}

static ptl_status no_adaptor(const char *interface, const char *library)
{
    const char *installed = ptl__loader_installed();
    char own[PATH_MAX] = "the library's folder";
    if (!own_folder(own))
        own[0] = '\0';
    return ptl_fail(
        PTL_MPI,
        "the MPI is %s, but Petiole has no adaptor for it: petiole_mpi_%s.so is neither "
        "in PETIOLE_PLUGIN_PATH nor beside the library in %.300s (installed adaptors: "
        "%s). Install Petiole with this adaptor, or use an MPI that it has one for",
        library, interface, own, *installed ? installed : "none");
}

/* An adaptor takes its MPI from the process's global symbols; another MPI may be there first. */
static ptl_status promote(const ptl__library *library)
{
    ptl__library hiding;
    ptl__line wanted = ptl__first_line(ptl__library_version(library));
    PTL_CHECK(!library->rival[0], PTL_MPI,
              "two MPIs are initialised in this process: %s (%.300s) and that of %.300s. "
              "Initialise one of them only",
              wanted.text, library->path, library->rival);
    PTL_CHECK(ptl__library_promote(library, &hiding), PTL_MPI,
              "two MPIs are in this process: the one in use is %s (%.300s), but its symbols are "
              "hidden by those of %s (%.300s). Link and load one of them only",
              wanted.text, library->path, ptl__first_line(ptl__library_version(&hiding)).text,
              hiding.path);
    return PTL_OK;
}

static ptl_status load_adaptor(const ptl__library *library, const ptl__mpi **out)
{
    char path[PATH_MAX];
    PTL_CHECK(library->interface, PTL_MPI,
              "the MPI is %s (%.300s), but Petiole has no adaptor for its binary interface. It has "
              "adaptors for those of Open MPI, MPICH and MPI 5: use one of these",
              ptl__first_line(ptl__library_version(library)).text, library->path);
    if (!find_plugin(library->interface, path))
        return no_adaptor(library->interface, ptl__first_line(ptl__library_version(library)).text);
    PTL_TRY(promote(library));
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    PTL_CHECK(plugin, PTL_MPI, "the adaptor for %s (%.300s) cannot be loaded: %s",
              library->interface, library->path, dlerror());
    ptl__mpi_adaptor_fn adaptor = (ptl__mpi_adaptor_fn)dlsym(plugin, "ptl__mpi_adaptor");
    PTL_CHECK(adaptor, PTL_MPI, "%.300s is not an adaptor of Petiole", path);
    const ptl__mpi *mpi = adaptor();
    PTL_CHECK(mpi->version == PTL__MPI_ADAPTOR_VERSION, PTL_MPI,
              "the adaptor %.300s has version %d, the library needs %d: they are of different "
              "builds",
              path, mpi->version, PTL__MPI_ADAPTOR_VERSION);
    *out = mpi;
    return PTL_OK;
}

static ptl_status in_process(const ptl__mpi **out)
{
    *out = current;
    if (*out || !ptl__library_find(&in_use))
        return PTL_OK;
    PTL_TRY(load_adaptor(&in_use, out));
    current = *out;
    return PTL_OK;
}

ptl_status ptl__loader_in_process(const ptl__mpi **out)
{
    pthread_mutex_lock(&lock);
    ptl_status status = in_process(out);
    pthread_mutex_unlock(&lock);
    return status;
}

/* An MPI in our folder, or from a wheel in the `lib` of its Python environment (PTL_MPI_FOLDER,
 * from meson.build): it comes before the system's. */
static int open_beside(const char *file)
{
    char own[PATH_MAX], path[PATH_MAX], real[PATH_MAX];
    if (!own_folder(own))
        return 0;
    int n = snprintf(path, sizeof path, "%s/" PTL_MPI_FOLDER "/%s", own, file);
    return n < PATH_MAX && realpath(path, real) && dlopen(real, RTLD_LAZY | RTLD_GLOBAL);
}

/* Brings the library in, but only where its adaptor is there: it could not be sent away again. */
static ptl_status open_library(const char *which, int beside_only)
{
    char path[PATH_MAX];
    for (int i = 0; i < INTERFACES; i++) {
        if (strcmp(which, interfaces[i].name) != 0)
            continue;
        if (!find_plugin(which, path))
            return no_adaptor(which, which);
        for (int j = 0; j < 2 && interfaces[i].files[j]; j++)
            if (open_beside(interfaces[i].files[j]))
                return PTL_OK;
        for (int j = 0; j < 2 && interfaces[i].files[j] && !beside_only; j++)
            if (dlopen(interfaces[i].files[j], RTLD_LAZY | RTLD_GLOBAL))
                return PTL_OK;
        return ptl_fail(PTL_MPI,
                        "no library of the MPI %s is found (%s). Install it, or give its "
                        "path in PETIOLE_MPI",
                        which, interfaces[i].files[0]);
    }
    PTL_CHECK(strchr(which, '/') || strstr(which, ".so"), PTL_MPI,
              "PETIOLE_MPI is \"%s\": expected openmpi, mpich, mpi-abi or the path of a libmpi",
              which);
    struct stat info; /* dlopen would wait for the other end of a pipe */
    PTL_CHECK(stat(which, &info) != 0 || S_ISREG(info.st_mode), PTL_MPI,
              "PETIOLE_MPI is %s, which is not a regular file", which);
    PTL_CHECK(dlopen(which, RTLD_LAZY | RTLD_GLOBAL), PTL_MPI, "PETIOLE_MPI: %s", dlerror());
    return PTL_OK;
}

ptl_status ptl__loader_open(const char *which, int beside_only, const ptl__mpi **out)
{
    *out = NULL;
    PTL_TRY(open_library(which, beside_only));
    PTL_TRY(ptl__loader_in_process(out));
    PTL_CHECK(*out, PTL_MPI, "%s is not an MPI library", which);
    return PTL_OK;
}
