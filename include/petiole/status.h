/* The status that every fallible call returns, and its message. */
#ifndef PETIOLE_STATUS_H
#define PETIOLE_STATUS_H

#include <petiole/export.h>

PTL_BEGIN_DECLS

/* X(NAME, text). The order is public: values are stable. */
#define PTL_STATUS_MAP(X)                                                                          \
    X(OK, "success")                                                                               \
    X(INVALID, "invalid argument")                                                                 \
    X(DIMENSION, "sizes do not match")                                                             \
    X(INDEX, "index out of range")                                                                 \
    X(DTYPE, "wrong dtype")                                                                        \
    X(FORMAT, "malformed file or description")                                                     \
    X(IO, "file cannot be read or written")                                                        \
    X(MPI, "MPI error")                                                                            \
    X(NOT_SUPPORTED, "not supported")                                                              \
    X(BUSY, "object in use")                                                                       \
    X(NOMEM, "out of memory")                                                                      \
    X(CALLBACK, "user code failed")                                                                \
    X(REMOTE, "user code failed on another rank")                                                  \
    X(EXPIRED, "object was lent for a call that has returned")

typedef enum ptl_status {
#define X(name, text) PTL_##name,
    PTL_STATUS_MAP(X)
#undef X
        PTL_STATUS_COUNT
} ptl_status;

/* (L) The code's name ("DIMENSION") and its general text; static strings. */
PTL_API const char *ptl_status_name(ptl_status code);
PTL_API const char *ptl_status_text(ptl_status code);

/* (L) The message of this thread's last failure, "" before the first. The text stays valid until
 * the thread's next failure. */
PTL_API const char *ptl_error_message(void);

/* (L) The first rank that failed in this thread's last failure; -1 if the failure was local. */
PTL_API int ptl_error_rank(void);

/* (L) For user callbacks: records `code` (not PTL_OK) and a message for this thread; returns it. */
PTL_API ptl_status ptl_fail(ptl_status code, const char *fmt, ...) PTL_PRINTF(2, 3);

PTL_END_DECLS

#endif
