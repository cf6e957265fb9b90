/* Matrices and vectors as binary files: each rank writes its rows where they belong in global
 * order. */
#include <petiole/binary.h>

#include <string.h>

#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "binary_sums.h"
#include "layout.h"
#include "rows.h"

enum { BUFFER = 1 << 20 }; /* bytes */

/* A file on its way. */
typedef struct writer {
    ptl__binary_header header;
    ptl__output file;
    ptl__binary_sums sums;
    char *buffer;
} writer;

/* (C) Opens the file; `status` is this rank's. To be ended by finish, on failure too. */
static ptl_status begin(writer *w, ptl_comm *comm, const char *path, int64_t signature,
                        ptl_status status)
{
    w->sums = (ptl__binary_sums){.header = &w->header, .file = &w->file};
    if (status == PTL_OK && w->header.dtype == PTL_F16)
        status =
            ptl_fail(PTL_NOT_SUPPORTED,
                     "binary files cannot hold float16: write a MatrixMarket file, or convert it "
                     "first, astype(\"float32\")");
    if (status == PTL_OK)
        status = PTL_NEW(BUFFER, char, &w->buffer);
    return ptl__output_open(comm, path, signature, status, &w->file);
}

/* (C) The rest, once the sections are written; `status` is this rank's. */
static ptl_status write_rest(writer *w, ptl_comm *comm, ptl_status status)
{
    if (status == PTL_OK && comm->rank == 0)
        status = ptl__output_write(&w->file, 0, sizeof w->header, &w->header);
    return ptl__binary_write_sums(comm, &w->sums, status);
}

/* (C) */
static ptl_status finish(writer *w, ptl_status status)
{
    ptl__binary_sums_clear(&w->sums);
    ptl__free(w->buffer);
    return ptl__output_finish(&w->file, status);
}

/* ---- matrices ---------------------------------------------------------------------------------
 */

/* (C) starts[i]: how many entries come before those of the partition's range i, in global order; at
 * last, of all. */
static ptl_status count_ranges(const ptl__row_reader *r, ptl_comm *comm, int64_t **starts)
{
    const ptl_partition *p = r->partition;
    const int64_t ranges = ptl_partition_num_ranges(p);
    ptl_status status = PTL_NEW_ZERO(ranges + 1, int64_t, starts);
    PTL_TRY(ptl__agree(comm, status, 0, "calls"));
    for (int64_t i = 0; i < ptl__partition_count_own(p, r->rank); i++) {
        const ptl__range range = ptl__partition_own(p, r->rank, i);
        (*starts)[range.number + 1] =
            ptl__row_reader_count(r, range.start, range.start + ptl__range_size(&range));
    }
    PTL_TRY(ptl__comm_allreduce(comm, *starts, ranges + 1, PTL_MTYPE_INT64, PTL_REDUCE_SUM));
    for (int64_t range = 0; range < ranges; range++)
        (*starts)[range + 1] += (*starts)[range];
    return PTL_OK;
}

/* The three sections, each in ascending order. */
typedef struct sections {
    ptl__binary_stream indptr, indices, values;
} sections;

/* Where the rows of the piece begin, from `position` on. */
static ptl_status write_indptr(writer *w, sections *s, const ptl__row_reader *r, int64_t row,
                               int64_t position)
{
    int64_t count = r->next - r->first, *out = (int64_t *)w->buffer;
    for (int64_t i = 0; i < count; i++) {
        out[i] = position;
        position += r->lengths[i];
    }
    return ptl__binary_write(&s->indptr, w->header.indptr + 8 * row, 8 * count, out);
}

/* The columns of the piece's entries, the first of which is number `position`. */
static ptl_status write_indices(writer *w, sections *s, const ptl__row_reader *r, int64_t position)
{
    int64_t size = w->header.index_bytes, most = BUFFER / 4;
    if (size == 8)
        return ptl__binary_write(&s->indices, w->header.indices + 8 * position, 8 * r->count,
                                 r->cols);
    for (int64_t done = 0, n; done < r->count; done += n) {
        n = r->count - done < most ? r->count - done : most;
        for (int64_t i = 0; i < n; i++)
            ((int32_t *)w->buffer)[i] = (int32_t)r->cols[done + i];
        PTL_TRY(ptl__binary_write(&s->indices, w->header.indices + 4 * (position + done), 4 * n,
                                  w->buffer));
    }
    return PTL_OK;
}

/* (L) The rows of one range, whose entries begin with number `position`. */
static ptl_status write_range(writer *w, sections *s, ptl__row_reader *r, ptl__range range,
                              int64_t position)
{
    const int64_t end = range.start + ptl__range_size(&range);
    int64_t size = (int64_t)ptl_dtype_size((ptl_dtype)w->header.dtype);
    ptl__row_reader_seek(r, range.start);
    while (r->next < end) {
        PTL_TRY(ptl__row_reader_read(r, end));
        PTL_TRY(write_indptr(w, s, r, range.begin + r->first - range.start, position));
        PTL_TRY(write_indices(w, s, r, position));
        PTL_TRY(ptl__binary_write(&s->values, w->header.values + size * position, size * r->count,
                                  r->values));
        position += r->count;
    }
    return PTL_OK;
}

/* (L) */
static ptl_status write_rows(writer *w, ptl__row_reader *r, const int64_t *starts)
{
    const ptl_partition *p = r->partition;
    const ptl__binary_stream fresh = {.sums = &w->sums, .chunk = -1};
    sections s = {fresh, fresh, fresh};
    for (int64_t i = 0; i < ptl__partition_count_own(p, r->rank); i++) {
        const ptl__range range = ptl__partition_own(p, r->rank, i);
        PTL_TRY(write_range(w, &s, r, range, starts[range.number]));
    }
    PTL_TRY(ptl__binary_flush(&s.indptr));
    if (r->rank == 0) /* where the last row ends */
        PTL_TRY(ptl__binary_write(&s.indptr, w->header.indptr + 8 * w->header.rows, 8,
                                  &w->header.entries));
    PTL_TRY(ptl__binary_flush(&s.indptr));
    PTL_TRY(ptl__binary_flush(&s.indices));
    return ptl__binary_flush(&s.values);
}

/* (C) */
static ptl_status write_matrix(ptl_matrix *A, ptl__row_reader *r, int64_t **starts,
                               const char *path)
{
    ptl_comm *comm = A->base.comm;
    writer w = {.header = {.kind = PTL__BINARY_MATRIX,
                           .dtype = A->base.dtype,
                           .rows = A->base.rows,
                           .cols = A->base.cols}};
    ptl_status status = ptl__row_reader_begin(A, r);
    status = begin(&w, comm, path, ptl__io_sign_matrix(PTL__OUTPUT_BINARY, A), status);
    if (status == PTL_OK)
        status = ptl__row_reader_place(r);
    if (status == PTL_OK)
        status = count_ranges(r, comm, starts);
    if (status == PTL_OK) {
        w.header.entries = (*starts)[ptl_partition_num_ranges(r->partition)];
        ptl__binary_complete(&w.header);
        status = write_rest(&w, comm, write_rows(&w, r, *starts));
    }
    return finish(&w, status);
}

ptl_status ptl_matrix_write_binary(ptl_matrix *A, const char *path)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_TRY(ptl__busy_begin(A, "matrix"));
    ptl__row_reader rows = {0};
    int64_t *starts = NULL;
    ptl_status status = write_matrix(A, &rows, &starts, path);
    ptl__free(starts);
    ptl__row_reader_end(&rows);
    ptl__busy_end(A);
    return status;
}

/* ---- vectors ----------------------------------------------------------------------------------
 */

/* (L) Bytes [from, to) of the local block's packed rows, at `offset`. */
static ptl_status write_packed(writer *w, ptl__binary_stream *s, const ptl_vector *v, int64_t row,
                               int64_t rows, int64_t offset)
{
    int64_t size = (int64_t)ptl_dtype_size(v->dtype), bytes = v->columns * size;
    int64_t most = bytes > BUFFER ? 1 : BUFFER / bytes;
    for (int64_t done = 0, n; done < rows; done += n) {
        const char *from = (const char *)v->data + (row + done) * v->ld * size;
        n = rows - done < most ? rows - done : most;
        if (v->ld != v->columns && n > 1) {
            for (int64_t i = 0; i < n; i++)
                memcpy(w->buffer + i * bytes, from + i * v->ld * size, (size_t)bytes);
            from = w->buffer;
        }
        PTL_TRY(ptl__binary_write(s, offset + done * bytes, n * bytes, from));
    }
    return PTL_OK;
}

/* (L) */
static ptl_status write_values(writer *w, const ptl_vector *v, const ptl_partition *p)
{
    ptl__binary_stream s = {.sums = &w->sums, .chunk = -1};
    int64_t bytes = v->columns * (int64_t)ptl_dtype_size(v->dtype);
    int rank = v->comm->rank;
    for (int64_t i = 0; i < ptl__partition_count_own(p, rank); i++) {
        const ptl__range range = ptl__partition_own(p, rank, i);
        PTL_TRY(write_packed(w, &s, v, range.start, ptl__range_size(&range),
                             w->header.values + range.begin * bytes));
    }
    return ptl__binary_flush(&s);
}

ptl_status ptl_vector_write_binary(ptl_vector *v, const char *path)
{
    PTL_CHECK(v, PTL_INVALID, "v is NULL");
    ptl_partition *partition = NULL;
    ptl_vector *host;
    const ptl_status copied = ptl__vector_on_host(v, &host);
    writer w = {.header = {.kind = PTL__BINARY_VECTOR,
                           .dtype = v->dtype,
                           .ndim = (uint32_t)v->ndim,
                           .rows = v->rows,
                           .cols = v->columns,
                           .entries = v->rows * v->columns}};
    ptl_status status =
        begin(&w, v->comm, path, ptl__io_sign_vector(PTL__OUTPUT_BINARY, v), copied);
    ptl__binary_complete(&w.header);
    if (status == PTL_OK)
        status = ptl__io_rows_of(v, &partition);
    if (status == PTL_OK)
        status = write_rest(&w, v->comm, write_values(&w, host, partition));
    status = finish(&w, status);
    ptl_vector_release(&host);
    ptl_partition_release(&partition);
    return status;
}
