/* The table of a profile: what the ranks have heard, joined.
 *
 * Ranks need not have heard the same kinds and names. Rank 0 tells its own; then the first rank
 * that has more tells those, until none has: one round where all do the same. The numbers are
 * reduced, so that no rank holds more than one table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "profile.h"

static int is_label(const ptl__profile_label *label, const ptl__profile_sum *sum)
{
    return label->kind == (int32_t)sum->kind &&
           strncmp(label->name, sum->name, sizeof label->name - 1) == 0;
}

static int is_known(const ptl_profile *p, const ptl__profile_sum *sum)
{
    for (int64_t i = 0; i < p->labels_count; i++)
        if (is_label(&p->labels[i], sum))
            return 1;
    return 0;
}

/* What this rank has heard beyond the labels, written to `out` where it is given. */
static int64_t add_unknown(const ptl_profile *p, ptl__profile_label *out)
{
    int64_t count = 0;
    for (int64_t i = 0; i < p->count; i++) {
        if (is_known(p, &p->sums[i]))
            continue;
        if (out) {
            memset(&out[count], 0, sizeof *out);
            out[count].kind = (int32_t)p->sums[i].kind;
            snprintf(out[count].name, sizeof out->name, "%s", p->sums[i].name);
        }
        count++;
    }
    return count;
}

/* (C) The labels that `speaker` has beyond those known. */
static ptl_status hear_labels(ptl_profile *p, int speaker)
{
    int64_t count = add_unknown(p, NULL);
    PTL_TRY(ptl__comm_bcast(p->comm, &count, sizeof count, speaker));
    const int64_t room = p->labels_count + count;
    ptl_status status =
        ptl__grow(p->labels_count, room, sizeof(ptl__profile_label), (void **)&p->labels);
    PTL_TRY(ptl__agree(p->comm, status, 0, "calls"));
    if (p->comm->rank == speaker)
        (void)add_unknown(p, p->labels + p->labels_count);
    PTL_TRY(ptl__comm_bcast(p->comm, p->labels + p->labels_count,
                            count * (int64_t)sizeof *p->labels, speaker));
    p->labels_count = room;
    return PTL_OK;
}

/* (C) */
static ptl_status join_labels(ptl_profile *p)
{
    for (int64_t speaker = 0; speaker < p->comm->size;) {
        PTL_TRY(hear_labels(p, (int)speaker));
        speaker = add_unknown(p, NULL) > 0 ? p->comm->rank : p->comm->size;
        PTL_TRY(ptl__comm_allreduce(p->comm, &speaker, 1, PTL_MTYPE_INT64, PTL_REDUCE_MIN));
    }
    return PTL_OK;
}

/* The numbers of all labels, and one more for the whole, as they are reduced. */
typedef struct numbers {
    int64_t *most; /* calls; events lost */
    int64_t *sums; /* amounts */
    double *high;  /* per label: total, self, and both negated, for the least */
    double *all;   /* per label: total, self, to be summed; the seconds of the whole */
} numbers;

static void numbers_free(numbers *n)
{
    ptl__free(n->most);
    ptl__free(n->sums);
    ptl__free(n->high);
    ptl__free(n->all);
}

static ptl_status numbers_new(int64_t count, numbers *n)
{
    PTL_TRY(PTL_NEW_ZERO(count + 1, int64_t, &n->most));
    PTL_TRY(PTL_NEW_ZERO(count, int64_t, &n->sums));
    PTL_TRY(PTL_NEW_ZERO(4 * count, double, &n->high));
    return PTL_NEW_ZERO(2 * count + 1, double, &n->all);
}

static void fill(const ptl_profile *p, numbers *n)
{
    for (int64_t i = 0; i < p->labels_count; i++)
        for (int64_t k = 0; k < p->count; k++) {
            const ptl__profile_sum *sum = &p->sums[k];
            if (!is_label(&p->labels[i], sum))
                continue;
            n->most[i] += sum->calls;
            n->sums[i] += sum->amount;
            n->all[2 * i] += sum->total;
            n->all[2 * i + 1] += sum->self;
        }
    for (int64_t i = 0; i < 2 * p->labels_count; i++) {
        n->high[2 * i] = n->all[i];
        n->high[2 * i + 1] = -n->all[i];
    }
    n->most[p->labels_count] = p->lost;
    n->all[2 * p->labels_count] = p->seconds;
}

/* (C) */
static ptl_status reduce(ptl_comm *comm, int64_t count, const numbers *n)
{
    PTL_TRY(ptl__comm_allreduce(comm, n->most, count + 1, PTL_MTYPE_INT64, PTL_REDUCE_MAX));
    PTL_TRY(ptl__comm_allreduce(comm, n->sums, count, PTL_MTYPE_INT64, PTL_REDUCE_SUM));
    PTL_TRY(ptl__comm_allreduce(comm, n->high, 4 * count, PTL_MTYPE_DOUBLE, PTL_REDUCE_MAX));
    return ptl__comm_allreduce(comm, n->all, 2 * count + 1, PTL_MTYPE_DOUBLE, PTL_REDUCE_SUM);
}

static ptl_spread spread_of(const numbers *n, int64_t at, int ranks)
{
    return (ptl_spread){-n->high[2 * at + 1], n->all[at] / ranks, n->high[2 * at]};
}

static void fill_rows(ptl_profile *p, const numbers *n)
{
    const double whole = n->all[2 * p->labels_count];
    p->mean_seconds = whole / p->comm->size;
    p->most_lost = n->most[p->labels_count];
    for (int64_t i = 0; i < p->labels_count; i++)
        p->rows[i] = (ptl_profile_row){
            .kind = (ptl_trace_kind)p->labels[i].kind,
            .name = p->labels[i].name,
            .calls = n->most[i],
            .amount = n->sums[i],
            .total = spread_of(n, 2 * i, p->comm->size),
            .self = spread_of(n, 2 * i + 1, p->comm->size),
            .share = whole > 0 ? n->all[2 * i + 1] / whole : 0,
        };
}

static int falling(double a, double b)
{
    return (a < b) - (a > b);
}

/* By self time, then by total time, kind and name. */
static int compare(const void *left, const void *right)
{
    const ptl_profile_row *a = left, *b = right;
    int order = falling(a->self.mean, b->self.mean);
    if (order == 0)
        order = falling(a->total.mean, b->total.mean);
    if (order == 0)
        order = (int)a->kind - (int)b->kind;
    return order ? order : strcmp(a->name, b->name);
}

ptl_status ptl__profile_join(ptl_profile *p)
{
    numbers n = {0};
    PTL_TRY(join_labels(p));
    ptl_profile_row *rows = NULL;
    ptl_status status = numbers_new(p->labels_count, &n);
    if (status == PTL_OK)
        status = PTL_NEW(p->labels_count, ptl_profile_row, &rows);
    status = ptl__agree(p->comm, status, 0, "calls");
    if (status == PTL_OK) {
        fill(p, &n);
        status = reduce(p->comm, p->labels_count, &n);
    }
    p->rows = rows;
    if (status == PTL_OK) {
        fill_rows(p, &n);
        qsort(p->rows, (size_t)p->labels_count, sizeof *p->rows, compare);
        status = ptl__agree(p->comm, ptl__profile_print(p), 0, "calls");
    }
    numbers_free(&n);
    if (status != PTL_OK) {
        ptl__free(p->rows);
        p->rows = NULL;
    }
    return status;
}
