/* An executor's memory, and the ways between it and the host's. */
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "exec.h"

ptl_status ptl__exec_alloc(ptl_exec *exec, int64_t count, size_t size, void **out)
{
    size_t bytes;
    if (!exec->space)
        return ptl__alloc(count, size, out);
    *out = NULL;
    PTL_TRY(ptl__alloc_admit(count, size, &bytes));
    PTL_TRY(exec->space->alloc(exec->queue, bytes, out));
    ptl__alloc_counted(exec->space->name, (int64_t)bytes);
    return PTL_OK;
}

void ptl__exec_free(ptl_exec *exec, void *block)
{
    if (!exec->space) {
        ptl__free(block);
    } else if (block) {
        ptl__free_counted();
        exec->space->free(exec->queue, block);
    }
}

ptl_status ptl__to_host(ptl_exec *exec, int64_t count, size_t size, const void *data, void **out)
{
    *out = NULL;
    if (!exec->space) {
        *out = (void *)data;
        return PTL_OK;
    }
    if (!data)
        return PTL_OK;
    PTL_TRY(ptl__alloc(count, size, out));
    ptl_status status = ptl__exec_read(exec, count, size, data, *out);
    if (status != PTL_OK) {
        ptl__free(*out);
        *out = NULL;
    }
    return status;
}

void ptl__host_free(ptl_exec *exec, void *host)
{
    if (exec->space)
        ptl__free(host);
}

/* A copy of a host array in the executor's memory. */
static ptl_status copy_of(ptl_exec *exec, const ptl__array *array, void **out)
{
    *out = NULL;
    if (!*array->data)
        return PTL_OK;
    PTL_TRY(ptl__exec_alloc(exec, array->count, array->size, out));
    return ptl__exec_write(exec, array->count, array->size, *array->data, *out);
}

ptl_status ptl__from_host(ptl_exec *exec, int count, const ptl__array *arrays)
{
    enum { MOST = 16 };
    void *copies[MOST] = {NULL};
    ptl_status status = PTL_OK;
    if (!exec->space)
        return PTL_OK;
    for (int i = 0; i < count && status == PTL_OK; i++)
        status = copy_of(exec, &arrays[i], &copies[i]);
    for (int i = 0; i < count; i++) {
        if (status == PTL_OK) {
            ptl__free(*arrays[i].data);
            *arrays[i].data = copies[i];
        } else {
            ptl__exec_free(exec, copies[i]);
        }
    }
    return status;
}

ptl_status ptl__mirror(ptl_exec *exec, int64_t count, size_t size, const void *host, void **mirror)
{
    if (!exec->space) {
        *mirror = (void *)host;
        return PTL_OK;
    }
    if (!*mirror)
        PTL_TRY(ptl__exec_alloc(exec, count, size, mirror));
    return ptl__exec_write(exec, count, size, host, *mirror);
}

void ptl__mirror_free(ptl_exec *exec, void *mirror)
{
    if (exec->space)
        ptl__exec_free(exec, mirror);
}

/* A copy between the executor's memory and the host's, and its end. */
static ptl_status copy(const ptl_exec *exec, void *to, const void *from, size_t bytes)
{
    if (bytes == 0 || to == from)
        return ptl__exec_wait(exec);
    if (!exec->space) {
        memcpy(to, from, bytes);
        return PTL_OK;
    }
    PTL_TRY(exec->space->copy(exec->queue, to, from, bytes));
    return exec->space->wait(exec->queue);
}

ptl_status ptl__exec_read(const ptl_exec *exec, int64_t count, size_t size, const void *from,
                          void *to)
{
    return copy(exec, to, from, (size_t)count * size);
}

ptl_status ptl__exec_write(const ptl_exec *exec, int64_t count, size_t size, const void *from,
                           void *to)
{
    return copy(exec, to, from, (size_t)count * size);
}

/* A block's rows as bytes. */
static ptl_status copy_rows(const ptl_exec *exec, char *to, size_t to_pitch, const char *from,
                            size_t from_pitch, size_t width, int64_t rows)
{
    if (rows == 0 || width == 0 || to == from)
        return ptl__exec_wait(exec);
    if (exec->space) {
        PTL_TRY(
            exec->space->copy_2d(exec->queue, to, to_pitch, from, from_pitch, width, (size_t)rows));
        return exec->space->wait(exec->queue);
    }
    for (int64_t i = 0; i < rows; i++)
        memcpy(to + (size_t)i * to_pitch, from + (size_t)i * from_pitch, width);
    return PTL_OK;
}

ptl_status ptl__exec_read_rows(const ptl_exec *exec, size_t size, ptl__block block, int64_t ld,
                               void *to)
{
    return copy_rows(exec, to, (size_t)ld * size, block.data, (size_t)block.ld * size,
                     (size_t)block.columns * size, block.rows);
}

ptl_status ptl__exec_write_rows(const ptl_exec *exec, size_t size, ptl__block block, int64_t ld,
                                const void *from)
{
    return copy_rows(exec, block.data, (size_t)block.ld * size, from, (size_t)ld * size,
                     (size_t)block.columns * size, block.rows);
}

ptl_status ptl__exec_clear(const ptl_exec *exec, int64_t count, size_t size, void *block)
{
    const size_t bytes = (size_t)count * size;
    if (exec->space)
        return bytes ? exec->space->clear(exec->queue, block, bytes) : PTL_OK;
    if (bytes)
        memset(block, 0, bytes);
    return PTL_OK;
}
