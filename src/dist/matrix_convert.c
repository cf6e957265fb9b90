/* The same matrix with its local block in another storage, or with entries of another dtype. */
#include "../comm/comm.h"
#include "../core/status.h"
#include "matrix.h"
#include "matrix_build.h"

/* (L) All but the halo. */
static ptl_status rebuild(ptl_matrix *A, ptl_storage storage, ptl_dtype dtype, ptl_matrix **out)
{
    const ptl_matrix_layout layout = {A->base.comm, A->base.exec, A->partition, A->col_partition};
    ptl_linop *local;
    PTL_TRY(ptl_format_convert(A->local, storage, (int)dtype, &local));
    ptl_status status = ptl__matrix_new(&layout, dtype, A->map, out);
    if (status != PTL_OK) {
        ptl_linop_release(&local);
        return status;
    }
    (*out)->local = local;
    (*out)->local_csr = ptl_linop_as_csr(local);
    return ptl__ghost_block_copy(layout.exec, &A->ghost, A->base.dtype, dtype, &(*out)->ghost);
}

/* (C) For a matrix that a local operator made: it has no partition, and no ghosts. */
static ptl_status convert_local(ptl_matrix *A, ptl_storage storage, ptl_dtype dtype,
                                ptl_matrix **out)
{
    ptl_linop *local = NULL;
    ptl_status status = ptl_format_convert(A->local, storage, (int)dtype, &local);
    status = ptl__agree(A->base.comm, status, ptl__sign(storage, dtype), "storages or dtypes");
    if (status == PTL_OK)
        status = ptl_matrix_from_local(A->base.comm, local, -1, -1, out);
    ptl_linop_release(&local);
    return status;
}

/* A's own storage; any, where it has none: that is then the conversion's error. */
static ptl_storage storage_of(const ptl_matrix *A)
{
    const int storage = ptl_format_storage(A->local);
    return storage < 0 ? PTL_CSR : (ptl_storage)storage;
}

ptl_status ptl__matrix_convert(ptl_matrix *A, ptl_storage storage, ptl_dtype dtype,
                               ptl_matrix **out)
{
    *out = NULL;
    if (!A->map)
        return convert_local(A, storage, dtype, out);
    ptl_matrix *B = NULL;
    ptl_status status = rebuild(A, storage, dtype, &B);
    status = ptl__agree(A->base.comm, status, ptl__sign(storage, dtype), "storages or dtypes");
    if (status == PTL_OK)
        status = ptl__matrix_finish(A->base.comm, status, &B);
    else
        ptl_matrix_release(&B);
    *out = B;
    return status;
}

ptl_status ptl_matrix_convert(ptl_matrix *A, ptl_storage storage, ptl_matrix **out)
{
    return ptl__matrix_convert(A, storage, A->base.dtype, out);
}

ptl_status ptl_matrix_astype(ptl_matrix *A, ptl_dtype dtype, ptl_matrix **out)
{
    return ptl__matrix_convert(A, storage_of(A), dtype, out);
}

ptl_status ptl_matrix_copy(ptl_matrix *A, ptl_matrix **out)
{
    return ptl__matrix_convert(A, storage_of(A), A->base.dtype, out);
}
