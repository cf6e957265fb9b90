/* MatrixMarket files as matrices. */
#include "../core/status.h"
#include "../kernels/exec.h"
#include "layout.h"
#include "mtx_read.h"
#include "room.h"

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

/* The least that the entries will be: a diagonal has no mirror image, and zeros may be left out. */
static int64_t least_entries(const ptl__mtx_header *h)
{
    int64_t twice = h->symmetry == PTL__MTX_GENERAL ? 0 : h->entries - h->rows;
    return h->coordinate ? h->entries + (twice > 0 ? twice : 0) : 0;
}

ptl_status ptl__mtx_read_matrix(const ptl__file *file, const ptl_matrix_layout *given, int dtype,
                                ptl_matrix **out)
{
    ptl__mtx_reading r = {.comm = given->comm, .file = file};
    const ptl__mtx_header *h = &r.kind.header;
    ptl_matrix_layout layout = {0};
    ptl_status status = ptl__mtx_begin(&r, dtype);
    if (status == PTL_OK)
        status = ptl__io_layout(given, h->rows, h->cols, &layout);
    if (status == PTL_OK)
        status = ptl__io_check_room(r.comm, file->path,
                                    ptl__io_matrix_bytes(&layout, least_entries(h), r.kind.dtype),
                                    PTL_OK);
    if (status == PTL_OK)
        status = read_matrix(&r, &layout, out);
    ptl__mtx_clear(&r);
    ptl__layout_release(&layout);
    return status;
}
