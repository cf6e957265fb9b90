/* Exceptions, and the way of errors between Python and C. */
#include <stdarg.h>
#include <string.h>

#include "py_errors.h"

static _Thread_local py_call *current; /* this thread's innermost call */

void py_call_begin(py_call *call)
{
    call->outer = current;
    current = call;
    call->thread = PyEval_SaveThread();
}

int py_call_end(py_state *st, ptl_status status)
{
    py_call *call = current;
    PyEval_RestoreThread(call->thread);
    current = call->outer;
    if (status == PTL_CALLBACK && call->type) {
        PyErr_Restore(call->type, call->value, call->trace);
        return -1;
    }
    int result = status == PTL_OK ? 0 : py_raise(st, status); /* before anything that can call */
    Py_XDECREF(call->type);
    Py_XDECREF(call->value);
    Py_XDECREF(call->trace);
    return result;
}

int py_gil_take(void)
{
    if (!current || !current->thread)
        return 0;
    PyEval_RestoreThread(current->thread);
    current->thread = NULL;
    return 1;
}

void py_gil_drop(int taken)
{
    if (taken)
        current->thread = PyEval_SaveThread();
}

/* Text as C has it, a new bytes object: lone surrogates, which no encoding has, become escapes. */
static PyObject *to_bytes(PyObject *text)
{
    return text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
}

/* Records an exception as the library's failure of this thread. */
static ptl_status record(ptl_status code, PyObject *type, PyObject *value, int with_type)
{
    PyObject *name = with_type ? PyType_GetName((PyTypeObject *)type) : NULL;
    PyObject *text = value ? PyObject_Str(value) : NULL;
    PyObject *name_bytes = to_bytes(name), *text_bytes = to_bytes(text);
    const char *name_text = name_bytes ? PyBytes_AsString(name_bytes) : "";
    const char *value_text = text_bytes ? PyBytes_AsString(text_bytes) : "";
    code = ptl_fail(code, "%s%s%s", name_text, *name_text && *value_text ? ": " : "", value_text);
    PyErr_Clear();
    Py_XDECREF(name);
    Py_XDECREF(text);
    Py_XDECREF(name_bytes);
    Py_XDECREF(text_bytes);
    return code;
}

/* Takes the exception that is set, and keeps it in `call`, where an earlier one stays. */
static ptl_status keep(py_call *call)
{
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    ptl_status code = record(PTL_CALLBACK, type, value, 1);
    if (call && !call->type) {
        call->type = type;
        call->value = value;
        call->trace = trace;
    } else {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(trace);
    }
    return code;
}

ptl_status py_callback_failed(void)
{
    return keep(current);
}

/* The code that the exception that is set stands for; PTL_CALLBACK where it stands for none. */
static ptl_status code_of_exception(py_state *st)
{
    for (int code = PTL_OK + 1; code < PTL_STATUS_COUNT; code++)
        if (PyErr_ExceptionMatches(st->errors[code]))
            return code == PTL_REMOTE ? PTL_CALLBACK : (ptl_status)code;
    if (PyErr_ExceptionMatches(PyExc_MemoryError))
        return PTL_NOMEM;
    return PyErr_ExceptionMatches(PyExc_ValueError) ? PTL_INVALID : PTL_CALLBACK;
}

/* Takes the exception that is set as this thread's failure, and keeps it in `call` where C has no
 * code for it. */
static ptl_status take(py_state *st, py_call *call)
{
    ptl_status code = code_of_exception(st);
    if (code == PTL_CALLBACK)
        return keep(call);
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    record(code, type, value, 0);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
    return code;
}

ptl_status py_exception_status(py_state *st)
{
    return take(st, NULL);
}

ptl_status py_on_interrupt(void *ctx)
{
    (void)ctx;
    if (!current || !current->thread) /* no call of ours, or user code of it */
        return PTL_OK;
    int taken = py_gil_take();
    ptl_status status = PyErr_CheckSignals() < 0 ? py_callback_failed() : PTL_OK;
    py_gil_drop(taken);
    return status;
}

int py_fail_together(py_state *st, ptl_comm *comm)
{
    py_call call = {0};
    ptl_status code = take(st, &call);
    py_call_begin(&call);
    return py_call_end(st, ptl_comm_agree(comm, code));
}

int py_raise(py_state *st, ptl_status code)
{
    PyObject *type = code < PTL_STATUS_COUNT ? st->errors[code] : st->Error;
    int at = ptl_error_rank();
    const char *text = ptl_error_message(); /* a path in it can be of any bytes */
    PyObject *message = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
    PyObject *error = message ? PyObject_CallFunctionObjArgs(type, message, NULL) : NULL;
    PyObject *rank = at < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(at);
    if (error && rank && PyObject_SetAttrString(error, "rank", rank) == 0)
        PyErr_SetObject(type, error);
    Py_XDECREF(message);
    Py_XDECREF(error);
    Py_XDECREF(rank);
    return -1;
}

int py_must_pass(void)
{
    return PyErr_ExceptionMatches(PyExc_MemoryError) || !PyErr_ExceptionMatches(PyExc_Exception);
}

int py_has(PyObject *object, const char *attribute)
{
    PyObject *value = PyObject_GetAttrString(object, attribute);
    Py_XDECREF(value);
    if (!value && py_must_pass())
        return -1;
    PyErr_Clear();
    return value != NULL;
}

void *py_error(py_state *st, ptl_status code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    PyErr_FormatV(st->errors[code], fmt, args);
    va_end(args);
    return NULL;
}

void *py_type_error(const char *name, const char *expected, PyObject *got)
{
    PyObject *type = PyType_GetName(Py_TYPE(got));
    if (type)
        PyErr_Format(PyExc_TypeError, "%s must be %s, not %U", name, expected, type);
    Py_XDECREF(type);
    return NULL;
}

/* The classes. Codes that share a class name it once. */
static const struct {
    const char *name, *doc;
} classes[PTL_STATUS_COUNT] = {
    [PTL_INVALID] = {"InvalidArgument", "An argument that cannot be."},
    [PTL_DIMENSION] = {"DimensionError", "Sizes that do not match, or differ between the ranks."},
    [PTL_INDEX] = {"IndexOutOfRange", "An index, a rank or a part that is out of range."},
    [PTL_DTYPE] = {"DtypeError", "A dtype that cannot be used here."},
    [PTL_FORMAT] = {"FormatError", "A malformed file or description."},
    [PTL_IO] = {"FileError", "A file that cannot be read or written."},
    [PTL_MPI] = {"MpiError", "MPI is missing, has failed, or a communicator cannot be used."},
    [PTL_NOT_SUPPORTED] = {"NotSupported", "Something that is not available here."},
    [PTL_BUSY] = {"Busy", "An object that another call is using."},
    [PTL_NOMEM] = {"OutOfMemory", "Memory that cannot be had."},
    [PTL_REMOTE] = {"RemoteError", "User code has failed on another rank; this is its text."},
    [PTL_EXPIRED] = {"Expired", "A vector that was lent to user code, used after that returned."},
};

static PyObject *builtin_base(ptl_status code)
{
    switch (code) {
    case PTL_INDEX:
        return PyExc_IndexError;
    case PTL_DTYPE:
        return PyExc_TypeError;
    case PTL_IO:
        return PyExc_OSError;
    case PTL_NOT_SUPPORTED:
        return PyExc_NotImplementedError;
    case PTL_NOMEM:
        return PyExc_MemoryError;
    case PTL_MPI:
    case PTL_BUSY:
    case PTL_REMOTE:
    case PTL_EXPIRED:
        return PyExc_RuntimeError;
    default:
        return PyExc_ValueError;
    }
}

static int add_class(py_state *st, PyObject *module, ptl_status code)
{
    char qualified[64];
    PyOS_snprintf(qualified, sizeof qualified, "petiole.%s", classes[code].name);
    PyObject *bases = PyTuple_Pack(2, st->Error, builtin_base(code));
    if (!bases)
        return -1;
    st->errors[code] = PyErr_NewExceptionWithDoc(qualified, classes[code].doc, bases, NULL);
    Py_DECREF(bases);
    if (!st->errors[code])
        return -1;
    return PyModule_AddObjectRef(module, classes[code].name, st->errors[code]);
}

int py_errors_init(py_state *st, PyObject *module)
{
    PyObject *dict = Py_BuildValue("{sO}", "rank", Py_None);
    if (!dict)
        return -1;
    st->Error = PyErr_NewExceptionWithDoc("petiole.Error",
                                          "Base of Petiole's errors. `rank` is the first rank at "
                                          "fault in a collective call, None where "
                                          "the failure was local.",
                                          NULL, dict);
    Py_DECREF(dict);
    if (!st->Error || PyModule_AddObjectRef(module, "Error", st->Error) < 0)
        return -1;
    for (int code = PTL_OK + 1; code < PTL_STATUS_COUNT; code++)
        if (classes[code].name && add_class(st, module, (ptl_status)code) < 0)
            return -1;
    st->errors[PTL_OK] = Py_NewRef(st->Error);
    st->errors[PTL_CALLBACK] = Py_NewRef(st->errors[PTL_REMOTE]);
    return 0;
}
