/* What solves call after each iteration. */
#ifndef PY_CALLBACK_H
#define PY_CALLBACK_H

#include "../base/py_state.h"

/* Looks at signals and calls the callback of the py_factory that ctx is. */
ptl_status py_factory_on_event(void *ctx, const ptl_event *event);

#endif
