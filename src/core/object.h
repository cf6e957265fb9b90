/* The base of every refcounted object: it comes first in the struct. */
#ifndef PTL_CORE_OBJECT_H
#define PTL_CORE_OBJECT_H

#include <stdatomic.h>

#include <petiole/status.h>

typedef struct ptl__object {
    atomic_int refs;
    atomic_int busy;
    int depth; /* 1, or one more than the deepest of what self is made of: see ptl__object_made_of
                */
    void (*destroy)(void *self); /* frees what self holds, and self */
    struct ptl__object *next;    /* of those that wait to be destroyed */
} ptl__object;

/* Starts with one reference. */
void ptl__object_init(void *self, void (*destroy)(void *self));
void *ptl__object_retain(void *self); /* NULL is let through */
/* NULL is let through. However deep a chain of objects is that hold each other, its end takes
 * little stack: what lies deep inside is destroyed after what holds it, before this returns. */
void ptl__object_release(void *self);

/* Notes that self is made of `part` (NULL is let through), so that calls on self call on into it:
 * PTL_INVALID, naming `what`, where that is nested PTL_MAX_DEPTH deep already. */
ptl_status ptl__object_made_of(void *self, const void *part, const char *what) PTL_MUST_USE;

/* Marks self as in use by one call; PTL_BUSY, naming `what`, where it is already. Returned at once,
 * without agreement: the communicator may be in the middle of the other call. */
ptl_status ptl__busy_begin(void *self, const char *what);
void ptl__busy_end(void *self);

/* Defines the public ptl_<x>_retain and ptl_<x>_release of a type. */
#define PTL__OBJECT_FUNCTIONS(type)                                                                \
    type *type##_retain(type *self)                                                                \
    {                                                                                              \
        return ptl__object_retain(self);                                                           \
    }                                                                                              \
    void type##_release(type **self)                                                               \
    {                                                                                              \
        if (self && *self) {                                                                       \
            ptl__object_release(*self);                                                            \
            *self = NULL;                                                                          \
        }                                                                                          \
    }

#endif
