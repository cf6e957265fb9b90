/* Schwarz: M = sum_i R_i^T A_i^-1 R_i over the ranks (Smith, Bjorstad and Gropp, Domain
 * Decomposition, 1996, section 1.3), restricted (Cai and Sarkis, SIAM J. Sci. Comput. 21, 1999) or
 * additive; with a coarse level M_0, M + M_0, or M_0 + (I - M_0 A) M (I - A M_0) (Tang, Nabben,
 * Vuik and Erlangga, J. Sci. Comput. 39, 2009, P_BNN).
 *
 * One apply is the local solver's: without an overlap on the vectors themselves; with one it moves
 * four words a row more, and sends each row of the overlap once, or additive there and back. The
 * coarse level adds two products with R's entries and its solver, and where it is multiplicative
 * that twice, two products with A, and ten words a row. */
#include "../base/params.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/matrix.h"
#include "coarse.h"
#include "kinds.h"
#include "layers.h"
#include "one_level.h"

typedef struct schwarz {
    ptl_linop base;
    ptl_schwarz_options options; /* its objects retained */
    ptl_index_map *overlap;      /* NULL: none */
    ptl__one_level level;
    ptl__coarse *coarse;
    /* Where it is multiplicative. */
    ptl_linop *A;
    ptl_vector *sum, *r, *z;
    double *one, *minus_one; /* a coefficient per column */
} schwarz;

static schwarz *schwarz_of(ptl_linop *M)
{
    return (schwarz *)M;
}

/* ---- products -------------------------------------------------------------------------------- */

static ptl_status make_coefficients(schwarz *M, const ptl_vector *x)
{
    const int width = ptl__coef_doubles(x->dtype);
    ptl__free(M->one);
    ptl__free(M->minus_one);
    M->one = M->minus_one = NULL;
    PTL_TRY(PTL_NEW_ZERO(x->columns * width, double, &M->one));
    PTL_TRY(PTL_NEW_ZERO(x->columns * width, double, &M->minus_one));
    for (int64_t j = 0; j < x->columns; j++) {
        M->one[j * width] = 1;
        M->minus_one[j * width] = -1;
    }
    return PTL_OK;
}

static ptl_status make_space(schwarz *M, const ptl_vector *x)
{
    ptl_vector **const vectors[] = {&M->sum, &M->r, &M->z};
    PTL_TRY(make_coefficients(M, x));
    for (int i = 0; M->A && i < 3; i++) {
        ptl_vector_release(vectors[i]);
        PTL_TRY(ptl__vector_new_like(x, x->dtype, vectors[i]));
    }
    return PTL_OK;
}

static ptl_status schwarz_prepare(ptl_linop *base, ptl_op op, const ptl_vector *x)
{
    (void)op; /* there is no transposed product */
    schwarz *M = schwarz_of(base);
    if (!M->level.r || M->level.r->columns != x->columns)
        PTL_TRY(make_space(M, x));
    if (M->coarse)
        PTL_TRY(ptl__coarse_prepare(M->coarse, x));
    if (M->A)
        PTL_TRY(ptl__linop_prepare(M->A, PTL_OP_NONE, x));
    return ptl__one_level_prepare(&M->level, x);
}

/* sum = M_0 x + (I - M_0 A) M (I - A M_0) x. */
static void apply_multiplicative(schwarz *M, ptl_vector *x, ptl__first_failure *first)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(x);
    const ptl__run run = ptl__vector_run(x);
    ptl__coarse_apply(M->coarse, NULL, x, NULL, M->sum, first);
    kernels->copy(run, ptl__vector_block(x), ptl__vector_block(M->r));
    ptl__first_failure_note(first, ptl__linop_apply(M->A, M->minus_one, M->sum, M->one, M->r));
    ptl__one_level_apply(&M->level, NULL, M->r, NULL, M->z, first);
    ptl__first_failure_note(first, ptl__linop_apply(M->A, NULL, M->z, NULL, M->r));
    ptl__coarse_apply(M->coarse, M->minus_one, M->r, M->one, M->sum, first);
    kernels->scale_add(run, M->one, ptl__vector_block(M->z), NULL, ptl__vector_block(M->sum));
}

/* All is applied, whatever becomes of it on this rank: others are in its communication. */
static ptl_status schwarz_apply(ptl_linop *base, const void *alpha, ptl_vector *x, const void *beta,
                                ptl_vector *y)
{
    schwarz *M = schwarz_of(base);
    ptl__first_failure first;
    first.status = PTL_OK;
    if (M->A) {
        const ptl__block sum = ptl__vector_block(M->sum);
        apply_multiplicative(M, x, &first);
        ptl__vector_kernels_of(y)->combine(ptl__vector_run(y), 1, &sum, alpha ? alpha : M->one,
                                           beta, NULL, ptl__vector_block(y), NULL);
    } else {
        ptl__one_level_apply(&M->level, alpha, x, beta, y, &first);
        if (M->coarse)
            ptl__coarse_apply(M->coarse, alpha, x, M->one, y, &first);
    }
    return ptl__first_failure_end(&first);
}

static const ptl__preconditioner *const kind = &ptl__schwarz_preconditioner;

static void schwarz_destroy(ptl_linop *base)
{
    schwarz *M = schwarz_of(base);
    ptl__one_level_clear(&M->level);
    ptl__coarse_free(M->coarse);
    ptl_index_map_release(&M->overlap);
    ptl_linop_release(&M->A);
    ptl_vector_release(&M->sum);
    ptl_vector_release(&M->r);
    ptl_vector_release(&M->z);
    ptl__free(M->one);
    ptl__free(M->minus_one);
    ptl__params_release(&kind->kind, &M->options);
}

/* ---- making it ------------------------------------------------------------------------------- */

static ptl_status check_matrix(const void *options, const ptl_linop *A)
{
    const ptl_schwarz_options *o = options;
    const ptl_matrix *matrix = ptl_linop_as_matrix((ptl_linop *)A);
    const ptl_linop *local = matrix ? matrix->local : A;
    PTL_CHECK(local->cls->format, PTL_NOT_SUPPORTED,
              "Schwarz needs the entries of a matrix: an operator of kind \"%s\" has none",
              local->cls->kind);
    if (o->overlap > 0 && A->comm->size > 1) {
        PTL_CHECK(matrix->partition, PTL_NOT_SUPPORTED,
                  "overlap is %lld: a matrix made of local operators (from_local) cannot have an "
                  "overlap, expected 0",
                  (long long)o->overlap);
        PTL_CHECK(ptl_partition_equal(matrix->partition, matrix->col_partition), PTL_NOT_SUPPORTED,
                  "overlap is %lld: the matrix's row and column partitions differ, expected 0",
                  (long long)o->overlap);
    }
    return o->coarse ? ptl__coarse_check(o, A) : PTL_OK;
}

static ptl_status schwarz_refresh(ptl_linop *base, ptl_linop *A)
{
    schwarz *M = schwarz_of(base);
    PTL_TRY(ptl__agree(A->comm, check_matrix(&M->options, A), 0, "calls"));
    ptl_status status = ptl__local_solver_renew(&M->options, A, M->overlap, &M->level.local);
    if (M->coarse) {
        PTL_TRY(ptl__agree(A->comm, status, 0, "calls"));
        status = ptl__coarse_refresh(M->coarse, A);
    }
    if (M->A) {
        ptl_linop_retain(A);
        ptl_linop_release(&M->A);
        M->A = A;
    }
    return status;
}

static const ptl__linop_class schwarz_class = {
    .kind = "schwarz",
    .fallible = 1,
    .apply = schwarz_apply,
    .destroy = schwarz_destroy,
    .prepare = schwarz_prepare,
    .refresh = schwarz_refresh,
};

/* (C) */
static ptl_status build(schwarz *M, ptl_linop *A)
{
    const ptl_schwarz_options *o = &M->options;
    if (o->overlap > 0 && A->comm->size > 1)
        PTL_TRY(ptl__layers_find(ptl_linop_as_matrix(A), o->overlap, &M->overlap));
    ptl_status status = ptl__local_solver_make(o, A, M->overlap, &M->level.local);
    if (status == PTL_OK)
        status = ptl__object_made_of(M, M->level.local.op, "an operator");
    PTL_TRY(ptl__agree(A->comm, status, 0, "calls"));
    if (M->overlap)
        PTL_TRY(ptl__halo_create(A->comm, A->exec, M->overlap, &M->level.halo));
    M->level.owned = A->local_rows;
    M->level.extended = M->level.local.op->rows;
    M->level.additive = !o->restricted;
    if (M->level.halo && o->weighted)
        PTL_TRY(ptl__one_level_weigh(&M->level, A));
    if (o->coarse)
        PTL_TRY(ptl__coarse_create(o, A, &M->coarse));
    if (o->coarse && o->coarse_mode == PTL_COARSE_MULTIPLICATIVE)
        M->A = ptl_linop_retain(A);
    return ptl__object_made_of(M, M->A, "an operator");
}

static ptl_status schwarz_generate(const void *options, ptl_linop *A, ptl_linop **out)
{
    schwarz *M = NULL;
    ptl_status status = PTL_NEW_ZERO(1, schwarz, &M);
    if (status == PTL_OK) {
        const ptl__linop_spec spec = ptl__spec_like(A);
        ptl__linop_init(&M->base, &schwarz_class, &spec);
        *out = &M->base;
        M->options = *(const ptl_schwarz_options *)options;
        status = ptl__params_own(&kind->kind, &M->options);
    }
    status = ptl__agree(A->comm, status, 0, "calls");
    if (status == PTL_OK)
        status = build(M, A);
    if (status != PTL_OK)
        ptl_linop_release(out);
    return status;
}

static ptl_status check(const void *options)
{
    const ptl_schwarz_options *o = options;
    const ptl_linop *given = o->local_operator;
    PTL_CHECK(!given || given->comm->size == 1, PTL_INVALID,
              "local lives on %d ranks: expected an operator on one process", given->comm->size);
    PTL_CHECK(!given || !o->l1, PTL_INVALID,
              "l1 changes the block that local is generated from: local is an operator already");
    PTL_CHECK(!o->weighted || !o->restricted, PTL_INVALID, "weighted needs restricted to be false");
    PTL_CHECK(!o->restriction || o->coarse, PTL_INVALID,
              "restriction is given, but coarse, the solver of the coarse level, is not");
    return PTL_OK;
}

static const char *const modes[] = {"additive", "multiplicative", NULL};

static const ptl_param params[] = {
    {"local", "local_solver",
     "a factory, which is generated from each rank's block; or an operator on one process that "
     "approximates the inverse of that block; None: Ilu",
     PTL_PARAM_OPERATOR, offsetof(ptl_schwarz_options, local), 0, NULL},
    {"overlap", NULL, "layers of the matrix graph around a rank's rows that belong to its block",
     PTL_PARAM_INT, offsetof(ptl_schwarz_options, overlap), 0, NULL},
    {"restricted", NULL,
     "whether each row gets its owner's result alone; otherwise the ranks' results are added, "
     "which is symmetric",
     PTL_PARAM_BOOL, offsetof(ptl_schwarz_options, restricted), 0, NULL},
    {"l1", "l1_smoother",
     "whether the absolute values of a row's entries outside of its block are added to its "
     "diagonal entry",
     PTL_PARAM_BOOL, offsetof(ptl_schwarz_options, l1), 0, NULL},
    {"coarse", "coarse_solver", "the solver of the coarse level; None: no coarse level",
     PTL_PARAM_FACTORY, offsetof(ptl_schwarz_options, coarse), 0, NULL},
    {"restriction", NULL,
     "R, a matrix of coarse rows by A's rows; None: made of aggregates, each of them a coarse row",
     PTL_PARAM_LINOP, offsetof(ptl_schwarz_options, restriction), 0, NULL},
    {"aggregate_size", NULL, "approximate number of rows of an aggregate", PTL_PARAM_INT,
     offsetof(ptl_schwarz_options, aggregate_size), 1, NULL},
    {"coarse_mode", NULL, "how the coarse level is combined with the local solves",
     PTL_PARAM_CHOICE, offsetof(ptl_schwarz_options, coarse_mode), 0, modes},
    {"weighted", NULL,
     "whether, when results are added, rows that are in several blocks are weighted so that they "
     "count once",
     PTL_PARAM_BOOL, offsetof(ptl_schwarz_options, weighted), 0, NULL},
    {NULL},
};

const ptl__preconditioner ptl__schwarz_preconditioner = {
    .kind = PTL__PRECOND_KIND(
        "schwarz", "Schwarz",
        "Schwarz: a solver on each rank for the rows that it owns and `overlap` layers around "
        "them, and optionally one for a coarse level. With an overlap, restricted is for Gmres and "
        "other solvers for any A. Cg may not converge with it and needs restricted=False; for "
        "matrices from meshes also use weighted=True.",
        ptl_schwarz_options, PTL_SCHWARZ_OPTIONS_INIT, params),
    .generate = schwarz_generate,
    .check = check,
    .check_matrix = check_matrix,
};

ptl_status ptl_schwarz_factory(const ptl_schwarz_options *options, ptl_factory **out)
{
    return ptl__precond_factory(&ptl__schwarz_preconditioner, options, out);
}
