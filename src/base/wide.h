/* Vectors of halves at an operator's public calls: the product is made with vectors of a computing
 * dtype in their place, and what it writes is rounded at the end, once. So no class of operators
 * ever meets a vector of halves. */
#ifndef PTL_BASE_WIDE_H
#define PTL_BASE_WIDE_H

#include "linop.h"

/* (L) Puts into *from and *to the vectors that A is to multiply: x and y, or where one of them is
 * of halves a vector of A's in its place. That one is of the other's dtype, or where both are of
 * halves of A's, or PTL_F32 where A mixes. The memory stays with A for the next call.
 * PTL_DTYPE where A or x is complex and y cannot be; PTL_INVALID where x or y is NULL or both are
 * the same. names: what the caller calls them. */
ptl_status ptl__wide_open(ptl_linop *A, ptl_vector *x, ptl_vector *y, const char *const names[2],
                          ptl_vector **from, ptl_vector **to) PTL_MUST_USE;
/* (L) *to takes the values of `from`, converted; nothing where they are the same. */
void ptl__wide_convert(const ptl_vector *from, ptl_vector *to);
/* Entries of at least that modulus are infinite in y: those that are not rounded to the largest
 * half, 65504. HUGE_VAL where y is not of halves. */
double ptl__wide_limit(const ptl_vector *y);
void ptl__wide_clear(ptl__wide *wide);

#endif
