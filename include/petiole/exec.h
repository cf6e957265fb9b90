/* Executors: where data lives and which kernels run. */
#ifndef PETIOLE_EXEC_H
#define PETIOLE_EXEC_H

#include <petiole/export.h>
#include <petiole/status.h>
#include <petiole/types.h>

PTL_BEGIN_DECLS

typedef struct ptl_exec ptl_exec;

typedef enum ptl_exec_kind { PTL_EXEC_REFERENCE, PTL_EXEC_OPENMP, PTL_EXEC_CUDA } ptl_exec_kind;

/* (L) The plain loops, one thread, host memory. */
PTL_API ptl_status ptl_exec_reference(ptl_exec **out) PTL_MUST_USE;

/* (L) The fast host kernels with `threads` threads (0: OMP_NUM_THREADS, else one).
 * PTL_INVALID where threads < 0 or > 1024. Results do not depend on `threads`. */
PTL_API ptl_status ptl_exec_openmp(int threads, ptl_exec **out) PTL_MUST_USE;

/* (L) The process's default: openmp with OMP_NUM_THREADS threads, else one, until set otherwise.
 * get gives a new reference; set retains `exec`. Safe from any thread. */
PTL_API ptl_status ptl_exec_default(ptl_exec **out) PTL_MUST_USE;
PTL_API ptl_status ptl_exec_set_default(ptl_exec *exec) PTL_MUST_USE;

/* (L) */
PTL_API ptl_exec_kind ptl_exec_get_kind(const ptl_exec *exec);
PTL_API const char *ptl_exec_name(const ptl_exec *exec); /* "reference", "openmp" */
PTL_API int ptl_exec_threads(const ptl_exec *exec);
/* The instruction set of its kernels: "baseline", "avx2", "avx512"; "" where there is no choice. It
 * is chosen once per process: the widest that the processor has, or the one that the environment
 * variable PETIOLE_ISA names (then PTL_INVALID from the constructors where the name is unknown, and
 * PTL_NOT_SUPPORTED where the processor or the build lacks it). */
PTL_API const char *ptl_exec_isa(const ptl_exec *exec);

/* (L) Returns when all work given to the executor is done. */
PTL_API ptl_status ptl_exec_synchronize(ptl_exec *exec) PTL_MUST_USE;

PTL_API ptl_exec *ptl_exec_retain(ptl_exec *exec);
PTL_API void ptl_exec_release(ptl_exec **exec);

PTL_END_DECLS

#endif
