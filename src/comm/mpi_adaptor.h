/* What Petiole needs of MPI, as a table. An adaptor is mpi_adaptor.c compiled against one MPI's
 * <mpi.h> (one binary interface) into a plugin that exports `ptl__mpi_adaptor`; it uses no symbol
 * of libpetiole. Functions return 0, or an MPI error code for error_text. A link is one caller's
 * communicator with the private duplicate that Petiole communicates on. */
#ifndef PTL_COMM_MPI_ADAPTOR_H
#define PTL_COMM_MPI_ADAPTOR_H

#include <stddef.h>
#include <stdint.h>

#include <petiole/comm.h>

enum { PTL__MPI_ADAPTOR_VERSION = 2 };

/* Codes of our own beside MPI's (which are not negative). */
enum {
    PTL__MPI_NULL_COMM = -1,
    PTL__MPI_INTER_COMM = -2,
    PTL__MPI_NO_MEMORY = -3,
    PTL__MPI_FREED = -4,
    PTL__MPI_MISMATCH = -5, /* the check by doing failed */
    PTL__MPI_THREAD = -6    /* MPI allows calls from its main thread alone, and this is another */
};

/* One message of an exchange: at most one per peer and direction, none to the rank itself. Any
 * size: the adaptor cuts what is above an int. */
typedef struct ptl__message {
    int peer;
    int64_t bytes;
    void *data;
    int send; /* 1: send, 0: receive */
} ptl__message;

typedef struct ptl__mpi {
    int version;      /* PTL__MPI_ADAPTOR_VERSION */
    const char *name; /* "openmpi", "mpich", "mpi-abi" */
    size_t handle_size;

    /* The library. All local but init, which starts MPI (SERIALIZED) where nobody has. */
    const char *(*library_version)(void);
    int (*initialized)(void);
    int (*finalized)(void);
    int (*init)(void);     /* *not* finalised by the adaptor */
    int (*finalize)(void); /* nothing where MPI is finalised already */
    const char *(*error_text)(int code);
    void (*abort)(void *link, int code);

    /* A link, local: kept as an attribute of the communicator at `handle` (NULL: MPI_COMM_WORLD)
     * and found there again. One new reference. release is local and safe after MPI_Finalize. */
    int (*attach)(const void *handle, void **link);
    void (*release)(void *link);
    int (*rank)(void *link);
    int (*size)(void *link);
    int (*freed)(void *link); /* 1 once the caller's communicator is gone, or MPI finalised */
    const void *(*handle)(void *link);

    /* Collective from here on unless said. open makes the duplicate and checks it by doing: a
     * sentinel from rank 0 must arrive, with the size (nothing where that is done). The calls after
     * it need it. */
    int (*open)(void *link);
    int (*node)(void *link, int *rank, int *size);
    int (*bcast)(void *link, void *data, int64_t bytes, int root);
    int (*allreduce)(void *link, void *data, int64_t count, ptl_mtype type, ptl_reduce_op op);
    int (*allgather)(void *link, const void *mine, int64_t bytes, void *all); /* bytes per rank */
    int (*alltoall)(void *link, const void *out, int bytes, void *in);        /* bytes per pair */

    /* One reduction of `count` doubles at a time per holder, without blocking and without
     * allocation (local: new, free). Where the MPI has persistent sums, the link keeps one for each
     * holder that is alive at a time: the first post takes one that is free, or makes it. */
    int (*reduction_new)(void *link, int count, void **holder);
    int (*reduction_post)(void *holder, double *data); /* a sum, in place */
    int (*reduction_wait)(void *holder);
    void (*reduction_free)(void *holder);

    /* Persistent messages (local: new, start, free; wait returns when all are done). */
    int (*exchange_new)(void *link, int count, const ptl__message *messages, void **exchange);
    int (*exchange_start)(void *exchange);
    int (*exchange_wait)(void *exchange);
    void (*exchange_free)(void *exchange);
} ptl__mpi;

/* The one symbol that an adaptor exports. */
typedef const ptl__mpi *(*ptl__mpi_adaptor_fn)(void);

#endif
