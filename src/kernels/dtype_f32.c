/* A backend's kernels on vectors of float: see template.h. */
#define V float
#define R float
#define W double
#define TAG f32
#define IS_COMPLEX 0
#include "template.h"

#include KERNELS
#include "table.kern.h"
