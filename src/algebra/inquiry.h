/* An inquiry: each rank asks the owners of some global indices for something that they know of
 * them, once or several times. */
#ifndef PTL_ALGEBRA_INQUIRY_H
#define PTL_ALGEBRA_INQUIRY_H

#include "../distributed/owners.h"
#include <petiole/comm.h>

typedef struct ptl__inquiry {
    ptl_comm *comm;     /* borrowed */
    ptl__groups groups; /* this rank's questions, by owner */
    int64_t *offsets;   /* ranks + 1: into asked, by who asks */
    int64_t *asked;     /* what this rank is asked for, in its local numbers */
    int64_t *arrivals;  /* ranks + 1: scratch */
} ptl__inquiry;

/* (C) Asks for `count` indices in [0, size of the partition), in any order, repeated or not. Agrees
 * on `status`, of this rank so far. To be ended by clear, on failure too. */
ptl_status ptl__inquiry_ask(ptl_comm *comm, const ptl_partition *partition, ptl_status status,
                            int64_t count, const int64_t *indices,
                            ptl__inquiry *inquiry) PTL_MUST_USE;
/* (L) How many questions this rank has to answer. */
int64_t ptl__inquiry_asked(const ptl__inquiry *inquiry);
/* (C) Brings one element of `size` bytes for each index, in the order of the indices, into out;
 * `answers` has one for each element of `asked`. Agrees on `status`. */
ptl_status ptl__inquiry_answer(ptl__inquiry *inquiry, ptl_status status, size_t size,
                               const void *answers, void *out) PTL_MUST_USE;
void ptl__inquiry_clear(ptl__inquiry *inquiry);

#endif
