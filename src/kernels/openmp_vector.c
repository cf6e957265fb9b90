/* The openmp backend, on any number of threads: its table, and the vector kernels. */
#include <string.h>

#include "blocks.h"
#include "tables.h"

/* What element_tile does, and what sum_tile adds up. */
enum operation { FILL, SCALE, DIVIDE, ADD, SUBTRACT, SCALE_ADD };
enum term { DOT, CONJ_DOT, SQUARE, MODULUS, VALUE };

#define KERNELS "openmp_common.kern.h"
#include "each_dtype.h"

#define KERNELS "openmp_vector.kern.h"
#include "each_dtype.h"

#define KERNELS "openmp_reduce.kern.h"
#include "each_dtype.h"

VECTOR_TABLE(openmp)
KERNELS_TABLE(openmp)
