/* Index maps. */
#ifndef PY_INDEX_MAP_H
#define PY_INDEX_MAP_H

#include "../base/py_state.h"

PyObject *py_index_map_wrap(py_state *st, ptl_index_map *map); /* takes the reference */

#endif
