/* MatrixMarket files as matrices. */
#include <petiole/mtx.h>

#include "../core/status.h"
#include "../kernels/exec.h"
#include "half.h"
#include "layout.h"
#include "mtx_read.h"

static ptl_status take(void *ctx, int64_t count, const ptl__pair *pairs, const void *values)
{
    return ptl__intake_add(ctx, count, pairs, values);
}

/* (C) From the header on. */
static ptl_status read_matrix(ptl__mtx_reading *r, const ptl_matrix_layout *layout,
                              ptl_matrix **out)
{
    ptl__intake *intake;
    ptl_status status = ptl__intake_new(layout, r->kind.dtype, &intake);
    r->kind.drop_zeros = !r->kind.header.coordinate;
    r->threads = layout->exec->threads;
    r->partition = layout->partition;
    r->take = take;
    r->ctx = intake;
    status = ptl__agree(r->comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl__mtx_read_entries(r);
    ptl__mtx_clear(r); /* before the blocks are made */
    if (status == PTL_OK)
        status = ptl__intake_finish(intake, status, out);
    ptl__intake_free(intake);
    return status;
}

ptl_status ptl_matrix_read_mtx(const char *path, const ptl_matrix_layout *given, int dtype,
                               ptl_matrix **out)
{
    *out = NULL;
    ptl__file file;
    ptl_matrix_layout layout = {0};
    ptl__mtx_reading r = {.comm = ptl__comm_or_self(given->comm), .file = &file};
    int64_t signature = ptl__io_sign(given->partition, given->col_partition, dtype);
    ptl_status status = ptl__file_open(r.comm, path, PTL_OK, signature, &file);
    if (status == PTL_OK)
        status = ptl__mtx_begin(&r, ptl__io_computing(dtype));
    if (status == PTL_OK)
        status = ptl__io_layout(given, r.kind.header.rows, r.kind.header.cols, &layout);
    if (status == PTL_OK)
        status = read_matrix(&r, &layout, out);
    if (status == PTL_OK)
        status = ptl__io_round_matrix(dtype, out);
    if (status != PTL_OK)
        ptl_matrix_release(out);
    ptl__mtx_clear(&r);
    ptl__layout_release(&layout);
    ptl__file_close(&file);
    ptl_comm_release(&r.comm);
    return status;
}
