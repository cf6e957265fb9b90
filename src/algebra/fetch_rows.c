/* Fetching rows: owners are asked, answer with lengths, and then send the entries. */
#include "fetch_rows.h"

#include <string.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "inquiry.h"

typedef struct fetch {
    ptl__inquiry inquiry;
    ptl__rows asked;       /* the rows that others want of this rank, in the order asked */
    int64_t *lengths;      /* theirs */
    int64_t *send_offsets; /* ranks + 1: into their entries */
    int64_t *cols;         /* what arrives, by owner */
    char *values;
} fetch;

static void fetch_clear(fetch *f)
{
    ptl__inquiry_clear(&f->inquiry);
    ptl__rows_clear(&f->asked);
    ptl__free(f->lengths);
    ptl__free(f->send_offsets);
    ptl__free(f->cols);
    ptl__free(f->values);
}

/* (L) */
static ptl_status prepare_answers(fetch *f, const ptl__operand *operand, const int64_t *names)
{
    const int ranks = f->inquiry.comm->size;
    const int64_t count = ptl__inquiry_asked(&f->inquiry);
    PTL_TRY(PTL_NEW(count, int64_t, &f->lengths));
    PTL_TRY(PTL_NEW((int64_t)ranks + 1, int64_t, &f->send_offsets));
    PTL_TRY(ptl__operand_rows(operand, names, count, f->inquiry.asked, &f->asked));
    for (int64_t i = 0; i < count; i++)
        f->lengths[i] = f->asked.indptr[i + 1] - f->asked.indptr[i];
    for (int rank = 0; rank <= ranks; rank++)
        f->send_offsets[rank] = f->asked.indptr[f->inquiry.offsets[rank]];
    return PTL_OK;
}

/* (C) The rows' lengths, in the order asked for, become out->indptr. */
static ptl_status fetch_lengths(fetch *f, ptl_status status, ptl__rows *out)
{
    int64_t *indptr = NULL;
    if (status == PTL_OK)
        status = PTL_NEW(out->count + 1, int64_t, &out->indptr);
    indptr = out->indptr;
    PTL_TRY(ptl__inquiry_answer(&f->inquiry, status, sizeof *indptr, f->lengths,
                                indptr ? indptr + 1 : NULL));
    indptr[0] = 0;
    for (int64_t i = 0; i < out->count; i++)
        indptr[i + 1] += indptr[i];
    return PTL_OK;
}

/* What arrived by owner, to the order asked for. */
static void place_entries(const fetch *f, ptl__rows *out)
{
    const size_t size = ptl_dtype_size(out->dtype);
    const int64_t *positions = f->inquiry.groups.positions;
    for (int64_t i = 0, from = 0; i < out->count; i++) {
        const int64_t to = out->indptr[positions[i]];
        const int64_t length = out->indptr[positions[i] + 1] - to;
        if (length > 0) {
            memcpy(out->cols + to, f->cols + from, (size_t)length * sizeof *f->cols);
            memcpy((char *)out->values + (size_t)to * size, f->values + (size_t)from * size,
                   (size_t)length * size);
        }
        from += length;
    }
}

/* (C) */
static ptl_status fetch_entries(fetch *f, ptl__rows *out)
{
    ptl_comm *comm = f->inquiry.comm;
    PTL_TRY(ptl__agree(comm, ptl__rows_reserve(out), 0, "calls"));
    PTL_TRY(ptl__comm_route(comm, sizeof *f->cols, f->asked.cols, f->send_offsets,
                            (void **)&f->cols, f->inquiry.arrivals));
    PTL_TRY(ptl__comm_route(comm, ptl_dtype_size(out->dtype), f->asked.values, f->send_offsets,
                            (void **)&f->values, f->inquiry.arrivals));
    place_entries(f, out);
    return PTL_OK;
}

ptl_status ptl__fetch_rows(const ptl__operand *operand, ptl_status status, const int64_t *names,
                           int64_t count, const int64_t *rows, ptl__rows *out)
{
    fetch f = {0};
    *out = (ptl__rows){.count = count, .dtype = operand->A->base.dtype};
    status =
        ptl__inquiry_ask(operand->A->base.comm, operand->rows, status, count, rows, &f.inquiry);
    if (status == PTL_OK)
        status = fetch_lengths(&f, prepare_answers(&f, operand, names), out);
    if (status == PTL_OK)
        status = fetch_entries(&f, out);
    fetch_clear(&f);
    return status;
}
