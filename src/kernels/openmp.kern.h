/* The openmp backend: fast loops on any number of threads. kernels.h says what each does, blocks.h
 * how they are cut. */
#include "blocks.h"
#include "scalar.kern.h"

/* What element_tile does, and what sum_tile adds up. */
enum operation { FILL, SCALE, DIVIDE, ADD, SUBTRACT, SCALE_ADD };
enum term { DOT, CONJ_DOT, SQUARE, MODULUS, VALUE };

#include "openmp_half.kern.h"

#include "openmp_vector.kern.h"

#include "openmp_reduce.kern.h"

#include "openmp_combine.kern.h"

#include "openmp_pipecg.kern.h"

#include "openmp_panel.kern.h"

#include "openmp_product.kern.h"

#include "openmp_blocks.kern.h"

#define INDEX_KERNELS "openmp_index.kern.h"
#include "each_itype.h"
#undef INDEX_KERNELS

#define INDEX_KERNELS "openmp_triangular.kern.h"
#include "each_itype.h"
#undef INDEX_KERNELS

#define ENTRY_KERNELS "openmp_dense.kern.h"
#include "each_mtype.h"
#undef ENTRY_KERNELS

/* The sparse products, each file on every M and I. */
#define ENTRY_KERNELS "each_itype.h"
#define INDEX_KERNELS "openmp_csr.kern.h"
#include "each_mtype.h"
#undef INDEX_KERNELS

#define INDEX_KERNELS "openmp_ell.kern.h"
#include "each_mtype.h"
#undef INDEX_KERNELS

#define INDEX_KERNELS "openmp_coo.kern.h"
#include "each_mtype.h"
#undef INDEX_KERNELS

#define INDEX_KERNELS "openmp_transposed.kern.h"
#include "each_mtype.h"
#undef INDEX_KERNELS
#undef ENTRY_KERNELS
