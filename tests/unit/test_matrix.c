/* Distributed matrices on one process: patterns, wide indices, updates, local operators. The MPI
 * test has the products over ranks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/linop.h"
#include "core/memory.h"
#include "distributed/matrix.h"
#include "matrix/csr.h"
#include <petiole/petiole.h>

enum { N = 40, M = 60 };

static unsigned seed = 11;

static int random_below(int n)
{
    seed = seed * 1103515245u + 12345u;
    return (int)((seed >> 8) % (unsigned)n);
}

static ptl_matrix_layout layout_of(int64_t rows, int64_t cols)
{
    ptl_matrix_layout layout = {0};
    assert_int_equal(ptl_partition_uniform(1, rows, &layout.partition), PTL_OK);
    assert_int_equal(ptl_partition_uniform(1, cols, &layout.col_partition), PTL_OK);
    return layout;
}

static void release(ptl_matrix_layout *layout)
{
    ptl_partition_release(&layout->partition);
    ptl_partition_release(&layout->col_partition);
}

static int64_t at(const void *array, ptl_itype itype, int64_t i)
{
    return itype == PTL_I32 ? ((const int32_t *)array)[i] : ((const int64_t *)array)[i];
}

/* A's local block has sorted rows without duplicates and adds up to the triplets, `shift` being
 * taken off each column. */
static void assert_holds(ptl_matrix *A, int64_t count, const int64_t *rows, const int64_t *cols,
                         const double *values, int64_t shift)
{
    double dense[N][M] = {{0}};
    char stored[N][M] = {{0}};
    for (int64_t i = 0; i < count; i++) {
        dense[rows[i]][cols[i] - shift] += values[i];
        stored[rows[i]][cols[i] - shift] = 1;
    }
    ptl_csr_arrays csr = ptl_csr_get_arrays(ptl_linop_as_csr(ptl_matrix_local(A)));
    for (int64_t r = 0; r < N; r++) {
        int64_t begin = at(csr.indptr, csr.itype, r), end = at(csr.indptr, csr.itype, r + 1);
        for (int64_t k = begin; k < end; k++) {
            int64_t col = at(csr.indices, csr.itype, k);
            assert_true(k == begin || col > at(csr.indices, csr.itype, k - 1));
            assert_true(((const double *)csr.values)[k] == dense[r][col - shift]);
            assert_true(stored[r][col - shift]);
            stored[r][col - shift] = 0;
        }
    }
    for (int r = 0; r < N; r++)
        for (int c = 0; c < M; c++)
            assert_false(stored[r][c]);
}

/* Short and long rows, few and many duplicates; then other values in the same places. */
static void check_triplets(int64_t shift, ptl_itype itype)
{
    enum { MOST = 4000 };
    static int64_t rows[MOST], cols[MOST];
    static double values[MOST];
    for (int trial = 0; trial < 30; trial++) {
        int count = random_below(trial % 3 ? MOST : 100), busy = trial % 5 ? N : 2;
        for (int i = 0; i < count; i++) {
            rows[i] = random_below(busy);
            cols[i] = random_below(M) + shift;
            values[i] = random_below(100) - 50; /* sums are exact; zeros stay entries */
        }
        ptl_matrix_layout layout = layout_of(N, M + shift);
        const ptl_triplets triplets = {count, rows, cols, values, PTL_F64};
        ptl_matrix *A;
        assert_int_equal(ptl_matrix_from_coo(&layout, &triplets, PTL_FOREIGN_REFUSE, &A), PTL_OK);
        assert_int_equal(ptl_linop_as_csr(ptl_matrix_local(A))->format.itype, itype);
        assert_holds(A, count, rows, cols, values, shift);
        for (int i = 0; i < count; i++)
            values[i] = random_below(100) - 50;
        assert_int_equal(ptl_matrix_update_values(A, count, PTL_F64, values), PTL_OK);
        assert_holds(A, count, rows, cols, values, shift);
        ptl_matrix_release(&A);
        release(&layout);
    }
}

static void triplets_add_up(void **state)
{
    (void)state;
    check_triplets(0, PTL_I32);
}

static void indices_widen_by_themselves(void **state)
{
    (void)state;
    check_triplets((int64_t)1 << 33, PTL_I64);
}

static void csr_rows_add_up(void **state)
{
    (void)state;
    int32_t indptr[N + 1] = {0}, indices[N * 8];
    int64_t wide_indptr[N + 1] = {0}, wide_indices[N * 8], rows[N * 8];
    double values[N * 8];
    for (int r = 0; r < N; r++) {
        indptr[r + 1] = indptr[r] + random_below(9);
        wide_indptr[r + 1] = indptr[r + 1];
        for (int k = indptr[r]; k < indptr[r + 1]; k++) {
            rows[k] = r;
            wide_indices[k] = indices[k] = random_below(M);
            values[k] = random_below(100);
        }
    }
    ptl_matrix_layout layout = layout_of(N, M);
    const ptl_csr_arrays narrow = {N, -1, PTL_F64, PTL_I32, indptr, indices, values};
    const ptl_csr_arrays wide = {N, -1, PTL_F64, PTL_I64, wide_indptr, wide_indices, values};
    const ptl_csr_arrays *given[] = {&narrow, &wide};
    for (int i = 0; i < 2; i++) {
        ptl_matrix *A;
        assert_int_equal(ptl_matrix_from_csr(&layout, given[i], &A), PTL_OK);
        assert_holds(A, indptr[N], rows, wide_indices, values, 0);
        ptl_matrix_release(&A);
    }
    release(&layout);
}

/* Values that are in order already go straight to their places. */
static void sorted_csr_is_updated(void **state)
{
    (void)state;
    const int32_t indptr[] = {0, 2, 2, 3}, indices[] = {0, 2, 1};
    double values[] = {1, 2, 3};
    const double more[] = {4, 5, 6};
    ptl_matrix_layout layout = layout_of(3, 3);
    const ptl_csr_arrays arrays = {3, 3, PTL_F64, PTL_I32, indptr, indices, values};
    ptl_matrix *A;
    assert_int_equal(ptl_matrix_from_csr(&layout, &arrays, &A), PTL_OK);
    assert_int_equal(ptl_matrix_update_values(A, 3, PTL_F64, more), PTL_OK);
    assert_memory_equal(ptl_linop_as_csr(ptl_matrix_local(A))->format.values, more, sizeof more);
    assert_int_equal(ptl_matrix_update_values(A, 2, PTL_F64, more), PTL_DIMENSION);
    assert_int_equal(ptl_matrix_update_values(A, 3, PTL_F32, more), PTL_DTYPE);
    assert_int_equal(ptl_matrix_update_values(A, 3, PTL_F64, NULL), PTL_INVALID);
    assert_memory_equal(ptl_linop_as_csr(ptl_matrix_local(A))->format.values, more, sizeof more);
    ptl_matrix_release(&A);
    release(&layout);
}

static void assert_refused(ptl_status got, ptl_status code, const char *text, const ptl_matrix *A)
{
    assert_int_equal(got, code);
    assert_null(A);
    if (!strstr(ptl_error_message(), text))
        fail_msg("\"%s\" is not in \"%s\"", text, ptl_error_message());
}

static void bad_input_is_named(void **state)
{
    (void)state;
    const int64_t rows[] = {0, 1, 9}, cols[] = {0, -3, 1}, fine[] = {0, 1, 2};
    const int32_t indptr[] = {0, 1, 3}, down[] = {0, 2, 1}, late[] = {1, 1, 3},
                  indices[] = {0, 1, 5};
    const double values[] = {1, 2, 3};
    ptl_matrix_layout layout = layout_of(3, 3), two = layout_of(2, 3);
    ptl_matrix *A;
    ptl_status s;
    s = ptl_matrix_from_coo(&layout, &(ptl_triplets){3, rows, fine, values, PTL_F64}, 0, &A);
    assert_refused(s, PTL_INDEX, "rank 0: rows[2] is 9", A);
    s = ptl_matrix_from_coo(&layout, &(ptl_triplets){3, fine, cols, values, PTL_F64}, 0, &A);
    assert_refused(s, PTL_INDEX, "rank 0: cols[1] is -3", A);
    s = ptl_matrix_from_coo(&layout, &(ptl_triplets){-1, fine, fine, values, PTL_F64}, 0, &A);
    assert_refused(s, PTL_INVALID, "count is -1", A);
    s = ptl_matrix_from_coo(&layout, &(ptl_triplets){3, fine, fine, NULL, PTL_F64}, 0, &A);
    assert_refused(s, PTL_INVALID, "NULL", A);
    s = ptl_matrix_from_coo(&layout, &(ptl_triplets){3, fine, fine, values, (ptl_dtype)9}, 0, &A);
    assert_refused(s, PTL_DTYPE, "dtype 9", A);
    s = ptl_matrix_from_coo(&(ptl_matrix_layout){0}, &(ptl_triplets){.dtype = PTL_F64}, 0, &A);
    assert_refused(s, PTL_INVALID, "partition is NULL", A);
    ptl_partition *parts = NULL;
    assert_int_equal(ptl_partition_uniform(2, 3, &parts), PTL_OK);
    s = ptl_matrix_from_coo(&(ptl_matrix_layout){.partition = parts},
                            &(ptl_triplets){.dtype = PTL_F64}, 0, &A);
    assert_refused(s, PTL_DIMENSION, "2 parts", A);
    ptl_partition_release(&parts);
    s = ptl_matrix_from_csr(&layout,
                            &(ptl_csr_arrays){2, 3, PTL_F64, PTL_I32, indptr, indices, values}, &A);
    assert_refused(s, PTL_DIMENSION, "2 rows given", A);
    s = ptl_matrix_from_csr(&two,
                            &(ptl_csr_arrays){2, 3, PTL_F64, PTL_I32, indptr, indices, values}, &A);
    assert_refused(s, PTL_INDEX, "indices[2] is 5", A);
    s = ptl_matrix_from_csr(&two, &(ptl_csr_arrays){2, 3, PTL_F64, PTL_I32, down, indices, values},
                            &A);
    assert_refused(s, PTL_INVALID, "indptr[2] is 1", A);
    s = ptl_matrix_from_csr(&two, &(ptl_csr_arrays){2, 3, PTL_F64, PTL_I32, late, indices, values},
                            &A);
    assert_refused(s, PTL_INVALID, "indptr[0] is 1", A);
    release(&layout);
    release(&two);
}

/* An operator that is no CSR: y = 2 x, or a failure. */
static ptl_status twice(void *ctx, ptl_vector *x, ptl_vector *y)
{
    if (*(int *)ctx)
        return ptl_fail(PTL_CALLBACK, "not today");
    const double *from = ptl_vector_data(x);
    double *to = ptl_vector_data(y);
    for (int64_t i = 0; i < ptl_vector_local_rows(x); i++)
        to[i * ptl_vector_ld(y)] = 2 * from[i * ptl_vector_ld(x)];
    return PTL_OK;
}

static void any_operator_can_be_local(void **state)
{
    (void)state;
    int fails = 0;
    const ptl_linop_callbacks callbacks = {.apply = twice};
    ptl_linop *op;
    ptl_matrix *A;
    assert_int_equal(ptl_linop_create(NULL, NULL, 3, 3, PTL_F64, &callbacks, &fails, &op), PTL_OK);
    assert_int_equal(ptl_matrix_from_local(NULL, op, 4, -1, &A), PTL_DIMENSION);
    assert_int_equal(ptl_matrix_from_local(NULL, NULL, -1, -1, &A), PTL_INVALID);
    assert_int_equal(ptl_matrix_from_local(NULL, op, 3, 3, &A), PTL_OK);
    ptl_linop_release(&op); /* the matrix holds its own */
    assert_ptr_equal(ptl_linop_as_matrix(ptl_matrix_linop(A)), A);
    const double data[] = {1, 2, 3}, three = 3;
    double sum[1], *got;
    ptl_vector *x, *y, *d;
    const ptl_vector_shape shape = {3, 3, 0, PTL_F64};
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, 1, data, &x), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, NULL, shape, &y), PTL_OK);
    got = ptl_vector_data(y);
    assert_int_equal(ptl_linop_apply(ptl_matrix_linop(A), &three, x, NULL, y), PTL_OK);
    assert_true(got[0] == 6 && got[1] == 12 && got[2] == 18);
    assert_int_equal(ptl__linop_apply_dot(ptl_matrix_linop(A), x, y, sum), PTL_OK);
    assert_int_equal(ptl__exec_wait(ptl_vector_exec(x)), PTL_OK);
    assert_true(sum[0] == 28 && got[2] == 6);
    fails = 1;
    assert_int_equal(ptl_linop_apply(ptl_matrix_linop(A), NULL, x, NULL, y), PTL_CALLBACK);
    assert_int_equal(ptl_matrix_diagonal(A, &d), PTL_NOT_SUPPORTED);
    assert_int_equal(ptl_matrix_local_nnz(A), 0);
    ptl_csr *ghost;
    assert_int_equal(ptl_matrix_ghost(A, &ghost), PTL_OK);
    assert_null(ghost);
    assert_int_equal(ptl_matrix_update_values(A, 0, PTL_F64, NULL), PTL_NOT_SUPPORTED);
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    ptl_matrix_release(&A);
}

static void a_local_csr_is_a_block(void **state)
{
    (void)state;
    const int32_t indptr[] = {0, 1, 2}, indices[] = {0, 1};
    const double values[] = {5, 7};
    const ptl_csr_arrays arrays = {2, 2, PTL_F64, PTL_I32, indptr, indices, values};
    ptl_csr *csr;
    ptl_matrix *A;
    ptl_vector *d;
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &csr), PTL_OK);
    assert_int_equal(ptl_matrix_from_local(NULL, ptl_csr_linop(csr), -1, -1, &A), PTL_OK);
    assert_false(ptl_matrix_linop(A)->cls->fallible);
    assert_ptr_equal(ptl_matrix_local(A), ptl_csr_linop(csr));
    assert_int_equal(ptl_matrix_diagonal(A, &d), PTL_OK);
    assert_memory_equal(ptl_vector_data(d), values, sizeof values);
    int64_t nnz;
    assert_int_equal(ptl_matrix_nnz(A, &nnz), PTL_OK);
    assert_int_equal(nnz, 2);
    ptl_vector_release(&d);
    ptl_matrix_release(&A);
    ptl_csr_release(&csr);
}

static void failing_memory_leaks_nothing(void **state)
{
    (void)state;
    const int64_t rows[] = {2, 0, 2}, cols[] = {1, 1, 1};
    const double values[] = {1, 2, 3};
    const ptl_triplets triplets = {3, rows, cols, values, PTL_F64};
    ptl_matrix_layout layout = layout_of(3, 3);
    int64_t live = ptl__alloc_live();
    for (int n = 1;; n++) {
        ptl_matrix *A;
        ptl__alloc_fail_after(n);
        ptl_status status = ptl_matrix_from_coo(&layout, &triplets, PTL_FOREIGN_SEND, &A);
        ptl__alloc_fail_after(0);
        if (status == PTL_OK) {
            assert_true(n > 10);
            ptl_matrix_release(&A);
            break;
        }
        assert_int_equal(status, PTL_NOMEM);
        assert_null(A);
        assert_int_equal(ptl__alloc_live(), live);
    }
    assert_int_equal(ptl__alloc_live(), live);
    release(&layout);
}

int main(void)
{
    ptl_exec *exec; /* the default stays alive, so that leaks can be counted */
    if (ptl_exec_default(&exec) != PTL_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(triplets_add_up),        cmocka_unit_test(indices_widen_by_themselves),
        cmocka_unit_test(csr_rows_add_up),        cmocka_unit_test(sorted_csr_is_updated),
        cmocka_unit_test(bad_input_is_named),     cmocka_unit_test(any_operator_can_be_local),
        cmocka_unit_test(a_local_csr_is_a_block), cmocka_unit_test(failing_memory_leaks_nothing),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ptl_exec_release(&exec);
    return failed;
}
