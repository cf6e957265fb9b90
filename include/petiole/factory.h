/* A factory holds the parameters of a solver or preconditioner, and generates it, as a linear
 * operator, from a linear operator A. Immutable. */
#ifndef PETIOLE_FACTORY_H
#define PETIOLE_FACTORY_H

#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

/* A factory may contain others (a solver's preconditioner, a coarse solver). Making one fails with
 * PTL_INVALID if they nest deeper than PTL_MAX_DEPTH, or are more than PTL_MAX_PARTS. */
typedef struct ptl_factory ptl_factory;

/* (C) over A's communicator. The generated operator retains A. PTL_DIMENSION if A is not square or
 * a preconditioner has another size; the documentation of each factory lists its further errors. */
PTL_API ptl_status ptl_factory_generate(ptl_factory *factory, ptl_linop *A,
                                        ptl_linop **out) PTL_MUST_USE;
/* (L) A static string: "cg", "jacobi". */
PTL_API const char *ptl_factory_name(const ptl_factory *factory);

PTL_API ptl_factory *ptl_factory_retain(ptl_factory *factory);
PTL_API void ptl_factory_release(ptl_factory **factory);

PTL_END_DECLS

#endif
