/* The adaptor: the table of mpi_adaptor.h over one MPI. It is compiled against that MPI's header
 * and not linked to its library: the loader makes the library's symbols global first. */
#include <mpi.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mpi_adaptor.h"

enum { TAG = 1 };
static const int64_t PIECE = 1 << 30; /* bytes in one MPI call at most */
static const uint64_t SENTINEL = 0x7065746f6c650000u;

#define TRY(call)                                                                                  \
    do {                                                                                           \
        int try_code = (call);                                                                     \
        if (try_code != MPI_SUCCESS)                                                               \
            return try_code;                                                                       \
    } while (0)

/* A persistent sum with the memory that it is made in. Its link keeps it for the next holder that
 * sums as many numbers: Open MPI gives back what a persistent reduction takes with the communicator
 * alone. Made by all ranks together, so that all have the same ones in the same order. */
typedef struct sum {
    struct sum *next;
    int count, kept; /* 1 once it is its link's */
    atomic_int taken;
    MPI_Request request;
    double data[];
} sum;

/* One caller's communicator. Its attribute holds one reference; every ptl_comm holds another. */
typedef struct link {
    atomic_int refs;
    MPI_Comm comm, dup; /* the caller's; Petiole's own */
    int rank, size;
    int opened, freed;
    int any_thread; /* 1: MPI may be called from any thread */
    sum *sums;
} link_t;

/* Persistent messages. */
typedef struct exchange {
    struct exchange *next; /* in `dropped` */
    link_t *link;
    int count;
    MPI_Request requests[];
} exchange;

/* Messages may be let go in any thread, as a garbage collector does, also while
 * another thread is in MPI: they wait here for the next call into MPI. */
static _Atomic(exchange *) dropped;

static void free_dropped(void)
{
    exchange *next, *one = atomic_load(&dropped) ? atomic_exchange(&dropped, NULL) : NULL;
    for (; one; one = next) {
        next = one->next;
        for (int i = 0; i < one->count; i++)
            MPI_Request_free(&one->requests[i]);
        free(one);
    }
}

/* --- the library --- */

static const char *library_version(void)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING + 1];
    int length;
    MPI_Get_library_version(text, &length);
    return text;
}

static int initialized(void)
{
    int yes = 0;
    MPI_Initialized(&yes);
    return yes;
}

static int finalized(void)
{
    int yes = 0;
    MPI_Finalized(&yes);
    return yes;
}

static int init(void)
{
    int provided;
    return MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
}

static int finalize(void)
{
    if (finalized())
        return 0;
    free_dropped();
    return MPI_Finalize();
}

static const char *error_text(int code)
{
    static _Thread_local char text[MPI_MAX_ERROR_STRING + 1];
    int length;
    if (!initialized() || finalized() || MPI_Error_string(code, text, &length) != MPI_SUCCESS)
        return "unknown error";
    return text;
}

/* --- links --- */

static int link_freed(void *self)
{
    link_t *link = self;
    return link->freed || finalized();
}

static void link_release(void *self)
{
    link_t *link = self;
    if (atomic_fetch_sub(&link->refs, 1) != 1)
        return;
    for (sum *next, *one = link->sums; one; one = next) {
        next = one->next;
        free(one);
    }
    free(link);
}

/* The caller frees its communicator, or MPI ends: the one place where the duplicate is freed. */
static int on_delete(MPI_Comm comm, int keyval, void *self, void *extra)
{
    (void)comm, (void)keyval, (void)extra;
    link_t *link = self;
    link->freed = 1;
    free_dropped();
    for (sum *one = link->sums; one; one = one->next)
        MPI_Request_free(&one->request);
    int code = link->dup == MPI_COMM_NULL ? MPI_SUCCESS : MPI_Comm_free(&link->dup);
    link_release(link);
    return code;
}

static int link_new(MPI_Comm comm, int keyval, link_t **out)
{
    int level;
    TRY(MPI_Query_thread(&level));
    link_t *link = calloc(1, sizeof *link);
    if (!link)
        return PTL__MPI_NO_MEMORY;
    atomic_init(&link->refs, 1);
    link->comm = comm;
    link->dup = MPI_COMM_NULL;
    link->any_thread = level >= MPI_THREAD_SERIALIZED;
    int code = MPI_Comm_rank(comm, &link->rank);
    if (code == MPI_SUCCESS)
        code = MPI_Comm_size(comm, &link->size);
    if (code == MPI_SUCCESS)
        code = MPI_Comm_set_attr(comm, keyval, link);
    if (code != MPI_SUCCESS)
        free(link);
    else
        *out = link;
    return code;
}

static int find_or_make_link(MPI_Comm comm, link_t **out)
{
    static int keyval = MPI_KEYVAL_INVALID;
    if (keyval == MPI_KEYVAL_INVALID)
        TRY(MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, on_delete, &keyval, NULL));
    int found;
    TRY(MPI_Comm_get_attr(comm, keyval, out, &found));
    if (!found)
        TRY(link_new(comm, keyval, out));
    atomic_fetch_add(&(*out)->refs, 1);
    return 0;
}

/* Below SERIALIZED, MPI must not be called from any thread but its main one. */
static int check_thread(void)
{
    int level, is_main;
    TRY(MPI_Query_thread(&level));
    TRY(MPI_Is_thread_main(&is_main));
    return level >= MPI_THREAD_SERIALIZED || is_main ? 0 : PTL__MPI_THREAD;
}

/* The same before each call on a link. */
static int check_thread_of(const link_t *link)
{
    return link->any_thread ? 0 : check_thread();
}

static int link_attach(const void *handle, void **out)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    MPI_Comm comm = MPI_COMM_WORLD;
    if (handle)
        memcpy(&comm, handle, sizeof comm);
    if (comm == MPI_COMM_NULL)
        return PTL__MPI_NULL_COMM;
    TRY(check_thread());
    int inter;
    TRY(MPI_Comm_test_inter(comm, &inter));
    if (inter)
        return PTL__MPI_INTER_COMM;
    link_t *link = NULL;
    pthread_mutex_lock(&lock);
    int code = find_or_make_link(comm, &link);
    pthread_mutex_unlock(&lock);
    *out = link;
    return code;
}

static int link_rank(void *self)
{
    return ((link_t *)self)->rank;
}

static int link_size(void *self)
{
    return ((link_t *)self)->size;
}

static const void *link_handle(void *self)
{
    return &((link_t *)self)->comm;
}

static void link_abort(void *self, int code)
{
    link_t *link = self;
    if (!finalized())
        MPI_Abort(link->freed ? MPI_COMM_WORLD : link->comm, code);
    _exit(code);
}

static int link_open(void *self)
{
    link_t *link = self;
    if (link->opened)
        return 0;
    TRY(check_thread_of(link));
    if (link->dup == MPI_COMM_NULL)
        TRY(MPI_Comm_dup(link->comm, &link->dup));
    TRY(MPI_Comm_set_errhandler(link->dup, MPI_ERRORS_RETURN));
    uint64_t expected = SENTINEL + (uint64_t)link->size, seen = link->rank == 0 ? expected : 0;
    TRY(MPI_Bcast(&seen, 8, MPI_BYTE, 0, link->dup));
    int rank;
    TRY(MPI_Comm_rank(link->dup, &rank));
    link->opened = seen == expected && rank == link->rank;
    return link->opened ? 0 : PTL__MPI_MISMATCH;
}

/* --- collective operations --- */

/* The duplicate, while there is one. */
static int usable(void *self, MPI_Comm *comm)
{
    link_t *link = self;
    if (link_freed(link))
        return PTL__MPI_FREED;
    TRY(check_thread_of(link));
    free_dropped();
    *comm = link->dup;
    return 0;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int node(void *self, int *rank, int *size)
{
    MPI_Comm comm, shared;
    TRY(usable(self, &comm));
    TRY(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &shared));
    MPI_Comm_rank(shared, rank);
    MPI_Comm_size(shared, size);
    return MPI_Comm_free(&shared);
}

static int bcast(void *self, void *data, int64_t bytes, int root)
{
    MPI_Comm comm;
    TRY(usable(self, &comm));
    for (int64_t at = 0; at < bytes; at += PIECE)
        TRY(MPI_Bcast((char *)data + at, (int)smaller(PIECE, bytes - at), MPI_BYTE, root, comm));
    return 0;
}

/* Minimum and maximum of floating point: NaN wins, and the order of the ranks is kept, so that
 * every rank has the same bits (MPI leaves both open). */
#define ORDERED_OP(name, type, better)                                                             \
    static void name(void *in, void *inout, int *count, MPI_Datatype *datatype)                    \
    {                                                                                              \
        (void)datatype;                                                                            \
        const type *a = in;                                                                        \
        type *b = inout;                                                                           \
        for (int i = 0; i < *count; i++)                                                           \
            if (a[i] != a[i] || (b[i] == b[i] && !(b[i] better a[i])))                             \
                b[i] = a[i];                                                                       \
    }
ORDERED_OP(min_float, float, <)
ORDERED_OP(max_float, float, >)
ORDERED_OP(min_double, double, <)
ORDERED_OP(max_double, double, >)

static int find_op(ptl_mtype type, ptl_reduce_op op, MPI_Op *out)
{
    static const MPI_Op plain[] = {MPI_SUM, MPI_PROD, MPI_MIN, MPI_MAX};
    static MPI_User_function *const ordered[2][2] = {{min_float, max_float},
                                                     {min_double, max_double}};
    static MPI_Op made[2][2];
    static int is_made[2][2];
    *out = plain[op];
    if (op < PTL_REDUCE_MIN || (type != PTL_MTYPE_FLOAT && type != PTL_MTYPE_DOUBLE))
        return 0;
    int t = type == PTL_MTYPE_DOUBLE, o = op == PTL_REDUCE_MAX;
    if (!is_made[t][o])
        TRY(MPI_Op_create(ordered[t][o], 0, &made[t][o]));
    is_made[t][o] = 1;
    *out = made[t][o];
    return 0;
}

static int allreduce(void *self, void *data, int64_t count, ptl_mtype type, ptl_reduce_op op)
{
    const struct {
        MPI_Datatype type;
        int64_t bytes;
    } of[] = {
        [PTL_MTYPE_INT8] = {MPI_INT8_T, 1},
        [PTL_MTYPE_INT32] = {MPI_INT32_T, 4},
        [PTL_MTYPE_INT64] = {MPI_INT64_T, 8},
        [PTL_MTYPE_FLOAT] = {MPI_FLOAT, 4},
        [PTL_MTYPE_DOUBLE] = {MPI_DOUBLE, 8},
        [PTL_MTYPE_CFLOAT] = {MPI_C_FLOAT_COMPLEX, 8},
        [PTL_MTYPE_CDOUBLE] = {MPI_C_DOUBLE_COMPLEX, 16},
    };
    MPI_Comm comm;
    MPI_Op mpi_op;
    TRY(usable(self, &comm));
    TRY(find_op(type, op, &mpi_op));
    int64_t most = PIECE / of[type].bytes;
    for (int64_t at = 0; at < count; at += most)
        TRY(MPI_Allreduce(MPI_IN_PLACE, (char *)data + at * of[type].bytes,
                          (int)smaller(most, count - at), of[type].type, mpi_op, comm));
    return 0;
}

/* Where the whole is too large for one call, each rank in turn sends its part to all. */
static int allgather(void *self, const void *mine, int64_t bytes, void *all)
{
    link_t *link = self;
    MPI_Comm comm;
    TRY(usable(self, &comm));
    if (bytes <= PIECE / link->size)
        return MPI_Allgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, comm);
    memcpy((char *)all + link->rank * bytes, mine, (size_t)bytes);
    for (int rank = 0; rank < link->size; rank++)
        TRY(bcast(self, (char *)all + rank * bytes, bytes, rank));
    return 0;
}

static int alltoall(void *self, const void *out, int bytes, void *in)
{
    MPI_Comm comm;
    TRY(usable(self, &comm));
    return MPI_Alltoall(out, bytes, MPI_BYTE, in, bytes, MPI_BYTE, comm);
}

/* --- persistent messages --- */

static int64_t pieces_of(const ptl__message *message)
{
    return (message->bytes + PIECE - 1) / PIECE;
}

/* Persistent requests start in any order, so each piece has its own tag. */
static int add_pieces(exchange *self, MPI_Comm comm, const ptl__message *m)
{
    for (int64_t piece = 0; piece < pieces_of(m); piece++) {
        char *data = (char *)m->data + piece * PIECE;
        int bytes = (int)smaller(PIECE, m->bytes - piece * PIECE), tag = TAG + (int)piece;
        MPI_Request *request = &self->requests[self->count];
        if (m->send)
            TRY(MPI_Send_init(data, bytes, MPI_BYTE, m->peer, tag, comm, request));
        else
            TRY(MPI_Recv_init(data, bytes, MPI_BYTE, m->peer, tag, comm, request));
        self->count++;
    }
    return 0;
}

/* Requests that outlive MPI are gone with it. */
static void exchange_free(void *any)
{
    exchange *self = any;
    if (finalized()) {
        free(self);
        return;
    }
    self->next = atomic_load(&dropped);
    while (!atomic_compare_exchange_weak(&dropped, &self->next, self))
        ;
}

static int exchange_new(void *link, int count, const ptl__message *messages, void **out)
{
    MPI_Comm comm;
    TRY(usable(link, &comm));
    int64_t pieces = 0;
    for (int i = 0; i < count; i++)
        pieces += pieces_of(&messages[i]);
    exchange *self = calloc(1, sizeof *self + (size_t)pieces * sizeof *self->requests);
    if (!self)
        return PTL__MPI_NO_MEMORY;
    self->link = link;
    int code = 0;
    for (int i = 0; i < count && code == 0; i++)
        code = add_pieces(self, comm, &messages[i]);
    if (code != 0)
        exchange_free(self);
    else
        *out = self;
    return code;
}

static int exchange_start(void *any)
{
    exchange *self = any;
    if (link_freed(self->link))
        return PTL__MPI_FREED;
    return self->count == 0 ? 0 : MPI_Startall(self->count, self->requests);
}

static int exchange_wait(void *any)
{
    exchange *self = any;
    if (link_freed(self->link))
        return PTL__MPI_FREED;
    return MPI_Waitall(self->count, self->requests, MPI_STATUSES_IGNORE);
}

/* --- one reduction without blocking --- */

/* The sum as a persistent request, which no iteration makes again: MPI 4 has it, Open MPI 4.1 as an
 * extension. Weak, since which of them there is depends on the library in the process, not on the
 * header at hand. */
typedef int allreduce_init(const void *, void *, int, MPI_Datatype, MPI_Op, MPI_Comm, MPI_Info,
                           MPI_Request *);
extern allreduce_init MPI_Allreduce_init __attribute__((weak));
extern allreduce_init MPIX_Allreduce_init __attribute__((weak));

/* The one that is in the library in use, where another MPI may be loaded too; or NULL. */
static allreduce_init *find_allreduce_init(void)
{
    allreduce_init *const known[] = {MPI_Allreduce_init, MPIX_Allreduce_init};
    Dl_info in_use, of;
    for (int i = 0; i < 2; i++)
        if (known[i] && dladdr((void *)MPI_Allreduce, &in_use) && dladdr((void *)known[i], &of) &&
            of.dli_fbase == in_use.dli_fbase)
            return known[i];
    return NULL;
}

typedef struct reduction {
    link_t *link;
    int count, posted;
    sum *sum;     /* new, without a request, until the first post; NULL where the MPI has none */
    double *data; /* the caller's, that is being summed */
    MPI_Request single;
} reduction;

static int reduction_new(void *link, int count, void **out)
{
    reduction *self = calloc(1, sizeof *self);
    sum *own = calloc(1, sizeof *own + (size_t)count * sizeof *own->data);
    if (!self || !own) {
        free(self);
        free(own);
        return PTL__MPI_NO_MEMORY;
    }
    own->count = count;
    own->request = MPI_REQUEST_NULL;
    self->link = link;
    self->count = count;
    self->sum = own;
    *out = self;
    return 0;
}

/* Local, and in any thread, as letting messages go is. */
static void reduction_free(void *any)
{
    reduction *self = any;
    if (self->sum && self->sum->kept)
        atomic_store(&self->sum->taken, self->posted);
    else
        free(self->sum);
    free(self);
}

/* The next of the link's sums of so many numbers, from `one` on. */
static sum *next_of(sum *one, int count)
{
    while (one && one->count != count)
        one = one->next;
    return one;
}

/* One of the link's that is free on every rank: a garbage collector may let one go here and not yet
 * there. Looked for among 64 at a time; *out is NULL where there is none. */
static int find_sum(link_t *link, MPI_Comm comm, int count, sum **out)
{
    *out = NULL;
    for (sum *first = next_of(link->sums, count), *one = first; first && !*out; first = one) {
        uint64_t are_free = 0;
        for (int i = 0; one && i < 64; i++, one = next_of(one->next, count))
            are_free |= (uint64_t)!atomic_load(&one->taken) << i;
        TRY(MPI_Allreduce(MPI_IN_PLACE, &are_free, 1, MPI_UINT64_T, MPI_BAND, comm));
        for (*out = are_free ? first : NULL; are_free && !(are_free & 1); are_free >>= 1)
            *out = next_of((*out)->next, count);
    }
    return 0;
}

/* The first post of a holder: takes a sum that is there, or makes its own one. */
static int take_sum(reduction *self, MPI_Comm comm)
{
    allreduce_init *make = find_allreduce_init();
    sum *found = NULL, *own = self->sum;
    if (make)
        TRY(find_sum(self->link, comm, self->count, &found));
    if (make && !found) {
        TRY(make(MPI_IN_PLACE, own->data, self->count, MPI_DOUBLE, MPI_SUM, comm, MPI_INFO_NULL,
                 &own->request));
        own->kept = 1;
        own->next = self->link->sums;
        self->link->sums = own;
    } else {
        self->sum = found;
        free(own);
    }
    if (self->sum)
        atomic_store(&self->sum->taken, 1);
    return 0;
}

static int reduction_post(void *any, double *data)
{
    reduction *self = any;
    MPI_Comm comm;
    TRY(usable(self->link, &comm));
    if (self->sum && !self->sum->kept)
        TRY(take_sum(self, comm));
    self->data = data;
    if (!self->sum)
        return MPI_Iallreduce(MPI_IN_PLACE, data, self->count, MPI_DOUBLE, MPI_SUM, comm,
                              &self->single);
    memcpy(self->sum->data, data, (size_t)self->count * sizeof *data);
    self->posted = 1;
    return MPI_Start(&self->sum->request);
}

static int reduction_wait(void *any)
{
    reduction *self = any;
    if (!self->sum)
        return MPI_Wait(&self->single, MPI_STATUS_IGNORE);
    TRY(MPI_Wait(&self->sum->request, MPI_STATUS_IGNORE));
    self->posted = 0;
    memcpy(self->data, self->sum->data, (size_t)self->count * sizeof *self->data);
    return 0;
}

static const ptl__mpi table = {
    .version = PTL__MPI_ADAPTOR_VERSION,
    .name = PTL_ADAPTOR_NAME,
    .handle_size = sizeof(MPI_Comm),
    .library_version = library_version,
    .initialized = initialized,
    .finalized = finalized,
    .init = init,
    .finalize = finalize,
    .error_text = error_text,
    .abort = link_abort,
    .attach = link_attach,
    .release = link_release,
    .rank = link_rank,
    .size = link_size,
    .freed = link_freed,
    .handle = link_handle,
    .open = link_open,
    .node = node,
    .bcast = bcast,
    .allreduce = allreduce,
    .allgather = allgather,
    .alltoall = alltoall,
    .reduction_new = reduction_new,
    .reduction_post = reduction_post,
    .reduction_wait = reduction_wait,
    .reduction_free = reduction_free,
    .exchange_new = exchange_new,
    .exchange_start = exchange_start,
    .exchange_wait = exchange_wait,
    .exchange_free = exchange_free,
};

PTL_API const ptl__mpi *ptl__mpi_adaptor(void);

const ptl__mpi *ptl__mpi_adaptor(void)
{
    return &table;
}
