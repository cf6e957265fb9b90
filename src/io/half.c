/* Files as vectors and matrices of halves. */
#include "half.h"

#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/status.h"

ptl_status ptl__io_round_vector(int dtype, ptl_vector **v)
{
    ptl_vector *rounded = NULL;
    if (dtype != PTL_F16)
        return PTL_OK;
    ptl_status status = ptl_vector_astype(*v, PTL_F16, &rounded);
    status = ptl__agree((*v)->comm, status, 0, "calls");
    if (status == PTL_OK) {
        ptl_vector_release(v);
        *v = rounded;
    } else {
        ptl_vector_release(&rounded);
    }
    return status;
}

ptl_status ptl__io_round_matrix(int dtype, ptl_matrix **A)
{
    ptl_matrix *rounded;
    if (dtype != PTL_F16)
        return PTL_OK;
    PTL_TRY(ptl_matrix_astype(*A, PTL_F16, &rounded));
    ptl_matrix_release(A);
    *A = rounded;
    return PTL_OK;
}
