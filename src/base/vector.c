/* Vectors: their making, their copies, and what they tell. */
#include "vector.h"

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "operation.h"

PTL__OBJECT_FUNCTIONS(ptl_vector)

static void vector_destroy(void *self)
{
    ptl_vector *v = self;
    if (v->release)
        v->release(v->ctx);
    else
        ptl__exec_free(v->exec, v->data);
    ptl__object_release(v->partition);
    ptl_exec_release(&v->exec);
    ptl_comm_release(&v->comm);
    ptl__free(v);
}

/* A vector without data yet. */
static ptl_status vector_shell(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape,
                               ptl_vector **out)
{
    ptl_vector *v;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_vector, &v));
    ptl__object_init(v, vector_destroy);
    v->comm = ptl_comm_retain(comm);
    v->exec = ptl_exec_retain(exec);
    v->dtype = shape.dtype;
    v->ndim = shape.columns == 0 ? 1 : 2;
    v->columns = shape.columns == 0 ? 1 : shape.columns;
    v->rows = shape.global_rows;
    v->local_rows = shape.local_rows;
    v->ld = v->columns;
    *out = v;
    return PTL_OK;
}

ptl_status ptl__vector_new(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape, ptl_vector **out)
{
    *out = NULL;
    ptl_vector *v;
    int64_t count;
    PTL_TRY(vector_shell(comm, exec, shape, &v));
    if (__builtin_mul_overflow(v->local_rows, v->columns, &count))
        count = INT64_MAX; /* which no allocation grants */
    ptl_status status = ptl__exec_alloc(exec, count, ptl_dtype_size(shape.dtype), &v->data);
    if (status != PTL_OK) {
        ptl_vector_release(&v);
        return status;
    }
    *out = v;
    return PTL_OK;
}

/* The shape that makes a vector like v. */
static ptl_vector_shape shape_of(const ptl_vector *v, ptl_dtype dtype)
{
    return (ptl_vector_shape){v->rows, v->local_rows, v->ndim == 1 ? 0 : v->columns, dtype};
}

ptl_status ptl__vector_new_like(const ptl_vector *v, ptl_dtype dtype, ptl_vector **out)
{
    PTL_TRY(ptl__vector_new(v->comm, v->exec, shape_of(v, dtype), out));
    (*out)->partition = ptl__object_retain(v->partition);
    return PTL_OK;
}

ptl_status ptl__vector_hand_over(ptl_vector *v, ptl_exec *given)
{
    ptl_exec *exec;
    const ptl__array data = {&v->data, v->local_rows * v->ld, ptl_dtype_size(v->dtype)};
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = PTL_OK;
    if (!ptl__exec_shares(v->exec, exec))
        status = ptl__from_host(exec, 1, &data);
    if (status == PTL_OK) {
        ptl_exec *before = v->exec;
        v->exec = exec;
        exec = before;
    }
    ptl_exec_release(&exec);
    return status;
}

ptl_status ptl__vector_on_host(ptl_vector *v, ptl_vector **out)
{
    *out = NULL;
    if (!v->exec->space) {
        *out = ptl_vector_retain(v);
        return PTL_OK;
    }
    PTL_TRY(ptl__vector_new(v->comm, v->exec->host, shape_of(v, v->dtype), out));
    (*out)->partition = ptl__object_retain(v->partition);
    (*out)->number = v->number;
    ptl_status status = ptl__vector_read(v, (*out)->ld, (*out)->data);
    if (status != PTL_OK)
        ptl_vector_release(out);
    return status;
}

int64_t ptl__vector_sign(int64_t signature, const ptl_vector *v)
{
    if (!v)
        return ptl__sign(signature, -1);
    signature = ptl__sign(ptl__sign(signature, v->number), v->rows);
    signature = ptl__sign(signature, v->columns * (PTL_F16 + 1) + (int64_t)v->dtype);
    return ptl__sign(signature, v->partition ? ptl_partition_hash(v->partition) : -1);
}

static ptl_status check_shape(ptl_vector_shape shape)
{
    PTL_CHECK(ptl_dtype_size(shape.dtype) > 0, PTL_DTYPE, "dtype is %d: expected a ptl_dtype",
              (int)shape.dtype);
    PTL_CHECK(shape.global_rows >= -1, PTL_INVALID,
              "global_rows is %lld: expected 0 or more, or -1 for the sum of local_rows",
              (long long)shape.global_rows);
    PTL_CHECK(shape.local_rows >= 0, PTL_INVALID, "local_rows is %lld: expected 0 or more",
              (long long)shape.local_rows);
    PTL_CHECK(shape.columns >= 0, PTL_INVALID,
              "columns is %lld: expected 1 or more, or 0 for a one-dimensional vector",
              (long long)shape.columns);
    return PTL_OK;
}

/* That `data` can be the rows of `shape`, ld elements apart. */
static ptl_status check_data(ptl_vector_shape shape, int64_t ld, const void *data)
{
    PTL_TRY(check_shape(shape));
    const int64_t columns = shape.columns ? shape.columns : 1;
    PTL_CHECK(ld >= columns, PTL_INVALID, "ld is %lld: expected at least the %lld columns",
              (long long)ld, (long long)columns);
    PTL_CHECK(data || shape.local_rows == 0, PTL_INVALID,
              "data is NULL: expected %lld rows of %lld elements", (long long)shape.local_rows,
              (long long)columns);
    const size_t size = ptl_dtype_size(ptl_dtype_real(shape.dtype));
    PTL_CHECK((uintptr_t)data % size == 0, PTL_INVALID,
              "data is not aligned to %zu bytes, the size of its real numbers", size);
    return PTL_OK;
}

/* (C) The end of each constructor: the ranks agree on their status and arguments, then on the
 * number of rows. On failure *v is released. */
static ptl_status settle(ptl_comm *comm, ptl_status status, ptl_vector_shape shape, ptl_vector **v)
{
    int64_t signature = ptl__sign(ptl__sign(PTL__VECTOR_MAKE, shape.columns), (int64_t)shape.dtype);
    signature = ptl__sign(signature, shape.global_rows);
    int64_t rows = shape.local_rows;
    status = ptl__agree(comm, status, signature, "global_rows, columns or dtypes");
    if (status == PTL_OK)
        status = ptl__comm_allreduce(comm, &rows, 1, PTL_MTYPE_INT64, PTL_REDUCE_SUM);
    if (status == PTL_OK && shape.global_rows >= 0 && shape.global_rows != rows)
        status =
            ptl_fail(PTL_DIMENSION, "global_rows is %lld, but the ranks' local_rows add up to %lld",
                     (long long)shape.global_rows, (long long)rows);
    if (status == PTL_OK) {
        (*v)->rows = rows;
        (*v)->number = ptl__agreed(comm);
    } else {
        ptl_vector_release(v);
    }
    return status;
}

/* Where a new vector's elements come from. */
typedef struct origin {
    enum { ZEROS, COPY, VIEW } kind;
    int64_t ld;
    void *data;
} origin;

static void keep(void *ctx)
{
    (void)ctx; /* the caller looks after the memory */
}

static ptl_status fill_rows(ptl_vector *v, const origin *from)
{
    const ptl_c128 zero = {0, 0};
    if (from->kind == COPY)
        return ptl__vector_write(v, from->ld, from->data);
    ptl__vector_kernels_of(v)->fill(ptl__vector_run(v), &zero, ptl__vector_block(v));
    return PTL_OK;
}

/* That kernels can be given the memory that is to be viewed. */
static ptl_status check_view(const ptl_exec *exec, const void *data)
{
    PTL_CHECK(!exec->space || !data || exec->space->holds(data), PTL_INVALID,
              "data is not in the memory of the executor \"%s\": copy it there, or use an executor "
              "of the host",
              ptl_exec_name(exec));
    return PTL_OK;
}

/* (L) */
static ptl_status make_local(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape,
                             const origin *from, ptl_vector **out)
{
    PTL_TRY(check_shape(shape));
    if (from->kind != ZEROS)
        PTL_TRY(check_data(shape, from->ld, from->data));
    if (from->kind == VIEW)
        PTL_TRY(check_view(exec, from->data));
    if (from->kind == VIEW) {
        PTL_TRY(vector_shell(comm, exec, shape, out));
        (*out)->ld = from->ld;
        (*out)->data = from->data;
        (*out)->release = keep;
        return PTL_OK;
    }
    PTL_TRY(ptl__vector_new(comm, exec, shape, out));
    ptl_status status = fill_rows(*out, from);
    if (status != PTL_OK)
        ptl_vector_release(out);
    return status;
}

/* (C) All constructors. */
static ptl_status construct(ptl_comm *given_comm, ptl_exec *given_exec, ptl_vector_shape shape,
                            const origin *from, ptl_vector **out)
{
    *out = NULL;
    ptl_comm *comm = ptl__comm_or_self(given_comm);
    ptl_exec *exec = NULL;
    ptl_status status = ptl__exec_or_default(given_exec, &exec);
    if (status == PTL_OK)
        status = make_local(comm, exec, shape, from, out);
    status = settle(comm, status, shape, out);
    ptl_exec_release(&exec);
    ptl_comm_release(&comm);
    return status;
}

ptl_status ptl_vector_create(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape,
                             ptl_vector **out)
{
    return construct(comm, exec, shape, &(origin){.kind = ZEROS}, out);
}

ptl_status ptl_vector_copy_of(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape, int64_t ld,
                              const void *data, ptl_vector **out)
{
    return construct(comm, exec, shape, &(origin){COPY, ld, (void *)data}, out);
}

ptl_status ptl_vector_view(ptl_comm *comm, ptl_exec *exec, ptl_vector_shape shape, int64_t ld,
                           void *data, void (*release)(void *ctx), void *ctx, ptl_vector **out)
{
    ptl_status status = construct(comm, exec, shape, &(origin){VIEW, ld, data}, out);
    if (status == PTL_OK && release) {
        (*out)->release = release;
        (*out)->ctx = ctx;
    } else if (release) {
        release(ctx);
    }
    return status;
}

static void release_vector(void *ctx)
{
    ptl__object_release(ctx);
}

ptl_status ptl__vector_local_shell(ptl_vector *v, ptl_vector **out)
{
    *out = NULL;
    ptl_comm *self;
    PTL_TRY(ptl_comm_self(&self));
    ptl_vector_shape shape = shape_of(v, v->dtype);
    shape.global_rows = v->local_rows;
    const origin from = {VIEW, v->ld, v->data};
    ptl_status status = make_local(self, v->exec, shape, &from, out);
    ptl_comm_release(&self);
    if (status == PTL_OK) {
        (*out)->release = release_vector;
        (*out)->ctx = ptl__object_retain(v);
    }
    return status;
}

ptl_status ptl__vector_columns_shell(ptl_vector *v, int64_t first, int64_t count, ptl_vector **out)
{
    *out = NULL;
    ptl_vector_shape shape = shape_of(v, v->dtype);
    shape.columns = count;
    const origin from = {VIEW, v->ld, ptl__vector_column(v, first).data};
    PTL_TRY(make_local(v->comm, v->exec, shape, &from, out));
    (*out)->partition = ptl_partition_retain(v->partition);
    (*out)->release = release_vector;
    (*out)->ctx = ptl__object_retain(v);
    return PTL_OK;
}

ptl_status ptl_vector_clone(const ptl_vector *v, ptl_vector **out)
{
    PTL_TRY(ptl_vector_astype(v, v->dtype, out));
    (*out)->number = ptl__derived(v->number, PTL__CLONE);
    return PTL_OK;
}

ptl_status ptl_vector_zeros_like(const ptl_vector *v, ptl_vector **out)
{
    *out = NULL;
    PTL_TRY(ptl__vector_new_like(v, v->dtype, out));
    (*out)->number = ptl__derived(v->number, PTL__ZEROS_LIKE);
    return fill_rows(*out, &(origin){.kind = ZEROS});
}

ptl_status ptl_vector_astype(const ptl_vector *v, ptl_dtype dtype, ptl_vector **out)
{
    *out = NULL;
    PTL_CHECK(ptl_dtype_size(dtype) > 0, PTL_DTYPE, "dtype is %d: expected a ptl_dtype",
              (int)dtype);
    PTL_CHECK(ptl_dtype_is_complex(dtype) || !ptl_dtype_is_complex(v->dtype), PTL_DTYPE,
              "dtype is %s, but the vector is %s: expected a complex dtype. Take the real part "
              "first to get a real vector",
              ptl_dtype_name(dtype), ptl_dtype_name(v->dtype));
    PTL_TRY(ptl__vector_new_like(v, dtype, out));
    ptl__vector_kernels_of(v)->convert(ptl__vector_run(v), dtype, ptl__vector_block(v),
                                       ptl__vector_block(*out));
    (*out)->number = ptl__derived(v->number, PTL__ASTYPE);
    return PTL_OK;
}

ptl_comm *ptl_vector_comm(const ptl_vector *v)
{
    return v->comm;
}

ptl_exec *ptl_vector_exec(const ptl_vector *v)
{
    return v->exec;
}

ptl_partition *ptl_vector_partition(const ptl_vector *v)
{
    return v->partition;
}

ptl_dtype ptl_vector_dtype(const ptl_vector *v)
{
    return v->dtype;
}

int ptl_vector_ndim(const ptl_vector *v)
{
    return v->ndim;
}

int64_t ptl_vector_rows(const ptl_vector *v)
{
    return v->rows;
}

int64_t ptl_vector_local_rows(const ptl_vector *v)
{
    return v->local_rows;
}

int64_t ptl_vector_columns(const ptl_vector *v)
{
    return v->columns;
}

int64_t ptl_vector_ld(const ptl_vector *v)
{
    return v->ld;
}

void *ptl_vector_data(ptl_vector *v)
{
    return v->data;
}
