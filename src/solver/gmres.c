/* Generalised minimal residuals, restarted, preconditioned from the right (Saad and Schultz, SIAM
 * J. Sci. Stat. Comput. 7, 1986; Saad, Iterative Methods for Sparse Linear Systems, 2nd ed.,
 * algorithms 6.9 and 9.5). The residual is that of A x = b itself, whatever M is.
 *
 * One iteration, the k-th of its cycle: one product, one preconditioner application, the reductions
 * of arnoldi.c (at most two, or k + 1 with modified Gram-Schmidt). Classical Gram-Schmidt reads the
 * k basis vectors for its inner products and again to take them off, and with every eight of them
 * it reads the product twice and writes it: 2 k + 3 ceil(k / 8) words a row. Done twice, as is the
 * default, it moves twice that, mgs 5 k. At the end of a cycle x takes its correction (k + 2 words;
 * with M k + 4, and one more application), and the residual is made afresh by one more product. No
 * reduction is added: the new residual's norm travels with the first inner products of the next
 * cycle. */
#include "gmres.h"

#include <string.h>

#include "../core/status.h"
#include "arnoldi.h"
#include "kinds.h"
#include "params.h"

static int64_t directions(const ptl_solver_options *options, int64_t rows)
{
    const int64_t restart = options->restart;
    return restart < rows ? restart : rows > 0 ? rows : 1;
}

/* Whether M v is kept: where M may differ from step to step, and where somebody may look at x
 * within a cycle, since M cannot be applied for one rank alone. */
static int keeps_z(const ptl_solver_options *options, int flexible)
{
    return flexible || ptl__solver_watched(options);
}

void ptl__gmres_size(const ptl_solver_options *options, int64_t rows, int flexible,
                     ptl__needs *needs)
{
    const int64_t most = directions(options, rows);
    needs->work = most + 1;
    if (options->precond || options->precond_factory)
        needs->work += keeps_z(options, flexible) ? most : 1;
    needs->coefs = 4;
    needs->sums = most;
    needs->scratch = ptl__krylov_doubles(most);
}

static ptl__krylov space_of(ptl__solve *s, int flexible)
{
    ptl__krylov p = ptl__krylov_of(s, directions(s->options, s->b->rows));
    p.v = s->work;
    p.z = s->M ? s->work + p.most + 1 : NULL;
    p.kept = p.z && keeps_z(s->options, flexible);
    return p;
}

/* The coefficients of `steps` vectors in each column's correction. A column whose correction the
 * dtype cannot hold gets none: the next cycle finds that it stagnates. */
static void weigh(const ptl__krylov *p, int64_t steps)
{
    ptl__solve *s = p->s;
    for (int64_t j = 0; j < s->columns; j++) {
        double *own = p->coefs + j * s->width;
        int fit = 1;
        ptl__hessenberg_solve(ptl__krylov_column(p, j), steps, own, s->columns, s->width);
        for (int64_t i = 0; i < steps; i++)
            fit = fit && ptl__fits(ptl__get(own, i * s->columns, s->width), s->b->dtype);
        s->mask[j] = s->mask[j] && fit;
    }
}

/* The mask of the columns that this cycle has moved; and the mask of those that run. */
static int64_t mask_moved(const ptl__krylov *p)
{
    int64_t steps = 0;
    for (int64_t j = 0; j < p->s->columns; j++) {
        const int64_t own = ptl__krylov_column(p, j)->steps;
        p->s->mask[j] = own > 0;
        steps = own > steps ? own : steps;
    }
    return steps;
}

static void mask_running(const ptl__krylov *p)
{
    for (int64_t j = 0; j < p->s->columns; j++)
        p->s->mask[j] = p->s->log->reasons[j] == PTL_REASON_RUNNING;
}

/* x += M V y, each column with the steps that it has made; with the M v that were kept, locally, or
 * with M once more. */
static void correct(const ptl__krylov *p, int with_kept, ptl_vector *x)
{
    ptl__solve *s = p->s;
    const int64_t steps = mask_moved(p);
    weigh(p, steps);
    if (steps > 0 && p->z && !with_kept) {
        ptl_vector *sum = p->v[steps]; /* is not needed any more */
        ptl__solve_combine(s, steps, p->v, p->coefs, NULL, sum, NULL);
        ptl_vector *Msum = ptl__solve_precondition(s, sum, p->z[0], NULL);
        ptl__solve_combine(s, 1, &Msum, s->one, s->one, x, NULL);
    } else if (steps > 0) {
        ptl__solve_combine(s, steps, p->z ? p->z : p->v, p->coefs, s->one, x, NULL);
    }
    mask_running(p);
}

/* What v[0] is to be, times the residual, whose norms are about these. */
static void choose_first(const ptl__krylov *p, const double *norms)
{
    for (int64_t j = 0; j < p->s->columns; j++)
        ptl__set(p->first, j, p->s->width, 1 / ptl__power_root(norms[j]));
}

/* v[0] = first (b - A x) with its squared norms, of every column. */
static void renew(const ptl__krylov *p, double *norms)
{
    ptl__solve *s = p->s;
    double *minus_first = s->coef[3];
    const int64_t size = s->columns * s->width;
    const ptl__block b = ptl__vector_block(s->b);
    choose_first(p, s->log->residual_norms);
    for (int64_t i = 0; i < size; i++)
        minus_first[i] = -p->first[i];
    ptl__solve_apply(s, s->x, p->v[0]);
    s->kernels->combine(s->threads, 1, &b, p->first, minus_first, NULL, ptl__vector_block(p->v[0]),
                        norms);
    ptl__solve_passed("combine", 3);
}

/* (C) v[0] = first r, and the first check. */
static ptl_status begin(const ptl__krylov *p, int64_t *running)
{
    ptl__solve *s = p->s;
    ptl__solve_begin(s);
    double *norms = ptl__solve_norm_sums(s);
    choose_first(p, s->log->rhs_norms); /* r's are not known yet */
    ptl__solve_copy_scaled(s, p->first, s->r, p->v[0]);
    ptl__solve_norms(s, s->r, norms);
    PTL_TRY(ptl__solve_reduce(s));
    for (int64_t j = 0; j < s->columns; j++) {
        double *memory = (double *)ptl__krylov_column(p, j);
        ptl__hessenberg_begin(ptl__hessenberg_lay(memory, p->most), sqrt(norms[j]),
                              creal(ptl__get(p->first, j, s->width)));
    }
    return ptl__solve_check(s, norms, NULL, running);
}

/* (C) Steps from the residual in v[0], in a reduction that has begun; `norms`: of v[0], where that
 * reduction has them. */
static ptl_status cycle(const ptl__krylov *p, const double *norms, int64_t *running)
{
    ptl__solve *s = p->s;
    for (int64_t k = 0; k < p->most && *running; k++) {
        if (k > 0)
            ptl__solve_begin(s);
        ptl_vector *z = p->z ? p->z[p->kept ? k : 0] : NULL;
        ptl__solve_apply(s, ptl__solve_precondition(s, p->v[k], z, NULL), p->v[k + 1]);
        PTL_TRY(ptl__arnoldi_step(p, k, k ? NULL : norms, running));
        if (!*running)
            return PTL_OK;
        s->iteration++;
        PTL_TRY(ptl__solve_check(s, p->residuals, NULL, running));
    }
    return PTL_OK;
}

ptl_status ptl__gmres_run(ptl__solve *s, int flexible)
{
    const ptl__krylov p = space_of(s, flexible);
    int64_t running;
    PTL_TRY(begin(&p, &running));
    for (int first = 1; running; first = 0) {
        ptl__solve_begin(s);
        double *norms = first ? NULL : ptl__solve_norm_sums(s);
        if (norms)
            renew(&p, norms);
        PTL_TRY(cycle(&p, norms, &running));
        correct(&p, flexible, s->x);
    }
    return PTL_OK;
}

void ptl__gmres_form_x(ptl__solve *s, ptl_vector *x, int flexible)
{
    const ptl__krylov p = space_of(s, flexible);
    ptl__solve_copy(s, s->x, x);
    correct(&p, 1, x);
}

void ptl__gmres_form_r(ptl__solve *s, ptl_vector *r, int flexible)
{
    const ptl__krylov p = space_of(s, flexible);
    const int64_t count = mask_moved(&p) + 1;
    for (int64_t j = 0; j < s->columns; j++)
        ptl__hessenberg_residual(ptl__krylov_column(&p, j), count, p.coefs + j * s->width,
                                 s->columns, s->width);
    memset(s->mask, 1, (size_t)s->columns);
    ptl__solve_combine(s, count, p.v, p.coefs, NULL, r, NULL);
    mask_running(&p);
}

static ptl_status gmres_run(ptl__solve *s)
{
    return ptl__gmres_run(s, 0);
}

static void gmres_size(const ptl_solver_options *options, int64_t rows, ptl__needs *needs)
{
    ptl__gmres_size(options, rows, 0, needs);
}

static void gmres_form_x(ptl__solve *s, ptl_vector *x)
{
    ptl__gmres_form_x(s, x, 0);
}

static void gmres_form_r(ptl__solve *s, ptl_vector *r)
{
    ptl__gmres_form_r(s, r, 0);
}

static const ptl_param params[] = {
    PTL__PARAM_RESTART,
    PTL__PARAM_ORTHOGONALIZATION,
    PTL__PARAM_END,
};

const ptl__method ptl__gmres_method = {
    .kind = PTL__SOLVER_KIND("gmres", "Gmres",
                             "Generalised minimal residuals, restarted, for any A; preconditioned "
                             "from the right.",
                             params),
    .run = gmres_run,
    .size = gmres_size,
    .form_x = gmres_form_x,
    .form_r = gmres_form_r,
};

ptl_status ptl_gmres_factory(const ptl_solver_options *options, ptl_factory **out)
{
    return ptl__solver_factory(&ptl__gmres_method, options, out);
}
