/* A piece of a MatrixMarket file: its lines, and their entries. */
#include "mtx_piece.h"

#include <stdio.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"

int64_t ptl__mtx_text_room(const ptl__mtx_reading *r)
{
    int64_t most = PTL__MTX_PIECE + PTL__MTX_LONGEST + 1;
    return (r->file->state.size < most ? r->file->state.size : most) + 2;
}

int64_t ptl__mtx_pieces(const ptl__mtx_reading *r)
{
    int64_t bytes = r->file->state.size - r->kind.header.data,
            all = (int64_t)r->comm->size * PTL__MTX_PIECE;
    return (bytes + all - 1) / all;
}

ptl__mtx_span ptl__mtx_span_of(const ptl__mtx_reading *r, int64_t k)
{
    int64_t pieces = ptl__mtx_pieces(r) * r->comm->size, i = ptl__mtx_pieces(r) * r->comm->rank + k;
    int64_t data = r->kind.header.data, bytes = r->file->state.size - data;
    int64_t each = bytes / pieces, more = bytes % pieces;
    int64_t begin = data + i * each + (i < more ? i : more);
    return (ptl__mtx_span){begin, begin + each + (i < more)};
}

/* Reads the lines that begin in the span: from the byte before it, which tells whether a line does,
 * to the end of the last of them. */
ptl_status ptl__mtx_load(ptl__mtx_reading *r, ptl__mtx_span s, ptl__mtx_piece *out,
                         ptl__mtx_trouble *t)
{
    int64_t from = s.begin > r->kind.header.data ? s.begin - 1 : s.begin;
    int64_t to = r->file->state.size - s.end < PTL__MTX_LONGEST ? r->file->state.size
                                                                : s.end + PTL__MTX_LONGEST;
    char *text = r->text;
    *out = (ptl__mtx_piece){text, text, s.begin};
    if (s.end == s.begin)
        return PTL_OK;
    PTL_TRY(ptl__file_read(r->file, from, to - from, text));
    const char *begin = text;
    if (from < s.begin) {
        begin = memchr(text, '\n', (size_t)(s.end - from - 1));
        if (!begin)
            return PTL_OK;
        begin++;
    }
    char *last = text + (s.end - from - 1), *limit = text + (to - from);
    char *end = memchr(last, '\n', (size_t)(limit - last));
    if (!end) {
        const char *line = memrchr(begin, '\n', (size_t)(limit - begin));
        line = line ? line + 1 : begin;
        if (to < r->file->state.size && *line != '%') {
            t->byte = from + (line - text);
            snprintf(t->what, sizeof t->what, "a line of more than %d bytes", PTL__MTX_LONGEST);
        }
        end = limit; /* the file's end, or somewhere in a comment */
    }
    *end = '\n';
    end[1] = '\0';
    *out = (ptl__mtx_piece){begin, end + 1, from + (begin - text)};
    return PTL_OK;
}

/* What one thread has. */
typedef struct share {
    ptl__mtx_text text;
    int64_t place, found; /* its first entry's, and how many */
    ptl__mtx_fault fault;
} share;

/* Cuts the piece at ends of lines. */
static void cut(const ptl__mtx_piece *p, int threads, share *shares)
{
    int64_t bytes = p->end - p->begin;
    const char *at = p->begin;
    for (int t = 0; t < threads; t++) {
        const char *goal = p->begin + bytes * (t + 1) / threads;
        shares[t].text.begin = at;
        if (goal > at)
            at = (const char *)memchr(goal - 1, '\n', (size_t)(p->end - goal + 1)) + 1;
        shares[t].text.end = at;
    }
}

void ptl__mtx_free_entries(ptl__mtx_reading *r)
{
    ptl__free(r->rows);
    ptl__free(r->pairs);
    ptl__free(r->values);
    r->rows = NULL;
    r->pairs = NULL;
    r->values = NULL;
    r->room = 0;
}

/* Room for the entries of a piece. */
static ptl_status reserve(ptl__mtx_reading *r, int64_t entries)
{
    if (entries <= r->room && r->values)
        return PTL_OK;
    int64_t room = entries + entries / 4;
    ptl__mtx_free_entries(r);
    PTL_TRY(PTL_NEW(room, int64_t, &r->rows));
    PTL_TRY(PTL_NEW(room, ptl__pair, &r->pairs));
    PTL_TRY(ptl__alloc(room, ptl_dtype_size(r->kind.dtype), &r->values));
    r->room = room;
    return PTL_OK;
}

/* Closes the gaps between the shares' entries: how many there are. */
static int64_t close_up(ptl__mtx_reading *r, int threads, const share *shares)
{
    size_t size = ptl_dtype_size(r->kind.dtype);
    int64_t count = 0;
    for (int t = 0; t < threads; t++) {
        const share *s = &shares[t];
        if (s->place != count) {
            memmove(r->pairs + count, r->pairs + s->place, (size_t)s->found * sizeof *r->pairs);
            memmove((char *)r->values + (size_t)count * size,
                    (char *)r->values + (size_t)s->place * size, (size_t)s->found * size);
        }
        count += s->found;
    }
    for (int64_t i = 0; i < count; i++)
        r->rows[i] = r->pairs[i].row;
    return count;
}

/* Parses a piece whose first line with data has the number `first`; *lines: how many it has. */
ptl_status ptl__mtx_parse_piece(ptl__mtx_reading *r, const ptl__mtx_piece *p, int64_t first,
                                int64_t *lines, int64_t *count, ptl__mtx_trouble *trouble)
{
    int threads = p->end - p->begin < PTL__MTX_PIECE / 16 ? 1 : r->threads;
    int triangle = r->kind.header.symmetry != PTL__MTX_GENERAL;
    size_t size = ptl_dtype_size(r->kind.dtype);
    share *shares;
    *lines = *count = 0;
    PTL_TRY(PTL_NEW(threads, share, &shares));
    cut(p, threads, shares);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int t = 0; t < threads; t++)
        shares[t].text.count = ptl__mtx_count(shares[t].text.begin, shares[t].text.end);
    for (int t = 0; t < threads; t++) {
        shares[t].text.first = first + *lines;
        shares[t].place = *lines << triangle;
        *lines += shares[t].text.count;
    }
    ptl_status status = reserve(r, *lines << triangle);
    if (status == PTL_OK) {
#pragma omp parallel for num_threads(threads) schedule(static)
        for (int t = 0; t < threads; t++)
            shares[t].found = ptl__mtx_parse(&r->kind, &shares[t].text, r->pairs + shares[t].place,
                                             (char *)r->values + (size_t)shares[t].place * size,
                                             &shares[t].fault);
        *count = close_up(r, threads, shares);
    }
    for (int t = threads - 1; status == PTL_OK && t >= 0; t--)
        if (shares[t].fault.line) {
            trouble->byte = p->offset + (shares[t].fault.line - p->begin);
            memcpy(trouble->what, shares[t].fault.what, sizeof trouble->what);
        }
    ptl__free(shares);
    return status;
}
