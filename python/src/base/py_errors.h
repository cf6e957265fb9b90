/* Exceptions, the calls of the library, and the GIL. */
#ifndef PY_ERRORS_H
#define PY_ERRORS_H

#include "py_state.h"

/* One call of the library, which runs without the GIL. A Python exception that a callback leaves is
 * kept here until the call returns. Calls nest: a callback can make calls. */
typedef struct py_call {
    PyThreadState *thread; /* to take the GIL again; NULL while it is held */
    PyObject *type, *value, *trace;
    struct py_call *outer;
} py_call;

void py_call_begin(py_call *call);
int py_call_end(py_state *st, ptl_status status);

/* Runs `expr`, a ptl_status, without the GIL: 0, or -1 with its exception set. */
#define PY_CALL(st, expr) (py_call_begin(&(py_call){0}), py_call_end((st), (expr)))

/* Takes the GIL inside a call where it was let go, and lets it go again: for code that C calls. */
int py_gil_take(void);
void py_gil_drop(int taken);
/* In a callback, with an exception set: keeps it for the end of the call; PTL_CALLBACK with its
 * text. */
ptl_status py_callback_failed(void);

/* The status of the exception that is set, which is taken off: C's last failure has its text. */
ptl_status py_exception_status(py_state *st);
/* What long set-ups ask (ptl_interrupt_set): looks at signals, for Ctrl-C. */
ptl_status py_on_interrupt(void *ctx);

/* Fails on every rank, where this one cannot make the collective call that the others are making:
 * takes part in that call's first agreement with the exception that is set. Those of Petiole's own
 * classes, ValueError and MemoryError are raised as the same class everywhere; others come out as
 * they are here and as RemoteError elsewhere. Always -1. */
int py_fail_together(py_state *st, ptl_comm *comm);
/* Sets the exception of a status code; always NULL. */
void *py_error(py_state *st, ptl_status code, const char *fmt, ...);
/* Sets "NAME must be EXPECTED, not TYPE"; always NULL. */
void *py_type_error(const char *name, const char *expected, PyObject *got);
/* Sets the exception of what the library has just returned; always -1. */
int py_raise(py_state *st, ptl_status code);
int py_errors_init(py_state *st, PyObject *module);

/* Whether the exception that is set is to reach the caller as it is: no memory, an interrupt, an
 * exit. */
int py_must_pass(void);
/* Whether an object has an attribute; -1 where asking raises what must pass. */
int py_has(PyObject *object, const char *attribute);

#endif
