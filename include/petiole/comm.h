/* Communicators: one process, or an MPI communicator that the caller made. */
#ifndef PETIOLE_COMM_H
#define PETIOLE_COMM_H

#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_comm ptl_comm;

/* (L) A communicator of this process alone; needs no MPI. */
PTL_API ptl_status ptl_comm_self(ptl_comm **out) PTL_MUST_USE;

/* (C) over all processes at the first call, (L) later. MPI_COMM_WORLD of the MPI that is in the
 * process. If there is none, Petiole finds one (PETIOLE_MPI, else the launcher's, else an installed
 * one) and loads it. If MPI is not initialised, Petiole initialises it, and finalises it at exit.
 * If no MPI is found and no launcher started the process, the result is a communicator of one
 * process. PTL_MPI if the launcher and the library belong to different MPIs, or no adaptor fits;
 * the message names both sides and the cure. */
PTL_API ptl_status ptl_comm_world(ptl_comm **out) PTL_MUST_USE;

/* (L) A communicator for an MPI communicator of the caller's. `handle` points to the MPI_Comm and
 * `handle_size` is sizeof(MPI_Comm). The caller keeps ownership: Petiole communicates on a private
 * duplicate, made at the first collective call and freed when the caller frees the communicator.
 * After that, collective calls on objects that use it fail with PTL_MPI, "communicator was freed".
 * PTL_MPI if MPI is not initialised (or finalised), the handle is null or an intercommunicator, or
 * no adaptor fits the MPI in the process. */
PTL_API ptl_status ptl_comm_from_handle(const void *handle, size_t handle_size,
                                        ptl_comm **out) PTL_MUST_USE;

/* (L) Compares the communicator with the rank and size that another binding, such as mpi4py, has
 * for it: PTL_MPI, naming both sides, if they differ. */
PTL_API ptl_status ptl_comm_expect(ptl_comm *comm, int rank, int size) PTL_MUST_USE;

/* (L) */
PTL_API int ptl_comm_rank(const ptl_comm *comm);
PTL_API int ptl_comm_size(const ptl_comm *comm);
/* (L) 1 if the caller has freed the communicator that comm was made from, or MPI is finalised:
 * collective calls on comm then fail. 0 for NULL. */
PTL_API int ptl_comm_freed(const ptl_comm *comm);
/* (L) 1 if both were made from the same communicator of the caller's, whether or not it has been
 * freed since. NULL equals ptl_comm_self's communicator, but not one made from MPI_COMM_SELF. A
 * duplicate of a communicator is a different communicator. */
PTL_API int ptl_comm_equal(const ptl_comm *a, const ptl_comm *b);
/* (L) The version text of the MPI in use; "none" for one process without MPI. The text lives as
 * long as comm. */
PTL_API const char *ptl_comm_library(const ptl_comm *comm);
/* (L) Bytes of the caller's MPI_Comm handle, and a pointer to it; 0 and NULL without MPI. */
PTL_API const void *ptl_comm_handle(const ptl_comm *comm, size_t *handle_size);

/* (C) Rank and size among the ranks on the same node (shared memory). */
PTL_API ptl_status ptl_comm_node(ptl_comm *comm, int *out_rank, int *out_size) PTL_MUST_USE;

/* (C) */
PTL_API ptl_status ptl_comm_barrier(ptl_comm *comm) PTL_MUST_USE;

/* The element types that ptl_comm_allreduce reduces: X(NAME, element type). */
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
 * rank gets the same bits. PTL_DIMENSION if ranks differ in count, type or op; PTL_INVALID for the
 * minimum or maximum of complex numbers. */
PTL_API ptl_status ptl_comm_allreduce(ptl_comm *comm, void *data, int64_t count, ptl_mtype type,
                                      ptl_reduce_op op) PTL_MUST_USE;

/* (C) For collective functions that a user writes: every rank passes its local status, and the call
 * returns PTL_OK on all ranks, or fails on all with the first failing rank's code and text
 * (PTL_CALLBACK on one rank is PTL_REMOTE on the others). */
PTL_API ptl_status ptl_comm_agree(ptl_comm *comm, ptl_status local) PTL_MUST_USE;

/* (L) Ends every process of the communicator's job. First waits, for a second at most, until the
 * launcher has read what this process wrote to its output and error pipes. Does not return. */
PTL_API void ptl_comm_abort(ptl_comm *comm, int code);

/* (L) Information about MPI in this process, for bug reports. The strings live as long as the
 * process. */
typedef struct ptl_mpi_info {
    const char *library;   /* version text of the MPI in the process, or "" */
    const char *path;      /* its file, or "" */
    const char *interface; /* its binary interface, which is also the name of the adaptor that it
                              needs: "openmpi", "mpich" or "mpi-abi"; "" if there is no MPI, or it
                              has another interface */
    const char *adaptor;   /* the adaptor in use, or "" if none is loaded */
    const char *adaptors; /* the adaptors in PETIOLE_PLUGIN_PATH or beside the library, separated by
                             commas */
    const char *launcher; /* "openmpi", "mpich" (any PMI launcher), or "" */
    int initialized;      /* 1 while MPI is initialised and not finalised */
    int gpu_aware; /* 1 if messages may start and end in a GPU's memory; always 0 in this version */
} ptl_mpi_info;
PTL_API ptl_status ptl_mpi_get_info(ptl_mpi_info *out) PTL_MUST_USE;

/* (L) Compares `library`, the text that MPI_Get_library_version gives another binding such as
 * mpi4py, with the MPI that Petiole uses: PTL_MPI, naming both sides, if they differ. Call it
 * before passing a handle: a handle of another MPI is meaningless, and may have the same size. */
PTL_API ptl_status ptl_mpi_expect(const char *library) PTL_MUST_USE;

PTL_API ptl_comm *ptl_comm_retain(ptl_comm *comm);
PTL_API void ptl_comm_release(ptl_comm **comm);

PTL_END_DECLS

#endif
