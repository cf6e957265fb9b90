/* Reference counts and busy marks. */
#include "object.h"

#include <stddef.h>

void ptl__object_init(void *self, void (*destroy)(void *self))
{
    ptl__object *object = self;
    atomic_init(&object->refs, 1);
    atomic_init(&object->busy, 0);
    object->destroy = destroy;
}

void *ptl__object_retain(void *self)
{
    ptl__object *object = self;
    if (object)
        atomic_fetch_add_explicit(&object->refs, 1, memory_order_relaxed);
    return self;
}

void ptl__object_release(void *self)
{
    ptl__object *object = self;
    if (object && atomic_fetch_sub_explicit(&object->refs, 1, memory_order_acq_rel) == 1)
        object->destroy(self);
}

ptl_status ptl__busy_begin(void *self, const char *what)
{
    ptl__object *object = self;
    if (atomic_exchange(&object->busy, 1))
        return ptl_fail(PTL_BUSY, "%s is in use by another call", what);
    return PTL_OK;
}

void ptl__busy_end(void *self)
{
    ptl__object *object = self;
    atomic_store(&object->busy, 0);
}
