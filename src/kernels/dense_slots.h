/* The products of dense and of diagonal matrices with vectors: one table per M and V. tables.h says
 * what a line means. */
/* y = alpha op(A) x + beta y */
SLOT(OPTIONAL, void, dense_apply,
     (ptl__run run, ptl__dense A, ptl_op op, const void *alpha, ptl__block x, const void *beta,
      ptl__block y),
     (run, ON(A), op, alpha, ON(x), beta, ON(y)))

/* y = alpha op(D) x + beta y for a diagonal D of x.rows elements of M (op: conjugated or not)
 */
SLOT(REQUIRED, void, diagonal_apply,
     (ptl__run run, const void *d, int conj, const void *alpha, ptl__block x, const void *beta,
      ptl__block y),
     (run, ON(d), conj, alpha, ON(x), beta, ON(y)))
