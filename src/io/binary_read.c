/* Binary files, read by all ranks: each reads the rows that its part has. */
#include "binary_read.h"

#include <inttypes.h>
#include <string.h>

#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/intake.h"
#include "../distributed/partition.h"
#include "binary_chunks.h"
#include "layout.h"
#include "room.h"

enum { PIECE = 1 << 16 }; /* rows, or entries, that are read at a time */

/* (C) The header, on every rank; *dtype: what is to be made, -1 is the file's. */
static ptl_status read_header(ptl_comm *comm, const ptl__file *file, ptl__binary_kind kind,
                              int *dtype, ptl__binary_header *h)
{
    ptl_status status = ptl__binary_read_header(file, kind, h);
    if (status == PTL_OK && (*dtype < -1 || *dtype >= PTL_DTYPE_COUNT))
        status = ptl_fail(PTL_DTYPE, "unknown dtype %d", *dtype);
    if (status == PTL_OK && *dtype >= 0 && ptl_dtype_is_complex((ptl_dtype)h->dtype) &&
        !ptl_dtype_is_complex((ptl_dtype)*dtype))
        status = ptl_fail(PTL_DTYPE, "%s: the file is %s, and cannot be read as %s", file->path,
                          ptl_dtype_name((ptl_dtype)h->dtype), ptl_dtype_name((ptl_dtype)*dtype));
    if (status == PTL_OK && *dtype < 0)
        *dtype = (int)h->dtype;
    return ptl__agree(comm, status, (int64_t)h->checksum, "files");
}

/* Elements of dtype `from` as elements of dtype `to`. */
static void convert(ptl_dtype from, ptl_dtype to, int64_t count, const void *in, void *out)
{
    int single = ptl_dtype_real(from) == PTL_F32, parts = ptl_dtype_is_complex(from) ? 2 : 1;
    if (from == to) {
        memcpy(out, in, (size_t)count * ptl_dtype_size(from));
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t k = i * parts;
        double re = single ? ((const float *)in)[k] : ((const double *)in)[k], im = 0;
        if (parts == 2)
            im = single ? ((const float *)in)[k + 1] : ((const double *)in)[k + 1];
        switch (to) {
        case PTL_F32:
            ((float *)out)[i] = (float)re;
            break;
        case PTL_F64:
            ((double *)out)[i] = re;
            break;
        case PTL_C64:
            ((ptl_c64 *)out)[i] = (ptl_c64){(float)re, (float)im};
            break;
        default:
            ((ptl_c128 *)out)[i] = (ptl_c128){re, im};
        }
    }
}

/* ---- matrices ---------------------------------------------------------------------------------
 */

/* A matrix being read. */
typedef struct matrix_reader {
    const ptl__file *file;
    const ptl__binary_header *header;
    ptl_dtype dtype; /* of the matrix */
    ptl__intake *intake;
    ptl__binary_reader indptr, indices, values;
    /* One piece: where its rows begin and end; its entries. */
    int64_t *starts;
    void *cols, *raw, *converted;
    ptl__pair *pairs;
} matrix_reader;

/* (L) */
static ptl_status reader_init(matrix_reader *r)
{
    const ptl__binary_header *h = r->header;
    const ptl__binary_reader fresh = {.file = r->file, .header = h};
    r->indptr = r->indices = r->values = fresh;
    PTL_TRY(PTL_NEW(PIECE + 1, int64_t, &r->starts));
    PTL_TRY(PTL_NEW(PIECE, ptl__pair, &r->pairs));
    PTL_TRY(ptl__alloc(PIECE, h->index_bytes, &r->cols));
    PTL_TRY(ptl__alloc(PIECE, ptl_dtype_size((ptl_dtype)h->dtype), &r->raw));
    return ptl__alloc(PIECE, ptl_dtype_size(r->dtype), &r->converted);
}

static void reader_clear(matrix_reader *r)
{
    ptl__binary_reader_clear(&r->indptr);
    ptl__binary_reader_clear(&r->indices);
    ptl__binary_reader_clear(&r->values);
    ptl__free(r->starts);
    ptl__free(r->pairs);
    ptl__free(r->cols);
    ptl__free(r->raw);
    ptl__free(r->converted);
}

/* Entries [first, first + count) of the file, whose rows are in r->pairs already, to the intake. */
static ptl_status read_entries(matrix_reader *r, int64_t first, int64_t count)
{
    const ptl__binary_header *h = r->header;
    int64_t size = (int64_t)ptl_dtype_size((ptl_dtype)h->dtype), width = h->index_bytes;
    PTL_TRY(ptl__binary_read(&r->indices, h->indices + width * first, width * count, r->cols));
    PTL_TRY(ptl__binary_read(&r->values, h->values + size * first, size * count, r->raw));
    for (int64_t i = 0; i < count; i++) {
        int64_t col = width == 4 ? ((int32_t *)r->cols)[i] : ((int64_t *)r->cols)[i];
        PTL_CHECK(col >= 0 && col < h->cols, PTL_FORMAT,
                  "%s: entry %" PRId64 " has column %" PRId64 ", outside [0, %" PRId64 ")",
                  r->file->path, first + i, col, h->cols);
        r->pairs[i].col = col;
    }
    convert((ptl_dtype)h->dtype, r->dtype, count, r->raw, r->converted);
    return ptl__intake_add(r->intake, count, r->pairs, r->converted);
}

/* The rows [row, row + rows), whose bounds are in r->starts. */
static ptl_status read_rows(matrix_reader *r, int64_t row, int64_t rows)
{
    int64_t first = r->starts[0], count = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = r->starts[i]; k < r->starts[i + 1]; k++) {
            r->pairs[count++].row = row + i;
            if (count == PIECE) {
                PTL_TRY(read_entries(r, first, count));
                first += count;
                count = 0;
            }
        }
    return read_entries(r, first, count);
}

/* That rows begin where they can. */
static ptl_status check_starts(const matrix_reader *r, int64_t row, int64_t rows)
{
    const ptl__binary_header *h = r->header;
    PTL_CHECK(r->starts[0] >= 0 && r->starts[rows] <= h->entries &&
                  (row > 0 || r->starts[0] == 0) &&
                  (row + rows < h->rows || r->starts[rows] == h->entries),
              PTL_FORMAT, "%s: rows %" PRId64 " to %" PRId64 " have offsets outside the entries",
              r->file->path, row, row + rows);
    for (int64_t i = 0; i < rows; i++)
        PTL_CHECK(r->starts[i] <= r->starts[i + 1], PTL_FORMAT,
                  "%s: row %" PRId64 " ends before it begins", r->file->path, row + i);
    return PTL_OK;
}

/* (L) This rank's rows. */
static ptl_status read_part(matrix_reader *r, const ptl_matrix_layout *layout)
{
    const ptl_partition *p = layout->partition;
    int rank = layout->comm->rank;
    PTL_TRY(reader_init(r));
    for (int64_t i = 0; i < ptl__partition_count_own(p, rank); i++) {
        const ptl__range range = ptl__partition_own(p, rank, i);
        for (int64_t row = range.begin, n; row < range.end; row += n) {
            n = range.end - row < PIECE ? range.end - row : PIECE;
            PTL_TRY(
                ptl__binary_read(&r->indptr, r->header->indptr + 8 * row, 8 * (n + 1), r->starts));
            PTL_TRY(check_starts(r, row, n));
            PTL_TRY(read_rows(r, row, n));
        }
    }
    return PTL_OK;
}

/* (C) From the header on. */
static ptl_status read_matrix(const ptl__file *file, const ptl__binary_header *h,
                              const ptl_matrix_layout *layout, ptl_dtype dtype, ptl_matrix **out)
{
    matrix_reader r = {.file = file, .header = h, .dtype = dtype};
    ptl_status status = ptl__intake_new(layout, dtype, &r.intake);
    if (status == PTL_OK)
        status = read_part(&r, layout);
    reader_clear(&r);
    status = ptl__agree(layout->comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl__intake_finish(r.intake, status, out);
    ptl__intake_free(r.intake);
    return status;
}

ptl_status ptl__binary_read_matrix(const ptl__file *file, const ptl_matrix_layout *given, int dtype,
                                   ptl_matrix **out)
{
    ptl__binary_header h = {.rows = 0};
    ptl_matrix_layout layout = {0};
    ptl_status status = read_header(given->comm, file, PTL__BINARY_MATRIX, &dtype, &h);
    if (status == PTL_OK)
        status = ptl__io_layout(given, h.rows, h.cols, &layout);
    if (status == PTL_OK)
        status =
            ptl__io_check_room(layout.comm, file->path,
                               ptl__io_matrix_bytes(&layout, h.entries, (ptl_dtype)dtype), PTL_OK);
    if (status == PTL_OK)
        status = read_matrix(file, &h, &layout, (ptl_dtype)dtype, out);
    ptl__layout_release(&layout);
    return status;
}

/* ---- vectors ----------------------------------------------------------------------------------
 */

/* (L) Elements [first, first + count) of the file to `to`, of dtype `dtype`. */
static ptl_status read_elements(ptl__binary_reader *r, int64_t first, int64_t count, void *raw,
                                ptl_dtype dtype, char *to)
{
    ptl_dtype from = (ptl_dtype)r->header->dtype;
    int64_t size = (int64_t)ptl_dtype_size(from), own = (int64_t)ptl_dtype_size(dtype);
    for (int64_t done = 0, n; done < count; done += n) {
        n = count - done < PIECE ? count - done : PIECE;
        PTL_TRY(ptl__binary_read(r, r->header->values + size * (first + done), size * n, raw));
        convert(from, dtype, n, raw, to + own * done);
    }
    return PTL_OK;
}

/* (L) This rank's rows. */
static ptl_status read_values(ptl__binary_reader *r, void *raw, ptl_vector *v)
{
    const ptl_partition *p = v->partition;
    int rank = v->comm->rank;
    int64_t size = (int64_t)ptl_dtype_size(v->dtype);
    for (int64_t i = 0; i < ptl__partition_count_own(p, rank); i++) {
        const ptl__range range = ptl__partition_own(p, rank, i);
        const int64_t rows = ptl__range_size(&range);
        char *to = (char *)v->data + range.start * v->ld * size;
        int64_t runs = v->ld == v->columns ? 1 : rows, run = rows / runs * v->columns;
        for (int64_t k = 0; k < runs; k++)
            PTL_TRY(read_elements(r, range.begin * v->columns + k * run, run, raw, v->dtype,
                                  to + k * v->ld * size));
    }
    return PTL_OK;
}

/* (C) From the header on. */
static ptl_status read_vector(const ptl__file *file, const ptl__binary_header *h, ptl_vector *v)
{
    ptl__binary_reader r = {.file = file, .header = h};
    void *raw = NULL;
    ptl_status status = ptl__alloc(PIECE, ptl_dtype_size((ptl_dtype)h->dtype), &raw);
    if (status == PTL_OK)
        status = read_values(&r, raw, v);
    ptl__free(raw);
    ptl__binary_reader_clear(&r);
    return ptl__agree(v->comm, status, 0, "calls");
}

ptl_status ptl__binary_read_vector(const ptl__file *file, const ptl_matrix_layout *layout,
                                   int dtype, ptl_vector **out)
{
    ptl__binary_header h = {.rows = 0};
    PTL_TRY(read_header(layout->comm, file, PTL__BINARY_VECTOR, &dtype, &h));
    const ptl_vector_shape shape = {
        .global_rows = h.rows, .columns = h.ndim == 1 ? 0 : h.cols, .dtype = (ptl_dtype)dtype};
    PTL_TRY(ptl__io_zeros(layout, file->path, shape, out));
    PTL_TRY(read_vector(file, &h, *out));
    return ptl__agree(layout->comm, ptl__vector_hand_over(*out, layout->exec), 0, "calls");
}
