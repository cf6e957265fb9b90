/* The openmp backend. */
#include "reference.kern.h"
