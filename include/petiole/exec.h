/* Executors. An executor says where data lives and which kernels run. */
#ifndef PETIOLE_EXEC_H
#define PETIOLE_EXEC_H

#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_exec ptl_exec;

typedef enum ptl_exec_kind { PTL_EXEC_REFERENCE, PTL_EXEC_OPENMP, PTL_EXEC_CUDA } ptl_exec_kind;

/* (L) The reference executor: plain loops, one thread, host memory. */
PTL_API ptl_status ptl_exec_reference(ptl_exec **out) PTL_MUST_USE;

/* (L) An executor of the fast host kernels with `threads` threads (0: OMP_NUM_THREADS, else one).
 * PTL_INVALID if threads < 0 or > 1024. Results do not depend on `threads`. */
PTL_API ptl_status ptl_exec_openmp(int threads, ptl_exec **out) PTL_MUST_USE;

/* (L) The process's default: openmp with OMP_NUM_THREADS threads, else one, until set otherwise.
 * ptl_exec_default gives a new reference; ptl_exec_set_default retains `exec`. Both may be called
 * from any thread. */
PTL_API ptl_status ptl_exec_default(ptl_exec **out) PTL_MUST_USE;
PTL_API ptl_status ptl_exec_set_default(ptl_exec *exec) PTL_MUST_USE;

/* (L) */
PTL_API ptl_exec_kind ptl_exec_get_kind(const ptl_exec *exec);
PTL_API const char *ptl_exec_name(const ptl_exec *exec); /* "reference", "openmp" */
PTL_API int ptl_exec_threads(const ptl_exec *exec);
/* The instruction set of its kernels: "baseline", "avx2", "avx512"; "" for an executor that has one
 * set of kernels. It is chosen once per process: the widest that the processor has, or the one that
 * the environment variable PETIOLE_ISA names. The constructors then fail with PTL_INVALID if the
 * name is unknown, and with PTL_NOT_SUPPORTED if the processor or the build lacks it. */
PTL_API const char *ptl_exec_isa(const ptl_exec *exec);

/* (L) Waits until all work given to the executor is done. */
PTL_API ptl_status ptl_exec_synchronize(ptl_exec *exec) PTL_MUST_USE;

PTL_API ptl_exec *ptl_exec_retain(ptl_exec *exec);
PTL_API void ptl_exec_release(ptl_exec **exec);

PTL_END_DECLS

#endif
