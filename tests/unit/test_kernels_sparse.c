/* Every sparse kernel of every backend, on matrices with empty and long rows and with duplicates:
 * reference and openmp against arithmetic in double complex, and one thread against three, bit by
 * bit. */
#include "numbers.h"

enum { MAX_COLUMNS = 11 };

/* A matrix as kernels see it, with the sizes that its owner knows. */
typedef struct matrix {
    ptl_dtype dtype;
    ptl_itype itype;
    int64_t cols, nnz;
    ptl__csr csr;
} matrix;

static int64_t index_of(ptl_itype itype, const void *array, int64_t i)
{
    return itype == PTL_I32 ? ((const int32_t *)array)[i] : ((const int64_t *)array)[i];
}

static void *indices_of(ptl_itype itype, int64_t count, const int64_t *values)
{
    void *array = allocate((size_t)count * ptl_itype_size(itype));
    for (int64_t i = 0; i < count; ++i) {
        if (itype == PTL_I32)
            ((int32_t *)array)[i] = (int32_t)values[i];
        else
            ((int64_t *)array)[i] = values[i];
    }
    return array;
}

/* Rows of 0 to 20 entries; stored row i stands for row 2 i + 1. */
static matrix matrix_new(ptl_dtype dtype, ptl_itype itype, int64_t rows, int64_t cols)
{
    int64_t *indptr = allocate((size_t)(rows + 1) * sizeof *indptr);
    int64_t *row_ids = allocate((size_t)rows * sizeof *row_ids);
    indptr[0] = 0;
    for (int64_t i = 0; i < rows; ++i) {
        row_ids[i] = 2 * i + 1;
        indptr[i + 1] = indptr[i] + (cols == 0 ? 0 : i % 5 == 3 ? 20 : i % 7);
    }
    const int64_t nnz = indptr[rows];
    int64_t *indices = allocate((size_t)nnz * sizeof *indices);
    void *values = allocate((size_t)nnz * ptl_dtype_size(dtype));
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t k = indptr[i]; k < indptr[i + 1]; ++k) {
            indices[k] = rand() % 3 == 0 && i < cols ? i : rand() % cols;
            put(dtype, values, k, __builtin_complex(uniform(), uniform()));
        }
    const matrix A = {dtype,
                      itype,
                      cols,
                      nnz,
                      {rows, indices_of(itype, rows + 1, indptr), indices_of(itype, nnz, indices),
                       values, indices_of(itype, rows, row_ids)}};
    free(indptr);
    free(indices);
    free(row_ids);
    return A;
}

static void matrix_free(matrix *A)
{
    free((void *)A->csr.indptr);
    free((void *)A->csr.indices);
    free((void *)A->csr.values);
    free((void *)A->csr.row_ids);
}

/* (A x)_ij */
static number product(const matrix *A, ptl__block x, int64_t i, int64_t j)
{
    number sum = 0;
    const int64_t end = index_of(A->itype, A->csr.indptr, i + 1);
    for (int64_t k = index_of(A->itype, A->csr.indptr, i); k < end; ++k)
        sum += get(A->dtype, A->csr.values, k) *
               get(A->dtype, x.data, index_of(A->itype, A->csr.indices, k) * x.ld + j);
    return sum;
}

/* One call: which kernel, and with what. y is whole rows; in the *_ADD forms it has 2 rows + 1 of
 * them, and so has w. */
typedef struct call {
    enum { SPMV, SPMV_DOT, SPMV_ADD, SPMV_ADD_DOT, FORMS } form;
    const matrix *A;
    ptl__block x, w, y;
    const double *alpha, *beta;
    double sums[2 * MAX_COLUMNS];
} call;

static void perform(const ptl__kernels *backend, ptl__run run, call *c)
{
    const ptl__sparse_kernels *k = backend->sparse[c->A->dtype][c->A->itype];
    ptl__csr whole = c->A->csr;
    whole.row_ids = NULL;
    switch (c->form) {
    case SPMV:
        k->csr_spmv(run, whole, c->alpha, c->x, c->beta, c->y);
        break;
    case SPMV_DOT:
        k->csr_spmv_dot(run, whole, c->x, c->y, c->sums);
        break;
    case SPMV_ADD:
        k->csr_spmv_add(run, c->A->csr, c->alpha, c->x, c->y);
        break;
    default:
        k->csr_spmv_add_dot(run, c->A->csr, c->x, c->w, c->y, c->sums);
    }
}

static int is_add(const call *c)
{
    return c->form == SPMV_ADD || c->form == SPMV_ADD_DOT;
}

/* Checks column j of y and its sum against the operands before. */
static void check_column(const call *before, const call *after, int64_t j)
{
    const ptl_dtype dtype = before->A->dtype;
    const double bound = 40 * tolerance(dtype);
    number sum = before->form == SPMV_ADD_DOT ? coef(dtype, before->sums, j) : 0;
    double size = 1;
    for (int64_t i = 0; i < before->A->csr.rows; ++i) {
        const int64_t row = is_add(before) ? 2 * i + 1 : i, at = row * before->y.ld + j;
        const number v = product(before->A, before->x, i, j), old = get(dtype, before->y.data, at);
        number y = before->alpha ? coef(dtype, before->alpha, j) * v : v;
        if (is_add(before))
            y += old;
        else if (before->beta)
            y += coef(dtype, before->beta, j) * old;
        assert_near(get(dtype, after->y.data, at), y, bound, "y", row, j);
        const ptl__block w = is_add(before) ? before->w : before->x;
        if (before->form == SPMV_DOT || before->form == SPMV_ADD_DOT) {
            sum += conj(get(dtype, w.data, row * w.ld + j)) * v;
            size += cabs(v);
        }
    }
    if (before->form == SPMV_DOT || before->form == SPMV_ADD_DOT)
        assert_near(coef(dtype, after->sums, j), sum, size * tolerance(dtype), "sums", -1, j);
}

/* What lies between y's columns and its ld, and between the rows of row_ids, stays. */
static void check_untouched(const call *before, const call *after)
{
    const ptl_dtype dtype = before->A->dtype;
    for (int64_t i = 0; i < before->y.rows; ++i)
        for (int64_t j = 0; j < before->y.ld; ++j)
            if (j >= before->y.columns || (is_add(before) && i % 2 == 0)) {
                const int64_t at = i * before->y.ld + j;
                assert_true(get(dtype, before->y.data, at) == get(dtype, after->y.data, at));
            }
}

static void run_call(call *before)
{
    const struct {
        const ptl__kernels *backend;
        int threads;
    } runs[] = {{&ptl__kernels_reference, 1}, {&ptl__kernels_openmp, 1}, {&ptl__kernels_openmp, 3}};
    const ptl_dtype dtype = before->A->dtype;
    call after[3];
    for (int r = 0; r < 3; ++r) {
        after[r] = *before;
        after[r].y = block_copy(dtype, before->y);
        perform(runs[r].backend, (ptl__run){runs[r].threads}, &after[r]);
        for (int64_t j = 0; j < before->y.columns; ++j)
            check_column(before, &after[r], j);
        check_untouched(before, &after[r]);
    }
    assert_true(same_bits(dtype, after[1].y, after[2].y));
    assert_memory_equal(after[1].sums, after[2].sums, sizeof after[1].sums);
    for (int r = 0; r < 3; ++r)
        free(after[r].y.data);
}

static void run_calls(const matrix *A, int64_t columns, int64_t ld)
{
    const int64_t rows = A->csr.rows;
    double alpha[2 * MAX_COLUMNS], beta[2 * MAX_COLUMNS];
    call c = {.A = A,
              .x = block_new(A->dtype, A->cols, columns, ld),
              .w = block_new(A->dtype, 2 * rows + 1, columns, ld)};
    for (int j = 0; j < 2 * MAX_COLUMNS; ++j) {
        alpha[j] = uniform();
        beta[j] = uniform();
        c.sums[j] = uniform();
    }
    for (int form = SPMV; form < FORMS; ++form)
        for (int variant = 0; variant < 4; ++variant) {
            c.form = form;
            if (form == SPMV_DOT && A->cols != rows)
                continue;
            c.alpha = variant & 1 && (form == SPMV || form == SPMV_ADD) ? alpha : NULL;
            c.beta = variant & 2 && form == SPMV ? beta : NULL;
            c.y = block_new(A->dtype, is_add(&c) ? 2 * rows + 1 : rows, columns, ld);
            if (form == SPMV && !c.beta && rows > 0)
                put(A->dtype, c.y.data, 0, NAN); /* not read */
            run_call(&c);
            free(c.y.data);
        }
    free(c.x.data);
    free(c.w.data);
}

static void test_products(void **state)
{
    (void)state;
    const int64_t sizes[][2] = {{0, 0}, {0, 5}, {3, 0}, {1, 1}, {30, 17}, {4099, 4099}};
    const int64_t columns[] = {1, 2, 4, 7, MAX_COLUMNS};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype)
            for (int s = 0; s < 6; ++s) {
                matrix A = matrix_new((ptl_dtype)dtype, (ptl_itype)itype, sizes[s][0], sizes[s][1]);
                for (int c = 0; c < 5; ++c) {
                    if (s == 5 && c == 3)
                        continue; /* 11 columns have a strip of 3 as well, and this is slow */
                    run_calls(&A, columns[c], columns[c]);
                    if (s < 5)
                        run_calls(&A, columns[c], columns[c] + 3);
                }
                matrix_free(&A);
            }
}

static void check_diagonal(const ptl__kernels *backend, const matrix *A)
{
    const int64_t count = A->csr.rows < A->cols ? A->csr.rows : A->cols;
    ptl__block d = block_new(A->dtype, count, 1, 1);
    backend->sparse[A->dtype][A->itype]->csr_diagonal((ptl__run){3}, A->csr, count, d.data);
    for (int64_t i = 0; i < count; ++i) {
        number sum = 0;
        for (int64_t k = index_of(A->itype, A->csr.indptr, i);
             k < index_of(A->itype, A->csr.indptr, i + 1); ++k)
            if (index_of(A->itype, A->csr.indices, k) == i)
                sum += get(A->dtype, A->csr.values, k);
        assert_near(get(A->dtype, d.data, i), sum, 20 * tolerance(A->dtype), "diagonal", i, 0);
    }
    free(d.data);
}

/* Gathers the rows that row_ids names. */
static void check_gather(const ptl__kernels *backend, const matrix *A, int64_t columns)
{
    const int64_t count = A->csr.rows;
    ptl__block x = block_new(A->dtype, 2 * count + 1, columns, columns + 1);
    ptl__block y = block_new(A->dtype, count, columns, columns);
    backend->sparse[A->dtype][A->itype]->gather((ptl__run){3}, count, A->csr.row_ids, x, y);
    for (int64_t i = 0; i < count; ++i)
        for (int64_t j = 0; j < columns; ++j)
            assert_true(get(A->dtype, y.data, i * columns + j) ==
                        get(A->dtype, x.data, (2 * i + 1) * x.ld + j));
    free(x.data);
    free(y.data);
}

static void test_diagonal_and_gather(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; ++dtype)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; ++itype)
            for (int64_t rows = 0; rows <= 5000; rows += 2500) {
                matrix A = matrix_new((ptl_dtype)dtype, (ptl_itype)itype, rows, 3000);
                check_diagonal(&ptl__kernels_reference, &A);
                check_diagonal(&ptl__kernels_openmp, &A);
                for (int64_t columns = 1; columns <= 3; columns += 2) {
                    check_gather(&ptl__kernels_reference, &A, columns);
                    check_gather(&ptl__kernels_openmp, &A, columns);
                }
                matrix_free(&A);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_diagonal_and_gather),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
