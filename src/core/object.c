/* Reference counts and busy marks. */
#include "object.h"

#include <stddef.h>

#include "status.h"
#include <petiole/types.h>

void ptl__object_init(void *self, void (*destroy)(void *self))
{
    ptl__object *object = self;
    atomic_init(&object->refs, 1);
    atomic_init(&object->busy, 0);
    object->depth = 1;
    object->destroy = destroy;
    object->next = NULL;
}

void *ptl__object_retain(void *self)
{
    ptl__object *object = self;
    if (object)
        atomic_fetch_add_explicit(&object->refs, 1, memory_order_relaxed);
    return self;
}

/* How many destructions are under way in this thread, each within the one before, and the objects
 * that wait for the outermost to go on. */
enum { MAX_DESTRUCTIONS = 32 };
static _Thread_local int destructions;
static _Thread_local ptl__object *waiting;

static void destroy(ptl__object *object)
{
    destructions++;
    object->destroy(object);
    while (destructions == 1 && waiting) {
        object = waiting;
        waiting = object->next;
        object->destroy(object);
    }
    destructions--;
}

void ptl__object_release(void *self)
{
    ptl__object *object = self;
    if (!object || atomic_fetch_sub_explicit(&object->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (destructions < MAX_DESTRUCTIONS) {
        destroy(object);
    } else {
        object->next = waiting;
        waiting = object;
    }
}

ptl_status ptl__object_made_of(void *self, const void *part, const char *what)
{
    ptl__object *object = self;
    const int depth = part ? ((const ptl__object *)part)->depth + 1 : 1;
    PTL_CHECK(depth <= PTL_MAX_DEPTH, PTL_INVALID, "%s would be nested %d deep: at most %d", what,
              depth, PTL_MAX_DEPTH);
    if (object->depth < depth)
        object->depth = depth;
    return PTL_OK;
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
