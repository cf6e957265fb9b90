/* A file that is replaced as a whole: what is written has a name of its own beside it until it is
 * complete. */
#ifndef PTL_IO_TARGET_H
#define PTL_IO_TARGET_H

#include <stdint.h>

#include <petiole/status.h>

typedef struct ptl__target {
    const char *path; /* borrowed; as the user gave it */
    char *name;       /* where it leads, through symbolic links */
    char *temporary;  /* the name until then: <name>.<number>.part */
    int exists;       /* 1: there is a file to replace, with this mode and owner */
    uint32_t mode, owner, group;
} ptl__target;

/* (L) PTL_IO where the path leads to what is no regular file, or one that must not be written;
 * PTL_INVALID where it is NULL. To be ended by clear, on failure too. */
ptl_status ptl__target_find(const char *path, ptl__target *out) PTL_MUST_USE;
void ptl__target_clear(ptl__target *target);

/* (L) Makes the temporary file, which was not there, and removes those of the same target whose
 * writers have died: the lock that each holds on its own is free then. */
ptl_status ptl__target_make(ptl__target *target, int64_t *number, int *fd) PTL_MUST_USE;
/* (L) Opens the one of that number, which another rank has made. */
ptl_status ptl__target_open(ptl__target *target, int64_t number, int *fd) PTL_MUST_USE;

/* (L) Has what was written to `fd` on its disk. */
ptl_status ptl__target_sync(const ptl__target *target, int fd) PTL_MUST_USE;
/* (L) The temporary file, open as `fd`, takes the target's mode, owner where that is allowed, and
 * name. */
ptl_status ptl__target_replace(const ptl__target *target, int fd) PTL_MUST_USE;

#endif
