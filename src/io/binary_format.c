/* The header of Petiole's binary files, and where things are. */
#include "binary_format.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "../core/status.h"
#include "crc32c.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the binary files are little-endian, and are read and written as they are in memory"
#endif

enum { VERSION = 1, ALIGNMENT = 64, HEADER = 128, ORDER = 0x01020304, SWAPPED = 0x04030201 };
static const int64_t most = INT64_C(1) << 55; /* rows, columns, entries */

/* A byte that is no text, the name, and line ends that a transfer as text would change. */
static const unsigned char magic[PTL__BINARY_MAGIC] = {0x89, 'P', 'T', 'L', '\r', '\n', 0x1a, '\n'};

static_assert(sizeof(ptl__binary_header) == HEADER, "the header has no gaps");

static uint32_t checksum(const ptl__binary_header *h)
{
    int64_t bytes = HEADER - sizeof h->checksum;
    return ptl__crc_of(ptl__crc_add(0, h, bytes), bytes);
}

/* Reserves `bytes` bytes at *end: where they begin. */
static int64_t reserve(int64_t *end, int64_t bytes)
{
    int64_t begin = (*end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *end = begin + bytes;
    return begin;
}

void ptl__binary_complete(ptl__binary_header *h)
{
    int64_t end = HEADER;
    memcpy(h->magic, magic, sizeof magic);
    h->version = VERSION;
    h->order = ORDER;
    h->chunk = PTL__BINARY_CHUNK;
    h->index_bytes = h->kind == PTL__BINARY_VECTOR ? 0 : h->cols <= INT32_MAX ? 4 : 8;
    h->indptr = h->indices = 0;
    if (h->kind == PTL__BINARY_MATRIX) {
        h->indptr = reserve(&end, (h->rows + 1) * 8);
        h->indices = reserve(&end, h->entries * h->index_bytes);
    }
    h->values = reserve(&end, h->entries * (int64_t)ptl_dtype_size((ptl_dtype)h->dtype));
    h->sums = end = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    h->size = end + 4 * ptl__binary_chunks(h);
    memset(h->reserved, 0, sizeof h->reserved);
    h->checksum = checksum(h);
}

int64_t ptl__binary_chunks(const ptl__binary_header *h)
{
    return (h->sums - HEADER + h->chunk - 1) / h->chunk;
}

int64_t ptl__binary_chunk(const ptl__binary_header *h, int64_t k, int64_t *begin)
{
    *begin = HEADER + k * h->chunk;
    return h->sums - *begin < h->chunk ? h->sums - *begin : h->chunk;
}

int ptl__binary_is(const void *bytes, int64_t count)
{
    return count >= PTL__BINARY_MAGIC && memcmp(bytes, magic, sizeof magic) == 0;
}

/* That the numbers in the header are such as ptl__binary_complete makes them. */
static ptl_status check_sizes(const ptl__file *file, const ptl__binary_header *h)
{
    ptl__binary_header expected = *h;
    int possible = h->dtype < PTL_DTYPE_COUNT && h->rows >= 0 && h->cols >= 0 && h->entries >= 0 &&
                   h->rows <= most && h->cols <= most && h->entries <= most;
    if (h->kind == PTL__BINARY_VECTOR)
        possible = possible && h->cols >= 1 && (h->ndim == 2 || (h->ndim == 1 && h->cols == 1)) &&
                   h->entries / h->cols == h->rows && h->entries % h->cols == 0;
    if (possible)
        ptl__binary_complete(&expected);
    PTL_CHECK(possible && memcmp(&expected, h, sizeof expected) == 0, PTL_FORMAT,
              "%s: the header contradicts itself", file->path);
    PTL_CHECK(file->state.size == h->size, PTL_FORMAT,
              "%s: the file has %" PRId64 " bytes, but its header says %" PRId64, file->path,
              file->state.size, h->size);
    return PTL_OK;
}

ptl_status ptl__binary_read_header(const ptl__file *file, ptl__binary_kind kind,
                                   ptl__binary_header *out)
{
    static const char *const names[] = {"", "a matrix", "a vector"};
    int64_t there = file->state.size < HEADER ? file->state.size : HEADER;
    PTL_TRY(ptl__file_read(file, 0, there, out));
    PTL_CHECK(ptl__binary_is(out, there), PTL_FORMAT, "%s: not a binary file of Petiole's",
              file->path);
    PTL_CHECK(there == HEADER, PTL_FORMAT, "%s: the file ends within its header", file->path);
    PTL_CHECK(out->order != SWAPPED, PTL_FORMAT, "%s: written in the other byte order", file->path);
    PTL_CHECK(out->version == VERSION, PTL_FORMAT,
              "%s: version %" PRIu32 " of the format, expected %d", file->path, out->version,
              VERSION);
    PTL_CHECK(out->checksum == checksum(out), PTL_FORMAT, "%s: the header is damaged", file->path);
    PTL_CHECK(out->kind == kind, PTL_FORMAT, "%s: the file holds %s, expected %s", file->path,
              out->kind < 3 ? names[out->kind] : "something else", names[kind]);
    return check_sizes(file, out);
}
