/* The table of one dtype of vectors, after the kernels. */
#define SLOT(need, type, name, parameters, arguments) .name = OF(name),

extern const ptl__dtype_kernels PTL__DTYPE_TABLE(BACKEND, TAG);
const ptl__dtype_kernels PTL__DTYPE_TABLE(BACKEND, TAG) = {
    .vector =
        {
#define OF NAME
#include "vector_slots.h"
#undef OF
        },
    .index =
        {
#define OF PAIR
#define SLOTS "index_slots.h"
#define INDEX_KERNELS "table_index.kern.h"
#include "each_itype.h"
#undef INDEX_KERNELS
#undef SLOTS
#undef OF
        },
    .dense =
        {
#define OF MIXED
#define SLOTS "dense_slots.h"
#define ENTRY_KERNELS "table_entry.kern.h"
#include "each_mtype.h"
#undef ENTRY_KERNELS
#undef SLOTS
#undef OF
        },
    .sparse =
        {
#define OF TRIPLE
#define SLOTS "each_itype.h"
#define ENTRY_KERNELS "table_entry.kern.h"
#define INDEX_KERNELS "table_sparse.kern.h"
#include "each_mtype.h"
        },
};
