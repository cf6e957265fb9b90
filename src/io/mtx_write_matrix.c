/* Matrices as MatrixMarket files: each rank formats its rows twice, first to know how many bytes
 * they take, then to write them where the ranks before it end. */
#include <petiole/mtx.h>

#include <inttypes.h>
#include <stdio.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "decimal.h"
#include "layout.h"
#include "mtx_text.h"
#include "output.h"
#include "rows.h"

enum {
    INDEX = 20, /* bytes of an index, with the space after it */
    LINE = 2 * INDEX + 2 * PTL__DECIMAL_ROOM
};

/* A matrix on its way to a file. */
typedef struct matrix_writer {
    ptl__row_reader rows;
    ptl__output file;
    locale_t locale;
    int threads;
    char *text;        /* room for a piece: a part of it per thread */
    int64_t text_room; /* entries */
    int64_t *lengths;  /* bytes of each thread's part */
} matrix_writer;

/* The text of the piece's entries from first to last. */
static int64_t format_entries(const matrix_writer *w, int64_t first, int64_t last, char *out)
{
    const ptl__row_reader *r = &w->rows;
    ptl_dtype dtype = r->A->base.dtype;
    size_t size = ptl_dtype_size(dtype);
    const char *begin = out;
    for (int64_t i = first; i < last; i++) {
        out = ptl__decimal_write_int(r->rows[i] + 1, out);
        *out++ = ' ';
        out = ptl__decimal_write_int(r->cols[i] + 1, out);
        *out++ = ' ';
        out = ptl__mtx_write_element(dtype, w->locale, (const char *)r->values + (size_t)i * size,
                                     out);
        *out++ = '\n';
    }
    return out - begin;
}

static int64_t part_begin(const matrix_writer *w, int part)
{
    return w->rows.count * part / w->threads;
}

/* The piece at hand as text, by all threads: w->lengths. */
static ptl_status format_piece(matrix_writer *w)
{
    if (w->rows.count > w->text_room || !w->text) {
        ptl__free(w->text);
        w->text_room = 0;
        PTL_TRY(ptl__alloc(w->rows.count, LINE, (void **)&w->text));
        w->text_room = w->rows.count;
    }
#pragma omp parallel for num_threads(w->threads) schedule(static)
    for (int t = 0; t < w->threads; t++)
        w->lengths[t] = format_entries(w, part_begin(w, t), part_begin(w, t + 1),
                                       w->text + part_begin(w, t) * LINE);
    return PTL_OK;
}

/* (L) Writes this rank's entries from `offset` on, or (-1) counts their bytes alone. */
static ptl_status write_entries(matrix_writer *w, int64_t offset, int64_t *bytes)
{
    int64_t limit = w->rows.local.rows;
    *bytes = 0;
    ptl__row_reader_seek(&w->rows, 0);
    while (w->rows.next < limit) {
        PTL_TRY(ptl__row_reader_read(&w->rows, limit));
        PTL_TRY(format_piece(w));
        for (int t = 0; t < w->threads; t++) {
            if (offset >= 0)
                PTL_TRY(ptl__output_write(&w->file, offset + *bytes, w->lengths[t],
                                          w->text + part_begin(w, t) * LINE));
            *bytes += w->lengths[t];
        }
    }
    return PTL_OK;
}

/* (C) Once the file is open: what every rank writes where. */
static ptl_status write_matrix(matrix_writer *w, ptl_comm *comm)
{
    const ptl_linop *base = &w->rows.A->base;
    char head[256];
    int64_t bytes = 0, before, all, entries_before, entries;
    int length = ptl__mtx_write_banner("coordinate", base->dtype, head, sizeof head);
    ptl_status status = write_entries(w, -1, &bytes);
    PTL_TRY(ptl__agree(comm, status, 0, "calls"));
    PTL_TRY(ptl__io_sum_before(comm, bytes, &before, &all));
    PTL_TRY(ptl__io_sum_before(comm, ptl__row_reader_count(&w->rows, 0, w->rows.local.rows),
                               &entries_before, &entries));
    length += snprintf(head + length, sizeof head - (size_t)length,
                       "%" PRId64 " %" PRId64 " %" PRId64 "\n", base->rows, base->cols, entries);
    if (comm->rank == 0)
        status = ptl__output_write(&w->file, 0, length, head);
    return status == PTL_OK ? write_entries(w, length + before, &bytes) : status;
}

/* (C) */
static ptl_status run_matrix_writer(matrix_writer *w, ptl_matrix *A, const char *path)
{
    ptl_comm *comm = A->base.comm;
    w->threads = A->base.exec->threads;
    ptl_status status = ptl__row_reader_begin(A, &w->rows);
    if (status == PTL_OK)
        status = ptl__mtx_locale(&w->locale);
    if (status == PTL_OK)
        status = PTL_NEW(w->threads, int64_t, &w->lengths);
    status =
        ptl__output_open(comm, path, ptl__io_sign_matrix(PTL__OUTPUT_MTX, A), status, &w->file);
    if (status == PTL_OK)
        status = ptl__row_reader_place(&w->rows);
    if (status == PTL_OK)
        status = write_matrix(w, comm);
    return ptl__output_finish(&w->file, status);
}

ptl_status ptl_matrix_write_mtx(ptl_matrix *A, const char *path)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_TRY(ptl__busy_begin(A, "matrix"));
    matrix_writer w = {0};
    ptl_status status = run_matrix_writer(&w, A, path);
    ptl__row_reader_end(&w.rows);
    if (w.locale)
        freelocale(w.locale);
    ptl__free(w.text);
    ptl__free(w.lengths);
    ptl__busy_end(A);
    return status;
}
