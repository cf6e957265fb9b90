/* The kernels of the other sparse formats of every table, for every dtype of entries and of
 * vectors: a CSR matrix is laid out anew as each format, and its product compared with arithmetic
 * in double complex; instruction sets, and one thread against three, bit by bit. */
#include "sparse.h"

enum { MAX_COLUMNS = 9 };

/* The entries of a CSR matrix in every format; in `indices` and `values` they lie as one of them
 * wants. */
typedef struct layout {
    const matrix *A;
    int64_t width, *slice_sets; /* of the formats with padding */
    void *indices, *rows, *slots, *values;
} layout;

static int64_t longest(const matrix *A, int64_t begin, int64_t end)
{
    int64_t most = 0;
    for (int64_t i = begin; i < end && i < A->csr.rows; ++i)
        if (row_begin(A, i + 1) - row_begin(A, i) > most)
            most = row_begin(A, i + 1) - row_begin(A, i);
    return most;
}

static void layout_free(layout *l)
{
    free(l->slice_sets);
    free(l->indices);
    free(l->rows);
    free(l->slots);
    free(l->values);
}

/* Entry e of the CSR is at place[e] of `slots` ones; the others are padding, which holds NaN. */
static layout layout_new(const matrix *A, int64_t slots, const int64_t *place)
{
    int64_t *indices = allocate((size_t)slots * sizeof *indices);
    layout l = {.A = A, .values = allocate((size_t)slots * ptl_dtype_size(A->dtype))};
    for (int64_t k = 0; k < slots; ++k) {
        indices[k] = -1;
        put(A->dtype, l.values, k, NAN);
    }
    for (int64_t e = 0; e < A->nnz; ++e) {
        indices[place[e]] = index_of(A->itype, A->csr.indices, e);
        put(A->dtype, l.values, place[e], get(A->dtype, A->csr.values, e));
    }
    l.indices = indices_of(A->itype, slots, indices);
    free(indices);
    return l;
}

static int64_t *places_new(const matrix *A)
{
    return allocate((size_t)A->nnz * sizeof(int64_t));
}

/* A format: how to lay a matrix out, and to multiply. */
typedef struct format {
    const char *name;
    layout (*make)(const matrix *A);
    void (*apply)(const ptl__sparse_kernels *k, ptl__run run, const layout *l, const double *alpha,
                  ptl__block x, const double *beta, ptl__block y);
    int conjugated; /* the product is that of the conjugate matrix */
} format;

static layout make_coo(const matrix *A, int sorted)
{
    int64_t *place = places_new(A), *rows = places_new(A);
    for (int64_t i = 0; i < A->csr.rows; ++i)
        for (int64_t e = row_begin(A, i); e < row_begin(A, i + 1); ++e) {
            place[e] = sorted ? e : A->nnz - 1 - e;
            rows[place[e]] = i;
        }
    layout l = layout_new(A, A->nnz, place);
    l.rows = indices_of(A->itype, A->nnz, rows);
    free(place);
    free(rows);
    return l;
}

static layout make_sorted_coo(const matrix *A)
{
    return make_coo(A, 1);
}

static layout make_unsorted_coo(const matrix *A)
{
    return make_coo(A, 0);
}

static void apply_coo(const ptl__sparse_kernels *k, ptl__run run, const layout *l, int sorted,
                      const double *alpha, ptl__block x, const double *beta, ptl__block y)
{
    const ptl__coo A = {l->A->csr.rows, l->A->nnz, sorted, l->rows, l->indices, l->values};
    k->coo_spmv(run, A, alpha, x, beta, y);
}

static void apply_sorted_coo(const ptl__sparse_kernels *k, ptl__run run, const layout *l,
                             const double *alpha, ptl__block x, const double *beta, ptl__block y)
{
    apply_coo(k, run, l, 1, alpha, x, beta, y);
}

static void apply_unsorted_coo(const ptl__sparse_kernels *k, ptl__run run, const layout *l,
                               const double *alpha, ptl__block x, const double *beta, ptl__block y)
{
    apply_coo(k, run, l, 0, alpha, x, beta, y);
}

static layout make_ell(const matrix *A)
{
    const int64_t width = longest(A, 0, A->csr.rows), stride = A->csr.rows + 2;
    int64_t *place = places_new(A);
    for (int64_t i = 0; i < A->csr.rows; ++i)
        for (int64_t e = row_begin(A, i); e < row_begin(A, i + 1); ++e)
            place[e] = (e - row_begin(A, i)) * stride + i;
    layout l = layout_new(A, width * stride, place);
    l.width = width;
    free(place);
    return l;
}

static void apply_ell(const ptl__sparse_kernels *k, ptl__run run, const layout *l,
                      const double *alpha, ptl__block x, const double *beta, ptl__block y)
{
    const ptl__ell A = {l->A->csr.rows, l->width, l->A->csr.rows + 2, l->indices, l->values};
    k->ell_spmv(run, A, alpha, x, beta, y);
}

static layout make_sellp_of(const matrix *A, int64_t size)
{
    const int64_t slices = (A->csr.rows + size - 1) / size;
    int64_t *place = places_new(A), *sets = allocate((size_t)(slices + 1) * sizeof *sets);
    sets[0] = 0;
    for (int64_t s = 0; s < slices; ++s) {
        sets[s + 1] = sets[s] + longest(A, s * size, (s + 1) * size);
        for (int64_t i = s * size; i < (s + 1) * size && i < A->csr.rows; ++i)
            for (int64_t e = row_begin(A, i); e < row_begin(A, i + 1); ++e)
                place[e] = (sets[s] + e - row_begin(A, i)) * size + i - s * size;
    }
    layout l = layout_new(A, sets[slices] * size, place);
    l.width = size;
    l.slice_sets = sets;
    free(place);
    return l;
}

static layout make_sellp(const matrix *A)
{
    return make_sellp_of(A, 32);
}

static layout make_odd_sellp(const matrix *A)
{
    return make_sellp_of(A, 11); /* the blocks of threads begin inside slices */
}

static void apply_sellp(const ptl__sparse_kernels *k, ptl__run run, const layout *l,
                        const double *alpha, ptl__block x, const double *beta, ptl__block y)
{
    const ptl__sellp A = {l->A->csr.rows, l->width, l->slice_sets, l->indices, l->values};
    k->sellp_spmv(run, A, alpha, x, beta, y);
}

/* The CSR matrix taken for the transpose of another one, whose values lie the other way round. */
static layout make_transposed(const matrix *A)
{
    int64_t *place = places_new(A);
    for (int64_t e = 0; e < A->nnz; ++e)
        place[e] = A->nnz - 1 - e;
    layout l = layout_new(A, A->nnz, place);
    l.slots = indices_of(A->itype, A->nnz, place);
    free(place);
    return l;
}

static void apply_op(const ptl__sparse_kernels *k, ptl__run run, const layout *l, int conj_T,
                     const double *alpha, ptl__block x, const double *beta, ptl__block y)
{
    const ptl__csr *csr = &l->A->csr;
    const ptl__transposed T = {csr->rows,    l->A->itype, csr->indptr,
                               csr->indices, l->slots,    l->values};
    k->transposed_spmv(run, T, conj_T, alpha, x, beta, y);
}

static void apply_transposed(const ptl__sparse_kernels *k, ptl__run run, const layout *l,
                             const double *alpha, ptl__block x, const double *beta, ptl__block y)
{
    apply_op(k, run, l, 0, alpha, x, beta, y);
}

static void apply_hermitian(const ptl__sparse_kernels *k, ptl__run run, const layout *l,
                            const double *alpha, ptl__block x, const double *beta, ptl__block y)
{
    apply_op(k, run, l, 1, alpha, x, beta, y);
}

static const format formats[] = {
    {"coo, sorted", make_sorted_coo, apply_sorted_coo, 0},
    {"coo, unsorted", make_unsorted_coo, apply_unsorted_coo, 0},
    {"ell", make_ell, apply_ell, 0},
    {"sellp", make_sellp, apply_sellp, 0},
    {"sellp, odd slices", make_odd_sellp, apply_sellp, 0},
    {"transposed", make_transposed, apply_transposed, 0},
    {"hermitian", make_transposed, apply_hermitian, 1},
};
enum { FORMATS = sizeof formats / sizeof *formats, COORDINATES = 2 /* the first of them */ };

/* One call: y = alpha A x + beta y with vectors of `dtype`. */
typedef struct call {
    const format *format;
    const layout *l;
    ptl_dtype dtype;
    ptl__block x, y;
    const double *alpha, *beta;
} call;

static void check_y(const call *c, const number *products, ptl__block y)
{
    for (int64_t i = 0; i < y.rows; ++i)
        for (int64_t j = 0; j < y.ld; ++j) {
            const number old = get(c->dtype, c->y.data, i * y.ld + j);
            number expected = old;
            if (j < y.columns) {
                expected = products[i * y.columns + j];
                expected *= c->alpha ? coef(c->dtype, c->alpha, j) : 1;
                expected += c->beta ? coef(c->dtype, c->beta, j) * old : 0;
            }
            assert_near(get(c->dtype, y.data, i * y.ld + j), expected, row_tolerance(c->dtype),
                        c->format->name, i, j);
        }
}

static void run_call(const call *c, const number *products)
{
    test_run runs[MAX_RUNS];
    ptl__block y[MAX_RUNS];
    const int count = every_run(runs);
    const matrix *A = c->l->A;
    for (int r = 0; r < count; ++r) {
        y[r] = block_copy(c->dtype, c->y);
        c->format->apply(runs[r].kernels->sparse[A->dtype][c->dtype][A->itype], runs[r].run, c->l,
                         c->alpha, c->x, c->beta, y[r]);
        if (r < 2)
            check_y(c, products, y[r]);
        else
            assert_true(same_bits(c->dtype, y[1], y[r]));
    }
    for (int r = 0; r < count; ++r)
        free(y[r].data);
}

static void run_calls(const format *f, const layout *l, ptl_dtype dtype, int64_t columns,
                      int64_t ld)
{
    double alpha[2 * MAX_COLUMNS], beta[2 * MAX_COLUMNS];
    for (int j = 0; j < 2 * MAX_COLUMNS; ++j) {
        alpha[j] = uniform();
        beta[j] = uniform();
    }
    call c = {.format = f, .l = l, .dtype = dtype};
    c.x = block_new(dtype, l->A->cols, columns, ld);
    number *products = products_new(l->A, f->conjugated, dtype, c.x);
    const int large = l->A->csr.rows > 1000;
    for (int variant = large ? 3 : 0; variant < 4; ++variant) {
        c.alpha = variant & 1 ? alpha : NULL;
        c.beta = variant & 2 ? beta : NULL;
        c.y = block_new(dtype, l->A->csr.rows, columns, ld);
        for (int64_t i = 0; !c.beta && columns > 0 && i < c.y.rows; ++i)
            put(dtype, c.y.data, i * ld, NAN); /* not read */
        run_call(&c, products);
        free(c.y.data);
    }
    free(products);
    free(c.x.data);
}

/* The first so many formats with every number of columns, packed and padded; of a large matrix
 * fewer.
 */
static void run_columns(const matrix *A, int formats_count, ptl_dtype dtype)
{
    const int64_t columns[] = {1, 0, 2, 7, 8, 9};
    const int large = A->csr.rows > 1000;
    for (int f = 0; f < formats_count; ++f) {
        layout l = formats[f].make(A);
        for (int c = 0; c < 6; c += large ? 5 : 1) {
            run_calls(&formats[f], &l, dtype, columns[c], columns[c]);
            if (!large)
                run_calls(&formats[f], &l, dtype, columns[c], columns[c] + 3);
        }
        layout_free(&l);
    }
}

static void run_sizes(ptl_dtype m, ptl_itype itype, ptl_dtype v)
{
    const int64_t sizes[][2] = {{0, 0}, {0, 5}, {3, 0}, {1, 1}, {30, 17}, {4099, 4099}};
    for (int s = 0; s < 6; ++s) {
        matrix A = matrix_new(m, itype, sizes[s][0], sizes[s][1], 20);
        run_columns(&A, FORMATS, v);
        matrix_free(&A);
    }
    /* a row longer than what a thread takes at once */
    matrix A = matrix_new(m, itype, 3500, 40, 5000);
    run_columns(&A, COORDINATES, v);
    matrix_free(&A);
}

static void test_products(void **state)
{
    (void)state;
    for (int m = 0; m < PTL_DTYPE_ALL; ++m)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype)
            for (int v = 0; v < PTL_DTYPE_COUNT; ++v)
                if (mixes(m, v))
                    run_sizes((ptl_dtype)m, (ptl_itype)itype, (ptl_dtype)v);
}

/* An element of x that no entry multiplies does not reach y, though padding has to point somewhere.
 */
static void check_padding(const matrix *A, const format *f, double bad)
{
    test_run runs[MAX_RUNS];
    const int count = every_run(runs);
    layout l = f->make(A);
    for (int64_t columns = 1; columns <= 2; ++columns) {
        ptl__block x = block_new(A->dtype, A->cols + 1, columns, columns);
        ptl__block y = block_new(A->dtype, A->csr.rows, columns, columns);
        for (int64_t j = 0; j < columns; ++j) {
            put(A->dtype, x.data, j, bad);
            put(A->dtype, x.data, A->cols * columns + j, bad);
        }
        for (int r = 0; r < count; ++r) {
            f->apply(runs[r].kernels->sparse[A->dtype][A->dtype][A->itype], runs[r].run, &l, NULL,
                     x, NULL, y);
            for (int64_t i = 0; i < y.rows * columns; ++i)
                assert_true(isfinite(creal(get(A->dtype, y.data, i))));
        }
        free(x.data);
        free(y.data);
    }
    layout_free(&l);
}

static void test_padding(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype) {
            matrix A = matrix_new((ptl_dtype)dtype, (ptl_itype)itype, 100, 50, 20);
            for (int64_t e = 0; e < A.nnz; ++e) { /* nothing in column 0 */
                if (itype == PTL_I32)
                    ((int32_t *)A.csr.indices)[e] += ((int32_t *)A.csr.indices)[e] == 0;
                else
                    ((int64_t *)A.csr.indices)[e] += ((int64_t *)A.csr.indices)[e] == 0;
            }
            for (int f = 0; f < FORMATS; ++f) {
                check_padding(&A, &formats[f], NAN);
                check_padding(&A, &formats[f], INFINITY);
            }
            matrix_free(&A);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
