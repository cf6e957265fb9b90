/* How values given at assembly reach the blocks of a matrix, once and again. */
#include "refill.h"

#include <inttypes.h>
#include <string.h>

#include "../base/operation.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "../kernels/half.h"

ptl_status ptl__refill_new(int64_t given, ptl__refill **out)
{
    PTL_TRY(PTL_NEW_ZERO(1, ptl__refill, out));
    (*out)->given = given;
    return PTL_OK;
}

void ptl__refill_free(ptl__refill *refill)
{
    if (!refill)
        return;
    ptl__groups_clear(&refill->leaving);
    ptl__free(refill->arrivals);
    ptl__free(refill->slots);
    ptl__free(refill);
}

/* The values of entries first, first + 1, ... into the blocks, of `nnz` local entries. */
typedef struct target {
    const void *slots;
    int64_t nnz;
    void *local, *ghost;
} target;

/* V: what is given; S: in which it adds up; VALUE(x): x as S. */
#define DEFINE_ADD(V, S, VALUE, v, I, i)                                                           \
    static void add_##v##_##i(const target *t, int64_t first, int64_t count, const void *values)   \
    {                                                                                              \
        const I *slots = (const I *)t->slots + first;                                              \
        const V *from = values;                                                                    \
        S *local = t->local, *ghost = t->ghost;                                                    \
        for (int64_t k = 0; k < count; k++) {                                                      \
            if (slots[k] < 0)                                                                      \
                continue;                                                                          \
            if (slots[k] < t->nnz)                                                                 \
                local[slots[k]] += VALUE(from[k]);                                                 \
            else                                                                                   \
                ghost[slots[k] - t->nnz] += VALUE(from[k]);                                        \
        }                                                                                          \
    }
#define DEFINE_BOTH(V, S, VALUE, v)                                                                \
    DEFINE_ADD(V, S, VALUE, v, int32_t, i32) DEFINE_ADD(V, S, VALUE, v, int64_t, i64)
#define ITSELF(x) (x)
DEFINE_BOTH(float, float, ITSELF, f32)
DEFINE_BOTH(double, double, ITSELF, f64)
DEFINE_BOTH(float _Complex, float _Complex, ITSELF, c64)
DEFINE_BOTH(double _Complex, double _Complex, ITSELF, c128)
DEFINE_BOTH(uint16_t, float, half_to_float, f16)

typedef void add_function(const target *t, int64_t first, int64_t count, const void *values);
static add_function *const add_table[PTL_DTYPE_ALL][PTL_ITYPE_COUNT] = {
    [PTL_F32] = {add_f32_i32, add_f32_i64}, [PTL_F64] = {add_f64_i32, add_f64_i64},
    [PTL_C64] = {add_c64_i32, add_c64_i64}, [PTL_C128] = {add_c128_i32, add_c128_i64},
    [PTL_F16] = {add_f16_i32, add_f16_i64},
};

ptl_status ptl__refill_room_init(const ptl_matrix *A, ptl__refill_room *room)
{
    const size_t size = ptl_dtype_size(A->base.dtype);
    *room = (ptl__refill_room){0};
    if (!A->refill || !A->refill->slots)
        return PTL_OK;
    const int64_t nnz = A->local_csr->format.nnz, ghosts = A->ghost.nnz;
    if (A->base.dtype == PTL_F16)
        PTL_TRY(PTL_NEW(nnz + ghosts, float, &room->sums));
    if (!A->base.exec->space)
        return PTL_OK;
    PTL_TRY(ptl__alloc(nnz, size, &room->local));
    return ptl__alloc(ghosts, size, &room->ghost);
}

void ptl__refill_room_clear(ptl__refill_room *room)
{
    ptl__free(room->sums);
    ptl__free(room->local);
    ptl__free(room->ghost);
}

/* What is in t, `size` bytes an element, becomes the sums of all values. */
static void add_all(const ptl_matrix *A, const target *t, size_t size, const void *arrived,
                    const void *given)
{
    const ptl__refill *refill = A->refill;
    const size_t value = ptl_dtype_size(A->base.dtype);
    add_function *add = add_table[A->base.dtype][refill->itype];
    const int64_t before = ptl__refill_before(refill, A->base.comm->rank);
    const int64_t after = ptl__refill_arriving(refill, A->base.comm->size) - before;
    memset(t->local, 0, (size_t)t->nnz * size);
    memset(t->ghost, 0, (size_t)A->ghost.nnz * size);
    add(t, 0, before, arrived);
    add(t, before, refill->given, given);
    add(t, before + refill->given, after, (const char *)arrived + (size_t)before * value);
}

/* All values of the blocks, in host memory. */
static void fill_blocks(ptl_matrix *A, const void *arrived, const void *given, float *sums,
                        void *local, void *ghost)
{
    const int64_t nnz = A->local_csr->format.nnz;
    target t = {A->refill->slots, nnz, local, ghost};
    if (!sums) {
        add_all(A, &t, ptl_dtype_size(A->base.dtype), arrived, given);
        return;
    }
    t.local = sums;
    t.ghost = sums + nnz;
    add_all(A, &t, sizeof *sums, arrived, given);
    halves_from_floats(nnz, t.local, local);
    halves_from_floats(A->ghost.nnz, t.ghost, ghost);
}

ptl_status ptl__refill_values(ptl_matrix *A, const void *arrived, const void *given,
                              const ptl__refill_room *room)
{
    const ptl_exec *exec = A->base.exec;
    const int64_t nnz = A->local_csr->format.nnz, ghosts = A->ghost.nnz;
    void *values = A->local_csr->format.values;
    const size_t size = ptl_dtype_size(A->base.dtype);
    if (!A->refill->slots)
        return ptl__exec_write(exec, nnz, size, given, values);
    void *local = room->local ? room->local : values;
    void *ghost = room->ghost ? room->ghost : A->ghost.values;
    fill_blocks(A, arrived, given, room->sums, local, ghost);
    PTL_TRY(ptl__exec_write(exec, nnz, size, local, values));
    PTL_TRY(ptl__exec_write(exec, ghosts, size, ghost, A->ghost.values));
    if (A->ghost_csr)
        return ptl__exec_write(exec, ghosts, size, ghost, A->ghost_csr->format.values);
    return PTL_OK;
}

/* (L) What update_values can check and pack before the ranks agree. */
static ptl_status pack(ptl_matrix *A, int64_t count, ptl_dtype dtype, const void *values,
                       void **packed)
{
    const ptl__refill *refill = A->refill;
    PTL_CHECK(
        refill, PTL_NOT_SUPPORTED,
        "the matrix was not assembled from triplets or CSR rows: its values cannot be updated");
    PTL_CHECK(dtype == A->base.dtype, PTL_DTYPE, "values are %s, the matrix is %s",
              ptl_dtype_name(dtype), ptl_dtype_name(A->base.dtype));
    PTL_CHECK(count == refill->given, PTL_DIMENSION,
              "%" PRId64 " values, but rank %d gave %" PRId64 " at assembly", count,
              A->base.comm->rank, refill->given);
    PTL_CHECK(values || count == 0, PTL_INVALID, "values is NULL");
    if (!refill->routed)
        return PTL_OK;
    return ptl__groups_pack(&refill->leaving, A->base.comm->size, ptl_dtype_size(dtype), values,
                            packed);
}

ptl_status ptl_matrix_update_values(ptl_matrix *A, int64_t count, ptl_dtype dtype,
                                    const void *values)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_TRY(ptl__busy_begin(A, "matrix"));
    ptl__refill *refill = A->refill;
    void *packed = NULL, *arrived = NULL;
    ptl__refill_room room = {0};
    ptl_status status = pack(A, count, dtype, values, &packed);
    if (status == PTL_OK)
        status = ptl__refill_room_init(A, &room);
    status =
        ptl__agree(A->base.comm, status, ptl__linop_sign(PTL__UPDATE_VALUES, &A->base), "matrices");
    if (status == PTL_OK && refill->routed)
        status = ptl__comm_route(A->base.comm, ptl_dtype_size(dtype), packed,
                                 refill->leaving.offsets, &arrived, refill->arrivals);
    if (status == PTL_OK)
        status = ptl__refill_values(A, arrived, values, &room);
    ptl__refill_room_clear(&room);
    ptl__free(packed);
    ptl__free(arrived);
    ptl__busy_end(A);
    return status;
}

void ptl__matrix_forget_assembly(ptl_matrix *A)
{
    ptl__refill_free(A->refill);
    A->refill = NULL;
}
