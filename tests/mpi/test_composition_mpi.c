/* Diagonal operators, the identity, products and sums over ranks, one of which owns nothing; and
 * members that fail on one rank alone while the others communicate. */
#include "problem.h"

enum { N = 23 };

/* y = 2 x, or a failure on rank `fails`. */
typedef struct doubling {
    int fails, calls;
} doubling;

static ptl_status apply_doubling(void *ctx, ptl_vector *x, ptl_vector *y)
{
    static const double two[] = {2, 2};
    doubling *d = ctx;
    d->calls++;
    if (d->fails == rank)
        return ptl_fail(PTL_CALLBACK, "the doubling of rank %d", rank);
    ptl_status status = ptl_vector_copy_from(y, x);
    return status == PTL_OK ? ptl_vector_scale(y, two) : status;
}

static ptl_status apply_doubling_op(void *ctx, ptl_op op, ptl_vector *x, ptl_vector *y)
{
    (void)op;
    return apply_doubling(ctx, x, y);
}

static ptl_linop *doubling_new(doubling *d)
{
    const ptl_linop_callbacks callbacks = {.apply = apply_doubling, .apply_op = apply_doubling_op};
    ptl_linop *A = NULL;
    CHECK(ptl_linop_create(comm, NULL, N, N, PTL_F64, &callbacks, d, &A) == PTL_OK);
    return A;
}

static ptl_linop *matrix_of(const problem *p)
{
    ptl_matrix *A = NULL;
    CHECK(ptl_matrix_from_coo(&p->layout, &p->mine, PTL_FOREIGN_SEND, &A) == PTL_OK);
    return ptl_matrix_linop(A);
}

/* y += factor op(A) x with the problem's dense matrix */
static void multiply(const problem *p, ptl_op op, number factor, int columns, const number *x,
                     number *y)
{
    const int rows = op == PTL_OP_NONE ? p->rows : p->cols;
    const int cols = op == PTL_OP_NONE ? p->cols : p->rows;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            for (int k = 0; k < cols; k++)
                y[i * columns + j] += factor * entry(p, op, i, k) * x[k * columns + j];
}

/* op(C) x against what is expected, with alpha 2. */
static void check_apply(ptl_linop *C, ptl_op op, ptl_vector *x, ptl_partition *to, int rows,
                        int columns, number *expected)
{
    const int parts = ptl_dtype_is_complex(ptl_vector_dtype(x)) ? 2 : 1;
    number *old = calloc((size_t)(rows * columns + 1), sizeof *old);
    double alpha[] = {2, 2}, beta[] = {1, 1};
    if (parts == 2)
        alpha[1] = beta[1] = 0;
    ptl_vector *y = random_vector(to, rows, columns, ptl_vector_dtype(x), old);
    for (int i = 0; i < rows * columns; i++)
        expected[i] = 2 * expected[i] + old[i];
    CHECK(ptl_linop_apply_op(C, op, alpha, x, beta, y) == PTL_OK);
    check_vector(y, rows, columns, expected);
    ptl_vector_release(&y);
    free(old);
}

/* (A 2 B) x and its transposed forms: A of N x M, B of M x N, on partitions of their own. */
static void check_chain(int how, int how_between, ptl_op op, ptl_dtype dtype)
{
    enum { M = 17 };
    const int columns = dtype == PTL_F64 ? 2 : 1;
    problem *a = make_problem(N, M, 60, dtype, how, how_between, 1);
    problem *b = make_problem(M, N, 60, dtype, how_between, how, 1);
    ptl_partition_release(&b->layout.partition); /* what A takes is what B gives */
    ptl_partition_release(&b->layout.col_partition);
    b->layout.partition = ptl_partition_retain(a->layout.col_partition);
    b->layout.col_partition = ptl_partition_retain(a->layout.partition);
    ptl_linop *A = matrix_of(a), *B = matrix_of(b), *C = NULL;
    CHECK(ptl_composition_create(2, (ptl_linop *[]){A, B}, &C) == PTL_OK);
    number x[2 * N], between[2 * M] = {0}, y[2 * N] = {0};
    ptl_vector *xv = random_vector(a->layout.partition, N, columns, dtype, x);
    multiply(op == PTL_OP_NONE ? b : a, op, 1, columns, x, between);
    multiply(op == PTL_OP_NONE ? a : b, op, 1, columns, between, y);
    check_apply(C, op, xv, a->layout.partition, N, columns, y);
    ptl_vector_release(&xv);
    ptl_linop_release(&C);
    ptl_linop_release(&B);
    ptl_linop_release(&A);
    free_problem(b);
    free_problem(a);
}

/* (2 (A D - I)) x, user code first. */
static void check_sum(int how, ptl_op op)
{
    problem *p = make_problem(N, N, 80, PTL_F64, how, -1, 1);
    doubling d = {-1, 0};
    ptl_partition *part = p->layout.partition;
    const double coefs[] = {1, -1};
    number diagonal[N], x[N], between[N] = {0}, y[N] = {0};
    ptl_vector *dv = random_vector(part, N, 1, PTL_F64, diagonal), *found = NULL;
    ptl_vector *xv = random_vector(part, N, 1, PTL_F64, x);
    ptl_linop *A = matrix_of(p), *T = doubling_new(&d), *D = NULL, *E = NULL, *AD = NULL, *S = NULL,
              *C = NULL;
    CHECK(ptl_diagonal_create(dv, &D) == PTL_OK);
    CHECK(ptl_identity_create(comm, NULL, N, ptl_vector_local_rows(dv), PTL_F64, &E) == PTL_OK);
    CHECK(ptl_composition_create(2, (ptl_linop *[]){A, D}, &AD) == PTL_OK);
    CHECK(ptl_combination_create(2, coefs, (ptl_linop *[]){AD, E}, &S) == PTL_OK);
    CHECK(ptl_composition_create(2, (ptl_linop *[]){T, S}, &C) == PTL_OK);
    for (int i = 0; i < N; i++) {
        between[i] = op == PTL_OP_NONE ? diagonal[i] * x[i] : 0;
        y[i] = -2 * x[i];
    }
    if (op == PTL_OP_NONE) {
        multiply(p, op, 2, 1, between, y);
    } else {
        multiply(p, op, 2, 1, x, between);
        for (int i = 0; i < N; i++)
            y[i] += diagonal[i] * between[i];
    }
    check_apply(C, op, xv, part, N, 1, y);
    CHECK(ptl__linop_diagonal(D, &found) == PTL_OK);
    check_vector(found, N, 1, diagonal);
    ptl_linop **all[] = {&A, &T, &D, &E, &AD, &S, &C};
    for (int i = 0; i < 7; i++)
        ptl_linop_release(all[i]);
    ptl_vector_release(&found);
    ptl_vector_release(&xv);
    ptl_vector_release(&dv);
    free_problem(p);
}

/* User code that fails on the last rank, between matrices that communicate: every rank learns of
 * it, and the next product finds nobody waiting. */
static void check_failure(int how, ptl_op op)
{
    problem *p = make_problem(N, N, 80, PTL_F64, how, -1, 1);
    doubling d = {size - 1, 0};
    const double coefs[] = {1, 1, 1};
    number x[N], between[N] = {0}, y[N] = {0};
    ptl_vector *xv = random_vector(p->layout.partition, N, 1, PTL_F64, x), *yv = NULL;
    ptl_linop *A = matrix_of(p), *T = doubling_new(&d), *C = NULL, *S = NULL;
    const ptl_status expected = rank == size - 1 ? PTL_CALLBACK : PTL_REMOTE;
    CHECK(ptl_composition_create(3, (ptl_linop *[]){A, T, A}, &C) == PTL_OK);
    CHECK(ptl_combination_create(3, coefs, (ptl_linop *[]){A, T, A}, &S) == PTL_OK);
    CHECK(ptl_vector_zeros_like(xv, &yv) == PTL_OK);
    CHECK(ptl_linop_apply_op(C, op, NULL, xv, NULL, yv) == expected);
    CHECK(strstr(ptl_error_message(), "the doubling of rank"));
    CHECK(ptl_linop_apply_op(S, op, NULL, xv, NULL, yv) == expected);
    CHECK(ptl_error_rank() == size - 1);
    d.fails = -1;
    multiply(p, op, 2, 1, x, between);
    multiply(p, op, 1, 1, between, y);
    check_apply(C, op, xv, p->layout.partition, N, 1, y);
    CHECK(d.calls == 3);
    ptl_vector_release(&yv);
    ptl_vector_release(&xv);
    ptl_linop_release(&S);
    ptl_linop_release(&C);
    ptl_linop_release(&T);
    ptl_linop_release(&A);
    free_problem(p);
}

/* User code within a product that asks for another product of the same operator. */
typedef struct nesting {
    ptl_linop *outer; /* the transpose of what it is part of */
    ptl_status met;
    int64_t left; /* blocks that the refused call has left behind */
} nesting;

static ptl_status apply_nesting(void *ctx, ptl_vector *x, ptl_vector *y)
{
    nesting *n = ctx;
    ptl_vector *in = NULL, *out = NULL;
    const ptl_vector_shape shape = {N, ptl_vector_local_rows(x), 3, PTL_F64};
    CHECK(ptl_vector_create(comm, NULL, shape, &in) == PTL_OK);
    CHECK(ptl_vector_zeros_like(in, &out) == PTL_OK);
    const int64_t live = ptl__alloc_live();
    n->met = ptl_linop_apply(n->outer, NULL, in, NULL, out);
    n->left = ptl__alloc_live() - live;
    ptl_vector_release(&in);
    ptl_vector_release(&out);
    return ptl_vector_copy_from(y, x);
}

static ptl_status apply_nesting_op(void *ctx, ptl_op op, ptl_vector *x, ptl_vector *y)
{
    (void)op;
    return apply_nesting(ctx, x, y);
}

/* It is refused before it touches what the first product works with. */
static void check_nesting(int sum)
{
    problem *p = make_problem(N, N, 80, PTL_F64, UNIFORM, -1, 1);
    nesting n = {NULL, PTL_OK, -1};
    const ptl_linop_callbacks callbacks = {.apply = apply_nesting, .apply_op = apply_nesting_op};
    const double coefs[] = {1, 1};
    number x[N], y[N] = {0};
    ptl_vector *xv = random_vector(p->layout.partition, N, 1, PTL_F64, x);
    ptl_linop *A = matrix_of(p), *T = NULL, *C = NULL;
    CHECK(ptl_linop_create(comm, NULL, N, N, PTL_F64, &callbacks, &n, &T) == PTL_OK);
    ptl_linop *members[] = {A, T};
    CHECK((sum ? ptl_combination_create(2, coefs, members, &C)
               : ptl_composition_create(2, members, &C)) == PTL_OK);
    CHECK(ptl_linop_transposed(C, PTL_OP_TRANSPOSE, &n.outer) == PTL_OK);
    multiply(p, PTL_OP_NONE, 1, 1, x, y);
    for (int i = 0; sum && i < N; i++)
        y[i] += x[i];
    check_apply(C, PTL_OP_NONE, xv, p->layout.partition, N, 1, y);
    CHECK(n.met == PTL_BUSY);
    CHECK(n.left == 0);
    ptl_linop_release(&n.outer);
    ptl_linop_release(&C);
    ptl_linop_release(&T);
    ptl_linop_release(&A);
    ptl_vector_release(&xv);
    free_problem(p);
}

/* One rank's mistake is every rank's error. */
static void check_identity_errors(void)
{
    ptl_linop *A = NULL;
    CHECK(ptl_identity_create(comm, NULL, -1, rank == size - 1 ? -1 : 3, PTL_F64, &A) ==
          PTL_INVALID);
    CHECK(!A && ptl_error_rank() == size - 1);
    CHECK(ptl_identity_create(comm, NULL, 3 * size + 1, 3, PTL_F64, &A) == PTL_DIMENSION);
    CHECK(ptl_identity_create(comm, NULL, -1, 3, rank == 0 ? PTL_F64 : PTL_F32, &A) ==
          (size == 1 ? PTL_OK : PTL_DIMENSION));
    ptl_linop_release(&A);
    CHECK(ptl_identity_create(comm, NULL, -1, rank ? 3 : 0, PTL_C64, &A) == PTL_OK);
    CHECK(ptl_linop_rows(A) == 3 * (size - 1) && ptl_linop_local_cols(A) == (rank ? 3 : 0));
    ptl_linop_release(&A);
}

static void tests(void)
{
    for (int op = 0; op < PTL_OP_COUNT; op++)
        for (int how = 0; how < SHARES; how++) {
            const ptl_dtype dtype = (ptl_dtype)((op + 2 * how) % PTL_DTYPE_COUNT);
            check_chain(how, (how + 1) % SHARES, (ptl_op)op, dtype);
            check_sum(how, (ptl_op)op);
            check_failure(how, (ptl_op)op);
        }
    check_identity_errors();
    check_nesting(0);
    check_nesting(1);
}

int main(void)
{
    return run_tests(tests, "composition");
}
