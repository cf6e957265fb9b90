/* Host memory, checked and counted. */
#ifndef PTL_CORE_MEMORY_H
#define PTL_CORE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <petiole/status.h>

/* `count` elements of `size` bytes, aligned to 64 bytes; *out is NULL on failure (PTL_NOMEM, with
 * the number of bytes, also where count * size overflows) and never NULL on success, not even for
 * 0. */
ptl_status ptl__alloc(int64_t count, size_t size, void **out) PTL_MUST_USE;
ptl_status ptl__calloc(int64_t count, size_t size, void **out) PTL_MUST_USE;
/* The first `old_count` elements are kept. On failure *block is untouched. */
ptl_status ptl__grow(int64_t old_count, int64_t new_count, size_t size, void **block) PTL_MUST_USE;
void ptl__free(void *block);

/* What an allocation of other memory is told by, and counted in: whether `count` elements of `size`
 * bytes may be allocated (PTL_NOMEM), and how many bytes they are; that a block was, in the memory
 * of that name; that one was freed. */
ptl_status ptl__alloc_admit(int64_t count, size_t size, size_t *bytes) PTL_MUST_USE;
void ptl__alloc_counted(const char *space, int64_t bytes);
void ptl__free_counted(void);

/* How many blocks are alive: tests look for leaks with it. */
int64_t ptl__alloc_live(void);
/* The n-th allocation from now fails, and all after it until this is called with 0. For tests. */
void ptl__alloc_fail_after(int64_t n);

#define PTL_NEW(count, type, out) ptl__alloc((count), sizeof(type), (void **)(out))
#define PTL_NEW_ZERO(count, type, out) ptl__calloc((count), sizeof(type), (void **)(out))

#endif
