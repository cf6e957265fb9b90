/* What the object of a kind may hold. */
#ifndef PTL_CONFIG_KEYS_H
#define PTL_CONFIG_KEYS_H

#include <petiole/kind.h>

#include "json_place.h"
#include "types.h"

/* (L) The parameters that are factories or the kind's own come in these tables, NULL where there is
 * none; each is ended by one without a name. Two tables may name the same place. */
enum { PTL__PARAM_TABLES = 3 };
void ptl__config_params(const ptl_kind *kind, const ptl_param *tables[PTL__PARAM_TABLES]);
int ptl__config_is_solver(const ptl_kind *kind);
/* (L) Ginkgo's booleans that stand for one of a parameter's choices: sets those that are true. */
ptl_status ptl__config_flags(const ptl_kind *kind, const json_t *object, const ptl__json_place *at,
                             void *options) PTL_MUST_USE;
/* (L) Whether Ginkgo's files give the kind a "factorization", which says all that it is. */
int ptl__config_is_factorized(const ptl__type *type);

/* (L) That an object has no other keys, and that those which choose nothing here, Ginkgo's programs
 * having them, have values that can be met. */
ptl_status ptl__config_check_keys(const ptl__type *type, const json_t *object,
                                  const ptl__json_place *at) PTL_MUST_USE;

#endif
