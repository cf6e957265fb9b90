/* The constraints of lobpcg, by Gram and Schmidt's process, column by column, each projected until
 * it loses little by it ("twice is enough": Giraud, Langou, Rozloznik and van den Eshof, Numer.
 * Math. 101, 2005). Products with B are made afresh after each loss, so the directions that columns
 * hardly differ in come out as exactly as the columns have them. Usually one reduction and one
 * product with B a column, and a product with A of all in the end. */
#include "constraints.h"

#include <float.h>
#include <math.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"

ptl_status ptl__constraints_init(ptl__constraints *c, const ptl_vector *Y)
{
    *c = (ptl__constraints){.Y = Y};
    if (!Y)
        return PTL_OK;
    PTL_TRY(PTL_NEW_ZERO(2 * Y->columns, double, &c->exponents));
    c->norms = c->exponents + Y->columns;
    return PTL_OK;
}

void ptl__constraints_clear(ptl__constraints *c)
{
    ptl__free(c->exponents);
    *c = (ptl__constraints){0};
}

/* ---- Q ---- */

/* What one column, W, is found to be. */
typedef struct measured {
    double length;    /* |w|^2 */
    double square;    /* w^H B w */
    double lost;      /* of it, to Q */
    double *overlaps; /* Q^H B w */
} measured;

static ptl_status measure(ptl__basis *basis, ptl__reducer *reducer, measured *m)
{
    const int64_t q = basis->sections.q, size = q * basis->width;
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(basis->W);
    const ptl__run run = ptl__vector_run(basis->W);
    ptl__reducer_begin(reducer);
    if (basis->B)
        ptl__basis_product(basis->B, basis->W, basis->BW, reducer);
    m->overlaps = ptl__basis_overlaps(basis, q, basis->W, reducer);
    double *square = ptl__reducer_add(reducer, basis->width),
           *length = ptl__reducer_add(reducer, 1);
    kernels->gram(run, ptl__vector_block(basis->W), ptl__vector_block(basis->BW), square);
    kernels->norm2_squared(run, ptl__vector_block(basis->W), length);
    PTL_TRY(ptl__basis_reduce(basis, reducer));
    m->length = *length;
    m->square = *square;
    m->lost = 0;
    for (int64_t i = 0; i < size; i++)
        m->lost += m->overlaps[i] * m->overlaps[i];
    return PTL_OK;
}

/* W joins Q: what it has lost is little, so B W can follow without a product. */
static void join(ptl__basis *basis, const measured *m)
{
    const ptl__vector_kernels *kernels = ptl__vector_kernels_of(basis->W);
    const ptl__run run = ptl__vector_run(basis->W);
    const double norm[2] = {sqrt(m->square - m->lost), 0};
    const int64_t q = basis->sections.q;
    kernels->inv_scale(run, norm, NULL, ptl__vector_block(basis->W));
    if (basis->B && q > 0)
        kernels->multiply(run, 1, ptl__basis_columns(basis->BS, 0, q), m->overlaps,
                          ptl__vector_block(basis->BW));
    if (basis->B)
        kernels->inv_scale(run, norm, NULL, ptl__vector_block(basis->BW));
    basis->sections.q++;
}

/* W, a copy of Y's column j, joins Q, unless it depends on the columns before. */
static ptl_status take_in(ptl__constraints *c, int64_t j, ptl__basis *basis, const ptl__ritz *ritz,
                          ptl__reducer *reducer)
{
    for (int pass = 0;; pass++) {
        measured m;
        PTL_TRY(measure(basis, reducer, &m));
        PTL_CHECK(isfinite(m.square) && isfinite(m.lost), PTL_INVALID,
                  "constraints, or its product with B, is not finite (column %lld)", (long long)j);
        if (m.length == 0 || (pass > 0 && sqrt(fabs(m.square)) <= ritz->least * c->norms[j]))
            return PTL_OK;
        PTL_CHECK(m.square > 0, PTL_INVALID,
                  "B is not positive definite on constraints's columns (column %lld)",
                  (long long)j);
        if (pass == 0)
            c->norms[j] = sqrt(m.square);
        ptl__basis_project(basis, ritz->units, basis->sections.q, m.overlaps, basis->W);
        if (m.lost <= m.square / 2) {
            join(basis, &m);
            return PTL_OK;
        }
    }
}

/* A Q, and Q^H A Q on rank 0. */
static ptl_status press(ptl__basis *basis, ptl__ritz *ritz, ptl__reducer *reducer)
{
    const int64_t q = basis->sections.q;
    basis->sections = (ptl__sections){0};
    ptl__basis_search(basis, q); /* W is Q */
    basis->sections = (ptl__sections){.q = q};
    ptl_status status = ptl__linop_prepare(basis->A, PTL_OP_NONE, basis->W);
    PTL_TRY(ptl__agree(basis->A->comm, status, 0, "calls"));
    ptl__reducer_begin(reducer);
    ptl__basis_product(basis->A, basis->W, basis->AW, reducer);
    double *sums = ptl__reducer_add(reducer, q * q * basis->width);
    ptl__vector_kernels_of(basis->W)->gram(ptl__vector_run(basis->W), ptl__vector_block(basis->W),
                                           ptl__vector_block(basis->AW), sums);
    PTL_TRY(ptl__basis_reduce(basis, reducer));
    for (int64_t i = 0; i < q * q * basis->width; i++)
        PTL_CHECK(isfinite(sums[i]), PTL_INVALID,
                  "constraints, or its product with A, is not finite");
    if (ritz->comm->rank == 0)
        for (int64_t i = 0; i < q * q; i++)
            for (int part = 0; part < basis->width; part++)
                ritz->theta_q[(i / q + i % q * q) * basis->width + part] =
                    sums[i * basis->width + part];
    return PTL_OK;
}

ptl_status ptl__constraints_build(ptl__constraints *c, ptl__basis *basis, ptl__ritz *ritz,
                                  ptl__reducer *reducer)
{
    basis->sections = (ptl__sections){0};
    PTL_TRY(ptl__basis_exponents(c->Y, c->exponents));
    for (int64_t j = 0; j < c->Y->columns; j++) {
        ptl__basis_search(basis, 1);
        ptl__vector_kernels_of(c->Y)->copy(ptl__vector_run(c->Y), ptl__vector_column(c->Y, j),
                                           ptl__vector_block(basis->W));
        ptl__basis_scale(basis->W, 0, -(int)c->exponents[j]);
        PTL_TRY(take_in(c, j, basis, ritz, reducer));
    }
    return basis->sections.q > 0 ? press(basis, ritz, reducer) : PTL_OK;
}

/* ---- X ---- */

ptl_status ptl__constraints_leave(ptl__basis *basis, const ptl__ritz *ritz, double *squares,
                                  ptl__reducer *reducer)
{
    ptl_vector *X = basis->X;
    const int64_t q = basis->sections.q;
    PTL_TRY(ptl__basis_exponents(X, squares));
    for (int64_t j = 0; j < X->columns; j++)
        ptl__basis_scale(X, j, -(int)squares[j]);
    for (int pass = 0; pass < 2; pass++) {
        ptl__reducer_begin(reducer);
        if (basis->B)
            ptl__basis_product(basis->B, X, basis->BX, reducer);
        double *sums = ptl__basis_overlaps(basis, q, X, reducer);
        double *of_x = ptl__reducer_add(reducer, X->columns * basis->width);
        ptl__vector_kernels_of(X)->dot(ptl__vector_run(X), 1, ptl__vector_block(X),
                                       ptl__vector_block(basis->BX), of_x);
        PTL_TRY(ptl__basis_reduce(basis, reducer));
        for (int64_t j = 0; j < X->columns; j++) {
            const double square = of_x[j * basis->width];
            PTL_CHECK(pass == 0 || !(squares[j] > 0) ||
                          !(sqrt(fabs(square)) <= ritz->least * sqrt(squares[j])),
                      PTL_INVALID, "X's column %lld lies in the space of the constraints",
                      (long long)j);
            squares[j] = square;
        }
        ptl__basis_project(basis, ritz->units, q, sums, X);
    }
    return PTL_OK;
}

/* ---- at the end ---- */

double *ptl__constraints_overlaps(const ptl__constraints *c, const ptl__basis *basis,
                                  ptl__reducer *reducer)
{
    const int64_t size = ptl__constraints_count(c) * basis->X->columns * basis->width;
    double *sums = ptl__reducer_add(reducer, size);
    if (size > 0)
        ptl__vector_kernels_of(c->Y)->gram(ptl__vector_run(c->Y), ptl__vector_block(c->Y),
                                           ptl__vector_block(basis->BX), sums);
    return sums;
}

/* Within sqrt(epsilon) |y| |x|, norms in the inner product of B: what x has of y then changes its
 * value, in which it enters by its square, by no more than rounding does. */
int ptl__constraints_hold(const ptl__constraints *c, const ptl__basis *basis, ptl__units units,
                          const double *overlaps, int64_t j)
{
    const int single = ptl_dtype_real(basis->X->dtype) == PTL_F32;
    const double bound = ldexp(sqrt(single ? FLT_EPSILON : DBL_EPSILON), units.b / 2);
    const int width = basis->width;
    for (int64_t i = 0; i < ptl__constraints_count(c); i++) {
        const double *sum = overlaps + (i * basis->X->columns + j) * width;
        const double size = hypot(sum[0], width == 2 ? sum[1] : 0);
        if (!(ldexp(size, -(int)c->exponents[i]) <= bound * c->norms[i]))
            return 0;
    }
    return 1;
}
