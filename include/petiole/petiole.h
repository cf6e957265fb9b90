/* Petiole: MPI-distributed sparse linear algebra.
 *
 * These rules hold for every declaration in these headers, which do not repeat them:
 *
 * - A function is marked (L) local or (C) collective. Every rank of the object's communicator
 *   must call a collective function, in the same order. A collective call that fails on one rank
 *   fails on every rank, with the same code and the text of the first rank that failed
 *   (ptl_error_message, ptl_error_rank).
 * - Fallible functions return ptl_status. Results leave through trailing `out` arguments, which are
 *   set to NULL (or 0) before anything else happens.
 * - Objects, descriptors (layouts, triplets, arrays) and `out` arguments are not NULL, unless a
 *   declaration says what NULL means. Arrays may be NULL where they have no elements.
 * - Arguments are borrowed for the call unless marked "retained". Every `out` object is one new
 *   reference: the caller gives it back with ptl_<object>_release(&x), which is local, never
 *   communicates, accepts a pointer to NULL and sets the pointer to NULL.
 * - `comm` NULL means one process (ptl_comm_self); `exec` NULL means ptl_exec_default.
 * - Sizes and global indices are int64_t and count rows, columns or entries, never bytes.
 * - Coefficients: an array of one double per column, or of one ptl_c128 per column for a complex
 *   dtype, in the memory of the vector's executor. float vectors take double coefficients too.
 * - Objects may be used by one thread at a time; a second use of an operator is PTL_BUSY. */
#ifndef PETIOLE_PETIOLE_H
#define PETIOLE_PETIOLE_H

#include <petiole/binary.h>
#include <petiole/comm.h>
#include <petiole/composition.h>
#include <petiole/config.h>
#include <petiole/coo.h>
#include <petiole/csr.h>
#include <petiole/dense.h>
#include <petiole/diagonal.h>
#include <petiole/eigen.h>
#include <petiole/ell.h>
#include <petiole/event.h>
#include <petiole/exec.h>
#include <petiole/export.h>
#include <petiole/factorization.h>
#include <petiole/factory.h>
#include <petiole/format.h>
#include <petiole/index_map.h>
#include <petiole/interrupt.h>
#include <petiole/kind.h>
#include <petiole/linop.h>
#include <petiole/matrix.h>
#include <petiole/mtx.h>
#include <petiole/ordering.h>
#include <petiole/partition.h>
#include <petiole/precond.h>
#include <petiole/profile.h>
#include <petiole/sellp.h>
#include <petiole/solver.h>
#include <petiole/status.h>
#include <petiole/stop.h>
#include <petiole/trace.h>
#include <petiole/types.h>
#include <petiole/vector.h>
#include <petiole/version.h>

#endif
