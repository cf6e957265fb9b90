/* Questions go to the owners of indices, and answers the same way back. */
#include "inquiry.h"

#include <string.h>

#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"

/* (L) What is needed before the first message; `packed` is to be freed. */
static ptl_status sort_questions(ptl__inquiry *q, const ptl_partition *p, int64_t count,
                                 const int64_t *indices, int64_t **packed)
{
    const int ranks = q->comm->size;
    PTL_TRY(PTL_NEW((int64_t)ranks + 1, int64_t, &q->offsets));
    PTL_TRY(PTL_NEW((int64_t)ranks + 1, int64_t, &q->arrivals));
    PTL_TRY(ptl__groups_init(&q->groups, p, count, indices, -1));
    return ptl__groups_pack(&q->groups, ranks, sizeof *indices, indices, (void **)packed);
}

ptl_status ptl__inquiry_ask(ptl_comm *comm, const ptl_partition *partition, ptl_status status,
                            int64_t count, const int64_t *indices, ptl__inquiry *inquiry)
{
    *inquiry = (ptl__inquiry){.comm = comm};
    int64_t *packed = NULL;
    ptl__range at = {0};
    if (status == PTL_OK)
        status = sort_questions(inquiry, partition, count, indices, &packed);
    status = ptl__agree(comm, status, 0, "calls");
    if (status == PTL_OK)
        status = ptl__comm_route(comm, sizeof *packed, packed, inquiry->groups.offsets,
                                 (void **)&inquiry->asked, inquiry->offsets);
    ptl__free(packed);
    PTL_TRY(status);
    for (int64_t i = 0; i < ptl__inquiry_asked(inquiry); i++)
        inquiry->asked[i] = ptl__partition_local(partition, inquiry->asked[i], &at);
    return PTL_OK;
}

int64_t ptl__inquiry_asked(const ptl__inquiry *inquiry)
{
    return inquiry->offsets[inquiry->comm->size];
}

ptl_status ptl__inquiry_answer(ptl__inquiry *inquiry, ptl_status status, size_t size,
                               const void *answers, void *out)
{
    const ptl__groups *groups = &inquiry->groups;
    char *arrived;
    PTL_TRY(ptl__agree(inquiry->comm, status, 0, "calls"));
    PTL_TRY(ptl__comm_route(inquiry->comm, size, answers, inquiry->offsets, (void **)&arrived,
                            inquiry->arrivals));
    for (int64_t i = 0; i < groups->offsets[inquiry->comm->size]; i++)
        memcpy((char *)out + (size_t)groups->positions[i] * size, arrived + (size_t)i * size, size);
    ptl__free(arrived);
    return PTL_OK;
}

void ptl__inquiry_clear(ptl__inquiry *inquiry)
{
    ptl__groups_clear(&inquiry->groups);
    ptl__free(inquiry->offsets);
    ptl__free(inquiry->asked);
    ptl__free(inquiry->arrivals);
    *inquiry = (ptl__inquiry){0};
}
