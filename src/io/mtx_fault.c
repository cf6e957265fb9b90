/* Where a MatrixMarket file is wrong: bytes become line numbers, on all ranks. */
#include "mtx_fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../core/status.h"
#include "layout.h"

/* (L) Ends of lines in this rank's part of the file's first `bytes` bytes. */
static ptl_status count_ends(ptl__mtx_reading *r, int64_t bytes, int64_t *out)
{
    int64_t from = bytes / r->comm->size * r->comm->rank;
    int64_t to = r->comm->rank + 1 < r->comm->size ? from + bytes / r->comm->size : bytes;
    *out = 0;
    for (int64_t n; from < to; from += n) {
        n = to - from < PTL__MTX_PIECE ? to - from : PTL__MTX_PIECE;
        PTL_TRY(ptl__file_read(r->file, from, n, r->text));
        for (const char *at = r->text, *end = r->text + n;
             (at = memchr(at, '\n', (size_t)(end - at))); at++)
            ++*out;
    }
    return PTL_OK;
}

/* (C) How many lines begin before `byte`. */
static ptl_status count_lines(ptl__mtx_reading *r, int64_t byte, int64_t *out)
{
    ptl_status status = count_ends(r, byte, out);
    PTL_TRY(ptl__agree(r->comm, status, 0, "calls"));
    return ptl__comm_allreduce(r->comm, out, 1, PTL_MTYPE_INT64, PTL_REDUCE_SUM);
}

/* (C) PTL_OK where no rank has found anything wrong, else the first line at fault on all ranks. */
ptl_status ptl__mtx_judge(ptl__mtx_reading *r, const ptl__mtx_trouble *t)
{
    int64_t first = t->byte, line;
    PTL_TRY(ptl__comm_allreduce(r->comm, &first, 1, PTL_MTYPE_INT64, PTL_REDUCE_MIN));
    if (first == INT64_MAX)
        return PTL_OK;
    PTL_TRY(count_lines(r, first, &line));
    ptl_status status = PTL_OK;
    if (t->byte == first)
        status = ptl_fail(PTL_FORMAT, "%s:%" PRId64 ": %s", r->file->path, line + 1, t->what);
    return ptl__agree(r->comm, status, 0, "calls");
}

/* (L) Where, on this rank, the line with data of number `number` begins, which one of its pieces
 * has; `first`: the number of its first one. */
static ptl_status find_line(ptl__mtx_reading *r, int64_t first, int64_t number, ptl__mtx_trouble *t)
{
    for (int64_t k = 0; k < ptl__mtx_pieces(r); k++) {
        ptl__mtx_piece p;
        PTL_TRY(ptl__mtx_load(r, ptl__mtx_span_of(r, k), &p, t));
        const char *at = p.begin;
        while ((at = ptl__mtx_next(at, p.end)) < p.end && first < number) {
            at = (const char *)memchr(at, '\n', (size_t)(p.end - at)) + 1;
            first++;
        }
        if (at < p.end) {
            t->byte = p.offset + (at - p.begin);
            return PTL_OK;
        }
    }
    return PTL_OK;
}

/* (C) Fails on all ranks: the file ends too early. */
static ptl_status report_too_few(ptl__mtx_reading *r, int64_t found)
{
    int64_t size = r->file->state.size, lines;
    char last = '\n';
    PTL_TRY(count_lines(r, size, &lines));
    ptl_status status = ptl__file_read(r->file, size - 1, 1, &last);
    if (status == PTL_OK)
        status = ptl_fail(PTL_FORMAT,
                          "%s:%" PRId64 ": the file ends after %" PRId64 " of %" PRId64 " entries",
                          r->file->path, lines + (last != '\n'), found, r->kind.header.entries);
    return ptl__agree(r->comm, status, 0, "calls");
}

/* (C) That all ranks together have as many lines with data as the header says: `mine` on this one,
 * after *first on those before it. */
ptl_status ptl__mtx_check_count(ptl__mtx_reading *r, int64_t mine, int64_t *first)
{
    int64_t entries = r->kind.header.entries, all;
    PTL_TRY(ptl__io_sum_before(r->comm, mine, first, &all));
    ptl_status status = PTL_OK;
    if (all < entries)
        return report_too_few(r, all);
    ptl__mtx_trouble t = {.byte = INT64_MAX};
    if (all > entries && *first <= entries && entries < *first + mine) {
        snprintf(t.what, sizeof t.what, "more than the %" PRId64 " entries of the size line",
                 entries);
        status = find_line(r, *first, entries, &t);
    }
    PTL_TRY(ptl__agree(r->comm, status, 0, "calls"));
    return ptl__mtx_judge(r, &t);
}
