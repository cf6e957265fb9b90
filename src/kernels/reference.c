/* The reference backend: plain loops on one thread. */
#include "tables.h"

#define KERNELS "reference_vector.kern.h"
#include "each_dtype.h"

#define SPARSE_KERNELS "reference_sparse.kern.h"
#define KERNELS "each_itype.h"
#include "each_dtype.h"

PTL__KERNELS(reference)
