/* The memory of a solver. */
#include "workspace.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"

void ptl__workspace_clear(ptl__workspace *space)
{
    ptl_vector_release(&space->r);
    ptl_vector_release(&space->guess);
    for (int i = 0; i < PTL__SOLVER_MAX_WORK; i++)
        ptl_vector_release(&space->work[i]);
    for (int i = 0; i < PTL__SOLVER_MAX_COEFS; i++)
        ptl__free(space->coef[i]);
    ptl__free(space->minus_one);
    ptl__free(space->mask);
    ptl__reducer_free(space->reducer);
    ptl_log_release(&space->log);
    memset(space, 0, sizeof *space);
}

static ptl_status allocate(ptl__workspace *space, const ptl__method *method, const ptl_vector *b)
{
    const int64_t columns = b->columns, coef_size = columns * ptl__coef_doubles(b->dtype);
    PTL_TRY(ptl__vector_new_like(b, b->dtype, &space->r));
    PTL_TRY(ptl__vector_new_like(b, b->dtype, &space->guess));
    for (int i = 0; i < method->work_vectors; i++)
        PTL_TRY(ptl__vector_new_like(b, b->dtype, &space->work[i]));
    for (int i = 0; i < method->coefs; i++)
        PTL_TRY(PTL_NEW_ZERO(coef_size, double, &space->coef[i]));
    PTL_TRY(PTL_NEW_ZERO(coef_size, double, &space->minus_one));
    for (int64_t j = 0; j < columns; j++)
        space->minus_one[j * ptl__coef_doubles(b->dtype)] = -1;
    PTL_TRY(PTL_NEW_ZERO(columns, uint8_t, &space->mask));
    PTL_TRY(ptl__log_create(columns, &space->log));
    PTL_TRY(ptl__reducer_create(b->comm, (method->sums + 1) * coef_size, 0, &space->reducer));
    space->local_rows = b->local_rows;
    space->columns = columns;
    return PTL_OK;
}

/* Callbacks see r: it looks like the b of this solve. */
static void dress(ptl_vector *r, const ptl_vector *b)
{
    ptl_partition *old = r->partition;
    r->partition = ptl_partition_retain(b->partition);
    r->ndim = b->ndim;
    ptl_partition_release(&old);
}

ptl_status ptl__workspace_ensure(ptl__workspace *space, const ptl__method *method,
                                 const ptl_vector *b)
{
    if (space->reducer && space->local_rows == b->local_rows && space->columns == b->columns) {
        dress(space->r, b);
        return PTL_OK;
    }
    ptl__workspace_clear(space);
    ptl_status status = allocate(space, method, b);
    if (status != PTL_OK)
        ptl__workspace_clear(space);
    return status;
}
