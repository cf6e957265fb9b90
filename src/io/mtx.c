/* MatrixMarket files over ranks: rank 0 reads piece by piece, and each piece travels to its owners
 * before the next one is read. */
#include <petiole/mtx.h>

#include <inttypes.h>
#include <string.h>

#include "../base/vector.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../dist/matrix.h"
#include "../dist/owners.h"
#include "../dist/refill.h"
#include "../dist/vector_global.h"
#include "mtx_parse.h"

enum { PIECE = 1 << 19 }; /* entries of the file that are read at a time */

typedef struct pair {
    int64_t row, col;
} pair;

/* A file that is being read by all ranks. */
typedef struct reading {
    ptl_comm *comm;
    ptl_dtype dtype;
    ptl__mtx_header header;
    ptl__mtx_reader *reader; /* on rank 0 */
    ptl_partition *partition;
    /* What takes this rank's entries, of each piece in the order of the file. */
    ptl_status (*take)(void *ctx, int64_t count, const pair *pairs, const void *values);
    void *ctx;
    /* One piece, both triangles of it, on rank 0. */
    int64_t count, room;
    int64_t *rows;
    pair *pairs;
    void *values;
} reading;

static void reading_clear(reading *r)
{
    ptl__mtx_close(r->reader);
    ptl_partition_release(&r->partition);
    ptl_comm_release(&r->comm);
    ptl__free(r->rows);
    ptl__free(r->pairs);
    ptl__free(r->values);
}

/* (L) The dtype to read: `wanted`, or the file's where it is -1. */
static ptl_status choose_dtype(reading *r, int wanted)
{
    int is_complex = r->header.field == PTL__MTX_COMPLEX;
    r->dtype = wanted >= 0 ? (ptl_dtype)wanted : is_complex ? PTL_C128 : PTL_F64;
    PTL_CHECK(wanted >= -1 && wanted < PTL_DTYPE_COUNT, PTL_DTYPE, "unknown dtype %d", wanted);
    PTL_CHECK(!is_complex || ptl_dtype_is_complex(r->dtype), PTL_DTYPE,
              "the file is complex, and cannot be read as %s", ptl_dtype_name(r->dtype));
    return PTL_OK;
}

/* (L) The partition of the rows, uniform where none is given. */
static ptl_status choose_partition(reading *r, ptl_partition *given)
{
    if (!given)
        return ptl_partition_uniform(r->comm->size, r->header.rows, &r->partition);
    PTL_CHECK(ptl_partition_num_parts(given) == r->comm->size, PTL_DIMENSION,
              "partition has %d parts, but the communicator has %d ranks",
              ptl_partition_num_parts(given), r->comm->size);
    PTL_CHECK(ptl_partition_size(given) == r->header.rows, PTL_DIMENSION,
              "partition has size %" PRId64 ", but the file has %" PRId64 " rows",
              ptl_partition_size(given), r->header.rows);
    r->partition = ptl_partition_retain(given);
    return PTL_OK;
}

/* (L) Room for a piece. */
static ptl_status make_room(reading *r)
{
    int64_t entries = r->header.entries < PIECE ? r->header.entries : PIECE;
    r->room = r->comm->rank == 0 ? 2 * entries : 0;
    PTL_TRY(PTL_NEW(r->room, int64_t, &r->rows));
    PTL_TRY(PTL_NEW(r->room, pair, &r->pairs));
    return ptl__alloc(r->room, ptl_dtype_size(r->dtype), &r->values);
}

/* (C) Opens the file: on success, all ranks know the header and rank 0 is ready to read on. */
static ptl_status open_file(reading *r, const char *path, int dtype, ptl_partition *partition)
{
    ptl_status status = r->comm->rank == 0 ? ptl__mtx_open(path, &r->reader) : PTL_OK;
    PTL_TRY(
        ptl__agree(r->comm, status, ptl__sign(dtype, partition != NULL), "dtypes or partitions"));
    if (r->reader)
        r->header = *ptl__mtx_header_of(r->reader);
    PTL_TRY(ptl__comm_bcast(r->comm, &r->header, sizeof r->header, 0));
    status = choose_dtype(r, dtype);
    if (status == PTL_OK)
        status = choose_partition(r, partition);
    if (status == PTL_OK)
        status = make_room(r);
    return ptl__agree(r->comm, status, ptl__partition_sign(0, r->partition), "partitions");
}

static void store_value(reading *r, double re, double im)
{
    switch (r->dtype) {
    case PTL_F32:
        ((float *)r->values)[r->count] = (float)re;
        break;
    case PTL_F64:
        ((double *)r->values)[r->count] = re;
        break;
    case PTL_C64:
        ((ptl_c64 *)r->values)[r->count] = (ptl_c64){(float)re, (float)im};
        break;
    default:
        ((ptl_c128 *)r->values)[r->count] = (ptl_c128){re, im};
    }
}

static void add_entry(reading *r, int64_t row, int64_t col, double re, double im)
{
    r->rows[r->count] = row;
    r->pairs[r->count] = (pair){row, col};
    store_value(r, re, im);
    r->count++;
}

/* Adds an entry of the file and, where the file holds one triangle, its mirror image. */
static void add_expanded(reading *r, const ptl__mtx_entry *e)
{
    ptl__mtx_symmetry symmetry = r->header.symmetry;
    if (!r->header.coordinate && e->re == 0 && e->im == 0)
        return; /* an array's zeros are no entries */
    add_entry(r, e->row, e->col, e->re, e->im);
    if (symmetry == PTL__MTX_GENERAL || e->row == e->col)
        return;
    int negate = symmetry == PTL__MTX_SKEW;
    int conjugate = symmetry == PTL__MTX_HERMITIAN;
    add_entry(r, e->col, e->row, negate ? -e->re : e->re, negate || conjugate ? -e->im : e->im);
}

/* (L) On rank 0: the next `entries` entries of the file. */
static ptl_status read_piece(reading *r, int64_t entries)
{
    ptl__mtx_entry entry;
    r->count = 0;
    for (int64_t i = 0; r->reader && i < entries; i++) {
        PTL_TRY(ptl__mtx_next(r->reader, &entry));
        add_expanded(r, &entry);
    }
    return PTL_OK;
}

/* One piece, sorted by owner. */
typedef struct parcel {
    ptl__groups groups;
    void *leaving_pairs, *leaving_values;
    void *pairs, *values;
    int64_t *arrivals; /* ranks + 1 */
} parcel;

static void parcel_clear(parcel *p)
{
    ptl__groups_clear(&p->groups);
    ptl__free(p->leaving_pairs);
    ptl__free(p->leaving_values);
    ptl__free(p->pairs);
    ptl__free(p->values);
    ptl__free(p->arrivals);
}

/* (L) */
static ptl_status pack_piece(const reading *r, parcel *p)
{
    int ranks = r->comm->size;
    PTL_TRY(PTL_NEW((int64_t)ranks + 1, int64_t, &p->arrivals));
    PTL_TRY(ptl__groups_init(&p->groups, r->partition, r->count, r->rows, -1));
    PTL_TRY(ptl__groups_pack(&p->groups, ranks, sizeof(pair), r->pairs, &p->leaving_pairs));
    return ptl__groups_pack(&p->groups, ranks, ptl_dtype_size(r->dtype), r->values,
                            &p->leaving_values);
}

/* (C) Reads and sends one piece; `status` is what this rank has found since the last agreement.
 * *taken is this rank's status after it. */
static ptl_status send_piece(reading *r, int64_t entries, ptl_status status, parcel *p,
                             ptl_status *taken)
{
    if (status == PTL_OK)
        status = read_piece(r, entries);
    if (status == PTL_OK)
        status = pack_piece(r, p);
    PTL_TRY(ptl__agree(r->comm, status, 0, "calls"));
    PTL_TRY(ptl__comm_route(r->comm, sizeof(pair), p->leaving_pairs, p->groups.offsets, &p->pairs,
                            p->arrivals));
    PTL_TRY(ptl__comm_route(r->comm, ptl_dtype_size(r->dtype), p->leaving_values, p->groups.offsets,
                            &p->values, p->arrivals));
    *taken = r->take(r->ctx, p->arrivals[r->comm->size], p->pairs, p->values);
    return PTL_OK;
}

/* (C) All entries to their owners. */
static ptl_status read_entries(reading *r)
{
    ptl_status taken = PTL_OK;
    for (int64_t done = 0; done < r->header.entries; done += PIECE) {
        int64_t left = r->header.entries - done;
        parcel p = {0};
        ptl_status status = send_piece(r, left < PIECE ? left : PIECE, taken, &p, &taken);
        parcel_clear(&p);
        PTL_TRY(status);
    }
    if (taken == PTL_OK && r->reader)
        taken = ptl__mtx_end(r->reader);
    return ptl__agree(r->comm, taken, 0, "calls");
}

/* This rank's entries, in the order of the file. */
typedef struct pile {
    ptl_dtype dtype;
    int64_t count, room;
    void *rows, *cols, *values;
} pile;

static void pile_clear(pile *p)
{
    ptl__free(p->rows);
    ptl__free(p->cols);
    ptl__free(p->values);
}

static ptl_status pile_reserve(pile *p, int64_t needed)
{
    if (needed <= p->room && p->values)
        return PTL_OK;
    int64_t room = needed + needed / 4;
    PTL_TRY(ptl__grow(p->count, room, sizeof(int64_t), &p->rows));
    PTL_TRY(ptl__grow(p->count, room, sizeof(int64_t), &p->cols));
    PTL_TRY(ptl__grow(p->count, room, ptl_dtype_size(p->dtype), &p->values));
    p->room = room;
    return PTL_OK;
}

static ptl_status pile_take(void *ctx, int64_t count, const pair *pairs, const void *values)
{
    pile *p = ctx;
    size_t size = ptl_dtype_size(p->dtype);
    PTL_TRY(pile_reserve(p, p->count + count));
    for (int64_t i = 0; i < count; i++) {
        ((int64_t *)p->rows)[p->count + i] = pairs[i].row;
        ((int64_t *)p->cols)[p->count + i] = pairs[i].col;
    }
    if (count > 0)
        memcpy((char *)p->values + (size_t)p->count * size, values, (size_t)count * size);
    p->count += count;
    return PTL_OK;
}

/* (C) The matrix of what each rank has. It keeps no way back to the order of the file. */
static ptl_status assemble(const reading *r, const ptl_matrix_layout *given, const pile *p,
                           ptl_matrix **out)
{
    ptl_matrix_layout layout = {r->comm, given->exec, r->partition, given->col_partition};
    ptl_partition *columns = NULL;
    ptl_status status = PTL_OK;
    if (!layout.col_partition && r->header.cols != r->header.rows)
        status = ptl_partition_uniform(r->comm->size, r->header.cols, &columns);
    if (columns)
        layout.col_partition = columns;
    if (layout.col_partition && ptl_partition_size(layout.col_partition) != r->header.cols)
        status =
            ptl_fail(PTL_DIMENSION,
                     "col_partition has size %" PRId64 ", but the file has %" PRId64 " columns",
                     ptl_partition_size(layout.col_partition), r->header.cols);
    status = ptl__agree(r->comm, status, 0, "calls");
    const ptl_triplets triplets = {p->count, p->rows, p->cols, p->values, r->dtype};
    if (status == PTL_OK)
        status = ptl_matrix_from_coo(&layout, &triplets, PTL_FOREIGN_REFUSE, out);
    if (status == PTL_OK) {
        ptl__refill_free((*out)->refill);
        (*out)->refill = NULL;
    }
    ptl_partition_release(&columns);
    return status;
}

ptl_status ptl_matrix_read_mtx(const char *path, const ptl_matrix_layout *layout, int dtype,
                               ptl_matrix **out)
{
    *out = NULL;
    pile entries = {0};
    reading r = {.comm = ptl__comm_or_self(layout->comm), .take = pile_take, .ctx = &entries};
    ptl_status status = open_file(&r, path, dtype, layout->partition);
    if (status == PTL_OK) {
        entries.dtype = r.dtype;
        status = read_entries(&r);
    }
    if (status == PTL_OK)
        status = assemble(&r, layout, &entries, out);
    pile_clear(&entries);
    reading_clear(&r);
    return status;
}

static ptl_status vector_take(void *ctx, int64_t count, const pair *pairs, const void *values)
{
    ptl_vector *v = ctx;
    size_t size = ptl_dtype_size(v->dtype);
    int64_t range = 0;
    for (int64_t i = 0; i < count; i++)
        ptl__vector_add_at(v, pairs[i].row, pairs[i].col, 1,
                           (const char *)values + (size_t)i * size, &range);
    return PTL_OK;
}

/* (C) */
static ptl_status read_vector(reading *r, ptl_exec *exec, ptl_vector **out)
{
    int64_t columns = r->header.cols;
    ptl_status status = PTL_OK;
    if (columns < 1)
        status = ptl_fail(PTL_DIMENSION, "the file has %" PRId64 " columns, expected at least 1",
                          columns);
    const ptl_vector_shape shape = {.columns = columns == 1 ? 0 : columns, .dtype = r->dtype};
    if (status == PTL_OK)
        status = ptl__vector_of_partition(r->comm, exec, r->partition, shape, out);
    PTL_TRY(ptl__agree(r->comm, status, 0, "calls"));
    r->take = vector_take;
    r->ctx = *out;
    return read_entries(r);
}

ptl_status ptl_vector_read_mtx(const char *path, ptl_comm *comm, ptl_exec *exec,
                               ptl_partition *partition, int dtype, ptl_vector **out)
{
    *out = NULL;
    reading r = {.comm = ptl__comm_or_self(comm)};
    ptl_status status = open_file(&r, path, dtype, partition);
    if (status == PTL_OK)
        status = read_vector(&r, exec, out);
    if (status != PTL_OK)
        ptl_vector_release(out);
    reading_clear(&r);
    return status;
}
