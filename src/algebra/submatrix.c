/* Sub-matrices: rows are fetched from their owners, who name the columns by their place among the
 * chosen ones. */
#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/partition.h"
#include "fetch_rows.h"
#include "inquiry.h"

/* A column of A that was chosen, and its number in the sub-matrix. */
typedef struct choice {
    int64_t col, number;
} choice;

typedef struct selection {
    ptl_matrix_layout layout; /* of the sub-matrix; its partitions are references */
    int64_t num_rows, num_cols;
    const int64_t *rows, *cols; /* the caller's */
} selection;

/* (L) */
static ptl_status check_indices(const ptl_comm *comm, const char *name, int64_t count,
                                const int64_t *indices, int64_t size)
{
    PTL_CHECK(count >= 0 && (indices || count == 0), PTL_INVALID,
              "%lld %s, expected at least 0, with an array", (long long)count, name);
    for (int64_t i = 0; i < count; i++)
        PTL_CHECK(indices[i] >= 0 && indices[i] < size, PTL_INDEX,
                  "rank %d: %s[%lld] is %lld, outside [0, %lld)", comm->rank, name, (long long)i,
                  (long long)indices[i], (long long)size);
    return PTL_OK;
}

/* (L) The chosen columns by their owners; `packed` is to be freed. */
static ptl_status pack_choices(const ptl__operand *A, const selection *s, ptl__groups *groups,
                               choice **packed)
{
    const int ranks = A->A->base.comm->size, rank = A->A->base.comm->rank;
    PTL_TRY(ptl__groups_init(groups, A->cols, s->num_cols, s->cols, -1));
    PTL_TRY(PTL_NEW(groups->offsets[ranks], choice, packed));
    for (int64_t i = 0; i < groups->offsets[ranks]; i++) {
        const int64_t at = groups->positions[i];
        const int64_t number = ptl__partition_global(s->layout.col_partition, rank, at);
        (*packed)[i] = (choice){s->cols[at], number};
    }
    return PTL_OK;
}

/* (L) Into numbers, one per owned column of A, which are -1. */
static ptl_status note_choices(const ptl__operand *A, int64_t count, const choice *choices,
                               int64_t *numbers)
{
    ptl__range at = {0};
    for (int64_t i = 0; i < count; i++) {
        int64_t *number = &numbers[ptl__partition_local(A->cols, choices[i].col, &at)];
        PTL_CHECK(*number < 0, PTL_INVALID, "column %lld is given twice",
                  (long long)choices[i].col);
        *number = choices[i].number;
    }
    return PTL_OK;
}

/* (C) The numbers of the owned columns: -1 for those that were not chosen. */
static ptl_status number_own(const ptl__operand *A, const selection *s, int64_t *numbers)
{
    ptl_comm *comm = A->A->base.comm;
    ptl__groups groups = {NULL, NULL};
    choice *packed = NULL, *arrived = NULL;
    int64_t *arrivals = NULL;
    ptl_status status = PTL_NEW((int64_t)comm->size + 1, int64_t, &arrivals);
    if (status == PTL_OK)
        status = pack_choices(A, s, &groups, &packed);
    status = ptl__agree(comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl__comm_route(comm, sizeof *packed, packed, groups.offsets, (void **)&arrived,
                                 arrivals);
    if (status == PTL_OK)
        status =
            ptl__agree(comm, note_choices(A, arrivals[comm->size], arrived, numbers), 0, "calls");
    ptl__groups_clear(&groups);
    ptl__free(packed);
    ptl__free(arrived);
    ptl__free(arrivals);
    return status;
}

/* (C) What their owners call the ghosts. */
static ptl_status number_ghosts(const ptl__operand *A, int64_t *numbers)
{
    const ptl_linop *base = &A->A->base;
    const int64_t ghosts = A->combined - base->local_cols;
    ptl__inquiry inquiry;
    int64_t *answers = NULL;
    ptl_status status =
        ptl__inquiry_ask(base->comm, A->cols, PTL_OK, ghosts,
                         ghosts > 0 ? ptl_index_map_ghosts(A->A->map) : NULL, &inquiry);
    if (status == PTL_OK) {
        status = PTL_NEW(ptl__inquiry_asked(&inquiry), int64_t, &answers);
        for (int64_t i = 0; status == PTL_OK && i < ptl__inquiry_asked(&inquiry); i++)
            answers[i] = numbers[inquiry.asked[i]];
        status = ptl__inquiry_answer(&inquiry, status, sizeof *answers, answers,
                                     numbers + base->local_cols);
    }
    ptl__free(answers);
    ptl__inquiry_clear(&inquiry);
    return status;
}

/* (C) The numbers of all combined columns; to be freed. */
static ptl_status number_columns(const ptl__operand *A, const selection *s, int64_t **numbers)
{
    PTL_TRY(ptl__agree(A->A->base.comm, PTL_NEW(A->combined, int64_t, numbers), 0, "calls"));
    for (int64_t i = 0; i < A->combined; i++)
        (*numbers)[i] = -1;
    PTL_TRY(number_own(A, s, *numbers));
    return number_ghosts(A, *numbers);
}

/* (C) */
static ptl_status select_entries(const ptl__operand *A, selection *s, ptl_matrix **out)
{
    ptl_comm *comm = A->A->base.comm;
    int64_t *numbers = NULL;
    ptl__rows rows = {0};
    PTL_TRY(ptl_partition_from_local_size(comm, s->num_rows, &s->layout.partition));
    PTL_TRY(ptl_partition_from_local_size(comm, s->num_cols, &s->layout.col_partition));
    ptl_status status = number_columns(A, s, &numbers);
    if (status == PTL_OK)
        status = ptl__fetch_rows(A, PTL_OK, numbers, s->num_rows, s->rows, &rows);
    if (status == PTL_OK)
        status = ptl__rows_assemble(&s->layout, &rows, out);
    ptl__free(numbers);
    ptl__rows_clear(&rows);
    return status;
}

ptl_status ptl_matrix_submatrix(ptl_matrix *A, int64_t num_rows, const int64_t *rows,
                                int64_t num_cols, const int64_t *cols, ptl_matrix **out)
{
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    const ptl_linop *base = &A->base;
    ptl__operand operand;
    ptl_status status = check_indices(base->comm, "rows", num_rows, rows, base->rows);
    if (status == PTL_OK)
        status = check_indices(base->comm, "cols", num_cols, cols, base->cols);
    PTL_TRY(ptl__operands_open(1, &A, status, PTL__SUBMATRIX, &operand));
    selection s = {.layout = ptl__operand_layout(&operand, NULL, NULL),
                   .num_rows = num_rows,
                   .num_cols = num_cols,
                   .rows = rows,
                   .cols = cols};
    status = select_entries(&operand, &s, out);
    ptl_partition_release(&s.layout.partition);
    ptl_partition_release(&s.layout.col_partition);
    ptl__operands_close(1, &operand);
    return status;
}
