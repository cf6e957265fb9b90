/* The reference backend: plain loops on one thread. */
#include "tables.h"

#define KERNELS "reference_vector.kern.h"
#include "each_dtype.h"
VECTOR_TABLE(reference)

#define SPARSE_KERNELS "reference_sparse.kern.h"
#define KERNELS "each_itype.h"
#include "each_dtype.h"
SPARSE_TABLE(reference)

KERNELS_TABLE(reference)
