/* A MatrixMarket file that all ranks read. In each round every rank parses one of its pieces, on
 * all its threads, and the entries travel. */
#include "mtx_read.h"

#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/owners.h"
#include "mtx_fault.h"
#include "mtx_text.h"

/* ---- rounds -----------------------------------------------------------------------------------
 */

/* The entries of one round, sorted by owner. */
typedef struct parcel {
    ptl__groups groups;
    void *leaving_pairs, *leaving_values;
    void *pairs, *values;
    int64_t *arrivals; /* ranks + 1 */
} parcel;

static void parcel_clear(parcel *p)
{
    ptl__groups_clear(&p->groups);
    ptl__free(p->leaving_pairs);
    ptl__free(p->leaving_values);
    ptl__free(p->pairs);
    ptl__free(p->values);
    ptl__free(p->arrivals);
}

/* (L) */
static ptl_status pack(const ptl__mtx_reading *r, int64_t count, parcel *p)
{
    int ranks = r->comm->size;
    PTL_TRY(PTL_NEW((int64_t)ranks + 1, int64_t, &p->arrivals));
    PTL_TRY(ptl__groups_init(&p->groups, r->partition, count, r->rows, -1));
    PTL_TRY(ptl__groups_pack(&p->groups, ranks, sizeof *r->pairs, r->pairs, &p->leaving_pairs));
    return ptl__groups_pack(&p->groups, ranks, ptl_dtype_size(r->kind.dtype), r->values,
                            &p->leaving_values);
}

/* (C) Sends the entries to their owners, which take them: the status of that is this rank's alone,
 * in *taken. */
static ptl_status deliver(ptl__mtx_reading *r, parcel *p, ptl_status *taken)
{
    int ranks = r->comm->size;
    PTL_TRY(ptl__comm_route(r->comm, sizeof *r->pairs, p->leaving_pairs, p->groups.offsets,
                            &p->pairs, p->arrivals));
    PTL_TRY(ptl__comm_route(r->comm, ptl_dtype_size(r->kind.dtype), p->leaving_values,
                            p->groups.offsets, &p->values, p->arrivals));
    *taken = r->take(r->ctx, p->arrivals[ranks], p->pairs, p->values);
    return PTL_OK;
}

/* (L) This rank's k-th piece, as entries ready to leave; *number: of its first line with data, and
 * then of the next piece's. */
static ptl_status prepare(ptl__mtx_reading *r, int64_t k, int64_t *number, parcel *p,
                          ptl__mtx_trouble *t)
{
    ptl__mtx_piece lines;
    int64_t count, n;
    PTL_TRY(ptl__mtx_load(r, ptl__mtx_span_of(r, k), &lines, t));
    if (k + 1 < ptl__mtx_pieces(r)) {
        ptl__mtx_span next = ptl__mtx_span_of(r, k + 1);
        ptl__file_expect(r->file, next.begin, next.end - next.begin);
    }
    if (t->byte != INT64_MAX)
        lines.end = lines.begin;
    PTL_TRY(ptl__mtx_parse_piece(r, &lines, *number, &n, &count, t));
    *number += n;
    return pack(r, count, p);
}

/* (C) One round; *taken: this rank's status since the last agreement, before and after it. */
static ptl_status run_round(ptl__mtx_reading *r, int64_t k, int64_t *number, ptl_status *taken)
{
    parcel p = {0};
    ptl__mtx_trouble t = {.byte = INT64_MAX};
    ptl_status status = *taken;
    if (status == PTL_OK)
        status = prepare(r, k, number, &p, &t);
    status = ptl__agree(r->comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl__mtx_judge(r, &t);
    if (status == PTL_OK)
        status = deliver(r, &p, taken);
    parcel_clear(&p);
    return status;
}

ptl_status ptl__mtx_read_entries(ptl__mtx_reading *r)
{
    int64_t number = r->number;
    ptl_status taken = PTL_OK;
    for (int64_t k = 0; k < ptl__mtx_pieces(r); k++)
        PTL_TRY(run_round(r, k, &number, &taken));
    PTL_TRY(ptl__agree(r->comm, taken, 0, "calls"));
    return r->kind.header.coordinate ? ptl__mtx_check_count(r, number, &number) : PTL_OK;
}

/* ---- the beginning and the end ----------------------------------------------------------------
 */

static ptl_status choose_dtype(ptl__mtx_reading *r, int wanted)
{
    int is_complex = r->kind.header.field == PTL__MTX_COMPLEX;
    PTL_CHECK(wanted >= -1 && wanted < PTL_DTYPE_COUNT, PTL_DTYPE, "unknown dtype %d", wanted);
    r->kind.dtype = wanted >= 0 ? (ptl_dtype)wanted : is_complex ? PTL_C128 : PTL_F64;
    PTL_CHECK(!is_complex || ptl_dtype_is_complex(r->kind.dtype), PTL_DTYPE,
              "%s: the file is complex, and cannot be read as %s", r->file->path,
              ptl_dtype_name(r->kind.dtype));
    return ptl__mtx_locale(&r->kind.locale);
}

/* (C) That there are as many lines with data as declared, before their entries are read. */
static ptl_status count_lines(ptl__mtx_reading *r)
{
    ptl_status status = PTL_OK;
    int64_t mine = 0;
    ptl__mtx_trouble t = {.byte = INT64_MAX};
    for (int64_t k = 0; status == PTL_OK && t.byte == INT64_MAX && k < ptl__mtx_pieces(r); k++) {
        ptl__mtx_piece p;
        status = ptl__mtx_load(r, ptl__mtx_span_of(r, k), &p, &t);
        if (status == PTL_OK)
            mine += ptl__mtx_count(p.begin, p.end);
    }
    PTL_TRY(ptl__agree(r->comm, status, 0, "calls"));
    PTL_TRY(ptl__mtx_judge(r, &t));
    return ptl__mtx_check_count(r, mine, &r->number);
}

/* 1 where the file is long enough for its entries, each of which is a line of numbers between
 * spaces. */
static int has_room(const ptl__mtx_reading *r)
{
    const ptl__mtx_header *h = &r->kind.header;
    int64_t numbers = h->field == PTL__MTX_PATTERN ? 0 : h->field == PTL__MTX_COMPLEX ? 2 : 1;
    int64_t line = 2 * (numbers + (h->coordinate ? 2 : 0)); /* the last one may have no end */
    return h->entries <= (r->file->state.size - h->data + 1) / line;
}

/* Lines are counted before anything else where there are too few, so that what the file cannot hold
 * takes no memory; and in an array, where a line's number says which entry it is. */
ptl_status ptl__mtx_begin(ptl__mtx_reading *r, int wanted)
{
    ptl__mtx_header *h = &r->kind.header;
    ptl_status status = r->comm->rank == 0 ? ptl__mtx_read_header(r->file, h) : PTL_OK;
    PTL_TRY(ptl__agree(r->comm, status, 0, "calls"));
    PTL_TRY(ptl__comm_bcast(r->comm, h, sizeof *h, 0));
    status = choose_dtype(r, wanted);
    if (status == PTL_OK)
        status = PTL_NEW(ptl__mtx_text_room(r), char, &r->text);
    PTL_TRY(ptl__agree(r->comm, status, 0, "calls"));
    return h->coordinate && has_room(r) ? PTL_OK : count_lines(r);
}

void ptl__mtx_clear(ptl__mtx_reading *r)
{
    if (r->kind.locale)
        freelocale(r->kind.locale);
    r->kind.locale = (locale_t)0;
    ptl__free(r->text);
    r->text = NULL;
    ptl__mtx_free_entries(r);
}
