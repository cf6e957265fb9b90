/* A backend's kernels on vectors of double: see template.h. */
#define V double
#define R double
#define W double
#define TAG f64
#define IS_COMPLEX 0
#include "template.h"

#include KERNELS
#include "table.kern.h"
