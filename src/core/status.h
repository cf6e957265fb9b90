/* Reporting and passing on failures. */
#ifndef PTL_CORE_STATUS_H
#define PTL_CORE_STATUS_H

#include <petiole/status.h>

/* Passes a failure on. */
#define PTL_TRY(call)                                                                              \
    do {                                                                                           \
        ptl_status ptl__try = (call);                                                              \
        if (ptl__try != PTL_OK)                                                                    \
            return ptl__try;                                                                       \
    } while (0)

/* Reports the caller's mistake: the message names the argument, its value and what was expected. */
#define PTL_CHECK(cond, code, ...)                                                                 \
    do {                                                                                           \
        if (!(cond))                                                                               \
            return ptl_fail(code, __VA_ARGS__);                                                    \
    } while (0)

enum { PTL__MESSAGE_SIZE = 1024 };

/* A failure as it is kept and sent: what ptl_error_message and ptl_error_rank tell. */
typedef struct ptl__error {
    ptl_status code;
    int rank;         /* -1: local */
    const void *link; /* the communicator that rank belongs to; NULL where it is -1 */
    char message[PTL__MESSAGE_SIZE];
} ptl__error;

/* This thread's last failure, to be read or replaced (agreement does so). */
ptl__error *ptl__last_error(void);
/* The same for a call that failed with `code`, also where it left no message. */
ptl__error *ptl__error_of(ptl_status code);

#endif
