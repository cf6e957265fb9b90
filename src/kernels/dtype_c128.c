/* A backend's kernels on vectors of double _Complex: see template.h. */
#define V double _Complex
#define R double
#define W double _Complex
#define TAG c128
#define IS_COMPLEX 1
#include "template.h"

#include KERNELS
#include "table.kern.h"
