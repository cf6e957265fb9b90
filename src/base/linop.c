/* The base of every operator: what all classes share, and the public calls. */
#include "linop.h"

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "vector.h"

static void linop_destroy(void *self)
{
    ptl_linop *A = self;
    A->cls->destroy(A);
    ptl_comm_release(&A->comm);
    ptl_exec_release(&A->exec);
    ptl__free(A);
}

void ptl__linop_init(ptl_linop *A, const ptl__linop_class *cls, const ptl__linop_spec *spec)
{
    ptl__object_init(A, linop_destroy);
    A->cls = cls;
    A->comm = ptl_comm_retain(spec->comm);
    A->exec = ptl_exec_retain(spec->exec);
    A->rows = spec->rows;
    A->cols = spec->cols;
    A->local_rows = spec->local_rows;
    A->local_cols = spec->local_cols;
    A->dtype = spec->dtype;
}

/* That v can stand on one side of A: `rows` in all and `local_rows` here (-1: any). */
static ptl_status check_side(const ptl_linop *A, const ptl_vector *v, const char *name,
                             int64_t rows, int64_t local_rows)
{
    PTL_CHECK(v->rows == rows, PTL_DIMENSION,
              "%s has %lld rows, the operator (%lld x %lld) needs %lld", name, (long long)v->rows,
              (long long)A->rows, (long long)A->cols, (long long)rows);
    PTL_CHECK(local_rows < 0 || v->local_rows == local_rows, PTL_DIMENSION,
              "%s has %lld rows on rank %d, the operator has %lld there", name,
              (long long)v->local_rows, ptl_comm_rank(A->comm), (long long)local_rows);
    PTL_CHECK(v->dtype == A->dtype, PTL_DTYPE, "%s is %s, the operator is %s", name,
              ptl_dtype_name(v->dtype), ptl_dtype_name(A->dtype));
    PTL_CHECK(ptl__comm_same(v->comm, A->comm), PTL_INVALID,
              "%s and the operator live on different communicators", name);
    return PTL_OK;
}

ptl_status ptl__linop_check(const ptl_linop *A, const ptl_vector *x, const ptl_vector *y,
                            const char *const names[2])
{
    PTL_CHECK(x && y, PTL_INVALID, "%s is NULL", names[x != NULL]);
    PTL_CHECK(x->data != y->data || x->local_rows == 0, PTL_INVALID,
              "%s and %s share memory: an operator cannot be applied in place", names[0], names[1]);
    PTL_TRY(check_side(A, x, names[0], A->cols, A->local_cols));
    PTL_TRY(check_side(A, y, names[1], A->rows, A->local_rows));
    PTL_CHECK(x->columns == y->columns, PTL_DIMENSION, "%s has %lld columns, %s has %lld", names[0],
              (long long)x->columns, names[1], (long long)y->columns);
    return PTL_OK;
}

ptl_status ptl__linop_prepare(ptl_linop *A, const ptl_vector *x)
{
    return A->cls->prepare ? A->cls->prepare(A, x) : PTL_OK;
}

ptl_status ptl__linop_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                            ptl_vector *y)
{
    PTL_TRY(ptl__busy_begin(A, "operator"));
    ptl_status status = A->cls->apply(A, alpha, x, beta, y);
    ptl__busy_end(A);
    return status;
}

ptl_status ptl__linop_apply_dot(ptl_linop *A, ptl_vector *x, ptl_vector *y, double *sums)
{
    if (!A->cls->apply_dot) {
        PTL_TRY(ptl__linop_apply(A, NULL, x, NULL, y));
        ptl__vector_kernels_of(x)->dot(ptl__vector_run(x), 1, ptl__vector_block(x),
                                       ptl__vector_block(y), sums);
        return PTL_OK;
    }
    PTL_TRY(ptl__busy_begin(A, "operator"));
    ptl_status status = A->cls->apply_dot(A, x, y, sums);
    ptl__busy_end(A);
    return status;
}

ptl_status ptl__linop_diagonal(ptl_linop *A, ptl_vector **out)
{
    *out = NULL;
    PTL_CHECK(A->cls->diagonal, PTL_NOT_SUPPORTED,
              "an operator of kind \"%s\" cannot give its diagonal", A->cls->kind);
    return A->cls->diagonal(A, out);
}

ptl_status ptl_linop_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                           ptl_vector *y)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_TRY(ptl__busy_begin(A, "operator"));
    ptl_status status = ptl__linop_check(A, x, y, (const char *const[]){"x", "y"});
    if (status == PTL_OK)
        status = ptl__linop_prepare(A, x);
    int64_t signature = ptl__sign(status == PTL_OK ? x->columns : 0, !!alpha + 2 * !!beta);
    status = ptl__agree(A->comm, status, signature, "numbers of columns, or ways to scale");
    if (status == PTL_OK) {
        status = A->cls->apply(A, alpha, x, beta, y);
        if (A->cls->fallible)
            status = ptl__agree(A->comm, status, 0, "calls");
    }
    ptl__busy_end(A);
    return status;
}

int64_t ptl_linop_rows(const ptl_linop *A)
{
    return A->rows;
}

int64_t ptl_linop_cols(const ptl_linop *A)
{
    return A->cols;
}

int64_t ptl_linop_local_rows(const ptl_linop *A)
{
    return A->local_rows;
}

int64_t ptl_linop_local_cols(const ptl_linop *A)
{
    return A->local_cols;
}

ptl_dtype ptl_linop_dtype(const ptl_linop *A)
{
    return A->dtype;
}

const char *ptl_linop_kind(const ptl_linop *A)
{
    return A->cls->kind;
}

ptl_comm *ptl_linop_comm(const ptl_linop *A)
{
    return A->comm;
}

ptl_exec *ptl_linop_exec(const ptl_linop *A)
{
    return A->exec;
}

PTL__OBJECT_FUNCTIONS(ptl_linop)
