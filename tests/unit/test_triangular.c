/* Triangular systems: every table's kernel against the product with the solution, on one thread and
 * three bit by bit; and what a triangle is made of, or refused for. */
#include "sparse.h"

#include "core/memory.h"
#include "factor/triangular.h"
#include "matrix/csr.h"
#include <petiole/petiole.h>

/* Rows in `bands` of equal height, each with entries in the bands before it alone (after it, for an
 * upper triangle), so that there are about as many levels; and two entries on the diagonal. */
static ptl_csr *banded(ptl_exec *exec, ptl_dtype dtype, ptl_itype itype, int64_t rows,
                       int64_t bands, int upper)
{
    enum { PER_ROW = 6 };
    int64_t *indptr = allocate((size_t)(rows + 1) * sizeof *indptr);
    int64_t *indices = allocate((size_t)(rows * PER_ROW) * sizeof *indices);
    void *values = allocate((size_t)(rows * PER_ROW) * ptl_dtype_size(dtype));
    const int64_t height = (rows + bands - 1) / bands;
    int64_t count = 0;
    indptr[0] = 0;
    for (int64_t i = 0; i < rows; i++) {
        const int64_t band = (upper ? rows - 1 - i : i) / height;
        for (int e = 0; e < PER_ROW; e++) {
            int64_t col = i;
            if (e > 1) {
                if (band == 0)
                    continue;
                col = rand() % (band * height);
                col = upper ? rows - 1 - col : col;
            }
            indices[count] = col;
            put(dtype, values, count++, (e < 2 ? 2 : 0) + __builtin_complex(uniform(), uniform()));
        }
        indptr[i + 1] = count;
    }
    void *narrow[] = {indices_of(itype, rows + 1, indptr), indices_of(itype, count, indices)};
    const ptl_csr_arrays arrays = {rows, rows, dtype, itype, narrow[0], narrow[1], values};
    ptl_csr *A;
    assert_int_equal(ptl_csr_copy_of(exec, &arrays, &A), PTL_OK);
    free(indptr);
    free(indices);
    free(values);
    free(narrow[0]);
    free(narrow[1]);
    return A;
}

/* That the triangle of A times x is b. */
static void check_solution(const ptl_csr *A, int triangle, ptl__block b, ptl__block x)
{
    const ptl_csr_arrays a = ptl_csr_get_arrays(A);
    for (int64_t i = 0; i < a.rows; i++)
        for (int64_t j = 0; j < b.columns; j++) {
            number sum = triangle & PTL__UNIT_DIAGONAL ? get(a.dtype, x.data, i * x.ld + j) : 0;
            for (int64_t e = index_of(a.itype, a.indptr, i); e < index_of(a.itype, a.indptr, i + 1);
                 e++) {
                const int64_t col = index_of(a.itype, a.indices, e);
                const int mine = triangle & PTL__UPPER ? col > i : col < i;
                if (mine || (col == i && !(triangle & PTL__UNIT_DIAGONAL)))
                    sum += get(a.dtype, a.values, e) * get(a.dtype, x.data, col * x.ld + j);
            }
            assert_near(sum, get(a.dtype, b.data, i * b.ld + j), 1e3 * tolerance(a.dtype), "T x", i,
                        j);
        }
}

/* Every table on one block; the openmp ones to the bit. */
static void run_block(const ptl_csr *A, int triangle, const ptl__triangular *T, int64_t columns,
                      int64_t ld, int in_place)
{
    const int64_t rows = T->triangle.rows;
    test_run runs[MAX_RUNS];
    ptl__block found[MAX_RUNS];
    const ptl__block b = block_new(T->dtype, rows, columns, ld);
    const int count = every_run(runs);
    for (int r = 0; r < count; r++) {
        found[r] = in_place ? block_copy(T->dtype, b) : block_new(T->dtype, rows, columns, ld);
        for (int64_t i = 0; i < rows; i++) /* what lies between the columns and ld stays */
            for (int64_t j = columns; j < ld; j++)
                put(T->dtype, found[r].data, i * ld + j, 7);
        runs[r].kernels->index[T->dtype][T->itype]->csr_solve(runs[r].run, T->triangle,
                                                              in_place ? found[r] : b, found[r]);
        if (r < 2)
            check_solution(A, triangle, b, found[r]);
        else
            assert_true(same_bits(T->dtype, found[1], found[r]));
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = columns; j < ld; j++)
                assert_true(get(T->dtype, found[r].data, i * ld + j) == 7);
    }
    for (int r = 0; r < count; r++)
        free(found[r].data);
    free(b.data);
}

static void run_matrix(ptl_exec *exec, ptl_dtype dtype, ptl_itype itype, int64_t rows, int triangle)
{
    const int64_t columns[] = {1, 2, 4, 7, 9};
    const int64_t bands = rows < 6 ? 1 : rows < 1000 ? 6 : 4;
    ptl__triangular T;
    ptl_csr *A = banded(exec, dtype, itype, rows, bands, triangle & PTL__UPPER);
    assert_int_equal(ptl__triangular_init(A, triangle, &T), PTL_OK);
    const int by_level = rows >= 1000; /* wide enough, and threads enough */
    assert_true(by_level ? T.triangle.levels > 1 && T.triangle.levels <= bands
                         : T.triangle.levels == 0);
    for (int c = 0; c < 5; c += rows < 1000 ? 1 : 2)
        for (int form = 0; form < 2; form++)
            run_block(A, triangle, &T, columns[c], columns[c] + form * 2, form);
    ptl__triangular_clear(&T);
    ptl_csr_release(&A);
}

static void every_table_solves(void **state)
{
    const int64_t sizes[] = {0, 1, 50, 2400}; /* the last has levels wide enough for threads */
    for (int dtype = 0; dtype < PTL_DTYPE_COUNT; dtype++)
        for (int itype = 0; itype < PTL_ITYPE_COUNT; itype++)
            for (int s = 0; s < 4; s++)
                for (int triangle = 0; triangle < 4; triangle++)
                    run_matrix(*state, (ptl_dtype)dtype, (ptl_itype)itype, sizes[s], triangle);
}

/* Each row comes one level after the last that it needs, once, and in order. */
static void levels_hold_rows_that_need_none_of_each_other(void **state)
{
    enum { ROWS = 3000 };
    for (int upper = 0; upper < 2; upper++) {
        ptl__triangular T;
        ptl_csr *A = banded(*state, PTL_F64, PTL_I32, ROWS, 5, upper);
        assert_int_equal(ptl__triangular_init(A, upper, &T), PTL_OK);
        const ptl__triangle *t = &T.triangle;
        const int32_t *order = t->order, *indptr = t->indptr, *indices = t->indices;
        int64_t level_of[ROWS];
        memset(level_of, -1, sizeof level_of);
        assert_true(t->levels > 1 && t->level_starts[t->levels] == ROWS);
        for (int64_t l = 0; l < t->levels; l++)
            for (int64_t k = t->level_starts[l]; k < t->level_starts[l + 1]; k++) {
                int64_t least = 0;
                for (int32_t e = indptr[k]; e < indptr[k + 1]; e++) {
                    assert_true(level_of[indices[e]] >= 0);
                    least = level_of[indices[e]] >= least ? level_of[indices[e]] + 1 : least;
                }
                assert_int_equal(level_of[order[k]], -1);
                assert_int_equal(l, least);
                level_of[order[k]] = l;
            }
        ptl__triangular_clear(&T);
        ptl_csr_release(&A);
    }
}

/* 3 x 3, by its entries that are not `skip`. */
static ptl_status triangle_of(const double *values, double skip, int triangle)
{
    int32_t indptr[4] = {0}, indices[9];
    double kept[9];
    int count = 0;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            if (values[3 * i + j] != skip) {
                indices[count] = j;
                kept[count++] = values[3 * i + j];
            }
        indptr[i + 1] = count;
    }
    const ptl_csr_arrays arrays = {3, 3, PTL_F64, PTL_I32, indptr, indices, kept};
    ptl_csr *A;
    ptl_linop *op;
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &A), PTL_OK);
    ptl_status status = ptl__triangular_create(A, triangle, &op);
    assert_true((status == PTL_OK) == (op != NULL));
    ptl_linop_release(&op);
    ptl_csr_release(&A);
    return status;
}

static void what_is_no_triangle_is_refused(void **state)
{
    (void)state;
    const double full[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, lower[] = {1, 0, 0, 4, 5, 0, 7, 8, 9};
    const double no_pivot[] = {1, 0, 0, 4, 0, 0, 7, 8, 9},
                 infinite[] = {1, 0, 0, 4, 5, 0, 7, 8, NAN};
    assert_int_equal(triangle_of(lower, 0, PTL__LOWER), PTL_OK);
    assert_int_equal(triangle_of(lower, -1, PTL__LOWER), PTL_OK); /* stored zeros */
    assert_int_equal(triangle_of(full, 0, PTL__LOWER), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "row 0, column 1"));
    assert_int_equal(triangle_of(lower, 0, PTL__UPPER), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "row 1, column 0"));
    assert_int_equal(triangle_of(full, 0, PTL__UPPER | PTL__ONE_SIDE), PTL_OK);
    for (int skip = -1; skip < 1; skip++) {
        assert_int_equal(triangle_of(no_pivot, skip, PTL__LOWER), PTL_INVALID);
        assert_non_null(strstr(ptl_error_message(), "row 1"));
        assert_int_equal(triangle_of(no_pivot, skip, PTL__LOWER | PTL__UNIT_DIAGONAL), PTL_OK);
    }
    assert_int_equal(triangle_of(infinite, 0, PTL__LOWER), PTL_INVALID);
    assert_non_null(strstr(ptl_error_message(), "row 2"));
}

/* Every combination of coefficients. */
static void a_triangle_is_an_operator(void **state)
{
    const double two[] = {2, 3}, ten[] = {10, 20};
    const ptl_vector_shape shape = {40, 40, 2, PTL_F64};
    ptl_csr *A = banded(*state, PTL_F64, PTL_I32, 40, 5, 0);
    ptl_linop *op;
    ptl_vector *b, *x, *y;
    assert_int_equal(ptl__triangular_create(A, PTL__LOWER, &op), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, *state, shape, &b), PTL_OK);
    for (int i = 0; i < 80; i++)
        ((double *)ptl_vector_data(b))[i] = uniform();
    assert_int_equal(ptl_vector_zeros_like(b, &x), PTL_OK);
    assert_int_equal(ptl_vector_zeros_like(b, &y), PTL_OK);
    assert_int_equal(ptl_linop_apply(op, NULL, b, NULL, x), PTL_OK);
    for (int form = 1; form < 4; form++) {
        const double one = 1;
        assert_int_equal(ptl_vector_fill(y, &one), PTL_OK);
        assert_int_equal(ptl_linop_apply(op, form & 1 ? two : NULL, b, form & 2 ? ten : NULL, y),
                         PTL_OK);
        for (int i = 0; i < 80; i++) {
            const double expected =
                ((double *)ptl_vector_data(x))[i] * (form & 1 ? two[i % 2] : 1) +
                (form & 2 ? ten[i % 2] : 0);
            assert_near(((double *)ptl_vector_data(y))[i], expected, 1e-13, "y", i / 2, i % 2);
        }
    }
    ptl_vector_release(&b);
    ptl_vector_release(&x);
    ptl_vector_release(&y);
    ptl_linop_release(&op);
    ptl_csr_release(&A);
}

/* At every allocation that can fail. */
static void memory_that_ends_leaves_nothing(void **state)
{
    ptl_csr *A = banded(*state, PTL_F64, PTL_I32, 40, 5, 0);
    ptl_linop *op = NULL;
    const int64_t live = ptl__alloc_live();
    int failures = 0;
    for (ptl_status status = PTL_NOMEM; status == PTL_NOMEM; failures++) {
        ptl__alloc_fail_after(failures + 1);
        status = ptl__triangular_create(A, PTL__LOWER, &op);
        ptl__alloc_fail_after(0);
        assert_true(op || ptl__alloc_live() == live);
    }
    assert_true(failures > 6 && op);
    ptl_linop_release(&op);
    assert_true(ptl__alloc_live() == live);
    ptl_csr_release(&A);
}

static int start(void **state)
{
    return ptl_exec_openmp(PTL__LEVEL_THREADS, (ptl_exec **)state);
}

static int end(void **state)
{
    ptl_exec_release((ptl_exec **)state);
    return 0;
}

int main(void)
{
    ptl_exec *exec; /* the default stays alive, so that leaks can be counted */
    if (ptl_exec_default(&exec) != PTL_OK)
        return 1;
    const int64_t live = ptl__alloc_live();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_solves),
        cmocka_unit_test(levels_hold_rows_that_need_none_of_each_other),
        cmocka_unit_test(what_is_no_triangle_is_refused),
        cmocka_unit_test(a_triangle_is_an_operator),
        cmocka_unit_test(memory_that_ends_leaves_nothing),
    };
    int failed = cmocka_run_group_tests(tests, start, end);
    failed += ptl__alloc_live() != live;
    ptl_exec_release(&exec);
    return failed;
}
