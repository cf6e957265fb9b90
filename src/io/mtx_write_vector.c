/* Vectors as MatrixMarket arrays, which go down the columns whoever owns the rows. All lines have
 * the same length, so that each rank knows where its own belong. */
#include <petiole/mtx.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/vector.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/partition.h"
#include "decimal.h"
#include "layout.h"
#include "mtx_text.h"
#include "output.h"

enum { PIECE = 1 << 16 }; /* numbers */

typedef struct vector_writer {
    const ptl_vector *v;
    ptl_partition *partition;
    ptl__output file;
    locale_t locale;
    int64_t line, head; /* bytes of a line, and of what comes before the first */
    char *text;
} vector_writer;

/* Local rows [first, first + count) of column `col` as lines, right-aligned. */
static void format_rows(const vector_writer *w, int64_t col, int64_t first, int64_t count)
{
    const ptl_vector *v = w->v;
    size_t size = ptl_dtype_size(v->dtype);
    char number[2 * PTL__DECIMAL_ROOM];
    for (int64_t i = 0; i < count; i++) {
        const char *from = (const char *)v->data + (size_t)((first + i) * v->ld + col) * size;
        int64_t length = ptl__mtx_write_element(v->dtype, w->locale, from, number) - number;
        char *line = w->text + i * w->line;
        memset(line, ' ', (size_t)w->line);
        memcpy(line + w->line - 1 - length, number, (size_t)length);
        line[w->line - 1] = '\n';
    }
}

/* (L) One column of one of this rank's ranges. */
static ptl_status write_range(const vector_writer *w, ptl__range range, int64_t col)
{
    const int64_t rows = ptl__range_size(&range);
    for (int64_t done = 0, n; done < rows; done += n) {
        n = rows - done < PIECE ? rows - done : PIECE;
        format_rows(w, col, range.start + done, n);
        int64_t number = col * w->v->rows + range.begin + done;
        PTL_TRY(ptl__output_write(&w->file, w->head + number * w->line, n * w->line, w->text));
    }
    return PTL_OK;
}

/* (L) */
static ptl_status write_vector(vector_writer *w)
{
    const ptl_vector *v = w->v;
    const ptl_partition *p = w->partition;
    int rank = v->comm->rank;
    char head[256];
    int length = ptl__mtx_write_banner("array", v->dtype, head, sizeof head);
    length += snprintf(head + length, sizeof head - (size_t)length, "%" PRId64 " %" PRId64 "\n",
                       v->rows, v->columns);
    w->head = length;
    if (rank == 0)
        PTL_TRY(ptl__output_write(&w->file, 0, length, head));
    for (int64_t i = 0; i < ptl__partition_count_own(p, rank); i++)
        for (int64_t col = 0; col < v->columns; col++)
            PTL_TRY(write_range(w, ptl__partition_own(p, rank, i), col));
    return PTL_OK;
}

/* (C) `status` is this rank's so far. */
static ptl_status run_vector_writer(vector_writer *w, ptl_status status, const char *path)
{
    const ptl_vector *v = w->v;
    int64_t number = ptl_dtype_real(ptl_dtype_compute(v->dtype)) == PTL_F32
                         ? 16
                         : 25; /* -1.2345678901234567e-308 */
    w->line = ptl_dtype_is_complex(v->dtype) ? 2 * number : number;
    if (status == PTL_OK)
        status = ptl__mtx_locale(&w->locale);
    if (status == PTL_OK)
        status = PTL_NEW(PIECE * w->line, char, &w->text);
    status =
        ptl__output_open(v->comm, path, ptl__io_sign_vector(PTL__OUTPUT_MTX, v), status, &w->file);
    if (status == PTL_OK)
        status = ptl__io_rows_of(v, &w->partition);
    if (status == PTL_OK)
        status = write_vector(w);
    return ptl__output_finish(&w->file, status);
}

ptl_status ptl_vector_write_mtx(ptl_vector *v, const char *path)
{
    PTL_CHECK(v, PTL_INVALID, "v is NULL");
    ptl_vector *host;
    const ptl_status copied = ptl__vector_on_host(v, &host);
    vector_writer w = {.v = host ? host : v};
    ptl_status status = run_vector_writer(&w, copied, path);
    ptl_vector_release(&host);
    ptl_partition_release(&w.partition);
    if (w.locale)
        freelocale(w.locale);
    ptl__free(w.text);
    return status;
}
