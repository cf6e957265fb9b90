/* Files of either format, told by the bytes that they begin with. */
#include <petiole/binary.h>
#include <petiole/mtx.h>

#include "../core/status.h"
#include "binary_format.h"
#include "binary_read.h"

/* (C) *out: 1 where the file is binary, by what rank 0 sees. */
static ptl_status look(ptl_comm *given, const char *path, int64_t *out)
{
    unsigned char first[PTL__BINARY_MAGIC];
    ptl_comm *comm = ptl__comm_or_self(given);
    ptl__file file;
    *out = 0;
    ptl_status status = ptl__file_open(comm, path, PTL_OK, 0, &file);
    if (status == PTL_OK) {
        int64_t count = file.size < PTL__BINARY_MAGIC ? file.size : PTL__BINARY_MAGIC;
        status = ptl__agree(comm, ptl__file_read(&file, 0, count, first), 0, "calls");
        *out = status == PTL_OK && ptl__binary_is(first, count);
    }
    if (status == PTL_OK)
        status = ptl__comm_bcast(comm, out, sizeof *out, 0);
    ptl__file_close(&file);
    ptl_comm_release(&comm);
    return status;
}

ptl_status ptl_matrix_read(const char *path, const ptl_matrix_layout *layout, int dtype,
                           ptl_matrix **out)
{
    int64_t binary;
    *out = NULL;
    PTL_TRY(look(layout->comm, path, &binary));
    return binary ? ptl__binary_read_matrix(path, layout, dtype, out)
                  : ptl_matrix_read_mtx(path, layout, dtype, out);
}

ptl_status ptl_vector_read(const char *path, ptl_comm *comm, ptl_exec *exec,
                           ptl_partition *partition, int dtype, ptl_vector **out)
{
    int64_t binary;
    *out = NULL;
    PTL_TRY(look(comm, path, &binary));
    return binary ? ptl__binary_read_vector(path, comm, exec, partition, dtype, out)
                  : ptl_vector_read_mtx(path, comm, exec, partition, dtype, out);
}
