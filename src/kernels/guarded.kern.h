/* The guarded backend: each kernel is another table's, UNDER, behind a door (see core/guarded.h and
 * guarded.h). Compiled like any backend, with dtype_*.c and table.c. */
#include "guarded.h"

#define WRAP(type, name, parameters, arguments, table)                                             \
    static type OF(name) parameters                                                                \
    {                                                                                              \
        const ptl__guarded_call call = ptl__guarded_begin(#name);                                  \
        BEFORE_##type(table)->name arguments;                                                      \
        ptl__guarded_end(call);                                                                    \
        AFTER_##type;                                                                              \
    }
#define BEFORE_void
#define AFTER_void
#define BEFORE_int64_t const int64_t result =
#define AFTER_int64_t return result

#define SLOT(need, type, name, parameters, arguments)                                              \
    WRAP(type, name, parameters, arguments, UNDER->vector[ENUM(TAG)])
#define OF NAME
#include "vector_slots.h"
#undef OF
#undef SLOT

#define SLOT(need, type, name, parameters, arguments)                                              \
    WRAP(type, name, parameters, arguments, UNDER->index[ENUM(TAG)][ENUM(INDEX_TAG)])
#define OF PAIR
#define INDEX_KERNELS "index_slots.h"
#include "each_itype.h"
#undef INDEX_KERNELS
#undef OF
#undef SLOT

#define SLOT(need, type, name, parameters, arguments)                                              \
    WRAP(type, name, parameters, arguments, UNDER->dense[ENUM(ENTRY_TAG)][ENUM(TAG)])
#define OF MIXED
#define ENTRY_KERNELS "dense_slots.h"
#include "each_mtype.h"
#undef ENTRY_KERNELS
#undef OF
#undef SLOT

#define SLOT(need, type, name, parameters, arguments)                                              \
    WRAP(type, name, parameters, arguments,                                                        \
         UNDER->sparse[ENUM(ENTRY_TAG)][ENUM(TAG)][ENUM(INDEX_TAG)])
#define OF TRIPLE
#define INDEX_KERNELS "sparse_slots.h"
#define ENTRY_KERNELS "each_itype.h"
#include "each_mtype.h"
#undef INDEX_KERNELS
#undef ENTRY_KERNELS
#undef OF
#undef SLOT
