/* Aggregates on a grid: every row with a neighbour is in exactly one, none is far from the size
 * that is asked for, and each is connected. */
#include "sparse.h"

#include "matrix/csr.h"
#include "precond/aggregates.h"
#include <petiole/petiole.h>

enum { SIDE = 13, CELLS = SIDE * SIDE, ALONE = 57 };

/* The five-point stencil's pattern; cell ALONE is coupled to none. */
static ptl_matrix *grid(ptl_dtype dtype)
{
    int64_t indptr[CELLS + 1] = {0}, indices[5 * CELLS], count = 0;
    void *values = allocate(5 * CELLS * ptl_dtype_size(dtype));
    ptl_matrix *A;
    ptl_csr *csr;
    for (int64_t i = 0; i < CELLS; i++) {
        const int64_t near[] = {i - SIDE, i % SIDE ? i - 1 : -1, i, (i + 1) % SIDE ? i + 1 : -1,
                                i + SIDE};
        for (int k = 0; k < 5; k++)
            if (near[k] == i || (near[k] >= 0 && near[k] < CELLS && near[k] != ALONE && i != ALONE))
                indices[count++] = near[k];
        indptr[i + 1] = count;
    }
    for (int64_t k = 0; k < count; k++)
        put(dtype, values, k, 1);
    const ptl_csr_arrays arrays = {CELLS, CELLS, dtype, PTL_I64, indptr, indices, values};
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &csr), PTL_OK);
    free(values);
    assert_int_equal(ptl_matrix_from_local(NULL, ptl_csr_linop(csr), -1, -1, &A), PTL_OK);
    ptl_csr_release(&csr);
    return A;
}

/* How many cells of an aggregate its first one reaches within it. */
static int64_t reached(const ptl_csr_arrays *R, int64_t aggregate)
{
    const int64_t begin = index_of(R->itype, R->indptr, aggregate);
    const int64_t end = index_of(R->itype, R->indptr, aggregate + 1);
    int inside[CELLS] = {0};
    int64_t found = 0, before = -1;
    for (int64_t k = begin; k < end; k++)
        inside[index_of(R->itype, R->indices, k)] = k == begin ? 2 : 1;
    while (found != before) {
        before = found;
        found = 0;
        for (int64_t i = 0; i < CELLS; i++) {
            const int near = (i >= SIDE && inside[i - SIDE] == 2) ||
                             (i + SIDE < CELLS && inside[i + SIDE] == 2) ||
                             (i % SIDE && inside[i - 1] == 2) ||
                             ((i + 1) % SIDE && inside[i + 1] == 2);
            if (inside[i] == 1 && near)
                inside[i] = 2;
            found += inside[i] == 2;
        }
    }
    return found;
}

static void check_aggregates(ptl_dtype dtype, int64_t size)
{
    ptl_matrix *A = grid(dtype), *R;
    int times[CELLS] = {0};
    assert_int_equal(ptl__aggregates_restriction(A, size, &R), PTL_OK);
    const ptl_csr_arrays rows = ptl_csr_get_arrays(ptl_linop_as_csr(ptl_matrix_local(R)));
    assert_int_equal(rows.cols, CELLS);
    assert_int_equal(rows.dtype, dtype);
    for (int64_t a = 0; a < rows.rows; a++) {
        const int64_t begin = index_of(rows.itype, rows.indptr, a);
        const int64_t end = index_of(rows.itype, rows.indptr, a + 1);
        assert_true(2 * (end - begin) >= size || rows.rows == 1);
        assert_true(end - begin < 3 * size);
        assert_int_equal(reached(&rows, a), end - begin);
        for (int64_t k = begin; k < end; k++) {
            times[index_of(rows.itype, rows.indices, k)]++;
            assert_true(get(dtype, rows.values, k) == 1);
        }
    }
    for (int i = 0; i < CELLS; i++)
        assert_int_equal(times[i], i != ALONE);
    ptl_matrix_release(&R);
    ptl_matrix_release(&A);
}

static void test_aggregates(void **state)
{
    (void)state;
    const int64_t sizes[] = {1, 2, 5, 16, 64, 100000};
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            check_aggregates(dtype, sizes[s]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aggregates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
