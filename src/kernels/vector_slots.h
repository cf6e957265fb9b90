/* The kernels on vectors: one table per V. tables.h says what a line means, kernels.h what holds
 * for all. */
/* value: one W */
SLOT(OF_ALL, void, fill, (ptl__run run, const void *value, ptl__block y), (run, value, ON(y)))

SLOT(OF_ALL, void, copy, (ptl__run run, ptl__block x, ptl__block y), (run, ON(x), ON(y)))

SLOT(OF_ALL, void, scale, (ptl__run run, const void *a, const uint8_t *mask, ptl__block y),
     (run, a, mask, ON(y)))

SLOT(OF_ALL, void, inv_scale, (ptl__run run, const void *a, const uint8_t *mask, ptl__block y),
     (run, a, mask, ON(y)))

/* y += a x; where subtract is not 0, y -= a x */
SLOT(OF_ALL, void, add_scaled,
     (ptl__run run, const void *a, int subtract, ptl__block x, const uint8_t *mask, ptl__block y),
     (run, a, subtract, ON(x), mask, ON(y)))

/* y = x + a y: the search direction's update */
SLOT(REQUIRED, void, scale_add,
     (ptl__run run, const void *a, ptl__block x, const uint8_t *mask, ptl__block y),
     (run, a, ON(x), mask, ON(y)))

/* sums[j] = sum_i x_ij y_ij, with x conjugated where conj is not 0 */
SLOT(OF_ALL, void, dot, (ptl__run run, int conj, ptl__block x, ptl__block y, void *sums),
     (run, conj, ON(x), ON(y), SUMS(sums, x.columns)))

/* sums[j] = sum_i |x_ij|^2, and its kin; one double per column for every V */
SLOT(OF_ALL, void, norm2_squared, (ptl__run run, ptl__block x, double *sums),
     (run, ON(x), REALS(sums, x.columns)))

/* sums[j] = sum_i |scales_j x_ij|^2, for columns whose squares no double holds; not of halves,
 * nor needed where x is of floats */
SLOT(REQUIRED, void, scaled_squares,
     (ptl__run run, const double *scales, ptl__block x, double *sums),
     (run, scales, ON(x), REALS(sums, x.columns)))

SLOT(OF_ALL, void, norm1, (ptl__run run, ptl__block x, double *sums),
     (run, ON(x), REALS(sums, x.columns)))

/* NaN where any element is NaN */
SLOT(OF_ALL, void, norm_inf, (ptl__run run, ptl__block x, double *maxima),
     (run, ON(x), REALS(maxima, x.columns)))

SLOT(OF_ALL, void, sum, (ptl__run run, ptl__block x, void *sums),
     (run, ON(x), SUMS(sums, x.columns)))

/* y's dtype is the real one for ABS, REAL and IMAG */
SLOT(OF_ALL, void, map, (ptl__run run, ptl_map map, ptl__block x, ptl__block y),
     (run, map, ON(x), ON(y)))

/* y of dtype `to`, PTL_F16 among them; complex to real does not occur */
SLOT(OF_ALL, void, convert, (ptl__run run, ptl_dtype to, ptl__block x, ptl__block y),
     (run, to, ON(x), ON(y)))

/* y = x, whose elements are halves */
SLOT(OPTIONAL, void, widen, (ptl__run run, ptl__block x, ptl__block y), (run, ON(x), ON(y)))

/* y = d x, and sums[j] = sum_i conj(x_ij) y_ij in the same pass */
SLOT(REQUIRED, void, diagonal_apply_dot,
     (ptl__run run, const void *d, ptl__block x, ptl__block y, void *sums),
     (run, ON(d), ON(x), ON(y), SUMS(sums, x.columns)))

/* d_i = 1 / d_i in place; returns the first row whose entry is 0 or not finite, else -1 */
SLOT(REQUIRED, int64_t, diagonal_invert, (ptl__run run, int64_t rows, void *d), (run, rows, ON(d)))

/* y = sum_i a_i x_i + beta y over `count` <= PTL__COMBINED_MAX blocks, none of which is y; `a`:
 * count x columns coefficients; beta NULL is 0 (y is then not read). norms: NULL, or sum_i
 * |y_ij|^2 of the new y in the same pass, masked columns included. */
SLOT(REQUIRED, void, combine,
     (ptl__run run, int count, const ptl__block *x, const void *a, const void *beta,
      const uint8_t *mask, ptl__block y, double *norms),
     (run, count, EACH_ON(count, x), a, beta, mask, ON(y), REALS(norms, y.columns)))

/* sums[i * columns + j] = sum conj(x_i) y of column j, in one pass over y */
SLOT(REQUIRED, void, dots, (ptl__run run, int count, const ptl__block *x, ptl__block y, void *sums),
     (run, count, EACH_ON(count, x), ON(y), SUMS(sums, count *y.columns)))

/* x += a p; r -= a q; sums[j] = sum_i |r_ij|^2 of the new r, in one pass: the step of CG.
 * Columns with mask 0 keep x and r, and have their sums all the same. */
SLOT(REQUIRED, void, cg_step,
     (ptl__run run, const void *a, const uint8_t *mask, ptl__block p, ptl__block q, ptl__block x,
      ptl__block r, double *sums),
     (run, a, mask, ON(p), ON(q), ON(x), ON(r), REALS(sums, x.columns)))

/* The step of pipelined CG in one pass: z = n + b z; q = m + b q; s = w + b s; p = u + b p; and
 * with the new ones x += a p; r -= a s; u -= a q; w -= a z. a and b are doubles, one per
 * column. sums: 3 x columns doubles, of conj(r) u and conj(w) u, the real parts, and of |r|^2.
 * Columns with mask 0 keep everything, and their sums are not touched. All blocks but x have
 * the same ld. */
SLOT(OPTIONAL, void, pipecg_step,
     (ptl__run run, const double *a, const double *b, const uint8_t *mask, ptl__pipecg v,
      double *sums),
     (run, a, b, mask, ON(v), REALS(sums, 3 * v.x.columns)))

/* sums[a * y.columns + b] = sum_i conj(x_ia) y_ib: x^H y of two panels, row-major. The panels
 * may be the same or overlap. */
SLOT(OPTIONAL, void, gram, (ptl__run run, ptl__block x, ptl__block y, void *sums),
     (run, ON(x), ON(y), SUMS(sums, x.columns *y.columns)))

/* y = x C, or, where add is not 0, y += x C; C: x.columns x y.columns entries, row-major */
SLOT(OPTIONAL, void, multiply, (ptl__run run, int add, ptl__block x, const void *c, ptl__block y),
     (run, add, ON(x), c, ON(y)))

/* y = alpha D x + beta y; alpha NULL is 1, beta NULL is 0 (y is then not read) */
SLOT(OPTIONAL, void, blocks_apply,
     (ptl__run run, ptl__blocks D, const void *alpha, ptl__block x, const void *beta, ptl__block y),
     (run, ON(D), alpha, ON(x), beta, ON(y)))
