/* A backend's kernels on vectors of float _Complex: see template.h. */
#define V float _Complex
#define R float
#define W double _Complex
#define TAG c64
#define IS_COMPLEX 1
#include "template.h"

#include KERNELS
#include "table.kern.h"
