/* What the object of a kind may hold. */
#ifndef PTL_CONFIG_KEYS_H
#define PTL_CONFIG_KEYS_H

#include <petiole/kind.h>

#include "place.h"

/* (L) The parameters that are factories or the kind's own come in these tables, NULL where there is
 * none; each is ended by one without a name. Two tables may name the same place. */
enum { PTL__PARAM_TABLES = 3 };
void ptl__config_params(const ptl_kind *kind, const ptl_param *tables[PTL__PARAM_TABLES]);
int ptl__config_is_solver(const ptl_kind *kind);

/* (L) That the object of a kind has no other keys, and that those which choose nothing here,
 * Ginkgo's programs having them, have values that can be met. */
ptl_status ptl__config_check_keys(const ptl_kind *kind, const json_t *object,
                                  const ptl__place *at) PTL_MUST_USE;

/* (L) The kind that a "type" names: "solver::Cg", "Cg" or "cg". */
ptl_status ptl__config_kind(const json_t *type, const ptl__place *at,
                            const ptl_kind **out) PTL_MUST_USE;

#endif
