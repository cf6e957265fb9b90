/* Reading a binary file's sections, chunk by chunk. */
#include "binary_chunks.h"

#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "crc32c.h"

enum { WINDOW = 64 }; /* chunks at most that are kept */

static ptl_status check(const ptl__binary_reader *r)
{
    const char *data = r->data;
    for (int64_t k = 0; k < r->count; k++) {
        int64_t begin, bytes = ptl__binary_chunk(r->header, r->first + k, &begin);
        PTL_CHECK(ptl__crc_of(ptl__crc_add(0, data, bytes), bytes) == r->table[k], PTL_FORMAT,
                  "%s: damaged: bytes %" PRId64 " to %" PRId64 " do not match their checksum",
                  r->file->path, begin, begin + bytes);
        data += bytes;
    }
    return PTL_OK;
}

/* Chunks from `first` on, `count` of them or as many as are kept. */
static ptl_status load(ptl__binary_reader *r, int64_t first, int64_t count)
{
    int64_t begin, last_begin;
    if (!r->data) {
        PTL_TRY(PTL_NEW(WINDOW, uint32_t, &r->table));
        PTL_TRY(ptl__alloc(WINDOW, PTL__BINARY_CHUNK, (void **)&r->data));
    }
    count = count < WINDOW ? count : WINDOW;
    ptl__binary_chunk(r->header, first, &begin);
    int64_t bytes = ptl__binary_chunk(r->header, first + count - 1, &last_begin);
    r->count = 0;
    PTL_TRY(ptl__file_read(r->file, begin, last_begin + bytes - begin, r->data));
    PTL_TRY(ptl__file_read(r->file, r->header->sums + 4 * first, 4 * count, r->table));
    r->first = first;
    r->count = count;
    ptl_status status = check(r);
    if (status != PTL_OK)
        r->count = 0;
    return status;
}

ptl_status ptl__binary_read(ptl__binary_reader *r, int64_t offset, int64_t bytes, void *to)
{
    int64_t base;
    ptl__binary_chunk(r->header, 0, &base);
    for (int64_t done = 0, n; done < bytes; done += n) {
        int64_t at = offset + done - base, chunk = at / r->header->chunk;
        int64_t last = (offset + bytes - 1 - base) / r->header->chunk;
        if (chunk < r->first || chunk >= r->first + r->count)
            PTL_TRY(load(r, chunk, last - chunk + 1));
        int64_t from = at - r->first * r->header->chunk;
        int64_t there = r->count * r->header->chunk - from;
        n = bytes - done < there ? bytes - done : there;
        memcpy((char *)to + done, r->data + from, (size_t)n);
    }
    return PTL_OK;
}

void ptl__binary_reader_clear(ptl__binary_reader *r)
{
    ptl__free(r->data);
    ptl__free(r->table);
    r->data = NULL;
    r->table = NULL;
}
