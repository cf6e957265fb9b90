/* Greedy aggregates on the graph of each rank's local block (after Vanek, Mandel and Brezina,
 * Computing 56, 1996, section 5.1, whose aggregates are a row's neighbours): from the first row
 * that is in none, breadth first through such rows until there are `size` of them; one that stays
 * below half of that joins the smallest of those around it (their step 3). */
#include "aggregates.h"

#include "../comm/comm.h"
#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/local_block.h"
#include "../distributed/matrix.h"
#include "../kernels/exec.h"

enum { FREE = -1, ISOLATED = -2 };

typedef struct aggregates {
    ptl_csr_arrays A;
    int64_t size;   /* aimed at */
    int64_t count;  /* so far */
    int64_t *of;    /* each row's aggregate, FREE or ISOLATED */
    int64_t *queue; /* rows of the one that grows */
    int64_t *sizes; /* of each */
} aggregates;

static int64_t row_begin(const aggregates *a, int64_t row)
{
    return ptl__index_at(a->A.indptr, a->A.itype, row);
}
static int64_t column(const aggregates *a, int64_t k)
{
    return ptl__index_at(a->A.indices, a->A.itype, k);
}

/* FREE are the rows with an entry beside the diagonal, in either block. */
static void find_isolated(aggregates *a, const ptl__ghost_block *ghost)
{
    for (int64_t i = 0; i < a->A.rows; i++) {
        const int64_t begin = row_begin(a, i), count = row_begin(a, i + 1) - begin;
        const int alone = count == 0 || (count == 1 && column(a, begin) == i);
        a->of[i] = alone ? ISOLATED : FREE;
    }
    for (int64_t k = 0; k < ghost->rows; k++)
        a->of[ptl__index_at(ghost->row_ids, ghost->itype, k)] = FREE;
}

/* Breadth first from `seed`, as aggregate `count`; returns how many rows it has. */
static int64_t grow(aggregates *a, int64_t seed)
{
    int64_t end = 0;
    a->of[seed] = a->count;
    a->queue[end++] = seed;
    for (int64_t next = 0; next < end; next++) {
        const int64_t row = a->queue[next];
        for (int64_t k = row_begin(a, row); k < row_begin(a, row + 1) && end < a->size; k++)
            if (a->of[column(a, k)] == FREE) {
                a->of[column(a, k)] = a->count;
                a->queue[end++] = column(a, k);
            }
    }
    return end;
}

/* The smallest aggregate that a row in the queue is coupled to, or -1. */
static int64_t smallest_around(const aggregates *a, int64_t rows)
{
    int64_t best = -1;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = row_begin(a, a->queue[i]); k < row_begin(a, a->queue[i] + 1); k++) {
            const int64_t other = a->of[column(a, k)];
            if (other >= 0 && other != a->count && (best < 0 || a->sizes[other] < a->sizes[best]))
                best = other;
        }
    return best;
}

static ptl_status find(aggregates *a)
{
    for (int64_t seed = 0; seed < a->A.rows; seed++) {
        PTL_TRY(ptl__interrupt_at(seed));
        if (a->of[seed] != FREE)
            continue;
        const int64_t rows = grow(a, seed);
        const int64_t other = 2 * rows < a->size ? smallest_around(a, rows) : -1;
        if (other < 0) {
            a->sizes[a->count++] = rows;
            continue;
        }
        a->sizes[other] += rows;
        for (int64_t i = 0; i < rows; i++)
            a->of[a->queue[i]] = other;
    }
    return PTL_OK;
}

/* R's rows on this rank; its columns are the local rows. */
static ptl_status make_rows(const aggregates *a, ptl_exec *exec, ptl_csr **out)
{
    const int64_t rows = a->A.rows;
    const double one[2] = {1, 0};
    ptl_csr_arrays R = {.rows = a->count, .cols = rows, .dtype = a->A.dtype, .itype = a->A.itype};
    void *indptr = NULL, *indices = NULL, *values = NULL;
    ptl_status status = ptl__alloc(a->count + 1, ptl_itype_size(R.itype), &indptr);
    if (status == PTL_OK)
        status = ptl__alloc(rows, ptl_itype_size(R.itype), &indices);
    if (status == PTL_OK)
        status = ptl__alloc(rows, ptl_dtype_size(R.dtype), &values);
    if (status != PTL_OK) {
        ptl__free(indptr);
        ptl__free(indices);
        ptl__free(values);
        return status;
    }
    int64_t nnz = 0;
    for (int64_t k = 0; k < a->count; k++) { /* sizes become each one's next place */
        const int64_t size = a->sizes[k];
        ptl__index_put(indptr, R.itype, k, nnz);
        a->sizes[k] = nnz;
        nnz += size;
    }
    ptl__index_put(indptr, R.itype, a->count, nnz);
    for (int64_t i = 0; i < rows; i++)
        if (a->of[i] >= 0)
            ptl__index_put(indices, R.itype, a->sizes[a->of[i]]++, i);
    exec->host->kernels->vector[R.dtype]->fill(ptl__exec_run(exec->host), one,
                                               (ptl__block){values, nnz, 1, 1});
    R.indptr = indptr;
    R.indices = indices;
    R.values = values;
    return ptl__csr_take(exec, &R, out);
}

/* (L) */
static ptl_status local_restriction(ptl_matrix *A, int64_t size, ptl_csr **out)
{
    ptl__local_block block;
    aggregates a = {.size = size};
    ptl_status status = ptl__local_block_open(&A->base, "Schwarz", &block);
    if (status == PTL_OK) {
        a.A = ptl_csr_get_arrays(block.A);
        status = PTL_NEW(a.A.rows, int64_t, &a.of);
    }
    if (status == PTL_OK)
        status = PTL_NEW(a.A.rows, int64_t, &a.queue);
    if (status == PTL_OK)
        status = PTL_NEW(a.A.rows, int64_t, &a.sizes);
    if (status == PTL_OK) {
        find_isolated(&a, &block.ghost);
        status = find(&a);
    }
    if (status == PTL_OK)
        status = make_rows(&a, A->base.exec, out);
    ptl__free(a.of);
    ptl__free(a.queue);
    ptl__free(a.sizes);
    ptl__local_block_close(&block);
    return status;
}

/* (C) R's partitions: the aggregates in the order of ranks, and A's rows. */
static ptl_status place(const ptl_matrix *A, int64_t count, ptl_matrix_layout *layout)
{
    ptl_comm *comm = A->base.comm;
    PTL_TRY(ptl_partition_from_local_size(comm, count, &layout->partition));
    layout->col_partition = ptl_partition_retain(A->partition);
    if (layout->col_partition)
        return PTL_OK;
    return ptl_partition_from_local_size(comm, A->base.local_rows, &layout->col_partition);
}

ptl_status ptl__aggregates_restriction(ptl_matrix *A, int64_t size, ptl_matrix **out)
{
    ptl_csr *local = NULL;
    ptl_matrix_layout layout = {.comm = A->base.comm, .exec = A->base.exec};
    *out = NULL;
    ptl_status status = local_restriction(A, size, &local);
    status = ptl__agree(A->base.comm, status, size, "sizes of aggregates");
    if (status == PTL_OK)
        status = place(A, ptl_csr_get_arrays(local).rows, &layout);
    if (status == PTL_OK)
        status = ptl_matrix_from_blocks(&layout, 0, NULL, local, NULL, out);
    ptl_partition_release(&layout.partition);
    ptl_partition_release(&layout.col_partition);
    ptl_csr_release(&local);
    return status;
}
