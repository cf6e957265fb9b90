/* MatrixMarket files on one process: what is read, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "matrix/csr.h"
#include <petiole/petiole.h>

static char path[] = "/tmp/petiole_mtx_XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static ptl_status read_matrix(const char *text, int dtype, ptl_matrix **out)
{
    const ptl_matrix_layout layout = {0};
    write_file(text);
    return ptl_matrix_read_mtx(path, &layout, dtype, out);
}

/* The file is the dense matrix `expected`, row by row, with `nnz` stored entries. */
static void assert_reads(const char *text, int rows, int cols, int nnz, const double *expected)
{
    ptl_matrix *A;
    ptl_status status = read_matrix(text, PTL_C128, &A);
    if (status != PTL_OK)
        fail_msg("%s", ptl_error_message());
    ptl_csr_arrays csr = ptl_csr_get_arrays(ptl_linop_as_csr(ptl_matrix_local(A)));
    assert_int_equal(csr.rows, rows);
    assert_int_equal(csr.cols, cols);
    assert_int_equal(csr.itype, PTL_I32);
    assert_int_equal(ptl_matrix_local_nnz(A), nnz);
    ptl_c128 *dense = calloc((size_t)(rows * cols + 1), sizeof *dense);
    const int32_t *indptr = csr.indptr, *indices = csr.indices;
    for (int r = 0; r < rows; r++)
        for (int k = indptr[r]; k < indptr[r + 1]; k++)
            dense[r * cols + indices[k]] = ((const ptl_c128 *)csr.values)[k];
    for (int i = 0; i < rows * cols; i++) {
        assert_true(dense[i].re == expected[2 * i]);
        assert_true(dense[i].im == expected[2 * i + 1]);
    }
    free(dense);
    ptl_matrix_release(&A);
}

static void general_files_are_read(void **state)
{
    (void)state;
    const double expected[] = {1.5, 0, 0, 0, 0, 0, -2e-3, 0, 0, 0, 7, 0};
    assert_reads("%%MatrixMarket matrix coordinate real general\n% a comment\n\n2 3 3\n"
                 "1 1 1.5\n% another\n\n2 1 -2e-3\n  2\t3  +7. \n",
                 2, 3, 3, expected);
    assert_reads(
        "%%matrixmarket MATRIX Coordinate DOUBLE General\r\n2 3 4\r\n1 1 1\r\n2 1 -.002\r\n"
        "1 1 0.5\r\n2 3 7e0\r\n\r\n",
        2, 3, 3, expected); /* a duplicate is summed */
    const double ones[] = {0, 0, 1, 0, 1, 0, 0, 0};
    assert_reads("%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 2\n2 1", 2, 2, 2,
                 ones);
    const double array[] = {1, 0, 3, 0, 0, 0, 4, 0};
    assert_reads("%%MatrixMarket matrix array integer general\n2 2\n1\n0\n3\n4\n", 2, 2, 3, array);
    assert_reads("%%MatrixMarket matrix coordinate real general\n0 0 0\n", 0, 0, 0, NULL);
    assert_reads("%%MatrixMarket matrix coordinate real general\n0 5 0\n", 0, 5, 0, NULL);
}

static void triangles_are_mirrored(void **state)
{
    (void)state;
    const double symmetric[] = {1, 2, 3, 4, 3, 4, 0, 0};
    assert_reads("%%MatrixMarket matrix coordinate complex symmetric\n2 2 2\n1 1 1 2\n2 1 3 4\n", 2,
                 2, 3, symmetric);
    const double hermitian[] = {1, 0, 3, -4, 3, 4, 0, 0};
    assert_reads("%%MatrixMarket matrix coordinate complex Hermitian\n2 2 2\n1 1 1 0\n2 1 3 4\n", 2,
                 2, 3, hermitian);
    const double skew[] = {0, 0, -3, 0, 3, 0, 0, 0};
    assert_reads("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 3\n", 2, 2, 2,
                 skew);
    const double three[] = {0, 0, -1, 0, -2, 0, 1, 0, 0, 0, -3, 0, 2, 0, 3, 0, 0, 0};
    assert_reads("%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n3\n", 3, 3, 6, three);
    const double full[] = {1, 0, 2, 0, 2, 0, 3, 0};
    assert_reads("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n", 2, 2, 4, full);
}

static void numbers_are_exact_in_any_locale(void **state)
{
    (void)state;
    static const char *const numbers[] = {"0.1",
                                          "1e22",
                                          "1e23",
                                          "-123456.789e-3",
                                          "4.9406564584124654e-324",
                                          "1e-400",
                                          "1.7976931348623157e308",
                                          "9007199254740993",
                                          "0.30000000000000004",
                                          "123456789012345e-22",
                                          "5e-22",
                                          "8.0000000000000002e-5",
                                          "3.141592653589793238",
                                          "1E+05",
                                          "-0.0",
                                          ".5",
                                          "5.",
                                          "inf"};
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        setlocale(LC_NUMERIC, "C"); /* then this looks at exactness alone */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[200];
        ptl_matrix *A;
        snprintf(text, sizeof text,
                 "%%%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 %s\n", numbers[i]);
        assert_int_equal(read_matrix(text, -1, &A), PTL_OK);
        setlocale(LC_NUMERIC, "C");
        double expected = strtod(numbers[i], NULL);
        ptl_csr_arrays csr = ptl_csr_get_arrays(ptl_linop_as_csr(ptl_matrix_local(A)));
        assert_int_equal(csr.dtype, PTL_F64);
        assert_true(*(const double *)csr.values == expected);
        ptl_matrix_release(&A);
        if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
            setlocale(LC_NUMERIC, "C");
    }
    setlocale(LC_NUMERIC, "C");
}

/* Short decimal numbers, which have a fast way of their own, against strtod. */
static void many_numbers_are_exact(void **state)
{
    (void)state;
    enum { COUNT = 4000 };
    char *text = malloc(COUNT * 48 + 100), *at = text;
    double *expected = malloc(COUNT * sizeof *expected);
    unsigned seed = 3;
    at += sprintf(at, "%%%%MatrixMarket matrix array real general\n%d 1\n", COUNT);
    for (int i = 0; i < COUNT; i++) {
        char number[48];
        seed = seed * 1103515245u + 12345u;
        double value = (double)(int)seed * pow(10, (int)(seed >> 7 & 63) - 32);
        snprintf(number, sizeof number, i & 1 ? "%.*g" : "%.*e", 1 + (int)(seed >> 3) % 17, value);
        expected[i] = strtod(number, NULL);
        at += sprintf(at, "%s\n", number);
    }
    ptl_vector *v;
    write_file(text);
    assert_int_equal(ptl_vector_read_mtx(path, NULL, NULL, NULL, -1, &v), PTL_OK);
    assert_int_equal(ptl_vector_rows(v), COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_true(((double *)ptl_vector_data(v))[i] == expected[i]);
    ptl_vector_release(&v);
    free(text);
    free(expected);
}

static void vectors_are_read(void **state)
{
    (void)state;
    ptl_vector *v;
    write_file("%%MatrixMarket matrix array real general\n3 2\n1\n2\n3\n4\n5\n6\n");
    assert_int_equal(ptl_vector_read_mtx(path, NULL, NULL, NULL, PTL_F32, &v), PTL_OK);
    assert_int_equal(ptl_vector_ndim(v), 2);
    assert_int_equal(ptl_vector_columns(v), 2);
    const float *data = ptl_vector_data(v);
    int64_t ld = ptl_vector_ld(v);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++)
            assert_true(data[i * ld + j] == (float)(1 + i + 3 * j));
    ptl_vector_release(&v);
    write_file("%%MatrixMarket matrix coordinate complex general\n3 1 2\n3 1 1 -1\n1 1 2 2\n");
    assert_int_equal(ptl_vector_read_mtx(path, NULL, NULL, NULL, -1, &v), PTL_OK);
    assert_int_equal(ptl_vector_dtype(v), PTL_C128);
    assert_int_equal(ptl_vector_ndim(v), 1);
    const ptl_c128 *z = ptl_vector_data(v);
    assert_true(z[0].re == 2 && z[0].im == 2 && z[1].re == 0 && z[2].re == 1 && z[2].im == -1);
    ptl_vector_release(&v);
    assert_int_equal(ptl_vector_read_mtx(path, NULL, NULL, NULL, PTL_F64, &v), PTL_DTYPE);
    assert_null(v);
}

static void assert_refused(const char *text, ptl_status code, int line, const char *words)
{
    ptl_matrix *A;
    char place[64];
    assert_int_equal(read_matrix(text, -1, &A), code);
    assert_null(A);
    snprintf(place, sizeof place, "%s:%d: ", path, line);
    if (!strstr(ptl_error_message(), words) || (line && !strstr(ptl_error_message(), place)))
        fail_msg("expected %s%s, got \"%s\"", line ? place : "", words, ptl_error_message());
}

#define REAL "%%MatrixMarket matrix coordinate real general\n"

static void malformed_files_are_refused(void **state)
{
    (void)state;
    assert_refused("", PTL_FORMAT, 1, "empty");
    assert_refused("1 1 1\n", PTL_FORMAT, 1, "banner");
    assert_refused("%%MatrixMarket vector coordinate real general\n", PTL_FORMAT, 1, "banner");
    assert_refused("%%MatrixMarket matrix coordinate real\n1 1 0\n", PTL_FORMAT, 1, "banner");
    assert_refused("%%MatrixMarket matrix list real general\n", PTL_FORMAT, 1, "format");
    assert_refused("%%MatrixMarket matrix array quaternion general\n", PTL_FORMAT, 1, "field");
    assert_refused("%%MatrixMarket matrix array real lopsided\n", PTL_FORMAT, 1, "symmetry");
    assert_refused("%%MatrixMarket matrix array pattern general\n", PTL_FORMAT, 1, "together");
    assert_refused("%%MatrixMarket matrix array real hermitian\n", PTL_FORMAT, 1, "together");
    assert_refused(REAL "% nothing\n\n", PTL_FORMAT, 3, "size line");
    assert_refused(REAL "2 2\n", PTL_FORMAT, 2, "sizes");
    assert_refused(REAL "2 -2 1\n", PTL_FORMAT, 2, "sizes");
    assert_refused(REAL "2 2 1 1\n", PTL_FORMAT, 2, "sizes");
    assert_refused(REAL "99999999999999999999 2 1\n", PTL_FORMAT, 2, "sizes");
    assert_refused("%%MatrixMarket matrix coordinate real symmetric\n2 3 1\n1 1 1\n", PTL_FORMAT, 2,
                   "square");
    assert_refused(REAL "2 2 2\n1 1 1\n", PTL_FORMAT, 3, "after 1 of 2 entries");
    assert_refused(REAL "2 2 1\n1 1 1\n2 2 1\n", PTL_FORMAT, 4, "more than the 1 entries");
    assert_refused(REAL "2 2 1000000000000000\n1 1 1\n", PTL_FORMAT, 3, "after 1 of");
    assert_refused(REAL "2 2 1\n3 1 1\n", PTL_FORMAT, 3, "outside");
    assert_refused(REAL "2 2 1\n1 0 1\n", PTL_FORMAT, 3, "outside");
    assert_refused(REAL "2 2 1\n1 one 1\n", PTL_FORMAT, 3, "row and a column");
    assert_refused(REAL "2 2 1\n1 1\n", PTL_FORMAT, 3, "number");
    assert_refused(REAL "2 2 1\n1 1 x\n", PTL_FORMAT, 3, "number: \"1 1 x\"");
    assert_refused(REAL "2 2 1\n1 1 1,5\n", PTL_FORMAT, 3, "unexpected text");
    assert_refused(REAL "2 2 1\n1 1 1.5e\n", PTL_FORMAT, 3, "unexpected text");
    assert_refused(REAL "2 2 1\n1 1 1 1\n", PTL_FORMAT, 3, "unexpected text");
    assert_refused("%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 1 1.5\n", PTL_FORMAT,
                   3, "unexpected text");
    assert_refused("%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 1 1\n", PTL_FORMAT,
                   3, "number");
    assert_refused("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 1\n",
                   PTL_FORMAT, 3, "diagonal");
}

static void what_cannot_be_opened_is_said(void **state)
{
    (void)state;
    const ptl_matrix_layout layout = {0};
    ptl_matrix *A;
    assert_int_equal(ptl_matrix_read_mtx("/nowhere/at.all", &layout, -1, &A), PTL_IO);
    assert_non_null(strstr(ptl_error_message(), "/nowhere/at.all: No such file"));
    assert_int_equal(ptl_matrix_read_mtx("/tmp", &layout, -1, &A), PTL_IO);
    assert_int_equal(ptl_matrix_read_mtx(NULL, &layout, -1, &A), PTL_INVALID);
    write_file(REAL "1 1 1\n1 1 1\n");
    assert_int_equal(ptl_matrix_read_mtx(path, &layout, 17, &A), PTL_DTYPE);
    assert_null(A);
}

static void a_read_matrix_cannot_be_refilled(void **state)
{
    (void)state;
    ptl_matrix *A;
    const double one = 1;
    assert_int_equal(read_matrix(REAL "1 1 1\n1 1 1\n", -1, &A), PTL_OK);
    assert_int_equal(ptl_matrix_update_values(A, 1, PTL_F64, &one), PTL_NOT_SUPPORTED);
    ptl_matrix_release(&A);
}

static void failing_memory_leaks_nothing(void **state)
{
    (void)state;
    ptl_matrix *A;
    int64_t live = ptl__alloc_live();
    for (int n = 1;; n++) {
        const ptl_matrix_layout layout = {0};
        write_file(REAL "3 4 3\n1 1 1\n2 3 4\n3 3 -1\n");
        ptl__alloc_fail_after(n);
        ptl_status status = ptl_matrix_read_mtx(path, &layout, -1, &A);
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
}

int main(void)
{
    ptl_exec *exec; /* the default stays alive, so that leaks can be counted */
    if (ptl_exec_default(&exec) != PTL_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(general_files_are_read),
        cmocka_unit_test(triangles_are_mirrored),
        cmocka_unit_test(numbers_are_exact_in_any_locale),
        cmocka_unit_test(many_numbers_are_exact),
        cmocka_unit_test(vectors_are_read),
        cmocka_unit_test(malformed_files_are_refused),
        cmocka_unit_test(what_cannot_be_opened_is_said),
        cmocka_unit_test(a_read_matrix_cannot_be_refilled),
        cmocka_unit_test(failing_memory_leaks_nothing),
    };
    int failed = cmocka_run_group_tests(tests, make_file, remove_file);
    ptl_exec_release(&exec);
    return failed;
}
