/* The memory of a solver. */
#include "workspace.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "generated.h"
#include "params.h"

void ptl__workspace_clear(ptl__workspace *space)
{
    ptl_vector_release(&space->r);
    ptl_vector_release(&space->guess);
    ptl_vector_release(&space->shown[0]);
    ptl_vector_release(&space->shown[1]);
    for (int64_t i = 0; space->work && i < space->needs.work; i++)
        ptl_vector_release(&space->work[i]);
    for (int64_t i = 0; space->coef && i < space->needs.coefs; i++)
        ptl__free(space->coef[i]);
    ptl__free(space->work);
    ptl__free(space->coef);
    ptl__free(space->scratch);
    ptl__free(space->one);
    ptl__free(space->minus_one);
    ptl__free(space->mask);
    ptl__scaling_clear(&space->scaling);
    ptl__reducer_free(space->reducer);
    ptl__reducer_free(space->votes);
    ptl_log_release(&space->log);
    memset(space, 0, sizeof *space);
}

static ptl_status allocate_vectors(ptl__workspace *space, int shown, const ptl_vector *b)
{
    PTL_TRY(ptl__vector_new_like(b, b->dtype, &space->r));
    PTL_TRY(ptl__vector_new_like(b, b->dtype, &space->guess));
    for (int i = 0; i < 2 && shown; i++)
        PTL_TRY(ptl__vector_new_like(b, b->dtype, &space->shown[i]));
    PTL_TRY(PTL_NEW_ZERO(space->needs.work, ptl_vector *, &space->work));
    for (int64_t i = 0; i < space->needs.work; i++)
        PTL_TRY(ptl__vector_new_like(b, b->dtype, &space->work[i]));
    return PTL_OK;
}

static ptl_status allocate_coefs(ptl__workspace *space, int64_t columns, int width)
{
    const int64_t size = columns * width;
    PTL_TRY(PTL_NEW_ZERO(space->needs.coefs, double *, &space->coef));
    for (int64_t i = 0; i < space->needs.coefs; i++)
        PTL_TRY(PTL_NEW_ZERO(size, double, &space->coef[i]));
    PTL_TRY(PTL_NEW_ZERO(space->needs.scratch * columns, double, &space->scratch));
    PTL_TRY(PTL_NEW_ZERO(size, double, &space->one));
    PTL_TRY(PTL_NEW_ZERO(size, double, &space->minus_one));
    for (int64_t j = 0; j < columns; j++) {
        space->one[j * width] = 1;
        space->minus_one[j * width] = -1;
    }
    PTL_TRY(PTL_NEW_ZERO(columns, int, &space->scaling.exponents));
    return PTL_NEW_ZERO(columns, uint8_t, &space->mask);
}

static ptl_status allocate(ptl__solver *solver, const ptl_vector *b)
{
    ptl__workspace *space = &solver->space;
    const int width = ptl__coef_doubles(b->dtype);
    space->needs = solver->method->needs;
    if (solver->method->size)
        solver->method->size(solver->options, b->rows, &space->needs);
    const int shown = solver->method->form_x && ptl__solver_watched(solver->options);
    PTL_TRY(allocate_vectors(space, shown, b));
    PTL_TRY(allocate_coefs(space, b->columns, width));
    /* Besides the method's sums: norms, and rank 0's clock. */
    PTL_TRY(ptl__reducer_create(b->comm, (space->needs.sums + 1) * b->columns * width + 1,
                                space->needs.overlap, &space->reducer));
    if (solver->predicates)
        PTL_TRY(ptl__reducer_create(b->comm, solver->predicates, 0, &space->votes));
    PTL_TRY(ptl__log_create(b->columns, ptl__stop_maxiter(solver->stop), &space->log));
    space->local_rows = b->local_rows;
    space->columns = b->columns;
    return PTL_OK;
}

static void dress(ptl_vector *r, const ptl_vector *b)
{
    if (!r)
        return;
    ptl_partition *old = r->partition;
    r->partition = ptl_partition_retain(b->partition);
    r->ndim = b->ndim;
    ptl_partition_release(&old);
}

void ptl__workspace_dress(ptl__workspace *space, const ptl_vector *b)
{
    dress(space->r, b);
    dress(space->shown[0], b);
    dress(space->shown[1], b);
}

ptl_status ptl__workspace_ensure(ptl__solver *solver, const ptl_vector *b)
{
    ptl__workspace *space = &solver->space;
    if (space->log && space->local_rows == b->local_rows && space->columns == b->columns) {
        ptl__workspace_dress(space, b);
        return PTL_OK;
    }
    ptl__workspace_clear(space);
    ptl_status status = allocate(solver, b);
    if (status != PTL_OK)
        ptl__workspace_clear(space);
    return status;
}
