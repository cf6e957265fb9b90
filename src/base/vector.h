/* Vectors from the inside. */
#ifndef PTL_BASE_VECTOR_H
#define PTL_BASE_VECTOR_H

#include "../core/object.h"
#include "../kernels/exec.h"
#include "../kernels/kernels.h"
#include <petiole/vector.h>

struct ptl_vector {
    ptl__object object;
    ptl_comm *comm;
    ptl_exec *exec;
    ptl_partition *partition; /* NULL: global order is rank order */
    ptl_dtype dtype;
    int ndim;
    int64_t rows, local_rows, columns, ld;
    int64_t number; /* see ../comm/comm.h */
    void *data;
    void (*release)(void *ctx); /* of a view; NULL: data is freed */
    void *ctx;
};

/* (L) A vector of given sizes on given (not NULL) comm and exec, uninitialised memory; no
 * agreement. */
ptl_status ptl__vector_new(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape,
                           ptl_vector **out) PTL_MUST_USE;
/* (L) The same shape with another dtype, uninitialised. Like that of ptl__vector_new, it has no
 * number yet. */
ptl_status ptl__vector_new_like(const ptl_vector *v, ptl_dtype dtype,
                                ptl_vector **out) PTL_MUST_USE;
/* (L) Moves v, which owns its memory, from the host to exec (NULL: the default). */
ptl_status ptl__vector_hand_over(ptl_vector *v, ptl_exec *exec) PTL_MUST_USE;
/* (L) v itself, retained, or where its memory is not the host's a copy there. */
ptl_status ptl__vector_on_host(ptl_vector *v, ptl_vector **out) PTL_MUST_USE;
/* (L) v's local block as a vector of the self communicator, the same memory; it retains v. */
ptl_status ptl__vector_local_shell(ptl_vector *v, ptl_vector **out) PTL_MUST_USE;
/* (L) Columns first .. first + count of v as a vector like v, the same memory; it retains v. */
ptl_status ptl__vector_columns_shell(ptl_vector *v, int64_t first, int64_t count,
                                     ptl_vector **out) PTL_MUST_USE;

/* Mixes what v is into a signature (see ptl__agree); NULL is let through. */
int64_t ptl__vector_sign(int64_t signature, const ptl_vector *v);

static inline ptl__block ptl__vector_block(const ptl_vector *v)
{
    return (ptl__block){v->data, v->local_rows, v->columns, v->ld};
}
/* Column j alone. */
static inline ptl__block ptl__vector_column(const ptl_vector *v, int64_t j)
{
    char *data = v->data;
    return (ptl__block){data + (size_t)j * ptl_dtype_size(v->dtype), v->local_rows, 1, v->ld};
}
static inline ptl__run ptl__vector_run(const ptl_vector *v)
{
    return ptl__exec_run(v->exec);
}
static inline const ptl__vector_kernels *ptl__vector_kernels_of(const ptl_vector *v)
{
    return v->exec->kernels->vector[v->dtype];
}
/* Doubles per coefficient: 1, or 2 for a complex dtype. */
static inline int ptl__coef_doubles(ptl_dtype dtype)
{
    return ptl_dtype_is_complex(dtype) ? 2 : 1;
}

/* (L) v's rows into host memory at `to`, or from it: row-major, ld elements from row to row. */
static inline ptl_status ptl__vector_read(const ptl_vector *v, int64_t ld, void *to)
{
    return ptl__exec_read_rows(v->exec, ptl_dtype_size(v->dtype), ptl__vector_block(v), ld, to);
}
static inline ptl_status ptl__vector_write(ptl_vector *v, int64_t ld, const void *from)
{
    return ptl__exec_write_rows(v->exec, ptl_dtype_size(v->dtype), ptl__vector_block(v), ld, from);
}

#endif
