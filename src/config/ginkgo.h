/* Keys of Ginkgo's that choose nothing here. */
#ifndef PTL_CONFIG_GINKGO_H
#define PTL_CONFIG_GINKGO_H

#include "json_place.h"
#include "types.h"

/* (L) The key of the i-th of them; NULL where it is not one of the type's, and *end set after the
 * last. */
const char *ptl__ginkgo_key(int i, const ptl__type *type, int *end);
/* (L) That those which an object has ask for what happens anyway: PTL_FORMAT. */
ptl_status ptl__ginkgo_check(const ptl__type *type, const json_t *object,
                             const ptl__json_place *at) PTL_MUST_USE;

#endif
