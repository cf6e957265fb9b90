/* All processes of the job: the MPI that is here, or else one that is found, loaded and started. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../core/status.h"
#include "comm.h"
#include "loader.h"

enum { INTERFACES = 3 };

/* Launchers tell their processes how many they are. `interfaces` are those that their libraries
 * may have, in the order in which they are tried. */
static const struct launcher {
    const char *variable, *name, *interfaces[INTERFACES];
} launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "Open MPI's mpirun", {"openmpi", "mpi-abi"}},
    {"PMI_SIZE", "a PMI launcher (such as MPICH's mpirun)", {"mpich", "mpi-abi"}},
};
static const struct launcher nobody = {.interfaces = {"openmpi", "mpich", "mpi-abi"}};
enum { LAUNCHERS = sizeof launchers / sizeof *launchers };

/* The launcher that started this process, or NULL. */
static const struct launcher *find_launcher(int *size)
{
    for (int i = 0; i < LAUNCHERS; i++) {
        const char *text = getenv(launchers[i].variable);
        if (text) {
            *size = atoi(text);
            return &launchers[i];
        }
    }
    *size = 1;
    return NULL;
}

ptl_status ptl__launcher_check(const ptl__mpi *mpi)
{
    int size;
    const struct launcher *launcher = find_launcher(&size);
    if (size <= 1)
        return PTL_OK;
    ptl_comm *world;
    PTL_TRY(ptl__comm_attach(mpi, NULL, &world));
    int seen = world->size;
    ptl_comm_release(&world);
    PTL_CHECK(
        seen > 1, PTL_MPI,
        "%s started %d processes, but through the MPI library in this process (%s) each process "
        "sees only itself: they are of different MPIs. Use that library's own launcher, or the "
        "launcher's library (%s; without mpi4py, PETIOLE_MPI chooses)",
        launcher->name, size, ptl__first_line(mpi->library_version()).text,
        launcher->interfaces[0]);
    return PTL_OK;
}

/* PETIOLE_MPI's, the launcher's, or the first that is beside Petiole's library, or else is
 * installed; NULL for one process alone. */
static ptl_status choose(const ptl__mpi **out)
{
    const char *wanted = getenv("PETIOLE_MPI");
    if (wanted && *wanted)
        return ptl__loader_open(wanted, 0, out);
    int size;
    const struct launcher *launcher = find_launcher(&size);
    const char *const *tried = (launcher ? launcher : &nobody)->interfaces;
    ptl_status status = PTL_OK;
    char why[512] = "";
    for (int i = 0; i < INTERFACES && tried[i]; i++)
        if (ptl__loader_open(tried[i], 1, out) == PTL_OK)
            return PTL_OK;
    for (int i = 0; i < INTERFACES && tried[i]; i++) {
        status = ptl__loader_open(tried[i], 0, out);
        if (status == PTL_OK)
            return PTL_OK;
        if (i == 0)
            snprintf(why, sizeof why, "%s", ptl_error_message());
    }
    PTL_CHECK(size <= 1, status, "%s started %d processes, but: %s", launcher->name, size, why);
    return PTL_OK;
}

static const ptl__mpi *started; /* by us */
static pid_t starter;

static void finalize(void)
{
    if (getpid() == starter) /* and not a fork of it */
        started->finalize();
}

static ptl_status start(const ptl__mpi *mpi)
{
    PTL_CHECK(!mpi->finalized(), PTL_MPI, "MPI is finalised");
    if (mpi->initialized())
        return PTL_OK;
    int code = mpi->init();
    PTL_CHECK(code == 0, PTL_MPI, "%s cannot be initialised: %s",
              ptl__first_line(mpi->library_version()).text, mpi->error_text(code));
    started = mpi;
    starter = getpid();
    atexit(finalize);
    return PTL_OK;
}

static ptl_status make_world(ptl_comm **out)
{
    const ptl__mpi *mpi;
    PTL_TRY(ptl__loader_in_process(&mpi));
    if (!mpi)
        PTL_TRY(choose(&mpi));
    if (!mpi)
        return ptl_comm_self(out);
    PTL_TRY(start(mpi));
    PTL_TRY(ptl__launcher_check(mpi));
    return ptl__comm_attach(mpi, NULL, out);
}

ptl_status ptl_comm_world(ptl_comm **out)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    *out = NULL;
    pthread_mutex_lock(&lock);
    ptl_status status = make_world(out);
    pthread_mutex_unlock(&lock);
    return status;
}

/* The MPI in use, or what would be used; NULL where none is here. */
static const ptl__library *library_here(const ptl__library *in_use)
{
    static ptl__library found; /* its strings live as long as the process */
    return in_use ? in_use : ptl__library_find(&found) ? &found : NULL;
}

ptl_status ptl_mpi_get_info(ptl_mpi_info *out)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    const ptl__library *in_use;
    const ptl__mpi *mpi = ptl__loader_current(&in_use);
    const ptl__library *library = library_here(in_use);
    int size;
    const struct launcher *launcher = find_launcher(&size);
    *out = (ptl_mpi_info){
        .library = library ? ptl__library_version(library) : "",
        .path = library ? library->path : "",
        .interface = library && library->interface ? library->interface : "",
        .adaptor = mpi ? mpi->name : "",
        .adaptors = ptl__loader_installed(),
        .launcher = launcher ? launcher->interfaces[0] : "",
        .initialized = library && ptl__library_initialized(library),
    };
    pthread_mutex_unlock(&lock);
    return PTL_OK;
}

ptl_status ptl_mpi_expect(const char *library)
{
    ptl_mpi_info info;
    PTL_CHECK(library, PTL_INVALID, "library is NULL: expected the version text of an MPI");
    PTL_TRY(ptl_mpi_get_info(&info));
    ptl__line theirs = ptl__first_line(library), ours = ptl__first_line(info.library);
    PTL_CHECK(
        strcmp(theirs.text, ours.text) == 0, PTL_MPI,
        "two MPIs are in this process: the caller's (mpi4py's) is %s, that in use %s (%.300s). "
        "Load one of them only",
        theirs.text, ours.text[0] ? ours.text : "none", info.path);
    return PTL_OK;
}
