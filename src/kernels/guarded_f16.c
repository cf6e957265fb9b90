/* The guarded kernels on vectors of halves: those that there are. */
#define V uint16_t
#define W double
#define TAG f16
#include "template.h"

#include "guarded.h"

#define OF NAME
#define OF_ALL_SLOT(type, name, parameters, arguments)                                             \
    static type NAME(name) parameters                                                              \
    {                                                                                              \
        const ptl__guarded_call call = ptl__guarded_begin(#name);                                  \
        UNDER->vector[PTL_F16]->name arguments;                                                    \
        ptl__guarded_end(call);                                                                    \
    }
#define REQUIRED_SLOT(type, name, parameters, arguments)
#define OPTIONAL_SLOT(type, name, parameters, arguments)
#define SLOT(need, type, name, parameters, arguments) need##_SLOT(type, name, parameters, arguments)
#include "vector_slots.h"
#undef SLOT
OF_ALL_SLOT(void, widen, (ptl__run run, ptl__block x, ptl__block y), (run, ON(x), ON(y)))
#undef OF_ALL_SLOT

#define OF_ALL_SLOT(name) .name = NAME(name),
#undef REQUIRED_SLOT
#undef OPTIONAL_SLOT
#define REQUIRED_SLOT(name)
#define OPTIONAL_SLOT(name)
#define SLOT(need, type, name, parameters, arguments) need##_SLOT(name)
extern const ptl__vector_kernels PTL__DTYPE_TABLE(BACKEND, f16);
const ptl__vector_kernels PTL__DTYPE_TABLE(BACKEND, f16) = {
#include "vector_slots.h"
    OF_ALL_SLOT(widen)};
