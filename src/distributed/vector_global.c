/* Vectors by global index: values travel to the owners of their rows, and all of them back
 * together. */
#include <inttypes.h>
#include <string.h>

#include "../base/operation.h"
#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/half.h"
#include "owners.h"
#include "vector_global.h"

/* What goes out from this rank, and what arrives: global rows and their elements. */
typedef struct transit {
    ptl__groups groups;
    int64_t *leaving_rows, *rows;
    void *leaving_values, *values;
    int64_t *arrivals; /* ranks + 1: offsets by source */
} transit;

static void transit_clear(transit *t)
{
    ptl__groups_clear(&t->groups);
    ptl__free(t->leaving_rows);
    ptl__free(t->leaving_values);
    ptl__free(t->rows);
    ptl__free(t->values);
    ptl__free(t->arrivals);
}

static ptl_status check_from_global(const ptl_comm *comm, const ptl_partition *p,
                                    const ptl_vector_shape *shape, int64_t count,
                                    const int64_t *indices, const void *values)
{
    PTL_CHECK(p, PTL_INVALID, "partition is NULL");
    PTL_CHECK(ptl_partition_num_parts(p) == comm->size, PTL_DIMENSION,
              "partition has %d parts, but the communicator has %d ranks",
              ptl_partition_num_parts(p), comm->size);
    const int64_t size = ptl_partition_size(p);
    PTL_CHECK(ptl_dtype_size(shape->dtype) > 0, PTL_DTYPE, "unknown dtype %d", (int)shape->dtype);
    PTL_CHECK(shape->columns >= 0, PTL_INVALID, "columns is %" PRId64 ", expected at least 0",
              shape->columns);
    PTL_CHECK(count >= 0 && (count == 0 || (indices && values)), PTL_INVALID,
              "count is %" PRId64 ", expected at least 0, with indices and values", count);
    for (int64_t i = 0; i < count; i++)
        PTL_CHECK(indices[i] >= 0 && indices[i] < size, PTL_INDEX,
                  "rank %d: indices[%" PRId64 "] is %" PRId64 ", outside [0, %" PRId64 ")",
                  comm->rank, i, indices[i], size);
    return PTL_OK;
}

ptl_status ptl__vector_of_partition(ptl_comm *comm, ptl_exec *exec, ptl_partition *p,
                                    ptl_vector_shape shape, ptl_vector **out)
{
    *out = NULL;
    PTL_TRY(ptl__exec_or_default(exec, &exec));
    shape.global_rows = ptl_partition_size(p);
    shape.local_rows = ptl__partition_local_size(p, comm->rank);
    ptl_status status = ptl__vector_new(comm, exec->host, shape, out);
    ptl_exec_release(&exec);
    PTL_TRY(status);
    ptl_vector *v = *out;
    v->partition = ptl_partition_retain(p);
    size_t bytes = (size_t)v->local_rows * (size_t)v->ld * ptl_dtype_size(v->dtype);
    if (bytes > 0)
        memset(v->data, 0, bytes);
    return PTL_OK;
}

static size_t row_bytes(const ptl_vector *v)
{
    return (size_t)v->columns * ptl_dtype_size(v->dtype);
}

/* Where v(row, 0) is, in elements. */
static int64_t place_of(const ptl_vector *v, int64_t row, ptl__range *at)
{
    return ptl__partition_local(v->partition, row, at) * v->ld;
}

void ptl__vector_add_at(ptl_vector *v, int64_t row, int64_t col, int64_t count, const void *values,
                        ptl__range *at)
{
    int64_t parts = ptl__coef_doubles(v->dtype); /* real numbers per element */
    int64_t first = (place_of(v, row, at) + col) * parts;
    if (ptl_dtype_real(v->dtype) == PTL_F32)
        for (int64_t k = 0; k < count * parts; k++)
            ((float *)v->data)[first + k] += ((const float *)values)[k];
    else
        for (int64_t k = 0; k < count * parts; k++)
            ((double *)v->data)[first + k] += ((const double *)values)[k];
}

static void add_rows(ptl_vector *v, int64_t count, const int64_t *rows, const char *values)
{
    ptl__range at = {0};
    for (int64_t i = 0; i < count; i++)
        ptl__vector_add_at(v, rows[i], 0, v->columns, values + (size_t)i * row_bytes(v), &at);
}

/* The same with halves for values, whose sums v has as floats. */
static void add_half_rows(ptl_vector *v, int64_t count, const int64_t *rows, const uint16_t *values)
{
    ptl__range at = {0};
    for (int64_t i = 0; i < count; i++, values += v->columns) {
        float *to = (float *)v->data + place_of(v, rows[i], &at);
        for (int64_t j = 0; j < v->columns; j++)
            to[j] += half_to_float(values[j]);
    }
}

/* (L) */
static ptl_status pack(transit *t, const ptl_vector *v, int64_t count, const int64_t *indices,
                       const void *values)
{
    int ranks = v->comm->size;
    PTL_TRY(PTL_NEW((int64_t)ranks + 1, int64_t, &t->arrivals));
    PTL_TRY(ptl__groups_init(&t->groups, v->partition, count, indices, -1));
    PTL_TRY(
        ptl__groups_pack(&t->groups, ranks, sizeof *indices, indices, (void **)&t->leaving_rows));
    return ptl__groups_pack(&t->groups, ranks, row_bytes(v), values, &t->leaving_values);
}

/* (C) */
static ptl_status travel(transit *t, const ptl_vector *v)
{
    PTL_TRY(ptl__comm_route(v->comm, sizeof *t->rows, t->leaving_rows, t->groups.offsets,
                            (void **)&t->rows, t->arrivals));
    return ptl__comm_route(v->comm, row_bytes(v), t->leaving_values, t->groups.offsets, &t->values,
                           t->arrivals);
}

/* (L) v itself, retained, or where it is of halves floats in its place. */
static ptl_status make_sums(ptl_vector *v, ptl_vector **out)
{
    if (v->dtype == PTL_F16)
        return ptl_vector_astype(v, PTL_F32, out);
    *out = ptl_vector_retain(v);
    return PTL_OK;
}

/* (L) */
static void add_arrived(const transit *t, ptl_vector *v, ptl_vector *sums)
{
    const int64_t count = t->arrivals[v->comm->size];
    if (v == sums) {
        add_rows(v, count, t->rows, t->values);
    } else {
        add_half_rows(sums, count, t->rows, t->values);
        ptl__vector_kernels_of(sums)->convert(ptl__vector_run(v), PTL_F16, ptl__vector_block(sums),
                                              ptl__vector_block(v));
    }
}

/* (L) *own = NULL where v's memory is the executor's, else room for v there: made before the ranks
 * agree. */
static ptl_status make_own(const ptl_vector *v, ptl_exec *given, ptl_vector **own)
{
    const ptl_vector_shape shape = {v->rows, v->local_rows, v->ndim == 1 ? 0 : v->columns,
                                    v->dtype};
    ptl_exec *exec;
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = PTL_OK;
    if (!ptl__exec_shares(v->exec, exec))
        status = ptl__vector_new(v->comm, exec, shape, own);
    if (*own)
        (*own)->partition = ptl_partition_retain(v->partition);
    ptl_exec_release(&exec);
    return status;
}

/* (L) *v becomes *own, where there is one. */
static ptl_status hand_over(ptl_vector **v, ptl_vector **own)
{
    if (!*own)
        return PTL_OK;
    (*own)->number = (*v)->number;
    PTL_TRY(ptl__vector_write(*own, (*v)->ld, (*v)->data));
    ptl_vector_release(v);
    *v = *own;
    *own = NULL;
    return PTL_OK;
}

ptl_status ptl_vector_from_global(ptl_comm *comm, ptl_exec *exec, ptl_partition *partition,
                                  ptl_vector_shape shape, int64_t count, const int64_t *indices,
                                  const void *values, ptl_vector **out)
{
    *out = NULL;
    ptl_vector *v = NULL, *sums = NULL; /* in which what arrives adds up: v, or floats */
    ptl_vector *own = NULL;             /* v on the executor, where that is not the host */
    transit t = {0};
    comm = ptl__comm_or_self(comm);
    ptl_status status = check_from_global(comm, partition, &shape, count, indices, values);
    int64_t signature = ptl__sign(ptl__sign(PTL__VECTOR_FROM_GLOBAL, shape.columns), shape.dtype);
    if (status == PTL_OK)
        status = ptl__vector_of_partition(comm, exec, partition, shape, &v);
    if (status == PTL_OK)
        status = make_sums(v, &sums);
    if (status == PTL_OK)
        status = make_own(v, exec, &own);
    if (status == PTL_OK)
        status = pack(&t, v, count, indices, values);
    if (status == PTL_OK)
        signature = ptl__partition_sign(signature, partition);
    status = ptl__agree(comm, status, signature, "partitions, columns or dtypes");
    if (status == PTL_OK) {
        v->number = ptl__agreed(comm);
        status = travel(&t, v);
    }
    if (status == PTL_OK) {
        add_arrived(&t, v, sums);
        status = hand_over(&v, &own);
    }
    if (status != PTL_OK)
        ptl_vector_release(&v);
    ptl_vector_release(&own);
    ptl_vector_release(&sums);
    transit_clear(&t);
    ptl_comm_release(&comm);
    *out = v;
    return status;
}

/* (L) The local rows without gaps, to be freed. */
static ptl_status pack_local(const ptl_vector *v, void **packed)
{
    PTL_TRY(ptl__alloc(v->local_rows, row_bytes(v), packed));
    return ptl__vector_read(v, v->columns, *packed);
}

/* (L) v's own rows by global index, without gaps; both are to be freed. p: what v is on now. */
static ptl_status pack_own(const ptl_vector *v, const ptl_partition *p, int64_t **indices,
                           void **packed)
{
    PTL_TRY(PTL_NEW(v->local_rows, int64_t, indices));
    ptl__partition_globals(p, v->comm->rank, *indices);
    return pack_local(v, packed);
}

/* (L) */
static ptl_status check_redistribute(const ptl_vector *v, const ptl_partition *p)
{
    PTL_CHECK(p, PTL_INVALID, "partition is NULL");
    PTL_CHECK(ptl_partition_size(p) == v->rows, PTL_DIMENSION,
              "partition is of %" PRId64 " indices, the vector of %" PRId64, ptl_partition_size(p),
              v->rows);
    return PTL_OK;
}

ptl_status ptl_vector_redistribute(ptl_vector *v, ptl_partition *partition, ptl_vector **out)
{
    *out = NULL;
    PTL_CHECK(v, PTL_INVALID, "v is NULL");
    const ptl_vector_shape shape = {.columns = v->ndim == 1 ? 0 : v->columns, .dtype = v->dtype};
    ptl_partition *now = ptl_partition_retain(v->partition);
    int64_t *indices = NULL;
    void *packed = NULL;
    ptl_status status = check_redistribute(v, partition);
    const int64_t signature = ptl__vector_sign(PTL__REDISTRIBUTE_VECTOR, v);
    status = ptl__agree(v->comm, status, ptl__partition_sign(signature, partition),
                        "vectors or partitions");
    if (status == PTL_OK && !now)
        status = ptl_partition_from_local_size(v->comm, v->local_rows, &now);
    if (status == PTL_OK)
        status = ptl__agree(v->comm, pack_own(v, now, &indices, &packed), 0, "calls");
    if (status == PTL_OK)
        status = ptl_vector_from_global(v->comm, v->exec, partition, shape, v->local_rows, indices,
                                        packed, out);
    ptl__free(indices);
    ptl__free(packed);
    ptl_partition_release(&now);
    return status;
}

/* The local rows without gaps; `packed` is to be freed. All go to `root`. */
static ptl_status pack_rows(const ptl_vector *v, int root, void **packed, int64_t *offsets)
{
    PTL_TRY(pack_local(v, packed));
    for (int rank = 0; rank <= v->comm->size; rank++)
        offsets[rank] = rank > root ? v->local_rows : 0;
    return PTL_OK;
}

/* What arrived in order of ranks, to its place in global order. */
static void place_rows(const ptl_vector *v, const int64_t *arrivals, const char *rows, char *out)
{
    const ptl_partition *p = v->partition;
    size_t bytes = row_bytes(v);
    if (!p) {
        if (v->rows > 0)
            memcpy(out, rows, (size_t)v->rows * bytes);
        return;
    }
    for (int64_t i = 0; i < ptl_partition_num_ranges(p); i++) {
        const ptl__range range = ptl__partition_range(p, i);
        memcpy(out + (size_t)range.begin * bytes,
               rows + (size_t)(arrivals[range.part] + range.start) * bytes,
               (size_t)ptl__range_size(&range) * bytes);
    }
}

static ptl_status check_gather(const ptl_vector *v, int root, const void *out)
{
    const ptl_comm *comm = v->comm;
    PTL_CHECK(root >= -1 && root < comm->size, PTL_INDEX, "root %d is outside [-1, %d)", root,
              comm->size);
    PTL_CHECK(out || (root >= 0 && root != comm->rank) || v->rows == 0, PTL_INVALID,
              "out is NULL on rank %d", comm->rank);
    return PTL_OK;
}

ptl_status ptl_vector_gather(ptl_vector *v, int root, void *out)
{
    PTL_CHECK(v, PTL_INVALID, "v is NULL");
    ptl_comm *comm = v->comm;
    int first = root < 0 ? 0 : root; /* where all rows come together */
    int64_t *offsets = NULL;
    void *packed = NULL, *arrived = NULL;
    ptl_status status = check_gather(v, root, out);
    if (status == PTL_OK)
        status = PTL_NEW(2 * ((int64_t)comm->size + 1), int64_t, &offsets);
    if (status == PTL_OK)
        status = pack_rows(v, first, &packed, offsets);
    status = ptl__agree(comm, status, ptl__vector_sign(ptl__sign(PTL__GATHER, root), v),
                        "roots or vectors");
    int64_t *arrivals = offsets ? offsets + comm->size + 1 : NULL;
    if (status == PTL_OK)
        status = ptl__comm_route(comm, row_bytes(v), packed, offsets, &arrived, arrivals);
    if (status == PTL_OK && comm->rank == first)
        place_rows(v, arrivals, arrived, out);
    if (status == PTL_OK && root < 0)
        status = ptl__comm_bcast(comm, out, v->rows * (int64_t)row_bytes(v), first);
    ptl__free(offsets);
    ptl__free(packed);
    ptl__free(arrived);
    return status;
}
