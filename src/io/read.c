/* Files of either format. A file is opened once, by every rank, and which format it has is told by
 * the bytes that it begins with. */
#include <petiole/binary.h>
#include <petiole/mtx.h>

#include "../core/status.h"
#include "binary_format.h"
#include "binary_read.h"
#include "half.h"
#include "mtx_read.h"

/* What is asked for: ranks must not differ. */
enum { ANY = 1, MTX, BINARY };
enum { MATRIX = 1, VECTOR };

static int64_t sign(int what, int format, int dtype, const ptl_matrix_layout *layout)
{
    int64_t signature = ptl__sign(ptl__sign(0, what), format);
    signature = ptl__sign(signature, layout->partition != NULL);
    return ptl__sign(ptl__sign(signature, layout->col_partition != NULL), dtype);
}

static int is_binary(const ptl__file *file, int format)
{
    return format == BINARY || (format == ANY && ptl__binary_is(file->first, sizeof file->first));
}

static ptl_status read_matrix(const char *path, const ptl_matrix_layout *given, int format,
                              int dtype, ptl_matrix **out)
{
    const int computing = ptl__io_computing(dtype);
    ptl_matrix_layout layout = *given;
    ptl__file file;
    *out = NULL;
    layout.comm = ptl__comm_or_self(given->comm);
    ptl_status status =
        ptl__file_open(layout.comm, path, sign(MATRIX, format, dtype, given), &file);
    if (status == PTL_OK)
        status = is_binary(&file, format) ? ptl__binary_read_matrix(&file, &layout, computing, out)
                                          : ptl__mtx_read_matrix(&file, &layout, computing, out);
    if (status == PTL_OK)
        status = ptl__io_round_matrix(dtype, out);
    if (status != PTL_OK)
        ptl_matrix_release(out);
    ptl__file_close(&file);
    ptl_comm_release(&layout.comm);
    return status;
}

static ptl_status read_vector(const char *path, const ptl_matrix_layout *given, int format,
                              int dtype, ptl_vector **out)
{
    const int computing = ptl__io_computing(dtype);
    ptl_matrix_layout layout = *given;
    ptl__file file;
    *out = NULL;
    layout.comm = ptl__comm_or_self(given->comm);
    ptl_status status =
        ptl__file_open(layout.comm, path, sign(VECTOR, format, dtype, given), &file);
    if (status == PTL_OK)
        status = is_binary(&file, format) ? ptl__binary_read_vector(&file, &layout, computing, out)
                                          : ptl__mtx_read_vector(&file, &layout, computing, out);
    if (status == PTL_OK)
        status = ptl__io_round_vector(dtype, out);
    if (status != PTL_OK)
        ptl_vector_release(out);
    ptl__file_close(&file);
    ptl_comm_release(&layout.comm);
    return status;
}

ptl_status ptl_matrix_read(const char *path, const ptl_matrix_layout *layout, int dtype,
                           ptl_matrix **out)
{
    return read_matrix(path, layout, ANY, dtype, out);
}

ptl_status ptl_matrix_read_mtx(const char *path, const ptl_matrix_layout *layout, int dtype,
                               ptl_matrix **out)
{
    return read_matrix(path, layout, MTX, dtype, out);
}

ptl_status ptl_matrix_read_binary(const char *path, const ptl_matrix_layout *layout,
                                  ptl_matrix **out)
{
    return read_matrix(path, layout, BINARY, -1, out);
}

ptl_status ptl_vector_read(const char *path, ptl_comm *comm, ptl_exec *exec,
                           ptl_partition *partition, int dtype, ptl_vector **out)
{
    const ptl_matrix_layout layout = {.comm = comm, .exec = exec, .partition = partition};
    return read_vector(path, &layout, ANY, dtype, out);
}

ptl_status ptl_vector_read_mtx(const char *path, ptl_comm *comm, ptl_exec *exec,
                               ptl_partition *partition, int dtype, ptl_vector **out)
{
    const ptl_matrix_layout layout = {.comm = comm, .exec = exec, .partition = partition};
    return read_vector(path, &layout, MTX, dtype, out);
}

ptl_status ptl_vector_read_binary(const char *path, ptl_comm *comm, ptl_exec *exec,
                                  ptl_partition *partition, ptl_vector **out)
{
    const ptl_matrix_layout layout = {.comm = comm, .exec = exec, .partition = partition};
    return read_vector(path, &layout, BINARY, -1, out);
}
