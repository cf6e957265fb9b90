/* The openmp backend: the sparse kernels. */
#include <string.h>

#include "blocks.h"
#include "tables.h"

/* How many bytes ahead the matrix is asked for, and the bytes that one request brings. */
enum { PREFETCH = 4096, LINE = 64 };

#define KERNELS "openmp_common.kern.h"
#include "each_dtype.h"

#define SPARSE_KERNELS "openmp_sparse.kern.h"
#define KERNELS "each_itype.h"
#include "each_dtype.h"

SPARSE_TABLE(openmp)
