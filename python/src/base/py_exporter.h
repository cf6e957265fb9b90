/* The class Exporter. */
#ifndef PY_EXPORTER_H
#define PY_EXPORTER_H

#include "py_state.h"

/* Leaves out of the class what the running Python has itself; to be called before it is made. */
void py_exporter_init(void);

#endif
