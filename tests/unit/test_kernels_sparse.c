/* The CSR kernels of every table, for every dtype of entries and of vectors: against arithmetic in
 * double complex; instruction sets, and one thread against three, bit by bit. Then the kernels that
 * move and scale entries. */
#include "sparse.h"

enum { MAX_COLUMNS = 9 };

/* One call: which kernel, and with what. y has A's rows; in the *_ADD forms it has 2 rows + 1 of
 * them, and so has w. */
typedef struct call {
    enum { SPMV, SPMV_DOT, SPMV_ADD, SPMV_ADD_DOT, FORMS } form;
    const matrix *A;
    ptl_dtype dtype; /* of vectors */
    ptl__block x, w, y;
    const double *alpha, *beta;
    double sums[2 * MAX_COLUMNS];
} call;

static void perform(test_run r, call *c)
{
    const ptl__sparse_kernels *k = r.kernels->sparse[c->A->dtype][c->dtype][c->A->itype];
    ptl__csr whole = c->A->csr;
    whole.row_ids = NULL;
    switch (c->form) {
    case SPMV:
        k->csr_spmv(r.run, whole, c->alpha, c->x, c->beta, c->y);
        break;
    case SPMV_DOT:
        k->csr_spmv_dot(r.run, whole, c->x, c->y, c->sums);
        break;
    case SPMV_ADD:
        k->csr_spmv_add(r.run, c->A->csr, c->alpha, c->x, c->y);
        break;
    default:
        k->csr_spmv_add_dot(r.run, c->A->csr, c->x, c->w, c->y, c->sums);
    }
}

static int is_add(const call *c)
{
    return c->form == SPMV_ADD || c->form == SPMV_ADD_DOT;
}

static int has_sums(const call *c)
{
    return c->form == SPMV_DOT || c->form == SPMV_ADD_DOT;
}

/* Checks column j of y and its sum against the operands before. */
static void check_column(const call *before, const call *after, const number *products, int64_t j)
{
    const ptl_dtype dtype = before->dtype;
    const ptl__block w = is_add(before) ? before->w : before->x;
    number sum = before->form == SPMV_ADD_DOT ? coef(dtype, before->sums, j) : 0;
    double size = 1;
    for (int64_t i = 0; i < before->A->csr.rows; ++i) {
        const int64_t row = is_add(before) ? 2 * i + 1 : i, at = row * before->y.ld + j;
        const number v = products[i * before->y.columns + j];
        const number old = get(dtype, before->y.data, at);
        number y = before->alpha ? coef(dtype, before->alpha, j) * v : v;
        if (is_add(before))
            y += old;
        else if (before->beta)
            y += coef(dtype, before->beta, j) * old;
        assert_near(get(dtype, after->y.data, at), y, row_tolerance(dtype), "y", row, j);
        if (has_sums(before)) {
            sum += conj(get(dtype, w.data, row * w.ld + j)) * v;
            size += cabs(v);
        }
    }
    if (has_sums(before))
        assert_near(coef(dtype, after->sums, j), sum, size * tolerance(dtype), "sums", -1, j);
}

/* All columns; and what lies between y's columns and its ld, and between the rows of row_ids,
 * stays.
 */
static void check_call(const call *before, const call *after, const number *products)
{
    for (int64_t j = 0; j < before->y.columns; ++j)
        check_column(before, after, products, j);
    const ptl_dtype dtype = before->dtype;
    for (int64_t i = 0; i < before->y.rows; ++i)
        for (int64_t j = 0; j < before->y.ld; ++j)
            if (j >= before->y.columns || (is_add(before) && i % 2 == 0)) {
                const int64_t at = i * before->y.ld + j;
                assert_true(get(dtype, before->y.data, at) == get(dtype, after->y.data, at));
            }
}

static void run_call(call *before, const number *products)
{
    test_run runs[MAX_RUNS];
    call after[MAX_RUNS];
    const int count = every_run(runs);
    for (int r = 0; r < count; ++r) {
        after[r] = *before;
        after[r].y = block_copy(before->dtype, before->y);
        perform(runs[r], &after[r]);
        if (r < 2) {
            check_call(before, &after[r], products);
            continue;
        }
        assert_true(same_bits(before->dtype, after[1].y, after[r].y));
        assert_memory_equal(after[1].sums, after[r].sums, sizeof after[r].sums);
    }
    for (int r = 0; r < count; ++r)
        free(after[r].y.data);
}

static void run_calls(const matrix *A, ptl_dtype dtype, int64_t columns, int64_t ld)
{
    const int64_t rows = A->csr.rows;
    double alpha[2 * MAX_COLUMNS], beta[2 * MAX_COLUMNS];
    call c = {.A = A,
              .dtype = dtype,
              .x = block_new(dtype, A->cols, columns, ld),
              .w = block_new(dtype, 2 * rows + 1, columns, ld)};
    number *products = products_new(A, 0, dtype, c.x);
    for (int j = 0; j < 2 * MAX_COLUMNS; ++j) {
        alpha[j] = uniform();
        beta[j] = uniform();
        c.sums[j] = uniform();
    }
    for (int form = SPMV; form < FORMS; ++form)
        for (int variant = 0; variant < (form == SPMV ? 4 : form == SPMV_ADD ? 2 : 1); ++variant) {
            c.form = form;
            if ((form == SPMV_DOT && A->cols != rows) || (rows > 1000 && variant % 3 != 0))
                continue;
            c.alpha = variant & 1 ? alpha : NULL;
            c.beta = variant & 2 ? beta : NULL;
            c.y = block_new(dtype, is_add(&c) ? 2 * rows + 1 : rows, columns, ld);
            for (int64_t i = 0; form == SPMV && !c.beta && columns > 0 && i < rows; ++i)
                put(dtype, c.y.data, i * ld, NAN); /* not read */
            run_call(&c, products);
            free(c.y.data);
        }
    free(products);
    free(c.x.data);
    free(c.w.data);
}

/* Every number of columns, packed and padded; of a large matrix fewer. */
static void run_columns(const matrix *A, ptl_dtype dtype)
{
    const int64_t columns[] = {1, 0, 2, 4, 7, 8, 9};
    const int large = A->csr.rows > 1000;
    for (int c = 0; c < 7; c += large ? 6 : 1) {
        run_calls(A, dtype, columns[c], columns[c]);
        if (!large)
            run_calls(A, dtype, columns[c], columns[c] + 3);
    }
}

static void test_products(void **state)
{
    (void)state;
    const int64_t sizes[][2] = {{0, 0}, {0, 5}, {3, 0}, {1, 1}, {30, 17}, {4099, 4099}};
    for (int m = 0; m < PTL_DTYPE_ALL; ++m)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype)
            for (int s = 0; s < 6; ++s) {
                matrix A =
                    matrix_new((ptl_dtype)m, (ptl_itype)itype, sizes[s][0], sizes[s][1], 5000);
                for (int v = 0; v < PTL_DTYPE_COUNT; ++v)
                    if (mixes(m, v))
                        run_columns(&A, (ptl_dtype)v);
                matrix_free(&A);
            }
}

/* ---- What moves and scales entries ---- */

static void check_diagonal(test_run r, const matrix *A)
{
    const int64_t count = A->csr.rows < A->cols ? A->csr.rows : A->cols;
    ptl__block d = block_new(A->dtype, count, 1, 1);
    r.kernels->index[A->dtype][A->itype]->csr_diagonal(r.run, A->csr, count, d.data);
    for (int64_t i = 0; i < count; ++i) {
        number sum = 0;
        for (int64_t k = row_begin(A, i); k < row_begin(A, i + 1); ++k)
            if (index_of(A->itype, A->csr.indices, k) == i)
                sum += get(A->dtype, A->csr.values, k);
        assert_near(get(A->dtype, d.data, i), sum, row_tolerance(A->dtype), "diagonal", i, 0);
    }
    free(d.data);
}

/* Gathers the rows that row_ids names, and brings them back. */
static void check_rows(test_run r, const matrix *A, int64_t columns)
{
    const int64_t count = A->csr.rows;
    const ptl__index_kernels *k = r.kernels->index[A->dtype][A->itype];
    ptl__block x = block_new(A->dtype, 2 * count + 1, columns, columns + 1);
    ptl__block y = block_new(A->dtype, count, columns, columns);
    ptl__block before = block_copy(A->dtype, x);
    k->gather(r.run, count, A->csr.row_ids, x, y);
    for (int64_t i = 0; i < count; ++i)
        for (int64_t j = 0; j < columns; ++j)
            assert_true(get(A->dtype, y.data, i * columns + j) ==
                        get(A->dtype, x.data, (2 * i + 1) * x.ld + j));
    k->scatter_add(r.run, count, A->csr.row_ids, y, x);
    for (int64_t i = 0; i < x.rows; ++i)
        for (int64_t j = 0; j < x.ld; ++j) {
            const number old = get(A->dtype, before.data, i * x.ld + j);
            assert_true(get(A->dtype, x.data, i * x.ld + j) ==
                        (i % 2 && j < columns ? old + old : old));
        }
    free(x.data);
    free(y.data);
    free(before.data);
}

/* Scales the rows (of row_ids where they are given) or the columns. */
static void check_scale(test_run r, const matrix *A, int rows, int ids)
{
    const ptl__index_kernels *k = r.kernels->index[A->dtype][A->itype];
    const ptl__block all = {(void *)A->csr.values, A->nnz, 1, 1};
    ptl__block d = block_new(A->dtype, 2 * A->csr.rows + 1 + A->cols, 1, 1);
    ptl__block values = block_copy(A->dtype, all);
    ptl__csr scaled = A->csr;
    scaled.values = values.data;
    scaled.row_ids = ids ? A->csr.row_ids : NULL;
    (rows ? k->csr_row_scale : k->csr_col_scale)(r.run, scaled, d.data);
    for (int64_t i = 0; i < A->csr.rows; ++i)
        for (int64_t e = row_begin(A, i); e < row_begin(A, i + 1); ++e) {
            const int64_t at = !rows ? index_of(A->itype, A->csr.indices, e) : ids ? 2 * i + 1 : i;
            assert_near(get(A->dtype, values.data, e),
                        get(A->dtype, all.data, e) * get(A->dtype, d.data, at), tolerance(A->dtype),
                        "scale", i, at);
        }
    free(d.data);
    free(values.data);
}

static void check_index_kernels(test_run r, const matrix *A)
{
    check_diagonal(r, A);
    check_rows(r, A, 1);
    check_rows(r, A, 3);
    check_scale(r, A, 1, 0);
    check_scale(r, A, 1, 1);
    check_scale(r, A, 0, 0);
}

static void test_index_kernels(void **state)
{
    (void)state;
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype)
            for (int64_t rows = 0; rows <= 5000; rows += 2500) {
                matrix A = matrix_new((ptl_dtype)dtype, (ptl_itype)itype, rows, 3000, 20);
                for (int r = 0; r < count; ++r)
                    check_index_kernels(runs[r], &A);
                matrix_free(&A);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_index_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
