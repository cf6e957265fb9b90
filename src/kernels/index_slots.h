/* The kernels that follow indices: one table per V and I. tables.h says what a line means. */
/* y_i = x_(ids_i) for `count` rows: what a halo sends */
SLOT(REQUIRED, void, gather,
     (ptl__run run, int64_t count, const void *ids, ptl__block x, ptl__block y),
     (run, count, ON(ids), ON(x), ON(y)))

/* y_(ids_i) += x_i for `count` rows, ids ascending without repetition: what a halo brings back
 */
SLOT(REQUIRED, void, scatter_add,
     (ptl__run run, int64_t count, const void *ids, ptl__block x, ptl__block y),
     (run, count, ON(ids), ON(x), ON(y)))

/* d[i] = sum of the entries (i, i), for i < count; A's M is V */
SLOT(REQUIRED, void, csr_diagonal, (ptl__run run, ptl__csr A, int64_t count, void *d),
     (run, ON(A), count, ON(d)))

/* In place, A's M being V: its stored row i times d_i (d of row_ids_i where A has row_ids); its
 * entries of column c times d_c. d's elements are of V. */
SLOT(OPTIONAL, void, csr_row_scale, (ptl__run run, ptl__csr A, const void *d), (run, ON(A), ON(d)))

SLOT(OPTIONAL, void, csr_col_scale, (ptl__run run, ptl__csr A, const void *d), (run, ON(A), ON(d)))

/* x = T^-1 b, T's M being V; x may be b. The same bits on any number of threads. */
SLOT(OPTIONAL, void, csr_solve, (ptl__run run, ptl__triangle T, ptl__block b, ptl__block x),
     (run, ON(T), ON(b), ON(x)))
