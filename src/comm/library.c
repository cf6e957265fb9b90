/* The MPI library in this process: found among the loaded objects and told apart by its binary
 * interface. Only functions that are the same in every MPI are called here, by their symbols. */
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

enum { CANDIDATES = 32, VERSION_SIZE = 8192 + 1 /* the longest of all MPIs */ };

typedef struct candidates {
    int count;
    char *paths[CANDIDATES];
} candidates;

/* Keeps the objects whose file name speaks of MPI: the library itself, or what is linked to it. */
static int collect(struct dl_phdr_info *info, size_t size, void *ctx)
{
    (void)size;
    candidates *all = ctx;
    const char *slash = strrchr(info->dlpi_name, '/');
    if (slash && strcasestr(slash, "mpi") && all->count < CANDIDATES)
        all->paths[all->count++] = strdup(info->dlpi_name);
    return 0;
}

/* By symbols that <mpi.h> makes programs refer to: they are part of the interface. */
static const char *interface_of(void *handle)
{
    int (*abi_version)(int *, int *) = dlsym(handle, "MPI_Abi_get_version");
    int major = 0, minor = 0;
    if (abi_version && abi_version(&major, &minor) == 0 && major > 0)
        return "mpi-abi";
    if (dlsym(handle, "ompi_mpi_comm_world"))
        return "openmpi";
    return dlsym(handle, "MPIR_Dup_fn") ? "mpich" : NULL;
}

/* The library that defines what `handle` sees as MPI; 0 where it sees none. Tools that wrap MPI's
 * functions define those of MPI_, never of PMPI_. */
static int identify(void *handle, ptl__library *out)
{
    void *symbol = dlsym(handle, "PMPI_Init_thread");
    Dl_info info;
    if (!symbol || !dladdr(symbol, &info) || !info.dli_fname)
        return 0;
    out->handle = dlopen(info.dli_fname, RTLD_NOLOAD | RTLD_LAZY);
    if (!out->handle) /* linked into the program itself */
        out->handle = dlopen(NULL, RTLD_LAZY);
    out->interface = interface_of(out->handle);
    strncpy(out->path, info.dli_fname, sizeof out->path - 1);
    out->path[sizeof out->path - 1] = '\0';
    out->rival[0] = '\0';
    return 1;
}

static int same(const ptl__library *a, const ptl__library *b)
{
    return strcmp(a->path, b->path) == 0;
}

/* Takes what `handle` sees where nothing better is found yet. */
static int take(void *handle, int found, ptl__library *out)
{
    ptl__library other;
    if (!identify(handle, &other))
        return found;
    if (!found || (!ptl__library_initialized(out) && ptl__library_initialized(&other)))
        *out = other;
    else if (ptl__library_initialized(&other) && !same(out, &other))
        memcpy(out->rival, other.path, sizeof out->rival);
    return 1;
}

int ptl__library_find(ptl__library *out)
{
    candidates all = {0};
    dl_iterate_phdr(collect, &all);
    int found = take(RTLD_DEFAULT, 0, out);
    for (int i = 0; i < all.count; i++) {
        void *handle = all.paths[i] ? dlopen(all.paths[i], RTLD_NOLOAD | RTLD_LAZY) : NULL;
        if (handle) {
            found = take(handle, found, out);
            dlclose(handle);
        }
        free(all.paths[i]);
    }
    return found;
}

int ptl__library_promote(const ptl__library *library, ptl__library *hiding)
{
    if (!dlopen(library->path, RTLD_NOLOAD | RTLD_GLOBAL | RTLD_LAZY))
        dlerror(); /* linked into the program: its symbols are global */
    return !identify(RTLD_DEFAULT, hiding) || same(library, hiding);
}

int ptl__library_initialized(const ptl__library *library)
{
    int (*initialized)(int *) = dlsym(library->handle, "MPI_Initialized");
    int (*finalized)(int *) = dlsym(library->handle, "MPI_Finalized");
    int yes = 0, ended = 0;
    return initialized && finalized && initialized(&yes) == 0 && finalized(&ended) == 0 && yes &&
           !ended;
}

const char *ptl__library_version(const ptl__library *library)
{
    static char text[VERSION_SIZE];
    int (*version)(char *, int *) = dlsym(library->handle, "MPI_Get_library_version");
    int length = 0;
    if (version)
        version(text, &length);
    return text;
}

ptl__line ptl__first_line(const char *text)
{
    ptl__line line;
    size_t length = 0;
    for (; *text && *text != '\n' && length + 1 < sizeof line.text; text++) {
        char c = *text == '\t' ? ' ' : *text;
        if (c != ' ' || (length > 0 && line.text[length - 1] != ' '))
            line.text[length++] = c;
    }
    line.text[length] = '\0';
    return line;
}
