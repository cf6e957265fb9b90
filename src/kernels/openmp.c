/* The openmp backend: the fast host kernels, on any number of threads. */
#include <string.h>

#include "blocks.h"
#include "tables.h"

/* What element_tile does, and what sum_tile adds up. */
enum operation { FILL, SCALE, DIVIDE, ADD, SUBTRACT, SCALE_ADD };
enum term { DOT, CONJ_DOT, SQUARE, MODULUS, VALUE };

/* How many bytes ahead the matrix is asked for, and the bytes that one request brings. */
enum { PREFETCH = 4096, LINE = 64 };

#define KERNELS "openmp_vector.kern.h"
#include "each_dtype.h"

#define KERNELS "openmp_reduce.kern.h"
#include "each_dtype.h"

#define SPARSE_KERNELS "openmp_sparse.kern.h"
#define KERNELS "each_itype.h"
#include "each_dtype.h"

PTL__KERNELS(openmp)
