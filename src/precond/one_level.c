/* One apply of one-level Schwarz. Without an overlap it is the local solver's, on the rows that
 * this rank has, where they are. With one, x's rows come from their owners, and what the solver
 * made of them stays here (restricted) or is added to their owners' (additive). */
#include "one_level.h"

#include <math.h>

#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"

void ptl__one_level_clear(ptl__one_level *level)
{
    ptl_linop_release(&level->local.op);
    ptl__halo_free(level->halo);
    ptl__free(level->host_weights);
    if (level->exec)
        ptl__mirror_free(level->exec, level->weights);
    ptl_exec_release(&level->exec);
    ptl_vector_release(&level->r);
    ptl_vector_release(&level->z);
}

/* ---- the vectors ----------------------------------------------------------------------------- */

/* Where the solver calls user code it gets vectors that own their memory: user code may keep what
 * it sees. */
static ptl_status make_vector(const ptl__one_level *level, const ptl_vector *x, ptl_vector **out)
{
    const int64_t rows = level->lent ? 0 : level->extended;
    const ptl_vector_shape shape = {level->extended, rows, x->columns, x->dtype};
    PTL_TRY(ptl__vector_new(level->local.op->comm, x->exec, shape, out));
    (*out)->local_rows = level->extended;
    return PTL_OK;
}

ptl_status ptl__one_level_prepare(ptl__one_level *level, const ptl_vector *x)
{
    if (!level->r || !level->z || level->r->columns != x->columns) {
        ptl_vector_release(&level->r);
        ptl_vector_release(&level->z);
        level->lent = !level->halo && !level->local.op->cls->fallible;
        PTL_TRY(make_vector(level, x, &level->r));
        PTL_TRY(make_vector(level, x, &level->z));
    }
    level->r->ndim = level->z->ndim = x->ndim; /* as user code sees them */
    if (level->halo)
        PTL_TRY(ptl__halo_prepare(level->halo, PTL__TO_GHOSTS, x));
    if (level->halo && level->additive)
        PTL_TRY(ptl__halo_prepare(level->halo, PTL__TO_OWNERS, x));
    return ptl__linop_prepare(level->local.op, PTL_OP_NONE, level->r);
}

/* The owned rows, and those behind them. */
static ptl__block owned_rows(const ptl__one_level *level, const ptl_vector *v)
{
    return (ptl__block){v->data, level->owned, v->columns, v->ld};
}
static ptl__block overlap_rows(const ptl__one_level *level, const ptl_vector *v)
{
    const size_t before = (size_t)(level->owned * v->ld) * ptl_dtype_size(v->dtype);
    return (ptl__block){(char *)v->data + before, level->extended - level->owned, v->columns,
                        v->ld};
}

/* ---- weights --------------------------------------------------------------------------------- */

/* (C) How many ranks have each owned row besides this one, into v; and the same of the overlap's
 * rows, into *ghosts. */
static ptl_status count_others(ptl__one_level *level, ptl_vector *v, ptl__block *ghosts)
{
    static const double zero[2] = {0, 0}, one[2] = {1, 0};
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(v);
    ptl__first_failure first;
    first.status = PTL_OK;
    kernels->fill(ptl__vector_run(v), zero, ptl__vector_block(v));
    kernels->fill(ptl__vector_run(v), one, ptl__halo_parts(level->halo, v));
    ptl__first_failure_note(&first, ptl__halo_start_back(level->halo, v));
    ptl__first_failure_note(&first, ptl__halo_finish_back(level->halo, v, ptl__vector_block(v)));
    ptl__first_failure_note(&first, ptl__halo_start(level->halo, v));
    ptl__first_failure_note(&first, ptl__halo_finish(level->halo, v, ghosts));
    return ptl__first_failure_end(&first);
}

/* Numbers of other ranks become weights. */
static void put_weights(ptl_dtype real, int64_t count, const void *others, double share,
                        void *weights, int64_t at)
{
    for (int64_t i = 0; i < count; i++)
        if (real == PTL_F32)
            ((float *)weights)[at + i] = (float)sqrt(share / (2 + ((const float *)others)[i]));
        else
            ((double *)weights)[at + i] = sqrt(share / (2 + ((const double *)others)[i]));
}

/* (L) */
static ptl_status prepare_weights(ptl__one_level *level, const ptl_linop *A, ptl_vector **v,
                                  void **others)
{
    const ptl_dtype real = ptl_dtype_real(A->dtype);
    const ptl_vector_shape shape = {A->rows, A->local_rows, 0, real};
    PTL_TRY(ptl__vector_new(A->comm, A->exec, shape, v));
    level->exec = ptl_exec_retain(A->exec);
    const size_t size = ptl_dtype_size(real);
    PTL_TRY(ptl__calloc(level->extended, size, &level->host_weights));
    PTL_TRY(ptl__alloc(level->extended, size, others));
    PTL_TRY(ptl__mirror(A->exec, level->extended, size, level->host_weights, &level->weights));
    PTL_TRY(ptl__halo_prepare(level->halo, PTL__TO_GHOSTS, *v));
    return ptl__halo_prepare(level->halo, PTL__TO_OWNERS, *v);
}

/* (L) `others` has room for the extended rows. */
static ptl_status make_weights(ptl__one_level *level, const ptl_vector *v, const ptl__block *ghosts,
                               void *others)
{
    const size_t size = ptl_dtype_size(v->dtype);
    char *of_ghosts = (char *)others + (size_t)level->owned * size;
    ptl_status status = ptl__vector_read(v, 1, others);
    if (status == PTL_OK)
        status = ptl__exec_read(v->exec, ghosts->rows, size, ghosts->data, of_ghosts);
    if (status == PTL_OK) {
        put_weights(v->dtype, level->owned, others, 2, level->host_weights, 0);
        put_weights(v->dtype, ghosts->rows, of_ghosts, 1, level->host_weights, level->owned);
        status = ptl__mirror(v->exec, level->extended, size, level->host_weights, &level->weights);
    }
    return status;
}

ptl_status ptl__one_level_weigh(ptl__one_level *level, const ptl_linop *A)
{
    ptl_vector *v = NULL;
    void *others = NULL;
    ptl__block ghosts;
    ptl_status status = ptl__agree(A->comm, prepare_weights(level, A, &v, &others), 0, "calls");
    if (status == PTL_OK)
        status = ptl__agree(A->comm, count_others(level, v, &ghosts), 0, "calls");
    if (status == PTL_OK)
        status = make_weights(level, v, &ghosts, others);
    ptl__free(others);
    ptl_vector_release(&v);
    return status;
}

/* ---- products -------------------------------------------------------------------------------- */

/* On x's and y's own memory. */
static void solve_in_place(ptl__one_level *level, const void *alpha, ptl_vector *x,
                           const void *beta, ptl_vector *y, ptl__first_failure *first)
{
    void *const own[2] = {level->r->data, level->z->data};
    level->r->data = x->data;
    level->r->ld = x->ld;
    level->z->data = y->data;
    level->z->ld = y->ld;
    ptl__first_failure_note(first,
                            ptl__linop_apply(level->local.op, alpha, level->r, beta, level->z));
    level->r->data = own[0];
    level->z->data = own[1];
    level->r->ld = level->z->ld = x->columns;
}

/* y = W x + beta y for the extended rows from `row` on, W being the weights, or 1. */
static void move(const ptl__one_level *level, int64_t row, ptl_dtype dtype, ptl__block x,
                 const void *beta, ptl__block y)
{
    const ptl_exec *exec = level->r->exec;
    const ptl__run run = ptl__exec_run(exec);
    const ptl__vector_kernels *kernels = exec->kernels->vector[dtype];
    const ptl_dtype real = ptl_dtype_real(dtype);
    if (level->weights)
        exec->kernels->dense[real][dtype]->diagonal_apply(
            run, (const char *)level->weights + (size_t)row * ptl_dtype_size(real), 0, NULL, x,
            beta, y);
    else if (beta)
        kernels->scale_add(run, beta, x, NULL, y);
    else
        kernels->copy(run, x, y);
}

static void bring(ptl__one_level *level, ptl_vector *x, ptl__first_failure *first)
{
    ptl__block ghosts;
    if (level->halo)
        ptl__first_failure_note(first, ptl__halo_start(level->halo, x));
    move(level, 0, x->dtype, ptl__vector_block(x), NULL, owned_rows(level, level->r));
    if (!level->halo)
        return;
    ptl__first_failure_note(first, ptl__halo_finish(level->halo, x, &ghosts));
    move(level, level->owned, x->dtype, ghosts, NULL, overlap_rows(level, level->r));
}

/* y = alpha z + beta y on the owned rows; and where the ranks' parts add up, the overlap's go to
 * their owners. z is lost. */
static void put(ptl__one_level *level, const void *alpha, const void *beta, ptl_vector *y,
                ptl__first_failure *first)
{
    const int back = level->halo && level->additive;
    const ptl__block whole = ptl__vector_block(y);
    if (alpha)
        ptl__vector_kernels_of(y)->scale(ptl__vector_run(y), alpha, NULL,
                                         ptl__vector_block(level->z));
    if (back) {
        move(level, level->owned, y->dtype, overlap_rows(level, level->z), NULL,
             ptl__halo_parts(level->halo, y));
        ptl__first_failure_note(first, ptl__halo_start_back(level->halo, y));
    }
    move(level, 0, y->dtype, owned_rows(level, level->z), beta, whole);
    if (back)
        ptl__first_failure_note(first, ptl__halo_finish_back(level->halo, y, whole));
}

void ptl__one_level_apply(ptl__one_level *level, const void *alpha, ptl_vector *x, const void *beta,
                          ptl_vector *y, ptl__first_failure *first)
{
    static const double zero[2] = {0, 0};
    if (level->lent) {
        solve_in_place(level, alpha, x, beta, y, first);
        return;
    }
    bring(level, x, first);
    const ptl_status status = ptl__linop_apply(level->local.op, NULL, level->r, NULL, level->z);
    ptl__first_failure_note(first, status);
    if (status != PTL_OK)
        ptl__vector_kernels_of(y)->fill(ptl__vector_run(y), zero, ptl__vector_block(level->z));
    put(level, alpha, beta, y, first);
}
