/* Local formats: matrices on one process, given by their entries. Each has a header of its own;
 * here is what all of them share. Entries may be halves (PTL_F16): two bytes each are stored and
 * read, and a product computes each as a number of the vectors' dtype. */
#ifndef PETIOLE_FORMAT_H
#define PETIOLE_FORMAT_H

#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef enum ptl_storage {
    PTL_CSR,
    PTL_COO,
    PTL_ELL,
    PTL_SELLP,
    PTL_DENSE,
    PTL_STORAGE_COUNT
} ptl_storage;

/* (L) A new matrix with A's entries, in another storage or the same (then it is a copy), of dtype
 * `dtype` (-1: A's), on A's executor. Entries keep their order within a row; PTL_DENSE sums
 * duplicates (halves as floats), and every entry of a dense matrix that is not 0 is one of the
 * others. PTL_DTYPE where it would take a complex matrix to a real dtype, PTL_NOT_SUPPORTED where A
 * is no local format. */
PTL_API ptl_status ptl_format_convert(ptl_linop *A, ptl_storage storage, int dtype,
                                      ptl_linop **out) PTL_MUST_USE;
/* (L) A new matrix of A's storage with the entries of op(A), each row's in ascending order. */
PTL_API ptl_status ptl_format_transpose(ptl_linop *A, ptl_op op, ptl_linop **out) PTL_MUST_USE;

/* (L) A's storage, or -1 where it is no local format. "csr", "coo", "ell", "sellp", "dense" is what
 * ptl_linop_kind says. */
PTL_API int ptl_format_storage(const ptl_linop *A);
/* (L) Stored entries: padding is not counted, zeros and duplicates are; rows x cols of a dense
 * matrix. 0 where A is no local format. */
PTL_API int64_t ptl_format_nnz(const ptl_linop *A);

PTL_END_DECLS

#endif
