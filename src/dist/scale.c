/* Scaling of rows and columns, in place. */
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/status.h"
#include "matrix.h"

/* The entries of one block: indptr[i] .. indptr[i + 1] are in row i, or row_ids[i]. */
typedef struct entries {
    int64_t rows;
    const void *indptr, *indices, *row_ids;
    void *values;
} entries;

/* Each entry times the number of its row, and of its column. */
#define DEFINE_SCALE(V, v, I, i)                                                                   \
    static void scale_##v##_##i(const entries *e, int by_columns, const void *factors)             \
    {                                                                                              \
        const I *indptr = e->indptr, *indices = e->indices, *row_ids = e->row_ids;                 \
        const V *d = factors;                                                                      \
        V *values = e->values;                                                                     \
        for (int64_t r = 0; r < e->rows; r++)                                                      \
            for (I k = indptr[r]; k < indptr[r + 1]; k++)                                          \
                values[k] *= d[by_columns ? indices[k] : row_ids ? row_ids[r] : (I)r];             \
    }
#define DEFINE_BOTH(V, v) DEFINE_SCALE(V, v, int32_t, i32) DEFINE_SCALE(V, v, int64_t, i64)
DEFINE_BOTH(float, f32)
DEFINE_BOTH(double, f64)
DEFINE_BOTH(float _Complex, c64)
DEFINE_BOTH(double _Complex, c128)

typedef void scale_function(const entries *e, int by_columns, const void *factors);
static scale_function *const scale_table[PTL_DTYPE_COUNT][PTL_ITYPE_COUNT] = {
    [PTL_F32] = {scale_f32_i32, scale_f32_i64},
    [PTL_F64] = {scale_f64_i32, scale_f64_i64},
    [PTL_C64] = {scale_c64_i32, scale_c64_i64},
    [PTL_C128] = {scale_c128_i32, scale_c128_i64},
};

/* (L) */
static ptl_status check_block(ptl_csr *block, const char *name)
{
    PTL_CHECK(block, PTL_NOT_SUPPORTED, "the %s block is no CSR: it cannot be scaled in place",
              name);
    PTL_CHECK(!block->release, PTL_NOT_SUPPORTED,
              "the %s block is a view of the caller's arrays: it cannot be scaled in place", name);
    return PTL_OK;
}

/* (L) v fits A's rows or columns, and both blocks can be written to. */
static ptl_status check(const ptl_matrix *A, const ptl_vector *v, int by_columns)
{
    const ptl_linop *base = &A->base;
    const int64_t size = by_columns ? base->cols : base->rows;
    const int64_t local = by_columns ? base->local_cols : base->local_rows;
    PTL_CHECK(v, PTL_INVALID, "v is NULL");
    PTL_CHECK(ptl__comm_same(base->comm, v->comm), PTL_INVALID,
              "v lives on another communicator than the matrix");
    PTL_CHECK(v->columns == 1, PTL_DIMENSION, "v has %lld columns, expected 1",
              (long long)v->columns);
    PTL_CHECK(v->rows == size && v->local_rows == local, PTL_DIMENSION,
              "v has %lld rows, %lld of them here, expected %lld and %lld", (long long)v->rows,
              (long long)v->local_rows, (long long)size, (long long)local);
    PTL_CHECK(v->dtype == base->dtype || v->dtype == ptl_dtype_real(base->dtype), PTL_DTYPE,
              "v is %s, the matrix %s: expected the same, or its real one",
              ptl_dtype_name(v->dtype), ptl_dtype_name(base->dtype));
    PTL_TRY(check_block(ptl_linop_as_csr(A->local), "local"));
    return A->ghost.borrowed ? check_block(A->ghost_csr, "ghost") : PTL_OK;
}

static void scale_local(const ptl_matrix *A, int by_columns, const void *factors)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(ptl_linop_as_csr(A->local));
    const entries e = {a.rows, a.indptr, a.indices, NULL, (void *)a.values};
    scale_table[a.dtype][a.itype](&e, by_columns, factors);
}

/* The ghost block, and what was made of it for those who ask. */
static void scale_ghosts(const ptl_matrix *A, int by_columns, const void *factors)
{
    const ptl__ghost_block *g = &A->ghost;
    const entries e = {g->rows, g->indptr, g->indices, g->row_ids, g->values};
    if (g->rows > 0)
        scale_table[A->base.dtype][g->itype](&e, by_columns, factors);
    if (!A->ghost_csr || g->borrowed)
        return;
    const ptl_csr_arrays a = ptl_csr_get_arrays(A->ghost_csr);
    const entries whole = {a.rows, a.indptr, a.indices, NULL, (void *)a.values};
    scale_table[a.dtype][a.itype](&whole, by_columns, factors);
}

/* (C) d: v's numbers in A's dtype. */
static ptl_status scale_columns(ptl_matrix *A, ptl_vector *d)
{
    ptl__block ghosts = {0};
    if (A->halo) {
        ptl_status started = ptl__halo_start(A->halo, d);
        ptl_status finished = ptl__halo_finish(A->halo, d, &ghosts);
        PTL_TRY(ptl__agree(A->base.comm, started != PTL_OK ? started : finished, 0, "calls"));
    }
    scale_local(A, 1, d->data);
    scale_ghosts(A, 1, ghosts.data);
    return PTL_OK;
}

static ptl_status scale(ptl_matrix *A, ptl_vector *v, int by_columns)
{
    ptl_vector *d = NULL;
    PTL_TRY(ptl__busy_begin(A, "matrix"));
    ptl_status status = check(A, v, by_columns);
    if (status == PTL_OK)
        status = ptl_vector_astype(v, A->base.dtype, &d);
    if (status == PTL_OK && by_columns && A->halo)
        status = ptl__halo_prepare(A->halo, d);
    status = ptl__agree(A->base.comm, status, by_columns, "calls");
    if (status == PTL_OK && by_columns) {
        status = scale_columns(A, d);
    } else if (status == PTL_OK) {
        scale_local(A, 0, d->data);
        scale_ghosts(A, 0, d->data);
    }
    ptl_vector_release(&d);
    ptl__busy_end(A);
    return status;
}

ptl_status ptl_matrix_row_scale(ptl_matrix *A, ptl_vector *v)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    return scale(A, v, 0);
}

ptl_status ptl_matrix_col_scale(ptl_matrix *A, ptl_vector *v)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    return scale(A, v, 1);
}
