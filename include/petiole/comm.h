/* Communicators: one process, or an MPI communicator that the caller made. */
#ifndef PETIOLE_COMM_H
#define PETIOLE_COMM_H

#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_comm ptl_comm;

/* (L) One process; needs no MPI. */
PTL_API ptl_status ptl_comm_self(ptl_comm **out) PTL_MUST_USE;

/* (C) over all processes at its first call, (L) after. MPI_COMM_WORLD of the MPI that is in the
 * process; where none is, one is found (PETIOLE_MPI, else the launcher's, else what is installed),
 * loaded and, where nobody has, initialised; it is then finalised at exit. Where no MPI can be
 * found and no launcher is at work, this is one process. PTL_MPI where the launcher and the library
 * are of different MPIs, or no adaptor fits; the message names both sides and the cure. */
PTL_API ptl_status ptl_comm_world(ptl_comm **out) PTL_MUST_USE;

/* (L) A caller's communicator. `handle` points to the MPI_Comm and `handle_size` is
 * sizeof(MPI_Comm). The communicator stays the caller's: Petiole communicates on a private
 * duplicate, made at the first collective call and freed when the caller frees the communicator;
 * objects that outlive it fail with PTL_MPI, "communicator was freed". PTL_MPI where MPI is not
 * initialised (or finalised), the handle is null or an intercommunicator, or no adaptor fits the
 * MPI in the process. */
PTL_API ptl_status ptl_comm_from_handle(const void *handle, size_t handle_size,
                                        ptl_comm **out) PTL_MUST_USE;

/* (L) What the caller's own binding believes of the communicator (mpi4py's rank and size), to be
 * compared: PTL_MPI, naming both sides, where the two do not agree. */
PTL_API ptl_status ptl_comm_expect(ptl_comm *comm, int rank, int size) PTL_MUST_USE;

/* (L) */
PTL_API int ptl_comm_rank(const ptl_comm *comm);
PTL_API int ptl_comm_size(const ptl_comm *comm);
/* (L) 1 where the caller has freed the communicator that comm was made from, or MPI has ended: no
 * collective call can be made on it any more. NULL never is. */
PTL_API int ptl_comm_freed(const ptl_comm *comm);
/* (L) 1 where both were made from the same communicator of the caller's, freed since or not; NULL
 * is the one process that needs no MPI, and not MPI_COMM_SELF. Duplicates of a communicator are
 * others. */
PTL_API int ptl_comm_equal(const ptl_comm *a, const ptl_comm *b);
/* (L) The version text of the MPI in use; "none" for one process without MPI. Lives as long as
 * comm. */
PTL_API const char *ptl_comm_library(const ptl_comm *comm);
/* (L) Bytes of the caller's MPI_Comm handle, and a pointer to it; 0 and NULL without MPI. */
PTL_API const void *ptl_comm_handle(const ptl_comm *comm, size_t *handle_size);

/* (C) Rank and size among the ranks on the same node (shared memory). */
PTL_API ptl_status ptl_comm_node(ptl_comm *comm, int *out_rank, int *out_size) PTL_MUST_USE;

/* (C) */
PTL_API ptl_status ptl_comm_barrier(ptl_comm *comm) PTL_MUST_USE;

/* X(NAME, element type): what ptl_comm_allreduce reduces. */
#define PTL_MTYPE_MAP(X)                                                                           \
    X(INT8, int8_t)                                                                                \
    X(INT32, int32_t)                                                                              \
    X(INT64, int64_t)                                                                              \
    X(FLOAT, float)                                                                                \
    X(DOUBLE, double)                                                                              \
    X(CFLOAT, ptl_c64)                                                                             \
    X(CDOUBLE, ptl_c128)

typedef enum ptl_mtype {
#define X(name, type) PTL_MTYPE_##name,
    PTL_MTYPE_MAP(X)
#undef X
        PTL_MTYPE_COUNT
} ptl_mtype;

typedef enum ptl_reduce_op {
    PTL_REDUCE_SUM,
    PTL_REDUCE_PROD,
    PTL_REDUCE_MIN,
    PTL_REDUCE_MAX,
    PTL_REDUCE_OP_COUNT
} ptl_reduce_op;

/* (C) Reduces `count` elements of host memory in place, element by element, over the ranks; every
 * rank gets the same bits. PTL_DIMENSION where ranks differ in count, type or op; PTL_INVALID for
 * min or max of complex numbers. */
PTL_API ptl_status ptl_comm_allreduce(ptl_comm *comm, void *data, int64_t count, ptl_mtype type,
                                      ptl_reduce_op op) PTL_MUST_USE;

/* (C) Ends a collective call of the user's own: every rank passes its status, and all return PTL_OK
 * or all fail, by the rule of petiole.h (a rank's PTL_CALLBACK is PTL_REMOTE on the others). */
PTL_API ptl_status ptl_comm_agree(ptl_comm *comm, ptl_status local) PTL_MUST_USE;

/* (L) Ends every process of the communicator's job. Waits, a second at most, until the launcher has
 * read what this process wrote to its output and error pipes. Does not return. */
PTL_API void ptl_comm_abort(ptl_comm *comm, int code);

/* (L) What is known of MPI here, for bug reports. Strings live as long as the process. */
typedef struct ptl_mpi_info {
    const char *library;   /* version text of the MPI in the process, or "" */
    const char *path;      /* its file, or "" */
    const char *interface; /* its binary interface, "openmpi", "mpich" or "mpi-abi"; "" for none and
                              for another: the adaptor that it needs has this name */
    const char *adaptor;   /* the one in use, or "" while none is loaded */
    const char *adaptors;  /* those in PETIOLE_PLUGIN_PATH or beside the library, by comma */
    const char *launcher;  /* "openmpi", "mpich" (any PMI launcher), or "" */
    int initialized;       /* 1 while MPI is initialised and not finalised */
    int gpu_aware;         /* 1 where messages may start and end in a GPU's memory: 0, as yet */
} ptl_mpi_info;
PTL_API ptl_status ptl_mpi_get_info(ptl_mpi_info *out) PTL_MUST_USE;

/* (L) The text that MPI_Get_library_version gives the caller's own binding, to be compared before a
 * handle is passed: those of another MPI mean nothing, and may have the same size. PTL_MPI, naming
 * both sides, where Petiole uses another. */
PTL_API ptl_status ptl_mpi_expect(const char *library) PTL_MUST_USE;

PTL_API ptl_comm *ptl_comm_retain(ptl_comm *comm);
PTL_API void ptl_comm_release(ptl_comm **comm);

PTL_END_DECLS

#endif
