/* Sliced ELLPACK: its making and checking, and its class of operator. */
#include "sellp.h"

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "padded.h"

enum { SLICE_SIZE = 64 }; /* of the matrices that we make; a view may have any */

PTL__OBJECT_FUNCTIONS(ptl_sellp)

static void sellp_multiply(const ptl_linop *A, ptl_dtype dtype, const void *alpha, ptl__block x,
                           const void *beta, ptl__block y)
{
    const ptl_sellp *M = (const ptl_sellp *)A;
    const ptl__sellp view = {A->rows, M->slice_size, M->slice_sets, M->indices, M->format.values};
    A->exec->kernels->sparse[A->dtype][dtype][M->format.itype]->sellp_spmv(ptl__exec_run(A->exec),
                                                                           view, alpha, x, beta, y);
}

static int64_t slices_of(int64_t rows, int64_t slice_size)
{
    return rows / slice_size + (rows % slice_size != 0);
}

/* The rows of slice s end here. */
static int64_t slice_end(int64_t rows, int64_t slice_size, int64_t s)
{
    const int64_t begin = s * slice_size;
    return rows - begin < slice_size ? rows : begin + slice_size;
}

/* Where entry 0 of row i is; the next one is slice_size further. */
static int64_t first_slot(const int64_t *slice_sets, int64_t slice_size, int64_t i)
{
    return slice_sets[i / slice_size] * slice_size + i % slice_size;
}

static void sellp_visit(const ptl_linop *A, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    const ptl_sellp *M = (const ptl_sellp *)A;
    const int64_t size = M->slice_size, slices = slices_of(A->rows, size);
    for (int64_t s = 0; s < slices; ++s)
        for (int64_t k = M->slice_sets[s]; k < M->slice_sets[s + 1]; ++k)
            for (int64_t i = s * size, end = slice_end(A->rows, size, s); i < end; ++i) {
                const int64_t slot = k * size + i % size;
                const int64_t column = ptl__index_at(M->indices, M->format.itype, slot);
                if (column >= 0)
                    visit(ctx, (ptl__place){i, column, slot});
            }
}

static int sellp_arrays(ptl_linop *A, ptl__array *out)
{
    ptl_sellp *M = (ptl_sellp *)A;
    const int64_t slices = slices_of(A->rows, M->slice_size);
    out[0] = (ptl__array){(void **)&M->slice_sets, slices + 1, sizeof *M->slice_sets};
    out[1] = (ptl__array){&M->indices, M->format.slots, ptl_itype_size(M->format.itype)};
    return 2;
}

static ptl_status sellp_from_csr(const ptl_csr *csr, ptl_linop **out);

const ptl__format_class ptl__sellp_format = {
    .storage = PTL_SELLP,
    .multiply = sellp_multiply,
    .from_csr = sellp_from_csr,
    .visit = sellp_visit,
    .size = sizeof(ptl_sellp),
    .arrays = sellp_arrays,
};

static const ptl__linop_class sellp_class = {PTL__FORMAT_LINOP("sellp", &ptl__sellp_format)};

/* How long indices and values are; -1 where the number passes int64_t. */
static int64_t slots_of(const ptl_sellp_arrays *arrays)
{
    int64_t slots;
    const int64_t width = arrays->slice_sets[slices_of(arrays->rows, arrays->slice_size)];
    return __builtin_mul_overflow(width, arrays->slice_size, &slots) ? -1 : slots;
}

static ptl_status check_slices(const ptl_sellp_arrays *arrays)
{
    const int64_t *sets = arrays->slice_sets;
    const int64_t slices = slices_of(arrays->rows, arrays->slice_size);
    PTL_CHECK(sets[0] == 0, PTL_INVALID, "slice_sets[0] is %lld: expected 0", (long long)sets[0]);
    for (int64_t s = 0; s < slices; ++s)
        PTL_CHECK(sets[s + 1] >= sets[s], PTL_INVALID,
                  "slice_sets[%lld] is %lld, after %lld: slice %lld ends before it begins",
                  (long long)(s + 1), (long long)sets[s + 1], (long long)sets[s], (long long)s);
    PTL_CHECK(slots_of(arrays) >= 0, PTL_INVALID,
              "slice_sets[%lld] %lld times slice_size %lld exceeds the size of any array",
              (long long)slices, (long long)sets[slices], (long long)arrays->slice_size);
    return PTL_OK;
}

/* Of one row, counting the entries on its way. */
static ptl_status check_row(const ptl_sellp_arrays *arrays, int64_t i, int64_t *nnz)
{
    const int64_t size = arrays->slice_size, *sets = arrays->slice_sets + i / size;
    const int64_t first = first_slot(arrays->slice_sets, size, i);
    for (int64_t k = 0; k < sets[1] - sets[0]; ++k) {
        const int64_t column = ptl__index_at(arrays->indices, arrays->itype, first + k * size);
        PTL_CHECK(column >= -1 && column < arrays->cols, PTL_INDEX,
                  "row %lld, entry %lld: column %lld is neither -1 nor in [0, %lld)", (long long)i,
                  (long long)k, (long long)column, (long long)arrays->cols);
        *nnz += column >= 0;
    }
    return PTL_OK;
}

static ptl_status check_rows(const ptl_sellp_arrays *host, int64_t *nnz)
{
    *nnz = 0;
    for (int64_t i = 0; i < host->rows; ++i)
        PTL_TRY(check_row(host, i, nnz));
    return PTL_OK;
}

/* Checks what the user gives; *host is the arrays with indices that the host can read, to be closed
 * on failure too. */
static ptl_status open_arrays(ptl_exec *exec, const ptl_sellp_arrays *arrays,
                              ptl_sellp_arrays *host, int64_t *nnz)
{
    const size_t index = ptl_itype_size(arrays->itype), set = sizeof *arrays->slice_sets;
    const size_t part = ptl_dtype_size(ptl_dtype_real(arrays->dtype));
    *host = *arrays;
    host->slice_sets = NULL;
    host->indices = NULL;
    PTL_TRY(ptl__check_sizes(arrays->rows, arrays->cols, arrays->dtype, arrays->itype));
    PTL_CHECK(arrays->slice_size > 0, PTL_INVALID, "slice_size is %lld: expected 1 or more",
              (long long)arrays->slice_size);
    const int64_t sets = slices_of(arrays->rows, arrays->slice_size) + 1;
    PTL_TRY(ptl__check_array(arrays->slice_sets, sets, set, "slice_sets"));
    PTL_TRY(ptl__to_host(exec, sets, set, arrays->slice_sets, (void **)&host->slice_sets));
    PTL_TRY(check_slices(host));
    const int64_t slots = slots_of(host);
    PTL_TRY(ptl__check_array(arrays->indices, slots, index, "indices"));
    PTL_TRY(ptl__check_array(arrays->values, slots, part, "values"));
    PTL_TRY(ptl__to_host(exec, slots, index, arrays->indices, (void **)&host->indices));
    return check_rows(host, nnz);
}

static void close_arrays(ptl_exec *exec, ptl_sellp_arrays *host)
{
    ptl__host_free(exec, (void *)host->slice_sets);
    ptl__host_free(exec, (void *)host->indices);
}

/* A matrix over the arrays, whoever owns them. */
static ptl_status sellp_new(ptl_exec *exec, const ptl_sellp_arrays *arrays, int64_t slots,
                            int64_t nnz, ptl_sellp **out)
{
    const ptl__format_spec spec = {exec,  arrays->rows,  arrays->cols,  nnz,
                                   slots, arrays->dtype, arrays->itype, (void *)arrays->values};
    PTL_TRY(ptl__format_new(&sellp_class, &spec, sizeof **out, out));
    (*out)->slice_size = arrays->slice_size;
    (*out)->slice_sets = (int64_t *)arrays->slice_sets;
    (*out)->indices = (void *)arrays->indices;
    return PTL_OK;
}

/* Takes arrays of our own in host memory, made with `status`, and hands them over; where that or
 * this fails they are freed. */
static ptl_status sellp_take(ptl_status status, ptl_exec *exec, const ptl_sellp_arrays *own,
                             int64_t nnz, ptl_sellp **out)
{
    ptl_sellp *made = NULL;
    if (status == PTL_OK)
        status = sellp_new(exec->host, own, slots_of(own), nnz, &made);
    if (status != PTL_OK) {
        ptl__free((void *)own->slice_sets);
        ptl__free((void *)own->indices);
        ptl__free((void *)own->values);
        return status;
    }
    status = ptl__format_on(&made->format.base, exec, (ptl_linop **)out);
    ptl_sellp_release(&made);
    return status;
}

/* Copies in host memory of arrays that were opened; what was allocated is in *copy, also on
 * failure.
 */
static ptl_status copy_arrays(ptl_exec *exec, const ptl_sellp_arrays *from, ptl_sellp_arrays *copy)
{
    const int64_t slots = slots_of(from), sets = slices_of(from->rows, from->slice_size) + 1;
    copy->itype = ptl__itype_for(from->itype, from->rows, from->cols, slots);
    PTL_TRY(ptl__copy_indices(exec->host, PTL_I64, PTL_I64, sets, from->slice_sets,
                              (void **)&copy->slice_sets));
    PTL_TRY(ptl__copy_indices(exec->host, from->itype, copy->itype, slots, from->indices,
                              (void **)&copy->indices));
    return ptl__copy_values(exec, from->dtype, slots, from->values, (void **)&copy->values);
}

static ptl_status copy_opened(ptl_exec *exec, const ptl_sellp_arrays *arrays,
                              const ptl_sellp_arrays *host, int64_t nnz, ptl_sellp **out)
{
    ptl_sellp_arrays copy = *arrays;
    copy.slice_sets = NULL;
    copy.indices = copy.values = NULL;
    return sellp_take(copy_arrays(exec, host, &copy), exec, &copy, nnz, out);
}

static ptl_status view_opened(ptl_exec *exec, const ptl_sellp_arrays *arrays,
                              const ptl_sellp_arrays *host, int64_t nnz, ptl_sellp **out)
{
    return sellp_new(exec, arrays, slots_of(host), nnz, out);
}

static ptl_status checked(ptl_exec *given, const ptl_sellp_arrays *arrays,
                          ptl_status (*make)(ptl_exec *, const ptl_sellp_arrays *arrays,
                                             const ptl_sellp_arrays *host, int64_t nnz,
                                             ptl_sellp **),
                          ptl_sellp **out)
{
    *out = NULL;
    ptl_exec *exec;
    ptl_sellp_arrays host;
    int64_t nnz = 0;
    PTL_TRY(ptl__exec_or_default(given, &exec));
    ptl_status status = open_arrays(exec, arrays, &host, &nnz);
    if (status == PTL_OK)
        status = make(exec, arrays, &host, nnz, out);
    close_arrays(exec, &host);
    ptl_exec_release(&exec);
    return status;
}

ptl_status ptl_sellp_copy_of(ptl_exec *exec, const ptl_sellp_arrays *arrays, ptl_sellp **out)
{
    return checked(exec, arrays, copy_opened, out);
}

ptl_status ptl_sellp_view(ptl_exec *exec, const ptl_sellp_arrays *arrays,
                          void (*release)(void *ctx), void *ctx, ptl_sellp **out)
{
    ptl_status status = checked(exec, arrays, view_opened, out);
    if (status == PTL_OK)
        ptl__format_set_release(&(*out)->format.base, release, ctx);
    else if (release)
        release(ctx);
    return status;
}

/* The widths of a CSR's slices, summed up. */
static ptl_status measure(const ptl_csr *csr, int64_t **slice_sets)
{
    const int64_t rows = csr->format.base.rows, slices = slices_of(rows, SLICE_SIZE);
    PTL_TRY(PTL_NEW(slices + 1, int64_t, slice_sets));
    (*slice_sets)[0] = 0;
    for (int64_t s = 0; s < slices; ++s)
        (*slice_sets)[s + 1] =
            (*slice_sets)[s] +
            ptl__csr_longest_row(csr, s * SLICE_SIZE, slice_end(rows, SLICE_SIZE, s));
    return PTL_OK;
}

static ptl_status sellp_from_csr(const ptl_csr *csr, ptl_linop **out)
{
    const ptl__format *f = &csr->format;
    const ptl_linop *base = &f->base;
    ptl__padded padded = {.dtype = base->dtype};
    int64_t *sets = NULL, slots = 0;
    ptl_sellp_arrays own = {
        .rows = base->rows, .cols = base->cols, .slice_size = SLICE_SIZE, .dtype = base->dtype};
    ptl_status status = measure(csr, &sets);
    own.slice_sets = sets;
    if (status == PTL_OK) {
        slots = slots_of(&own);
        own.itype = padded.itype = ptl__itype_for(f->itype, base->rows, base->cols, slots);
        status = ptl__padded_alloc(slots, &padded);
    }
    for (int64_t i = 0; status == PTL_OK && i < own.rows; ++i)
        ptl__padded_put_row(&padded, first_slot(sets, SLICE_SIZE, i), SLICE_SIZE, csr, i);
    own.indices = padded.indices;
    own.values = padded.values;
    ptl_sellp *A = NULL;
    status = sellp_take(status, base->exec, &own, f->nnz, &A);
    *out = (ptl_linop *)A;
    return status;
}

ptl_sellp_arrays ptl_sellp_get_arrays(const ptl_sellp *A)
{
    const ptl__format *f = &A->format;
    return (ptl_sellp_arrays){f->base.rows, f->base.cols,  A->slice_size, f->base.dtype,
                              f->itype,     A->slice_sets, A->indices,    f->values};
}

ptl_linop *ptl_sellp_linop(ptl_sellp *A)
{
    return &A->format.base;
}

ptl_sellp *ptl_linop_as_sellp(ptl_linop *A)
{
    return A && A->cls == &sellp_class ? (ptl_sellp *)A : NULL;
}
