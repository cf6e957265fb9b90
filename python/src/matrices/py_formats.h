/* The local formats that there are. */
#ifndef PY_FORMATS_H
#define PY_FORMATS_H

/* X(id, name, class, what to_<name> gives): the formats, in the order of ptl_storage; each has a
 * py_<name>_storage in its file. */
#define PY_FORMATS(X)                                                                              \
    X(CSR, csr, Csr, "A new Csr with the same entries, in their order within a row (local).")      \
    X(COO, coo, Coo, "A new Coo with the same entries (local).")                                   \
    X(ELL, ell, Ell, "A new Ell with the same entries (local).")                                   \
    X(SELLP, sellp, Sellp, "A new Sellp with the same entries (local).")                           \
    X(DENSE, dense, Dense, "A new Dense; duplicates are summed (local).")

/* Makes all of them known to py_format_make.c. */
void py_formats_init(void);

#endif
