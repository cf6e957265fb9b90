/* Factories: parameters that generate a linear operator from a linear operator. Every solver and
 * preconditioner is one. Immutable. */
#ifndef PETIOLE_FACTORY_H
#define PETIOLE_FACTORY_H

#include <petiole/export.h>
#include <petiole/linop.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

/* Factories are made of factories (a solver's preconditioner, a coarse solver), PTL_MAX_DEPTH deep
 * and PTL_MAX_PARTS of them at most: else PTL_INVALID when one is made. */
typedef struct ptl_factory ptl_factory;

/* (C) over A's communicator. A is retained by what is generated. PTL_DIMENSION where A is not
 * square, or a preconditioner does not fit it; and what each factory says of itself. */
PTL_API ptl_status ptl_factory_generate(ptl_factory *factory, ptl_linop *A,
                                        ptl_linop **out) PTL_MUST_USE;
/* (L) A static string: "cg", "jacobi". */
PTL_API const char *ptl_factory_name(const ptl_factory *factory);

PTL_API ptl_factory *ptl_factory_retain(ptl_factory *factory);
PTL_API void ptl_factory_release(ptl_factory **factory);

PTL_END_DECLS

#endif
