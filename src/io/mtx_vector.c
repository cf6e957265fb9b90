/* MatrixMarket files as vectors. */
#include <petiole/mtx.h>

#include <inttypes.h>
#include <string.h>

#include "../base/vector.h"
#include "../core/status.h"
#include "../dist/partition.h"
#include "../dist/vector_global.h"
#include "half.h"
#include "layout.h"
#include "mtx_read.h"

/* Entries of a coordinate file add up. */
static ptl_status add(void *ctx, int64_t count, const ptl__pair *pairs, const void *values)
{
    ptl_vector *v = ctx;
    size_t size = ptl_dtype_size(v->dtype);
    int64_t range = 0;
    for (int64_t i = 0; i < count; i++)
        ptl__vector_add_at(v, pairs[i].row, pairs[i].col, 1,
                           (const char *)values + (size_t)i * size, &range);
    return PTL_OK;
}

/* Those of an array come once, so that a -0 stays one. */
static ptl_status set(void *ctx, int64_t count, const ptl__pair *pairs, const void *values)
{
    ptl_vector *v = ctx;
    const ptl_partition *p = v->partition;
    size_t size = ptl_dtype_size(v->dtype);
    int64_t range = 0;
    for (int64_t i = 0; i < count; i++) {
        ptl__partition_seek(p, pairs[i].row, &range);
        int64_t at = (p->starts[range] + pairs[i].row - p->bounds[range]) * v->ld + pairs[i].col;
        memcpy((char *)v->data + (size_t)at * size, (const char *)values + (size_t)i * size, size);
    }
    return PTL_OK;
}

/* (L) Zeros of the file's rows and columns. */
static ptl_status make_vector(const ptl__mtx_reading *r, ptl_exec *exec, ptl_partition *given,
                              ptl_vector **out)
{
    const ptl__mtx_header *h = &r->kind.header;
    ptl_partition *partition;
    PTL_CHECK(h->cols >= 1, PTL_DIMENSION, "%s: %" PRId64 " columns, expected at least 1",
              r->file->path, h->cols);
    PTL_TRY(ptl__io_partition(r->comm, given, "partition", "rows", h->rows, &partition));
    const ptl_vector_shape shape = {.columns = h->cols == 1 ? 0 : h->cols, .dtype = r->kind.dtype};
    ptl_status status = ptl__vector_of_partition(r->comm, exec, partition, shape, out);
    ptl_partition_release(&partition);
    return status;
}

/* (C) From the header on. */
static ptl_status read_vector(ptl__mtx_reading *r, ptl_exec *exec, ptl_partition *given,
                              ptl_vector **out)
{
    ptl_status status = make_vector(r, exec, given, out);
    int64_t signature = status == PTL_OK ? ptl__partition_sign(0, (*out)->partition) : 0;
    PTL_TRY(ptl__agree(r->comm, status, signature, "partitions"));
    r->threads = (*out)->exec->threads;
    r->partition = (*out)->partition;
    r->take = r->kind.header.coordinate ? add : set;
    r->ctx = *out;
    return ptl__mtx_read_entries(r);
}

ptl_status ptl_vector_read_mtx(const char *path, ptl_comm *comm, ptl_exec *exec,
                               ptl_partition *partition, int dtype, ptl_vector **out)
{
    *out = NULL;
    ptl__file file;
    ptl__mtx_reading r = {.comm = ptl__comm_or_self(comm), .file = &file};
    ptl_status status =
        ptl__file_open(r.comm, path, PTL_OK, ptl__io_sign(partition, NULL, dtype), &file);
    if (status == PTL_OK)
        status = ptl__mtx_begin(&r, ptl__io_computing(dtype));
    if (status == PTL_OK)
        status = read_vector(&r, exec, partition, out);
    if (status == PTL_OK)
        status = ptl__io_round_vector(dtype, out);
    if (status != PTL_OK)
        ptl_vector_release(out);
    ptl__mtx_clear(&r);
    ptl__file_close(&file);
    ptl_comm_release(&r.comm);
    return status;
}
