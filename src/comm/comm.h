/* Communicators from the inside. One process is the table ptl__mpi_self; MPI is an adaptor's. */
#ifndef PTL_COMM_COMM_H
#define PTL_COMM_COMM_H

#include "../core/object.h"
#include "mpi_adaptor.h"
#include <petiole/comm.h>

struct ptl_comm {
    ptl__object object;
    const ptl__mpi *mpi; /* ptl__mpi_self, or an adaptor's table */
    void *link;
    int rank, size;
    int opened;     /* the check by doing has passed */
    int64_t agreed; /* see ptl__agreed */
};

extern const ptl__mpi ptl__mpi_self;

/* A new reference to `comm`, or to the self communicator where it is NULL. */
ptl_comm *ptl__comm_or_self(ptl_comm *comm) PTL_MUST_USE;

/* 1 where both talk to the same ranks in the same order on the same private duplicate. */
int ptl__comm_same(const ptl_comm *a, const ptl_comm *b);

/* (L) PTL_OK while the communicator can be used: PTL_MPI where it was freed or MPI has ended. */
ptl_status ptl__comm_usable(ptl_comm *comm) PTL_MUST_USE;

/* (L) A communicator over `handle` (NULL: MPI_COMM_WORLD) of an MPI that is initialised. */
ptl_status ptl__comm_attach(const ptl__mpi *mpi, const void *handle, ptl_comm **out) PTL_MUST_USE;
/* (C) Makes and checks the private duplicate at the first call; after it, (L) and no more than
 * ptl__comm_usable. ptl__agree calls it. */
ptl_status ptl__comm_open(ptl_comm *comm) PTL_MUST_USE;
/* What the table's functions return, as a status with its message. */
ptl_status ptl__comm_result(const ptl_comm *comm, int code) PTL_MUST_USE;

/* (C) The agreement of a set-up call: every rank passes its status and a signature (a number made
 * of the arguments that must be the same everywhere, by ptl__sign). One small reduction where all
 * is well. Returns PTL_OK on all ranks or fails on all: by the first failing rank's code and
 * message, or PTL_DIMENSION ("ranks pass different <what>") where the signatures differ. Also the
 * place where a communicator is opened and checked: after it, the calls below can be made. */
ptl_status ptl__agree(ptl_comm *comm, ptl_status local, int64_t signature,
                      const char *what) PTL_MUST_USE;
/* (C) An agreement that also adds up `count` numbers over the ranks, in the same reduction where
 * there are at most PTL__RIDERS. Where it fails, they are lost. */
enum { PTL__RIDERS = 14 };
ptl_status ptl__agree_sum(ptl_comm *comm, ptl_status local, int64_t signature, const char *what,
                          int64_t count, double *numbers) PTL_MUST_USE;
/* Mixes a value into a signature: start with 0. */
int64_t ptl__sign(int64_t signature, int64_t value);

/* Objects have numbers, so that ranks which mean different ones learn it: a signature names the
 * operands of a call by them. What a collective call makes takes the number of that call's
 * agreement. What is made locally derives its own from its operands' and the operation, never from
 * a counter, since a rank may do so alone; so copies of one object are not told apart. 0 is no
 * number: of what Petiole makes for itself, and of what lives on one rank.
 *
 * (L) The number of the last agreement on comm: the same on every rank, and of no other. */
int64_t ptl__agreed(const ptl_comm *comm);
/* (L) The number of what an operation, which is any constant, makes of an object. */
int64_t ptl__derived(int64_t number, int64_t operation);

/* (C) Raw operations, for code that has agreed. A failure is PTL_MPI with the library's text. */
ptl_status ptl__comm_bcast(ptl_comm *comm, void *data, int64_t bytes, int root) PTL_MUST_USE;
ptl_status ptl__comm_allreduce(ptl_comm *comm, void *data, int64_t count, ptl_mtype type,
                               ptl_reduce_op op) PTL_MUST_USE;
ptl_status ptl__comm_allgather(ptl_comm *comm, const void *mine, int64_t bytes,
                               void *all) PTL_MUST_USE;

/* Persistent messages between ranks: at most one per peer and direction, none to oneself. */
typedef struct ptl__exchange ptl__exchange;
ptl_status ptl__exchange_create(ptl_comm *comm, int count, const ptl__message *messages,
                                ptl__exchange **out) PTL_MUST_USE; /* (L) */
ptl_status ptl__exchange_start(ptl__exchange *exchange) PTL_MUST_USE;
ptl_status ptl__exchange_wait(ptl__exchange *exchange) PTL_MUST_USE;
void ptl__exchange_free(ptl__exchange *exchange); /* (L); NULL is let through */

/* (C) Set-up traffic: elements of `size` bytes go from every rank to every other. The elements for
 * rank p are send[send_offsets[p] .. send_offsets[p + 1]); on return *recv holds what arrived,
 * ordered by source rank (own elements included, by copy) and delimited by recv_offsets[0 ..
 * ranks]. *recv is the caller's, ended by ptl__free. Agrees on its own allocation, so fails on all
 * ranks or none. */
ptl_status ptl__comm_route(ptl_comm *comm, size_t size, const void *send,
                           const int64_t *send_offsets, void **recv,
                           int64_t *recv_offsets) PTL_MUST_USE;

#endif
