/* One apply of one-level Schwarz. Without an overlap it is the local solver's, on the rows that
 * this rank has, where they are. With one, x's rows come from their owners, and what the solver
 * made of them stays here (restricted) or is added to their owners' (additive). */
#include "one_level.h"

#include "../base/vector.h"
#include "../core/memory.h"

void ptl__one_level_clear(ptl__one_level *level)
{
    ptl_linop_release(&level->local);
    ptl__halo_free(level->halo);
    ptl_vector_release(&level->r);
    ptl_vector_release(&level->z);
}

/* ---- the vectors
 * ------------------------------------------------------------------------------------ */

/* Where the solver calls user code it gets vectors that own their memory: user code may keep what
 * it sees. */
static ptl_status make_vector(const ptl__one_level *level, const ptl_vector *x, ptl_vector **out)
{
    const int64_t rows = level->lent ? 0 : level->extended;
    const ptl_vector_shape shape = {level->extended, rows, x->columns, x->dtype};
    PTL_TRY(ptl__vector_new(level->local->comm, x->exec, shape, out));
    (*out)->local_rows = level->extended;
    return PTL_OK;
}

ptl_status ptl__one_level_prepare(ptl__one_level *level, const ptl_vector *x)
{
    if (!level->r || !level->z || level->r->columns != x->columns) {
        ptl_vector_release(&level->r);
        ptl_vector_release(&level->z);
        level->lent = !level->halo && !level->local->cls->fallible;
        PTL_TRY(make_vector(level, x, &level->r));
        PTL_TRY(make_vector(level, x, &level->z));
    }
    level->r->ndim = level->z->ndim = x->ndim; /* as user code sees them */
    if (level->halo)
        PTL_TRY(ptl__halo_prepare(level->halo, PTL__TO_GHOSTS, x));
    if (level->halo && level->additive)
        PTL_TRY(ptl__halo_prepare(level->halo, PTL__TO_OWNERS, x));
    return ptl__linop_prepare(level->local, PTL_OP_NONE, level->r);
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

/* ---- products
 * --------------------------------------------------------------------------------------- */

/* On x's and y's own memory. */
static void solve_in_place(ptl__one_level *level, const void *alpha, ptl_vector *x,
                           const void *beta, ptl_vector *y, ptl__first_failure *first)
{
    void *const own[2] = {level->r->data, level->z->data};
    level->r->data = x->data;
    level->r->ld = x->ld;
    level->z->data = y->data;
    level->z->ld = y->ld;
    ptl__first_failure_note(first, ptl__linop_apply(level->local, alpha, level->r, beta, level->z));
    level->r->data = own[0];
    level->z->data = own[1];
    level->r->ld = level->z->ld = x->columns;
}

static void bring(ptl__one_level *level, ptl_vector *x, ptl__first_failure *first)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(x);
    ptl__block ghosts;
    if (level->halo)
        ptl__first_failure_note(first, ptl__halo_start(level->halo, x));
    kernels->copy(ptl__vector_run(x), ptl__vector_block(x), owned_rows(level, level->r));
    if (!level->halo)
        return;
    ptl__first_failure_note(first, ptl__halo_finish(level->halo, x, &ghosts));
    kernels->copy(ptl__vector_run(x), ghosts, overlap_rows(level, level->r));
}

/* y = alpha z + beta y on the owned rows; and where the ranks' parts add up, the overlap's go to
 * their owners. z is lost. */
static void put(ptl__one_level *level, const void *alpha, const void *beta, ptl_vector *y,
                ptl__first_failure *first)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(y);
    const ptl__run run = ptl__vector_run(y);
    const int back = level->halo && level->additive;
    const ptl__block own = owned_rows(level, level->z);
    if (alpha)
        kernels->scale(run, alpha, NULL, ptl__vector_block(level->z));
    if (back) {
        kernels->copy(run, overlap_rows(level, level->z), ptl__halo_parts(level->halo, y));
        ptl__first_failure_note(first, ptl__halo_start_back(level->halo, y));
    }
    if (beta)
        kernels->scale_add(run, beta, own, NULL, ptl__vector_block(y));
    else
        kernels->copy(run, own, ptl__vector_block(y));
    if (back)
        ptl__first_failure_note(first, ptl__halo_finish_back(level->halo, y, ptl__vector_block(y)));
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
    const ptl_status status = ptl__linop_apply(level->local, NULL, level->r, NULL, level->z);
    ptl__first_failure_note(first, status);
    if (status != PTL_OK)
        ptl__vector_kernels_of(y)->fill(ptl__vector_run(y), zero, ptl__vector_block(level->z));
    put(level, alpha, beta, y, first);
}
