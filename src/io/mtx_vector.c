/* MatrixMarket files as vectors. */
#include <inttypes.h>
#include <string.h>

#include "../base/vector.h"
#include "../core/status.h"
#include "../distributed/partition.h"
#include "../distributed/vector_global.h"
#include "layout.h"
#include "mtx_read.h"

/* Entries of a coordinate file add up. */
static ptl_status add(void *ctx, int64_t count, const ptl__pair *pairs, const void *values)
{
    ptl_vector *v = ctx;
    size_t size = ptl_dtype_size(v->dtype);
    ptl__range at = {0};
    for (int64_t i = 0; i < count; i++)
        ptl__vector_add_at(v, pairs[i].row, pairs[i].col, 1,
                           (const char *)values + (size_t)i * size, &at);
    return PTL_OK;
}

/* Those of an array come once, so that a -0 stays one. */
static ptl_status set(void *ctx, int64_t count, const ptl__pair *pairs, const void *values)
{
    ptl_vector *v = ctx;
    size_t size = ptl_dtype_size(v->dtype);
    ptl__range at = {0};
    for (int64_t i = 0; i < count; i++) {
        int64_t to = ptl__partition_local(v->partition, pairs[i].row, &at) * v->ld + pairs[i].col;
        memcpy((char *)v->data + (size_t)to * size, (const char *)values + (size_t)i * size, size);
    }
    return PTL_OK;
}

ptl_status ptl__mtx_read_vector(const ptl__file *file, const ptl_matrix_layout *layout, int dtype,
                                ptl_vector **out)
{
    ptl__mtx_reading r = {.comm = layout->comm, .file = file};
    const ptl__mtx_header *h = &r.kind.header;
    ptl_status status = ptl__mtx_begin(&r, dtype);
    if (status == PTL_OK && h->cols < 1) /* on every rank */
        status = ptl_fail(PTL_DIMENSION, "%s: %" PRId64 " columns, expected at least 1", file->path,
                          h->cols);
    if (status == PTL_OK) {
        const ptl_vector_shape shape = {
            .global_rows = h->rows, .columns = h->cols == 1 ? 0 : h->cols, .dtype = r.kind.dtype};
        status = ptl__io_zeros(layout, file->path, shape, out);
    }
    if (status == PTL_OK) {
        r.threads = (*out)->exec->threads;
        r.partition = (*out)->partition;
        r.take = h->coordinate ? add : set;
        r.ctx = *out;
        status = ptl__mtx_read_entries(&r);
    }
    if (status == PTL_OK)
        status = ptl__agree(layout->comm, ptl__vector_hand_over(*out, layout->exec), 0, "calls");
    ptl__mtx_clear(&r);
    return status;
}
