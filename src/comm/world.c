/* All processes of the job: the MPI that is here, or else one that is found, loaded and started. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../core/status.h"
#include "comm.h"
#include "loader.h"

/* Launchers tell their processes how many they are. */
static const struct launcher {
    const char *interface, *variable, *name;
} launchers[] = {
    {"openmpi", "OMPI_COMM_WORLD_SIZE", "Open MPI's mpirun"},
    {"mpich", "PMI_SIZE", "a PMI launcher (such as MPICH's mpirun)"},
};
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
    PTL_CHECK(seen > 1, PTL_MPI,
              "%s started %d processes, but through the MPI library in this process (%s) each sees "
              "itself alone: they are of different MPIs. Use that library's own launcher, or the "
              "launcher's library (%s; without mpi4py, PETIOLE_MPI chooses)",
              launcher->name, size, ptl__first_line(mpi->library_version()).text,
              launcher->interface);
    return PTL_OK;
}

/* PETIOLE_MPI's, the launcher's, or the first that is installed; NULL for one process alone. */
static ptl_status choose(const ptl__mpi **out)
{
    const char *wanted = getenv("PETIOLE_MPI");
    if (wanted && *wanted)
        return ptl__loader_open(wanted, out);
    int size, first = 0;
    const struct launcher *launcher = find_launcher(&size);
    while (launcher && launcher != &launchers[first])
        first++;
    ptl_status status = PTL_OK;
    for (int i = 0; i < LAUNCHERS; i++) {
        status = ptl__loader_open(launchers[(first + i) % LAUNCHERS].interface, out);
        if (status == PTL_OK)
            return PTL_OK;
        if (size > 1) /* another MPI's library would see one process alone */
            return ptl_fail(status, "%s started %d processes, but: %s", launcher->name, size,
                            ptl_error_message());
    }
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

ptl_status ptl_mpi_get_info(ptl_mpi_info *out)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static ptl__library library; /* the strings live as long as the process */
    pthread_mutex_lock(&lock);
    int found = library.handle || ptl__library_find(&library);
    const ptl__mpi *mpi = ptl__loader_current();
    int size;
    const struct launcher *launcher = find_launcher(&size);
    *out = (ptl_mpi_info){
        .library = found ? ptl__library_version(&library) : "",
        .path = library.path,
        .adaptor = mpi ? mpi->name : "",
        .adaptors = ptl__loader_installed(),
        .launcher = launcher ? launcher->interface : "",
        .initialized = found && ptl__library_initialized(&library),
    };
    pthread_mutex_unlock(&lock);
    return PTL_OK;
}
