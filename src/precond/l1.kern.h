/* The loops of l1.c for one value type V and one index type I. */

static void PAIR(add_outside)(const ptl_csr_arrays *A, int64_t begin, int64_t end, double *sums)
{
    const I *indptr = A->indptr, *indices = A->indices;
    const V *values = A->values;
    for (int64_t i = begin; i < end; i++)
        for (int64_t k = indptr[i]; k < indptr[i + 1]; k++)
            if (indices[k] < begin || indices[k] >= end)
                sums[i] += NAME(modulus)(values[k]);
}

static void PAIR(add_ghosts)(const ptl__csr *A, double *sums)
{
    const I *indptr = A->indptr, *row_ids = A->row_ids;
    const V *values = A->values;
    for (int64_t r = 0; r < A->rows; r++)
        for (int64_t k = indptr[r]; k < indptr[r + 1]; k++)
            sums[row_ids[r]] += NAME(modulus)(values[k]);
}

static void PAIR(enlarge)(int64_t count, const double *sums, void *d)
{
    for (int64_t i = 0; i < count; i++)
        ((V *)d)[i] = (V)NAME(enlarged)(((V *)d)[i], sums[i]);
}

static const loops PAIR(loops) = {PAIR(add_outside), PAIR(add_ghosts), PAIR(enlarge)};
