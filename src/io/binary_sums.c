/* The checksums of a binary file that all ranks write. A register of a part of a chunk, with zeros
 * for the bytes of other ranks, is a term of the chunk's: parts travel to the rank that writes the
 * chunk's checksum, which adds them up. */
#include "binary_sums.h"

#include "../core/memory.h"
#include "../core/status.h"
#include "../distributed/owners.h"
#include "crc32c.h"

/* The register of the chunk at hand, to its end, into the list. */
static ptl_status end_chunk(ptl__binary_stream *s)
{
    ptl__binary_sums *sums = s->sums;
    int64_t begin;
    if (s->chunk < 0)
        return PTL_OK;
    if (sums->count == sums->room) {
        int64_t room = sums->room ? 2 * sums->room : 64;
        PTL_TRY(sums->parts
                    ? ptl__grow(sums->count, room, sizeof *sums->parts, (void **)&sums->parts)
                    : PTL_NEW(room, ptl__binary_part, &sums->parts));
        sums->room = room;
    }
    int64_t length = ptl__binary_chunk(sums->header, s->chunk, &begin);
    sums->parts[sums->count++] =
        (ptl__binary_part){s->chunk, ptl__crc_zeros(s->reg, length - s->at), 0};
    return PTL_OK;
}

ptl_status ptl__binary_flush(ptl__binary_stream *s)
{
    PTL_TRY(end_chunk(s));
    s->chunk = -1;
    return PTL_OK;
}

ptl_status ptl__binary_write(ptl__binary_stream *s, int64_t offset, int64_t bytes, const void *from)
{
    const ptl__binary_header *h = s->sums->header;
    PTL_TRY(ptl__output_write(s->sums->file, offset, bytes, from));
    for (int64_t done = 0, n; done < bytes; done += n) {
        int64_t begin, first;
        ptl__binary_chunk(h, 0, &first);
        int64_t chunk = (offset + done - first) / h->chunk;
        int64_t length = ptl__binary_chunk(h, chunk, &begin), at = offset + done - begin;
        if (chunk != s->chunk) {
            PTL_TRY(end_chunk(s));
            s->chunk = chunk;
            s->at = 0;
            s->reg = 0;
        }
        n = length - at < bytes - done ? length - at : bytes - done;
        s->reg = ptl__crc_add(ptl__crc_zeros(s->reg, at - s->at), (const char *)from + done, n);
        s->at = at + n;
    }
    return PTL_OK;
}

void ptl__binary_sums_clear(ptl__binary_sums *sums)
{
    ptl__free(sums->parts);
    sums->parts = NULL;
}

/* Parts on their way to the ranks that write the checksums of their chunks. */
typedef struct gathering {
    ptl_partition *owners; /* of the chunks */
    ptl__groups groups;
    int64_t *chunks, *arrivals;
    void *leaving, *arrived;
    uint32_t *table; /* of this rank's chunks */
} gathering;

static void gathering_clear(gathering *g)
{
    ptl_partition_release(&g->owners);
    ptl__groups_clear(&g->groups);
    ptl__free(g->chunks);
    ptl__free(g->arrivals);
    ptl__free(g->leaving);
    ptl__free(g->arrived);
    ptl__free(g->table);
}

/* (L) */
static ptl_status pack(gathering *g, const ptl_comm *comm, const ptl__binary_sums *sums)
{
    PTL_TRY(ptl_partition_uniform(comm->size, ptl__binary_chunks(sums->header), &g->owners));
    PTL_TRY(PTL_NEW_ZERO(ptl__partition_local_size(g->owners, comm->rank), uint32_t, &g->table));
    PTL_TRY(PTL_NEW((int64_t)comm->size + 1, int64_t, &g->arrivals));
    PTL_TRY(PTL_NEW(sums->count, int64_t, &g->chunks));
    for (int64_t i = 0; i < sums->count; i++)
        g->chunks[i] = sums->parts[i].chunk;
    PTL_TRY(ptl__groups_init(&g->groups, g->owners, sums->count, g->chunks, -1));
    return ptl__groups_pack(&g->groups, comm->size, sizeof *sums->parts, sums->parts, &g->leaving);
}

/* (L) */
static ptl_status write_table(gathering *g, const ptl_comm *comm, const ptl__binary_sums *sums)
{
    const ptl__binary_part *parts = g->arrived;
    int64_t count = ptl__partition_local_size(g->owners, comm->rank), begin;
    if (count == 0)
        return PTL_OK;
    int64_t first = ptl__partition_global(g->owners, comm->rank, 0);
    for (int64_t i = 0; i < g->arrivals[comm->size]; i++)
        g->table[parts[i].chunk - first] ^= parts[i].reg;
    for (int64_t i = 0; i < count; i++)
        g->table[i] = ptl__crc_of(g->table[i], ptl__binary_chunk(sums->header, first + i, &begin));
    return ptl__output_write(sums->file, sums->header->sums + 4 * first, 4 * count, g->table);
}

ptl_status ptl__binary_write_sums(ptl_comm *comm, ptl__binary_sums *sums, ptl_status status)
{
    gathering g = {0};
    if (status == PTL_OK)
        status = pack(&g, comm, sums);
    status = ptl__agree(comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl__comm_route(comm, sizeof *sums->parts, g.leaving, g.groups.offsets, &g.arrived,
                                 g.arrivals);
    if (status == PTL_OK)
        status = write_table(&g, comm, sums);
    gathering_clear(&g);
    return status;
}
