/* Jacobi: z = D^-1 r with D the diagonal of A (Saad, Iterative Methods for Sparse Linear Systems,
 * 2nd ed., section 10.2). One apply reads D and r and writes z: three words a row. */
#include "../base/factory.h"
#include "../base/linop.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "kinds.h"
#include <petiole/matrix.h>
#include <petiole/precond.h>

typedef struct jacobi_factory {
    ptl_factory base;
    ptl_jacobi_options options;
} jacobi_factory;

static const void *jacobi_options(const ptl_factory *factory)
{
    return &((const jacobi_factory *)factory)->options;
}

typedef struct jacobi {
    ptl_linop base;
    ptl_vector *inverse; /* 1 / D, one column */
} jacobi;

static ptl_status jacobi_apply(ptl_linop *A, const void *alpha, ptl_vector *x, const void *beta,
                               ptl_vector *y)
{
    const jacobi *M = (const jacobi *)A;
    const ptl__dense_kernels *kernels = x->exec->kernels->dense[x->dtype][x->dtype];
    kernels->diagonal_apply(ptl__vector_run(x), M->inverse->data, 0, alpha, ptl__vector_block(x),
                            beta, ptl__vector_block(y));
    return PTL_OK;
}

static ptl_status jacobi_apply_dot(ptl_linop *A, ptl_vector *x, ptl_vector *y, double *sums)
{
    const jacobi *M = (const jacobi *)A;
    ptl__vector_kernels_of(x)->diagonal_apply_dot(ptl__vector_run(x), M->inverse->data,
                                                  ptl__vector_block(x), ptl__vector_block(y), sums);
    return PTL_OK;
}

static void jacobi_destroy(ptl_linop *A)
{
    ptl_vector_release(&((jacobi *)A)->inverse);
}

static const ptl__linop_class jacobi_class = {
    .kind = "jacobi",
    .apply = jacobi_apply,
    .apply_dot = jacobi_apply_dot,
    .destroy = jacobi_destroy,
};

/* The global row of a local one, for messages. */
static int64_t global_row(ptl_linop *A, int64_t local)
{
    const ptl_matrix *matrix = ptl_linop_as_matrix(A);
    const ptl_partition *partition = matrix ? ptl_matrix_partition(matrix) : NULL;
    int64_t row = local;
    if (partition &&
        ptl_partition_to_global(partition, ptl_comm_rank(A->comm), local, &row) != PTL_OK)
        return local;
    return row;
}

static ptl_status jacobi_check(const ptl_factory *factory, const ptl_linop *A, int64_t *signature)
{
    (void)factory;
    (void)signature;
    PTL_CHECK(A->rows == A->cols && A->local_rows == A->local_cols, PTL_DIMENSION,
              "Jacobi needs a square operator, this one is %lld x %lld", (long long)A->rows,
              (long long)A->cols);
    return PTL_OK;
}

static ptl_status jacobi_generate(ptl_factory *factory, ptl_linop *A, ptl_linop **out)
{
    (void)factory;
    ptl_vector *d = NULL;
    PTL_TRY(ptl__linop_diagonal(A, &d));
    int64_t bad =
        ptl__vector_kernels_of(d)->diagonal_invert(ptl__vector_run(d), d->local_rows, d->data);
    jacobi *M = NULL;
    ptl_status status = bad < 0 ? PTL_NEW_ZERO(1, jacobi, &M)
                                : ptl_fail(PTL_INVALID,
                                           "the diagonal entry of row %lld is zero or not finite: "
                                           "Jacobi needs its inverse",
                                           (long long)global_row(A, bad));
    if (status != PTL_OK) {
        ptl_vector_release(&d);
        return status;
    }
    M->inverse = d;
    ptl__linop_init(&M->base, &jacobi_class,
                    &(ptl__linop_spec){A->comm, A->exec, A->rows, A->cols, A->local_rows,
                                       A->local_cols, A->dtype});
    *out = &M->base;
    return PTL_OK;
}

static const ptl__factory_class jacobi_factory_class = {
    .name = "jacobi",
    .check = jacobi_check,
    .generate = jacobi_generate,
    .kind = &ptl__jacobi_kind,
    .options = jacobi_options,
};

static ptl_status jacobi_create(const ptl_kind *kind, const void *options, ptl_factory **out)
{
    (void)kind;
    return ptl_jacobi_factory(options, out);
}

static const ptl_param params[] = {
    {"block_size", "max_block_size", "rows of a block; 1 is the only size so far", PTL_PARAM_INT,
     offsetof(ptl_jacobi_options, block_size), 1, NULL},
    {NULL},
};

const ptl_kind ptl__jacobi_kind = {
    .family = "preconditioner",
    .name = "jacobi",
    .title = "Jacobi",
    .doc = "The inverse of A's diagonal, which has no 0. NotSupported for an A that cannot give "
           "it, such as user code.",
    .options_size = sizeof(ptl_jacobi_options),
    .params = params,
    .create = jacobi_create,
};

ptl_status ptl_jacobi_factory(const ptl_jacobi_options *options, ptl_factory **out)
{
    *out = NULL;
    const int64_t size = options ? options->block_size : 0;
    PTL_CHECK(size >= 0, PTL_INVALID, "block_size is %lld, expected a positive number",
              (long long)size);
    PTL_CHECK(size <= 1, PTL_NOT_SUPPORTED, "block_size is %lld, expected 1", (long long)size);
    jacobi_factory *factory = NULL;
    PTL_TRY(PTL_NEW_ZERO(1, jacobi_factory, &factory));
    ptl__factory_init(&factory->base, &jacobi_factory_class);
    if (options)
        factory->options = *options;
    *out = &factory->base;
    return PTL_OK;
}
