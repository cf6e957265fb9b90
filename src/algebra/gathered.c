/* An operator of one process as one of all ranks: x is gathered on rank 0, y scattered from it, by
 * persistent messages. */
#include "gathered.h"

#include "../base/composed.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/matrix.h"
#include "../distributed/partition.h"
#include "operand.h"

typedef struct gathered {
    ptl_linop base;
    int64_t *offsets; /* ranks + 1: rows before each rank */
    /* On rank 0 alone. */
    ptl_linop *local;
    int64_t *globals, *positions; /* the global row at each position in the order of ranks, and the
                                     reverse; NULL where both orders are the same */
    /* For vectors of so many columns. */
    int64_t columns;
    /* In host memory: in global order, on rank 0 alone; and rows in the order of ranks, on rank 0
     * of all, else of this one. */
    ptl_vector *b, *x;
    void *packed;
    void *result; /* this rank's rows in the executor's memory, where that is not the host's */
    ptl__exchange *in, *out;
} gathered;

static int is_root(const gathered *G)
{
    return G->base.comm->rank == 0;
}

/* ---- products ---- */

/* Rows in the order of ranks: where they arrive, and where they leave from. On rank 0 that is the
 * whole vector itself where global order is the same. */
static ptl__block arriving(const gathered *G)
{
    const int64_t rows = is_root(G) ? G->base.rows : G->base.local_rows;
    void *data = is_root(G) && !G->globals ? G->b->data : G->packed;
    return (ptl__block){data, rows, G->columns, G->columns};
}
static ptl__block leaving(const gathered *G)
{
    ptl__block block = arriving(G);
    if (is_root(G) && !G->globals)
        block.data = G->x->data;
    return block;
}
/* This rank's own rows of those: rank 0's come first. */
static ptl__block own_rows(const gathered *G, ptl__block block)
{
    block.rows = G->base.local_rows;
    return block;
}

/* On rank 0: x = local b. */
static ptl_status solve_whole(gathered *G)
{
    static const double zero[2] = {0, 0};
    const ptl_exec *exec = G->base.exec->host;
    const ptl__run run = ptl__exec_run(exec);
    const ptl__index_kernels *index = exec->kernels->index[G->base.dtype][PTL_I64];
    if (G->globals)
        index->gather(run, G->base.rows, G->positions, arriving(G), ptl__vector_block(G->b));
    ptl_status status = ptl__linop_apply(G->local, NULL, G->b, NULL, G->x);
    if (status != PTL_OK)
        ptl__vector_kernels_of(G->x)->fill(run, zero, ptl__vector_block(G->x));
    if (G->globals)
        index->gather(run, G->base.rows, G->globals, ptl__vector_block(G->x), leaving(G));
    return status;
}

/* y = alpha w + beta y, where w is host memory, and is lost. */
static ptl_status write_result(gathered *G, ptl__block w, const void *alpha, const void *beta,
                               ptl_vector *y)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(y);
    const ptl__run run = ptl__vector_run(y);
    if (G->result) {
        const size_t size = ptl_dtype_size(y->dtype);
        PTL_TRY(ptl__exec_write(y->exec, w.rows * w.ld, size, w.data, G->result));
        w.data = G->result;
    }
    if (alpha)
        kernels->scale(run, alpha, NULL, w);
    if (beta)
        kernels->scale_add(run, beta, w, NULL, ptl__vector_block(y));
    else
        kernels->copy(run, w, ptl__vector_block(y));
    return PTL_OK;
}

/* Both exchanges are made whatever becomes of the rest. */
static ptl_status gathered_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                                 ptl_vector *y)
{
    gathered *G = (gathered *)A;
    ptl__first_failure first;
    first.status = PTL_OK;
    const ptl__block own = own_rows(G, arriving(G));
    ptl__first_failure_note(&first, ptl__vector_read(x, own.ld, own.data));
    ptl__first_failure_note(&first, ptl__exchange_start(G->in));
    ptl__first_failure_note(&first, ptl__exchange_wait(G->in));
    if (is_root(G))
        ptl__first_failure_note(&first, solve_whole(G));
    ptl__first_failure_note(&first, ptl__exchange_start(G->out));
    ptl__first_failure_note(&first, ptl__exchange_wait(G->out));
    ptl__first_failure_note(&first, write_result(G, own_rows(G, leaving(G)), alpha, beta, y));
    return ptl__first_failure_end(&first);
}

/* ---- the space for them ---- */

static void clear_space(gathered *G)
{
    ptl_vector_release(&G->b);
    ptl_vector_release(&G->x);
    ptl__free(G->packed);
    ptl__exec_free(G->base.exec, G->result);
    ptl__exchange_free(G->in);
    ptl__exchange_free(G->out);
    G->packed = G->result = NULL;
    G->in = G->out = NULL;
    G->columns = 0;
}

/* Messages between rank 0 and the others, of `block`'s rows; in: towards rank 0. */
static ptl_status make_exchange(const gathered *G, ptl__block block, int in, ptl__message *messages,
                                ptl__exchange **out)
{
    const ptl_comm *comm = G->base.comm;
    const int64_t row = block.ld * (int64_t)ptl_dtype_size(G->base.dtype);
    int count = 0;
    for (int peer = 0; peer < comm->size; peer++) {
        const int64_t from = is_root(G) ? G->offsets[peer] : 0;
        const int64_t rows = is_root(G) ? G->offsets[peer + 1] - from : block.rows;
        if (peer == comm->rank || (!is_root(G) && peer != 0) || rows * row == 0)
            continue;
        messages[count++] = (ptl__message){.peer = peer,
                                           .bytes = rows * row,
                                           .data = (char *)block.data + from * row,
                                           .send = in != is_root(G)};
    }
    return ptl__exchange_create(G->base.comm, count, messages, out);
}

static ptl_status make_messages(gathered *G)
{
    ptl__message *messages;
    PTL_TRY(PTL_NEW(G->base.comm->size, ptl__message, &messages));
    ptl_status status = make_exchange(G, arriving(G), 1, messages, &G->in);
    if (status == PTL_OK)
        status = make_exchange(G, leaving(G), 0, messages, &G->out);
    ptl__free(messages);
    return status;
}

static ptl_status make_space(gathered *G, const ptl_vector *x)
{
    const ptl_linop *A = &G->base;
    const int64_t rows = is_root(G) ? A->rows : A->local_rows;
    const size_t size = ptl_dtype_size(A->dtype);
    G->columns = x->columns;
    if (is_root(G)) {
        const ptl_vector_shape shape = {A->rows, A->rows, x->columns, A->dtype};
        PTL_TRY(ptl__vector_new(G->local->comm, A->exec->host, shape, &G->b));
        PTL_TRY(ptl__vector_new_like(G->b, A->dtype, &G->x));
        PTL_TRY(ptl__linop_prepare(G->local, PTL_OP_NONE, G->b));
    }
    if (!is_root(G) || G->globals)
        PTL_TRY(ptl__alloc(rows * x->columns, size, &G->packed));
    if (A->exec->space)
        PTL_TRY(ptl__exec_alloc(A->exec, A->local_rows * x->columns, size, &G->result));
    return make_messages(G);
}

static ptl_status gathered_prepare(ptl_linop *A, ptl_op op, const ptl_vector *x)
{
    (void)op; /* there is no transposed product */
    gathered *G = (gathered *)A;
    if (G->columns == x->columns)
        return PTL_OK;
    clear_space(G);
    ptl_status status = make_space(G, x);
    if (status != PTL_OK)
        clear_space(G);
    return status;
}

static void gathered_destroy(ptl_linop *A)
{
    gathered *G = (gathered *)A;
    clear_space(G);
    ptl_linop_release(&G->local);
    ptl__free(G->offsets);
    ptl__free(G->globals);
    ptl__free(G->positions);
}

static const ptl__linop_class gathered_class = {
    .kind = "gathered",
    .fallible = 1,
    .apply = gathered_apply,
    .destroy = gathered_destroy,
    .prepare = gathered_prepare,
};

/* ---- making one ---- */

/* (L) That A can be gathered. */
static ptl_status check(const ptl_linop *A, const ptl__local_maker *maker)
{
    const ptl_matrix *matrix = ptl_linop_as_matrix((ptl_linop *)A);
    PTL_CHECK(matrix || A->cls->format, PTL_NOT_SUPPORTED,
              "%s needs the entries of a matrix: an operator of kind \"%s\" has none", maker->name,
              A->cls->kind);
    PTL_CHECK(!matrix || matrix->local->cls->format, PTL_NOT_SUPPORTED,
              "%s needs the entries of a matrix: its local operator, of kind \"%s\", has "
              "none",
              maker->name, matrix->local->cls->kind);
    if (A->comm->size == 1)
        return PTL_OK;
    PTL_CHECK(A->rows <= maker->limit, PTL_NOT_SUPPORTED,
              "%s gathers the matrix on one rank: it has %lld rows, but gather_limit allows %lld. "
              "Raise gather_limit, or use an iterative method with a preconditioner",
              maker->name, (long long)A->rows, (long long)maker->limit);
    PTL_CHECK(!matrix->partition || ptl_partition_equal(matrix->partition, matrix->col_partition),
              PTL_NOT_SUPPORTED, "%s needs a matrix whose row and column partitions are the same",
              maker->name);
    return PTL_OK;
}

/* (C) The whole matrix on rank 0, an empty one elsewhere. */
static ptl_status collect(ptl_linop *A, ptl_csr **out)
{
    const int64_t bounds[] = {0, A->rows};
    ptl_partition *one = NULL;
    ptl_matrix *whole = NULL;
    *out = NULL;
    ptl_status status = ptl_partition_from_ranges(1, bounds, NULL, A->comm->size, &one);
    status = ptl__agree(A->comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl_matrix_redistribute(ptl_linop_as_matrix(A), one, NULL, &whole);
    ptl_csr *local = NULL;
    if (status == PTL_OK)
        status = ptl__matrix_local_csr(whole, &local);
    if (status == PTL_OK)
        status = ptl__csr_on(local, A->exec->host, out);
    ptl_csr_release(&local);
    ptl_matrix_release(&whole);
    ptl_partition_release(&one);
    return status;
}

/* (L) Where global order is not the order of ranks: both ways between them. */
static ptl_status find_order(gathered *G, const ptl_partition *partition)
{
    if (!partition || ptl_partition_has_ordered_parts(partition))
        return PTL_OK;
    const int64_t size = ptl_partition_size(partition);
    PTL_TRY(PTL_NEW(size, int64_t, &G->globals));
    PTL_TRY(PTL_NEW(size, int64_t, &G->positions));
    for (int part = 0; part < ptl_partition_num_parts(partition); part++)
        ptl__partition_globals(partition, part, G->globals + G->offsets[part]);
    for (int64_t i = 0; i < size; i++)
        G->positions[G->globals[i]] = i;
    return PTL_OK;
}

/* (C) How many rows are before each rank. Fails on every rank or on none. */
static ptl_status find_offsets(gathered *G)
{
    ptl_comm *comm = G->base.comm;
    ptl_status status = PTL_NEW_ZERO(comm->size + 1, int64_t, &G->offsets);
    PTL_TRY(ptl__agree(comm, status, 0, "calls"));
    PTL_TRY(ptl__comm_allgather(comm, &G->base.local_rows, sizeof *G->offsets, G->offsets + 1));
    for (int p = 0; p < comm->size; p++)
        G->offsets[p + 1] += G->offsets[p];
    return PTL_OK;
}

/* (C) Fails on every rank, or on rank 0 alone. */
static ptl_status fill(gathered *G, ptl_linop *A, const ptl__local_maker *maker)
{
    ptl_csr *whole;
    PTL_TRY(find_offsets(G));
    PTL_TRY(collect(A, &whole));
    ptl_status status = PTL_OK;
    if (is_root(G))
        status = find_order(G, ptl_linop_as_matrix(A)->partition);
    if (status == PTL_OK && is_root(G))
        status = maker->make(maker->ctx, whole, &G->local);
    ptl_csr_release(&whole);
    return status;
}

/* (L) For a local format whose memory is not the host's: as of one rank. */
static ptl_status fill_alone(gathered *G, ptl_linop *A, const ptl__local_maker *maker)
{
    ptl_linop *csr, *host;
    PTL_TRY(PTL_NEW_ZERO(2, int64_t, &G->offsets));
    G->offsets[1] = A->rows;
    PTL_TRY(ptl__format_on(A, A->exec->host, &host));
    ptl_status status = ptl_format_convert(host, PTL_CSR, -1, &csr);
    ptl_linop_release(&host);
    PTL_TRY(status);
    status = maker->make(maker->ctx, ptl_linop_as_csr(csr), &G->local);
    ptl_linop_release(&csr);
    return status;
}

/* (L) For a local format. */
static ptl_status make_alone(ptl_linop *A, const ptl__local_maker *maker, ptl_linop **out)
{
    ptl_linop *csr;
    if (ptl_linop_as_csr(A))
        return maker->make(maker->ctx, ptl_linop_as_csr(A), out);
    PTL_TRY(ptl_format_convert(A, PTL_CSR, -1, &csr));
    ptl_status status = maker->make(maker->ctx, ptl_linop_as_csr(csr), out);
    ptl_linop_release(&csr);
    return status;
}

ptl_status ptl__gathered_create(ptl_linop *A, const ptl__local_maker *maker, ptl_linop **out)
{
    *out = NULL;
    gathered *G = NULL;
    ptl_status status = check(A, maker);
    const int alone = A->cls->format != NULL;
    if (status == PTL_OK && alone && !A->exec->space)
        return make_alone(A, maker, out);
    if (status == PTL_OK)
        status = PTL_NEW_ZERO(1, gathered, &G);
    if (!alone)
        status = ptl__agree(A->comm, status, maker->limit, "limits of rows to gather");
    if (status != PTL_OK) {
        ptl__free(G);
        return status;
    }
    ptl__linop_init(&G->base, &gathered_class,
                    &(ptl__linop_spec){A->comm, A->exec, A->rows, A->cols, A->local_rows,
                                       A->local_cols, A->dtype});
    *out = &G->base;
    status = alone ? fill_alone(G, A, maker) : fill(G, A, maker);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}
