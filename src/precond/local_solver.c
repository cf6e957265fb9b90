/* Local solvers: generated from the extended block, or given. */
#include "local_solver.h"

#include "../comm/comm.h"
#include "../core/status.h"
#include "../distributed/local_block.h"
#include "../matrix/csr.h"
#include "extended_block.h"

static int64_t rows_beyond(const ptl_index_map *overlap)
{
    return overlap ? ptl_index_map_ghost_size(overlap) : 0;
}

/* Says of a failure in whose block it was, where there are several. */
static ptl_status in_block(const ptl_linop *A, const ptl_index_map *overlap, ptl_status status)
{
    const int64_t owned = A->local_rows;
    if (status == PTL_OK || A->comm->size == 1)
        return status;
    return ptl_fail(status,
                    "in rank %d's block, which consists of its %lld rows from row %lld on and %lld "
                    "rows of other ranks: %s",
                    A->comm->rank, (long long)owned, (long long)(owned ? ptl__global_row(A, 0) : 0),
                    (long long)rows_beyond(overlap), ptl__error_of(status)->message);
}

/* (L) Of a block on the host, for vectors of `exec`. */
static ptl_status generate(const ptl_schwarz_options *options, ptl_csr *block, ptl_exec *exec,
                           ptl_linop **out)
{
    ptl_factory *factory = ptl_factory_retain(options->local);
    ptl_csr *own;
    if (!factory)
        PTL_TRY(ptl_ilu_factory(NULL, &factory));
    ptl_status status = ptl__csr_on(block, exec, &own);
    if (status == PTL_OK)
        status = ptl_factory_generate(factory, ptl_csr_linop(own), out);
    ptl_csr_release(&own);
    ptl_factory_release(&factory);
    return status;
}

/* (L) That the operator that is given can stand for A_i^-1. */
static ptl_status check_given(const ptl_linop *given, const ptl_linop *A,
                              const ptl_index_map *overlap)
{
    const int64_t beyond = rows_beyond(overlap);
    PTL_CHECK(given->rows == A->local_rows + beyond && given->cols == given->rows, PTL_DIMENSION,
              "local is %lld x %lld, rank %d's block has %lld owned rows and %lld of other ranks",
              (long long)given->rows, (long long)given->cols, A->comm->rank,
              (long long)A->local_rows, (long long)beyond);
    PTL_CHECK(given->dtype == A->dtype, PTL_DTYPE, "local is %s, the matrix %s",
              ptl_dtype_name(given->dtype), ptl_dtype_name(A->dtype));
    return PTL_OK;
}

ptl_status ptl__local_solver_make(const ptl_schwarz_options *options, ptl_linop *A,
                                  const ptl_index_map *overlap, ptl__local_solver *out)
{
    ptl_csr *block;
    if (options->local_operator) {
        out->op = ptl_linop_retain(options->local_operator);
        return check_given(out->op, A, overlap);
    }
    PTL_TRY(ptl__extended_block(A, overlap, options->l1, &block));
    out->pattern = ptl__csr_pattern(block);
    ptl_status status = generate(options, block, A->exec, &out->op);
    ptl_csr_release(&block);
    return in_block(A, overlap, status);
}

/* (L) Refreshed, or where its class cannot, generated again. */
static ptl_status renew(const ptl_schwarz_options *options, ptl_csr *block, ptl_exec *exec,
                        ptl__local_solver *solver)
{
    ptl_linop *fresh;
    ptl_csr *own;
    PTL_CHECK(ptl__csr_pattern(block) == solver->pattern, PTL_INVALID,
              "the pattern is not that of the block from which the preconditioner was generated");
    PTL_TRY(ptl__csr_on(block, exec, &own));
    const ptl_status status = ptl_linop_refresh(solver->op, ptl_csr_linop(own));
    ptl_csr_release(&own);
    if (status != PTL_NOT_SUPPORTED)
        return status;
    PTL_TRY(generate(options, block, exec, &fresh));
    ptl_linop_release(&solver->op);
    solver->op = fresh;
    return PTL_OK;
}

ptl_status ptl__local_solver_renew(const ptl_schwarz_options *options, ptl_linop *A,
                                   const ptl_index_map *overlap, ptl__local_solver *solver)
{
    ptl_csr *block;
    if (options->local_operator)
        return PTL_OK;
    PTL_TRY(ptl__extended_block(A, overlap, options->l1, &block));
    ptl_status status = renew(options, block, A->exec, solver);
    ptl_csr_release(&block);
    return in_block(A, overlap, status);
}
