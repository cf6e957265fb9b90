/* The arrays that local formats are made of: what is checked, copied, viewed and freed. */
#include <petiole/coo.h>
#include <petiole/dense.h>
#include <petiole/ell.h>
#include <petiole/sellp.h>

#include "base/vector.h"
#include "core/memory.h"
#include "matrix/csr.h"
#include "numbers.h"

/* [ 1 0 2 ]
 * [ 0 0 0 ]
 * [ 4 5 7 ] in each format; NaN stands where nothing is read. */
static const int32_t coo_rows[] = {2, 0, 2, 0, 2}, coo_cols[] = {1, 2, 0, 0, 2};
static const double coo_values[] = {5, 2, 4, 1, 7};

static const int32_t ell_indices[] = {0, -1, 2, -1, 2, -1, 0, -1, -1, -1, 1, -1};
static const double ell_values[] = {1, NAN, 7, NAN, 2, NAN, 4, NAN, NAN, NAN, 5, NAN};

static const int64_t sellp_sets[] = {0, 2, 5};
static const int32_t sellp_indices[] = {0, -1, 2, -1, 2, -1, -1, -1, 0, -1};
static const double sellp_values[] = {1, NAN, 2, NAN, 7, NAN, NAN, NAN, 4, NAN};

static const double dense_values[] = {1, 0, 2, NAN, 0, 0, 0, NAN, 4, 5, 7};

static ptl_coo_arrays coo_arrays(void)
{
    return (ptl_coo_arrays){3, 3, 5, PTL_F64, PTL_I32, coo_rows, coo_cols, coo_values};
}

static ptl_ell_arrays ell_arrays(void)
{
    return (ptl_ell_arrays){3, 3, 3, 4, PTL_F64, PTL_I32, ell_indices, ell_values};
}

/* Its second slice holds one row alone, without the entry 5. */
static ptl_sellp_arrays sellp_arrays(void)
{
    return (ptl_sellp_arrays){3, 3, 2, PTL_F64, PTL_I32, sellp_sets, sellp_indices, sellp_values};
}

static ptl_dense_arrays dense_arrays(void)
{
    return (ptl_dense_arrays){3, 3, 4, PTL_F64, (void *)dense_values};
}

/* ---- all formats behind one face ------------------------------------------------------------- */

typedef struct maker {
    const char *name;
    int64_t nnz;
    int arrays;     /* that a copy allocates */
    double last[3]; /* the matrix's last row */
    ptl_status (*copy)(ptl_exec *exec, ptl_linop **out);
    ptl_status (*view)(ptl_exec *exec, void (*release)(void *ctx), void *ctx, ptl_linop **out);
} maker;

#define MAKER(format)                                                                              \
    static ptl_status format##_copy(ptl_exec *exec, ptl_linop **out)                               \
    {                                                                                              \
        const ptl_##format##_arrays given = format##_arrays();                                     \
        ptl_##format *A;                                                                           \
        ptl_status status = ptl_##format##_copy_of(exec, &given, &A);                              \
        *out = A ? ptl_##format##_linop(A) : NULL;                                                 \
        return status;                                                                             \
    }                                                                                              \
    static ptl_status format##_view(ptl_exec *exec, void (*release)(void *ctx), void *ctx,         \
                                    ptl_linop **out)                                               \
    {                                                                                              \
        const ptl_##format##_arrays given = format##_arrays();                                     \
        ptl_##format *A;                                                                           \
        ptl_status status = ptl_##format##_view(exec, &given, release, ctx, &A);                   \
        *out = A ? ptl_##format##_linop(A) : NULL;                                                 \
        return status;                                                                             \
    }
MAKER(coo)
MAKER(ell)
MAKER(sellp)
MAKER(dense)

static const maker makers[] = {
    {"coo", 5, 3, {4, 5, 7}, coo_copy, coo_view},
    {"ell", 5, 2, {4, 5, 7}, ell_copy, ell_view},
    {"sellp", 4, 3, {4, 0, 7}, sellp_copy, sellp_view},
    {"dense", 9, 1, {4, 5, 7}, dense_copy, dense_view},
};
enum { MAKERS = sizeof makers / sizeof *makers };

static ptl_vector *vector_of(const double *data)
{
    ptl_vector *v;
    const ptl_vector_shape shape = {-1, 3, 0, PTL_F64};
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, 1, data, &v), PTL_OK);
    return v;
}

static void assert_products(ptl_linop *A, const maker *m)
{
    const double *last = m->last;
    ptl_vector *x = vector_of((double[]){1, 10, 100}), *y = vector_of((double[]){NAN, NAN, NAN});
    assert_int_equal(ptl_linop_apply(A, NULL, x, NULL, y), PTL_OK);
    const double plain[] = {201, 0, last[0] + 10 * last[1] + 100 * last[2]};
    assert_memory_equal(ptl_vector_data(y), plain, sizeof plain);
    assert_int_equal(ptl_linop_apply_op(A, PTL_OP_TRANSPOSE, NULL, x, NULL, y), PTL_OK);
    const double transposed[] = {1 + 100 * last[0], 100 * last[1], 2 + 100 * last[2]};
    assert_memory_equal(ptl_vector_data(y), transposed, sizeof transposed);
    ptl_vector_release(&y);
    ptl_vector_release(&x);
}

static void test_copies(void **state)
{
    (void)state;
    for (int f = 0; f < MAKERS; ++f) {
        ptl_linop *A, *back;
        assert_int_equal(makers[f].copy(NULL, &A), PTL_OK);
        assert_string_equal(ptl_linop_kind(A), makers[f].name);
        assert_int_equal(ptl_format_nnz(A), makers[f].nnz);
        assert_products(A, &makers[f]);
        assert_int_equal(ptl_format_convert(A, PTL_CSR, -1, &back), PTL_OK);
        assert_products(back, &makers[f]);
        assert_int_equal(ptl_format_nnz(back), makers[f].nnz == 4 ? 4 : 5);
        ptl_linop_release(&back);
        ptl_linop_release(&A);
    }
}

static int released;

static void count_release(void *ctx)
{
    released += *(int *)ctx;
}

/* The arrays in static const memory could not even be written. */
static void test_views(void **state)
{
    (void)state;
    int weight = 1;
    for (int f = 0; f < MAKERS; ++f) {
        ptl_linop *A;
        released = 0;
        assert_int_equal(makers[f].view(NULL, count_release, &weight, &A), PTL_OK);
        assert_products(A, &makers[f]);
        ptl_linop *again = ptl_linop_retain(A);
        ptl_linop_release(&A);
        assert_int_equal(released, 0);
        ptl_linop_release(&again);
        assert_int_equal(released, 1);
        assert_int_equal(makers[f].view(NULL, NULL, NULL, &A), PTL_OK);
        ptl_linop_release(&A);
    }
}

static void test_get_arrays(void **state)
{
    (void)state;
    ptl_linop *A;
    assert_int_equal(coo_view(NULL, NULL, NULL, &A), PTL_OK);
    const ptl_coo_arrays coo = ptl_coo_get_arrays(ptl_linop_as_coo(A)), coo_given = coo_arrays();
    assert_memory_equal(&coo, &coo_given, sizeof coo);
    assert_null(ptl_linop_as_ell(A));
    assert_null(ptl_linop_as_csr(A));
    ptl_linop_release(&A);
    assert_int_equal(ell_view(NULL, NULL, NULL, &A), PTL_OK);
    const ptl_ell_arrays ell = ptl_ell_get_arrays(ptl_linop_as_ell(A)), ell_given = ell_arrays();
    assert_memory_equal(&ell, &ell_given, sizeof ell);
    assert_null(ptl_linop_as_sellp(A));
    ptl_linop_release(&A);
    assert_int_equal(sellp_view(NULL, NULL, NULL, &A), PTL_OK);
    const ptl_sellp_arrays sellp = ptl_sellp_get_arrays(ptl_linop_as_sellp(A));
    assert_ptr_equal(sellp.slice_sets, sellp_sets);
    assert_ptr_equal(sellp.indices, sellp_indices);
    assert_ptr_equal(sellp.values, sellp_values);
    assert_int_equal(sellp.slice_size, 2);
    assert_null(ptl_linop_as_dense(A));
    ptl_linop_release(&A);
    assert_int_equal(dense_view(NULL, NULL, NULL, &A), PTL_OK);
    const ptl_dense_arrays dense = ptl_dense_get_arrays(ptl_linop_as_dense(A));
    assert_int_equal(dense.ld, 4);
    assert_ptr_equal(dense.values, dense_values);
    assert_null(ptl_linop_as_coo(A));
    assert_null(ptl_linop_as_dense(NULL));
    ptl_linop_release(&A);
    assert_int_equal(dense_copy(NULL, &A), PTL_OK); /* which packs its rows */
    assert_int_equal(ptl_dense_get_arrays(ptl_linop_as_dense(A)).ld, 3);
    ptl_linop_release(&A);
}

/* A format as a converted one has it: slices of 64 rows, padding of -1 and 0. */
static void test_padding(void **state)
{
    (void)state;
    enum { N = 70 };
    int64_t indptr[N + 1], indices[N + 2];
    double values[N + 2];
    int64_t k = 0;
    for (int64_t i = 0; i < N; ++i) { /* row 66 has 3 entries, the others 1 */
        indptr[i] = k;
        for (int j = 0; j < (i == 66 ? 3 : 1); ++j, ++k) {
            indices[k] = N - 1 - j;
            values[k] = (double)k + 1;
        }
    }
    indptr[N] = k;
    const ptl_csr_arrays arrays = {N, N, PTL_F64, PTL_I64, indptr, indices, values};
    ptl_csr *csr;
    ptl_linop *A;
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &csr), PTL_OK);
    assert_int_equal(ptl_format_convert(ptl_csr_linop(csr), PTL_SELLP, -1, &A), PTL_OK);
    const ptl_sellp_arrays s = ptl_sellp_get_arrays(ptl_linop_as_sellp(A));
    assert_int_equal(s.slice_size, 64);
    assert_memory_equal(s.slice_sets, ((int64_t[]){0, 1, 4}), 3 * sizeof(int64_t));
    assert_int_equal(ptl__index_at(s.indices, s.itype, 64 + 2), N - 1);
    assert_int_equal(ptl__index_at(s.indices, s.itype, 64 + 64 + 2), N - 2);
    assert_int_equal(ptl__index_at(s.indices, s.itype, 64 + 64 + 3), -1);
    assert_int_equal(ptl__index_at(s.indices, s.itype, 64 + 3 * 64 - 1), -1);
    assert_true(((const double *)s.values)[64 + 2 * 64 + 2] == 69);
    ptl_linop_release(&A);
    assert_int_equal(ptl_format_convert(ptl_csr_linop(csr), PTL_ELL, -1, &A), PTL_OK);
    const ptl_ell_arrays e = ptl_ell_get_arrays(ptl_linop_as_ell(A));
    assert_int_equal(e.width, 3);
    assert_int_equal(e.stride, N);
    assert_int_equal(ptl__index_at(e.indices, e.itype, N), -1);
    assert_int_equal(ptl__index_at(e.indices, e.itype, 2 * N + 66), N - 3);
    assert_true(((const double *)e.values)[2 * N + 66] == 69);
    assert_true(((const double *)e.values)[2 * N] == 0);
    ptl_linop_release(&A);
    ptl_csr_release(&csr);
}

/* Sizes beyond 2^31 - 1 widen the indices of a copy. */
static void test_widens(void **state)
{
    (void)state;
    ptl_coo_arrays coo_given = coo_arrays();
    ptl_ell_arrays ell_given = ell_arrays();
    ptl_sellp_arrays sellp_given = sellp_arrays();
    ptl_coo *coo;
    ptl_ell *ell;
    ptl_sellp *sellp;
    coo_given.cols = ell_given.cols = sellp_given.cols = (int64_t)INT32_MAX + 1;
    assert_int_equal(ptl_coo_copy_of(NULL, &coo_given, &coo), PTL_OK);
    assert_int_equal(ptl_coo_get_arrays(coo).itype, PTL_I64);
    assert_int_equal(((const int64_t *)ptl_coo_get_arrays(coo).col_indices)[4], 2);
    assert_int_equal(((const int64_t *)ptl_coo_get_arrays(coo).row_indices)[4], 2);
    ptl_coo_release(&coo);
    assert_null(coo);
    assert_int_equal(ptl_ell_copy_of(NULL, &ell_given, &ell), PTL_OK);
    assert_int_equal(ptl_ell_get_arrays(ell).itype, PTL_I64);
    assert_int_equal(((const int64_t *)ptl_ell_get_arrays(ell).indices)[3], -1);
    ptl_ell_release(&ell);
    assert_int_equal(ptl_sellp_copy_of(NULL, &sellp_given, &sellp), PTL_OK);
    assert_int_equal(ptl_sellp_get_arrays(sellp).itype, PTL_I64);
    assert_int_equal(((const int64_t *)ptl_sellp_get_arrays(sellp).indices)[4], 2);
    ptl_sellp_release(&sellp);
}

/* ---- what is refused ------------------------------------------------------------------------- */

/* The copy and the view of the arrays fail alike, and the view is released. */
#define REFUSE(format, code, text, ...)                                                            \
    do {                                                                                           \
        ptl_##format##_arrays bad = format##_arrays();                                             \
        ptl_##format *A = (ptl_##format *)&A;                                                      \
        int weight = 1;                                                                            \
        __VA_ARGS__;                                                                               \
        assert_int_equal(ptl_##format##_copy_of(NULL, &bad, &A), code);                            \
        assert_null(A);                                                                            \
        assert_string_equal(ptl_error_message(), text);                                            \
        released = 0;                                                                              \
        assert_int_equal(ptl_##format##_view(NULL, &bad, count_release, &weight, &A), code);       \
        assert_null(A);                                                                            \
        assert_int_equal(released, 1);                                                             \
    } while (0)

static void test_bad_coo(void **state)
{
    (void)state;
    REFUSE(coo, PTL_INDEX, "entry 0: row 2 is outside [0, 2)", bad.rows = 2);
    REFUSE(coo, PTL_INDEX, "entry 1: column 2 is outside [0, 2)", bad.cols = 2);
    REFUSE(coo, PTL_INDEX, "entry 3: column -4 is outside [0, 3)",
           bad.col_indices = ((int32_t[]){0, 0, 0, -4, 0}));
    REFUSE(coo, PTL_INVALID, "nnz is -1: expected 0 or more", bad.nnz = -1);
    REFUSE(coo, PTL_INVALID, "row_indices is NULL: expected 5 entries", bad.row_indices = NULL);
    REFUSE(coo, PTL_INVALID, "col_indices is NULL: expected 5 entries", bad.col_indices = NULL);
    REFUSE(coo, PTL_INVALID, "values is NULL: expected 5 entries", bad.values = NULL);
    REFUSE(coo, PTL_INVALID, "values is not aligned to the 8 bytes of its elements",
           bad.values = (const char *)coo_values + 4);
    REFUSE(coo, PTL_INVALID, "the matrix is -1 x 3: expected sizes of 0 or more", bad.rows = -1);
    REFUSE(coo, PTL_DTYPE, "dtype is 9: expected a ptl_dtype", bad.dtype = (ptl_dtype)9);
    REFUSE(coo, PTL_DTYPE, "itype is 2: expected a ptl_itype", bad.itype = (ptl_itype)2);
}

static void test_bad_ell(void **state)
{
    (void)state;
    REFUSE(ell, PTL_INDEX, "row 2, entry 0: column 2 is neither -1 nor in [0, 2)", bad.cols = 2);
    REFUSE(ell, PTL_INDEX, "row 1, entry 2: column -2 is neither -1 nor in [0, 3)",
           bad.indices = ((int32_t[]){0, 0, 0, -9, 0, 0, 0, -9, 0, -2, 0, -9}));
    REFUSE(ell, PTL_INVALID, "width is -1: expected 0 or more", bad.width = -1);
    REFUSE(ell, PTL_INVALID, "stride is 2: expected at least the 3 rows", bad.stride = 2);
    REFUSE(ell, PTL_INVALID,
           "width 3 times stride 9223372036854775807 exceeds the size of any array",
           bad.stride = INT64_MAX);
    REFUSE(ell, PTL_INVALID, "indices is NULL: expected 12 entries", bad.indices = NULL);
    REFUSE(ell, PTL_INVALID, "values is NULL: expected 12 entries", bad.values = NULL);
    REFUSE(ell, PTL_INVALID, "indices is not aligned to the 4 bytes of its elements",
           bad.indices = (const char *)ell_indices + 2);
}

static void test_bad_sellp(void **state)
{
    (void)state;
    REFUSE(sellp, PTL_INDEX, "row 0, entry 1: column 2 is neither -1 nor in [0, 2)", bad.cols = 2);
    REFUSE(sellp, PTL_INDEX, "row 2, entry 2: column -2 is neither -1 nor in [0, 3)",
           bad.indices = ((int32_t[]){0, 0, 0, 0, 0, -9, 0, -9, -2, -9}));
    REFUSE(sellp, PTL_INVALID, "slice_size is 0: expected 1 or more", bad.slice_size = 0);
    REFUSE(sellp, PTL_INVALID, "slice_sets is NULL: expected 3 entries", bad.slice_sets = NULL);
    REFUSE(sellp, PTL_INVALID, "slice_sets[0] is 1: expected 0",
           bad.slice_sets = ((int64_t[]){1, 2, 5}));
    REFUSE(sellp, PTL_INVALID, "slice_sets[2] is 1, after 2: slice 1 ends before it begins",
           bad.slice_sets = ((int64_t[]){0, 2, 1}));
    REFUSE(sellp, PTL_INVALID,
           "slice_sets[2] 4611686018427387904 times slice_size 2 exceeds the size of any array",
           bad.slice_sets = ((int64_t[]){0, 2, INT64_C(1) << 62}));
    REFUSE(sellp, PTL_INVALID, "values is NULL: expected 10 entries", bad.values = NULL);
}

static void test_bad_dense(void **state)
{
    (void)state;
    REFUSE(dense, PTL_INVALID, "ld is 2: expected at least the 3 columns", bad.ld = 2);
    REFUSE(dense, PTL_INVALID, "values is NULL: expected 11 entries", bad.values = NULL);
    REFUSE(dense, PTL_INVALID, "3 rows with ld 9223372036854775807 exceed the size of any array",
           bad.ld = INT64_MAX);
    REFUSE(dense, PTL_INVALID, "values is not aligned to the 8 bytes of its elements",
           bad.values = (char *)dense_values + 4);
    REFUSE(dense, PTL_INVALID, "the matrix is 3 x -3: expected sizes of 0 or more", bad.cols = -3);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Makes every allocation of `make` fail in turn, until it succeeds. */
static int count_failures(ptl_status (*make)(ptl_exec *exec, void *what, ptl_linop **out),
                          ptl_exec *exec, void *what)
{
    const int64_t live = ptl__alloc_live();
    ptl_linop *A;
    for (int failures = 0;; ++failures) {
        ptl__alloc_fail_after(failures + 1);
        ptl_status status = make(exec, what, &A);
        ptl__alloc_fail_after(0);
        if (status == PTL_OK) {
            ptl_linop_release(&A);
            assert_int_equal(ptl__alloc_live(), live);
            return failures;
        }
        assert_int_equal(status, PTL_NOMEM);
        assert_null(A);
        assert_int_equal(ptl__alloc_live(), live);
    }
}

static ptl_status make_copy(ptl_exec *exec, void *what, ptl_linop **out)
{
    return ((const maker *)what)->copy(exec, out);
}

static ptl_status make_view(ptl_exec *exec, void *what, ptl_linop **out)
{
    int weight = 1;
    released = 0;
    ptl_status status = ((const maker *)what)->view(exec, count_release, &weight, out);
    assert_int_equal(released, status != PTL_OK);
    if (*out)
        ptl__format_set_release(*out, NULL, NULL); /* weight ends here */
    return status;
}

typedef struct conversion {
    ptl_linop *A;
    ptl_storage storage;
} conversion;

static ptl_status make_conversion(ptl_exec *exec, void *what, ptl_linop **out)
{
    (void)exec;
    const conversion *c = what;
    return ptl_format_convert(c->A, c->storage, -1, out);
}

static void test_no_memory(void **state)
{
    (void)state;
    ptl_exec *exec;
    ptl_comm *self;
    assert_int_equal(ptl_exec_openmp(1, &exec), PTL_OK);
    assert_int_equal(ptl_comm_self(&self), PTL_OK);
    for (int f = 0; f < MAKERS; ++f) {
        conversion c;
        const int copies = count_failures(make_copy, exec, (void *)&makers[f]);
        const int views = count_failures(make_view, exec, (void *)&makers[f]);
        assert_true(exec->space ? copies > makers[f].arrays : copies == makers[f].arrays + 1);
        assert_true(exec->space ? views >= 1 : views == 1);
        assert_int_equal(makers[f].copy(exec, &c.A), PTL_OK);
        for (int to = 0; to < PTL_STORAGE_COUNT; ++to) {
            c.storage = (ptl_storage)to;
            assert_true(count_failures(make_conversion, exec, &c) >= 5);
        }
        ptl_linop_release(&c.A);
    }
    ptl_comm_release(&self);
    ptl_exec_release(&exec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),     cmocka_unit_test(test_views),
        cmocka_unit_test(test_get_arrays), cmocka_unit_test(test_padding),
        cmocka_unit_test(test_widens),     cmocka_unit_test(test_bad_coo),
        cmocka_unit_test(test_bad_ell),    cmocka_unit_test(test_bad_sellp),
        cmocka_unit_test(test_bad_dense),  cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
