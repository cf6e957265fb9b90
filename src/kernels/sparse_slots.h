/* The products of sparse matrices with vectors: one table per M, V and I. tables.h says what a line
 * means. alpha NULL is 1, beta NULL is 0 (y is then not read). */
/* y = alpha A x + beta y for a matrix without row_ids. */
SLOT(REQUIRED, void, csr_spmv,
     (ptl__run run, ptl__csr A, const void *alpha, ptl__block x, const void *beta, ptl__block y),
     (run, ON(A), alpha, ON(x), beta, ON(y)))

/* y = A x, and sums[j] = sum_i conj(x_ij) y_ij over A's rows (A square) in the same pass */
SLOT(REQUIRED, void, csr_spmv_dot,
     (ptl__run run, ptl__csr A, ptl__block x, ptl__block y, void *sums),
     (run, ON(A), ON(x), ON(y), SUMS(sums, x.columns)))

/* y += alpha A x on the rows of row_ids. */
SLOT(REQUIRED, void, csr_spmv_add,
     (ptl__run run, ptl__csr A, const void *alpha, ptl__block x, ptl__block y),
     (run, ON(A), alpha, ON(x), ON(y)))

/* The same with alpha 1, and sums[j] += sum_i conj(w_ij) (A x)_ij over those rows, w having y's
 * rows */
SLOT(REQUIRED, void, csr_spmv_add_dot,
     (ptl__run run, ptl__csr A, ptl__block x, ptl__block w, ptl__block y, void *sums),
     (run, ON(A), ON(x), ON(w), ON(y), SUMS(sums, x.columns)))

/* y = alpha A x + beta y; of the transpose, with its entries conjugated where conj is not 0. */
SLOT(OPTIONAL, void, coo_spmv,
     (ptl__run run, ptl__coo A, const void *alpha, ptl__block x, const void *beta, ptl__block y),
     (run, ON(A), alpha, ON(x), beta, ON(y)))

SLOT(OPTIONAL, void, ell_spmv,
     (ptl__run run, ptl__ell A, const void *alpha, ptl__block x, const void *beta, ptl__block y),
     (run, ON(A), alpha, ON(x), beta, ON(y)))

SLOT(OPTIONAL, void, sellp_spmv,
     (ptl__run run, ptl__sellp A, const void *alpha, ptl__block x, const void *beta, ptl__block y),
     (run, ON(A), alpha, ON(x), beta, ON(y)))

SLOT(OPTIONAL, void, transposed_spmv,
     (ptl__run run, ptl__transposed T, int conj, const void *alpha, ptl__block x, const void *beta,
      ptl__block y),
     (run, ON(T), conj, alpha, ON(x), beta, ON(y)))
