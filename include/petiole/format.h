/* Local formats: matrices on one process, given by their entries. Each format has its header; this
 * one declares what all formats share. Entries may be of PTL_F16: each takes two bytes, and
 * products convert it to the vectors' dtype. */
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

/* (L) A new matrix with A's entries, in another storage or the same (a copy), of dtype `dtype` (-1:
 * A's), on A's executor. Entries keep their order within a row. To PTL_DENSE, duplicates are summed
 * (PTL_F16 in float); from PTL_DENSE, the entries that are not 0 are stored. PTL_DTYPE for complex
 * to real; PTL_NOT_SUPPORTED if A is not a local format. */
PTL_API ptl_status ptl_format_convert(ptl_linop *A, ptl_storage storage, int dtype,
                                      ptl_linop **out) PTL_MUST_USE;
/* (L) A new matrix of A's storage with the entries of op(A), in ascending order within each row. */
PTL_API ptl_status ptl_format_transpose(ptl_linop *A, ptl_op op, ptl_linop **out) PTL_MUST_USE;

/* (L) A's storage, or -1 if A is not a local format. ptl_linop_kind gives the same as a text:
 * "csr", "coo", "ell", "sellp", "dense". */
PTL_API int ptl_format_storage(const ptl_linop *A);
/* (L) The number of stored entries, with zeros and duplicates, without padding; rows x cols for a
 * dense matrix. 0 if A is not a local format. */
PTL_API int64_t ptl_format_nnz(const ptl_linop *A);

PTL_END_DECLS

#endif
