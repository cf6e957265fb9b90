/* From one local format to another, by way of CSR. */
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "../kernels/exec.h"
#include "csr.h"
#include "format.h"
#include "transposed.h"

/* The classes, by storage. */
static const ptl__format_class *const formats[PTL_STORAGE_COUNT] = {
    [PTL_CSR] = &ptl__csr_format,     [PTL_COO] = &ptl__coo_format,
    [PTL_ELL] = &ptl__ell_format,     [PTL_SELLP] = &ptl__sellp_format,
    [PTL_DENSE] = &ptl__dense_format,
};

/* The pattern T and the values that its slots name, as a CSR matrix of T's rows. The arrays of T
 * become the matrix's, but for slots. */
static ptl_status gather_values(const ptl_linop *A, const ptl__transposed *T, void **out)
{
    const size_t size = ptl_dtype_size(A->dtype);
    const int64_t nnz = ptl__index_at(T->indptr, T->itype, T->count);
    const char *from = ptl__format_of(A)->values;
    PTL_TRY(ptl__alloc(nnz, size, out));
    for (int64_t k = 0; k < nnz; ++k)
        memcpy((char *)*out + (size_t)k * size,
               from + (size_t)ptl__index_at(T->slots, T->itype, k) * size, size);
    return PTL_OK;
}

static ptl_status take_pattern(const ptl_linop *A, ptl__transposed *T, int64_t cols, ptl_csr **out)
{
    void *values;
    PTL_TRY(gather_values(A, T, &values));
    const ptl_csr_arrays arrays = {T->count, cols, A->dtype, T->itype, T->indptr, T->rows, values};
    T->indptr = T->rows = NULL;
    return ptl__csr_take(A->exec, &arrays, out);
}

/* A's entries with rows and columns exchanged: the pattern of that one's transpose is A's own. */
typedef struct exchanged {
    const ptl_linop *A;
    void (*visit)(void *ctx, ptl__place place);
    void *ctx;
} exchanged;

static void visit_exchanged(void *ctx, ptl__place p)
{
    const exchanged *e = ctx;
    e->visit(e->ctx, (ptl__place){p.col, p.row, p.slot});
}

static void each_exchanged(const void *A, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    exchanged e = {A, visit, ctx};
    e.A->cls->format->visit(e.A, visit_exchanged, &e);
}

static void each(const void *A, void (*visit)(void *ctx, ptl__place place), void *ctx)
{
    ((const ptl_linop *)A)->cls->format->visit(A, visit, ctx);
}

/* Entries that a visit finds: of a dense matrix fewer than it stores. */
static void count_one(void *ctx, ptl__place p)
{
    (void)p;
    ++*(int64_t *)ctx;
}

/* A new CSR with the entries of A, or of its transpose; both on the host. */
static ptl_status csr_from(const ptl_linop *A, int transposed, ptl_csr **out)
{
    int64_t nnz = 0;
    each(A, count_one, &nnz);
    const ptl__places places = {
        transposed ? each : each_exchanged, A,   transposed ? A->rows : A->cols,
        transposed ? A->cols : A->rows,     nnz, ptl__format_of(A)->slots};
    ptl__transposed T;
    PTL_TRY(ptl__transposed_init(A->exec, &places, &T));
    ptl_status status = take_pattern(A, &T, places.rows, out);
    ptl__transposed_clear(A->exec, &T);
    return status;
}

static ptl_status check_format(const ptl_linop *A, ptl_storage storage, int dtype)
{
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    PTL_CHECK(A->cls->format, PTL_NOT_SUPPORTED, "an operator of kind \"%s\" is not a local format",
              A->cls->kind);
    PTL_CHECK((int)storage >= 0 && storage < PTL_STORAGE_COUNT, PTL_INVALID,
              "storage is %d: expected a ptl_storage", (int)storage);
    PTL_CHECK(dtype >= -1 && dtype < PTL_DTYPE_ALL, PTL_DTYPE,
              "dtype is %d: expected a ptl_dtype, or -1", dtype);
    PTL_CHECK(dtype < 0 || ptl_dtype_is_complex((ptl_dtype)dtype) ||
                  !ptl_dtype_is_complex(A->dtype),
              PTL_DTYPE, "a %s matrix cannot become %s", ptl_dtype_name(A->dtype),
              ptl_dtype_name((ptl_dtype)dtype));
    return PTL_OK;
}

/* Gives A, whose values are its own, those values in another dtype. */
static ptl_status convert_values(ptl_linop *A, ptl_dtype dtype)
{
    ptl__format *format = ptl__format_of(A);
    const int64_t count = format->slots;
    void *values;
    if (dtype == A->dtype)
        return PTL_OK;
    PTL_TRY(ptl__exec_alloc(A->exec, count, ptl_dtype_size(dtype), &values));
    A->exec->kernels->vector[A->dtype]->convert(ptl__exec_run(A->exec), dtype,
                                                (ptl__block){format->values, count, 1, 1},
                                                (ptl__block){values, count, 1, 1});
    ptl__exec_free(A->exec, format->values);
    format->values = values;
    A->dtype = dtype;
    return PTL_OK;
}

/* `csr` (taken) in another storage and dtype. A dense matrix of halves sums its duplicates before
 * they are rounded. */
static ptl_status finish(ptl_csr *csr, ptl_storage storage, ptl_dtype dtype, ptl_linop **out)
{
    ptl_linop *made = ptl_csr_linop(csr);
    const int sums = storage == PTL_DENSE && dtype == PTL_F16;
    ptl_status status = convert_values(made, sums ? ptl_dtype_compute(made->dtype) : dtype);
    if (status == PTL_OK && storage != PTL_CSR) {
        made = NULL;
        status = formats[storage]->from_csr(csr, &made);
        ptl_csr_release(&csr);
    }
    if (status == PTL_OK)
        status = convert_values(made, dtype);
    if (status == PTL_OK)
        *out = made;
    else
        ptl_linop_release(&made);
    return status;
}

/* On the host. */
static ptl_status convert(ptl_linop *A, ptl_storage storage, int dtype, ptl_linop **out)
{
    ptl_csr *csr = NULL;
    PTL_TRY(csr_from(A, 0, &csr));
    return finish(csr, storage, dtype < 0 ? A->dtype : (ptl_dtype)dtype, out);
}

ptl_status ptl_format_convert(ptl_linop *A, ptl_storage storage, int dtype, ptl_linop **out)
{
    ptl_linop *host, *made = NULL;
    *out = NULL;
    PTL_TRY(check_format(A, storage, dtype));
    PTL_TRY(ptl__format_on(A, A->exec->host, &host));
    ptl_status status = convert(host, storage, dtype, &made);
    ptl_linop_release(&host);
    if (status == PTL_OK)
        status = ptl__format_on(made, A->exec, out);
    ptl_linop_release(&made);
    return status;
}

ptl_status ptl__format_widen(ptl_linop *A, ptl_linop **out)
{
    return ptl_format_convert(A, A->cls->format->storage, (int)ptl_dtype_compute(A->dtype), out);
}

/* On the host. */
static ptl_status transpose(ptl_linop *A, ptl_op op, ptl_linop **out)
{
    ptl_csr *by_rows, *csr;
    PTL_TRY(csr_from(A, op == PTL_OP_NONE, &by_rows));
    ptl_status status = csr_from(ptl_csr_linop(by_rows), 1, &csr); /* which sorts its rows */
    ptl_csr_release(&by_rows);
    PTL_TRY(status);
    if (op == PTL_OP_HERMITIAN) {
        ptl__format *f = &csr->format;
        const ptl__block values = {f->values, f->nnz, 1, 1};
        A->exec->kernels->vector[A->dtype]->map(ptl__exec_run(A->exec), PTL_MAP_CONJ, values,
                                                values);
    }
    return finish(csr, A->cls->format->storage, A->dtype, out);
}

ptl_status ptl_format_transpose(ptl_linop *A, ptl_op op, ptl_linop **out)
{
    ptl_linop *host, *made = NULL;
    *out = NULL;
    PTL_TRY(check_format(A, PTL_CSR, -1));
    PTL_CHECK((int)op >= 0 && op < PTL_OP_COUNT, PTL_INVALID, "op is %d: expected a ptl_op",
              (int)op);
    PTL_TRY(ptl__format_on(A, A->exec->host, &host));
    ptl_status status = transpose(host, op, &made);
    ptl_linop_release(&host);
    if (status == PTL_OK)
        status = ptl__format_on(made, A->exec, out);
    ptl_linop_release(&made);
    return status;
}
