/* The same matrix with its local block in another storage, or with entries of another dtype. */
#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/status.h"
#include "matrix.h"
#include "matrix_build.h"

/* What a conversion changes; NULL: nothing, which the ranks may each have in their own way. */
typedef struct change {
    const ptl_storage *storage;
    const ptl_dtype *dtype;
} change;

static int64_t sign_change(const ptl_matrix *A, const change *to)
{
    const int64_t signature = ptl__linop_sign(PTL__CONVERT, &A->base);
    return ptl__sign(ptl__sign(signature, to->storage ? (int64_t)*to->storage : -1),
                     to->dtype ? (int64_t)*to->dtype : -1);
}

/* (L) The local block. */
static ptl_status convert_block(const ptl_matrix *A, const change *to, ptl_linop **out)
{
    const int own = ptl_format_storage(A->local);
    /* Where A has no storage any will do: that is the conversion's error. */
    const ptl_storage storage = to->storage ? *to->storage : own < 0 ? PTL_CSR : (ptl_storage)own;
    const ptl_dtype dtype = to->dtype ? *to->dtype : A->base.dtype;
    *out = NULL;
    PTL_CHECK(ptl_dtype_size(dtype) > 0, PTL_DTYPE, "dtype is %d: expected a ptl_dtype",
              (int)dtype);
    return ptl_format_convert(A->local, storage, (int)dtype, out);
}

/* (L) All but the halo. */
static ptl_status rebuild(ptl_matrix *A, const change *to, ptl_matrix **out)
{
    const ptl_matrix_layout layout = {A->base.comm, A->base.exec, A->partition, A->col_partition};
    ptl_linop *local;
    PTL_TRY(convert_block(A, to, &local));
    const ptl_dtype dtype = ptl_linop_dtype(local);
    ptl_status status = ptl__matrix_new(&layout, dtype, A->map, out);
    if (status != PTL_OK) {
        ptl_linop_release(&local);
        return status;
    }
    (*out)->local = local;
    (*out)->local_csr = ptl_linop_as_csr(local);
    return ptl__ghost_block_copy(layout.exec, &A->ghost, A->base.dtype, dtype, &(*out)->ghost);
}

/* (C) */
static ptl_status convert_blocks(ptl_matrix *A, const change *to, ptl_matrix **out)
{
    ptl_matrix *B = NULL;
    ptl_status status = rebuild(A, to, &B);
    status = ptl__agree(A->base.comm, status, sign_change(A, to), "matrices, storages or dtypes");
    if (status == PTL_OK)
        status = ptl__matrix_finish(A->base.comm, A->base.exec, status, &B);
    else
        ptl_matrix_release(&B);
    *out = B;
    return status;
}

/* (C) For a matrix that a local operator made: it has no partition, and no ghosts. */
static ptl_status convert_local(ptl_matrix *A, const change *to, ptl_matrix **out)
{
    ptl_linop *local;
    ptl_status status = convert_block(A, to, &local);
    status = ptl__agree(A->base.comm, status, sign_change(A, to), "matrices, storages or dtypes");
    if (status == PTL_OK)
        status = ptl_matrix_from_local(A->base.comm, local, -1, -1, out);
    ptl_linop_release(&local);
    return status;
}

static ptl_status convert(ptl_matrix *A, change to, ptl_matrix **out)
{
    *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_TRY(ptl__busy_begin(A, "matrix"));
    ptl_status status = A->map ? convert_blocks(A, &to, out) : convert_local(A, &to, out);
    ptl__busy_end(A);
    return status;
}

ptl_status ptl_matrix_convert(ptl_matrix *A, ptl_storage storage, ptl_matrix **out)
{
    return convert(A, (change){.storage = &storage}, out);
}

ptl_status ptl_matrix_astype(ptl_matrix *A, ptl_dtype dtype, ptl_matrix **out)
{
    return convert(A, (change){.dtype = &dtype}, out);
}

ptl_status ptl__matrix_widen(ptl_linop *base, ptl_linop **out)
{
    ptl_matrix *wide;
    *out = NULL;
    PTL_TRY(ptl_matrix_astype(ptl__matrix_of(base), ptl_dtype_compute(base->dtype), &wide));
    *out = &wide->base;
    return PTL_OK;
}

ptl_status ptl_matrix_copy(ptl_matrix *A, ptl_matrix **out)
{
    return convert(A, (change){NULL, NULL}, out);
}
