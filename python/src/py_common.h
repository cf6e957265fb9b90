/* What the files of the extension share. Each Python object wraps one C object and holds strong
 * references to the Python objects that it is made of; none of them is reached from C but through a
 * `py_call`. Limited API of Python 3.11. */
#ifndef PY_COMMON_H
#define PY_COMMON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <petiole/petiole.h>

/* X(name, base): the classes, bases first. Each has a `py_<name>_spec` in its file. */
#define PY_TYPE_MAP(X)                                                                             \
    X(ExecutorType, &PyType_Type)                                                                  \
    X(ExecutorBase, NULL)                                                                          \
    X(Communicator, NULL)                                                                          \
    X(Partition, NULL)                                                                             \
    X(IndexMap, NULL)                                                                              \
    X(Vector, NULL)                                                                                \
    X(LinOp, NULL)                                                                                 \
    X(Matrix, st->LinOp)                                                                           \
    X(Format, st->LinOp)                                                                           \
    X(Csr, st->Format)                                                                             \
    X(Coo, st->Format)                                                                             \
    X(Ell, st->Format)                                                                             \
    X(Sellp, st->Format)                                                                           \
    X(Dense, st->Format)                                                                           \
    X(Diagonal, st->LinOp)                                                                         \
    X(Identity, st->LinOp)                                                                         \
    X(Composition, st->LinOp)                                                                      \
    X(Combination, st->LinOp)                                                                      \
    X(Cast, st->LinOp)                                                                             \
    X(Solver, st->LinOp)                                                                           \
    X(Factorization, st->LinOp)                                                                    \
    X(Factory, NULL)                                                                               \
    X(Criterion, NULL)                                                                             \
    X(Iteration, st->Criterion)                                                                    \
    X(Residual, st->Criterion)                                                                     \
    X(ImplicitResidual, st->Criterion)                                                             \
    X(Time, st->Criterion)                                                                         \
    X(Divergence, st->Criterion)                                                                   \
    X(Stagnation, st->Criterion)                                                                   \
    X(Predicate, st->Criterion)                                                                    \
    X(Log, NULL)                                                                                   \
    X(EigenLog, NULL)                                                                              \
    X(EigenEvent, NULL)                                                                            \
    X(Event, NULL)                                                                                 \
    X(trace, NULL)                                                                                 \
    X(TraceEvent, NULL)                                                                            \
    X(Profile, NULL)                                                                               \
    X(Block, NULL)                                                                                 \
    X(Exporter, NULL)

/* The module's state. */
typedef struct py_state {
    PyObject *Error;
    PyObject *errors[PTL_STATUS_COUNT]; /* the class that stands for each code; [0] is Error */
    PyObject *numpy;                    /* NULL until it is needed */
    PyObject *dtypes[PTL_DTYPE_ALL];    /* numpy.dtype of each, NULL until it is needed */
    PyTypeObject *Executor;             /* ExecutorBase with the metaclass ExecutorType */
    int mpi4py_fits;                    /* 1 once mpi4py is known to use the same MPI as we */
#define X(name, base) PyTypeObject *name;
    PY_TYPE_MAP(X)
#undef X
    PyTypeObject **kinds; /* of the factories, in the order of ptl_kinds */
} py_state;

#define X(name, base) extern PyType_Spec py_##name##_spec;
PY_TYPE_MAP(X)
#undef X

extern struct PyModuleDef py_module_def;

/* The state of the module that a class, or a base of it, belongs to; NULL, without an error, where
 * none does. Objects of ours know their state; this is for constructors and binary operators. */
py_state *py_state_of(PyObject *type);

/* A new object of a class, zeroed, its first field after the head being the state. */
void *py_new(py_state *st, PyTypeObject *type);
/* Ends an object's memory and its reference to its class; the last act of every tp_dealloc. */
void py_free(PyObject *self);

/* ---- errors and calls (py_errors.c) ---------------------------------------------------------- */

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
/* The same over the communicator that one of the objects is, or that an operator or vector, or what
 * a factory preconditions with, lives on: the largest of them. Where there is none, nobody can be
 * told, and this rank fails alone. NULLs are skipped. Always NULL. */
void *py_fail_among(py_state *st, int count, PyObject *const *objects);
/* That the operators and vectors among the objects live on one communicator; else fails among them.
 */
int py_check_comms(py_state *st, int count, PyObject *const *objects);

/* Sets the exception of a status code; always NULL. */
void *py_error(py_state *st, ptl_status code, const char *fmt, ...);
/* Sets "NAME must be EXPECTED, not TYPE"; always NULL. */
void *py_type_error(const char *name, const char *expected, PyObject *got);
/* Sets the exception of what the library has just returned; always -1. */
int py_raise(py_state *st, ptl_status code);
int py_errors_init(py_state *st, PyObject *module);

/* ---- arguments (py_args.c) ------------------------------------------------------------------- */

/* A function's parameters: the first `positional` may be given by position, the first `required`
 * must be given; keyword-only ones come last. */
typedef struct py_signature {
    const char *function;
    int required, positional, count;
    const char *const *names;
} py_signature;

#define PY_SIGNATURE(id, function, required, positional, ...)                                      \
    static const char *const id##_names[] = {__VA_ARGS__};                                         \
    static const py_signature id = {function, required, positional,                                \
                                    sizeof id##_names / sizeof *id##_names, id##_names}

/* Sorts the arguments into `out`, borrowed, by the order of the names; NULL where not given. Those
 * that have a place are there even where others make it fail. */
int py_args(const py_signature *signature, PyObject *const *args, Py_ssize_t nargs,
            PyObject *kwnames, PyObject **out);
int py_args_tuple(const py_signature *signature, PyObject *args, PyObject *kwargs, PyObject **out);
/* Those of a collective constructor: the Communicator of out[at], a new reference. Fails among what
 * is given. */
PyObject *py_args_comm(py_state *st, const py_signature *signature, int at, PyObject *const *args,
                       Py_ssize_t nargs, PyObject *kwnames, PyObject **out);
PyObject *py_args_tuple_comm(py_state *st, const py_signature *signature, int at, PyObject *args,
                             PyObject *kwargs, PyObject **out);

/* Entries of a method table, for functions of (self, args, nargs, kwnames). */
#define PY_METHOD(name, function, doc)                                                             \
    {                                                                                              \
        name, (PyCFunction)(void (*)(void))(function), METH_FASTCALL | METH_KEYWORDS, doc          \
    }
/* A collective method of `count` arguments, 0 or 1, without names: where one rank gives more or
 * fewer, every rank fails. PY_COUNTED is its entry. */
#define PY_COUNT(count, function)                                                                  \
    static PyObject *function##_counted(PyObject *self, PyObject *const *args, Py_ssize_t nargs,   \
                                        PyObject *kwnames)                                         \
    {                                                                                              \
        return py_args_count(self, count, args, nargs, kwnames) < 0                                \
                   ? NULL                                                                          \
                   : function(self, (count) ? args[0] : NULL);                                     \
    }
#define PY_COUNTED(name, function, doc) PY_METHOD(name, function##_counted, doc)
int py_args_count(PyObject *self, int count, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames);
#define PY_CLASS_METHOD(name, function, doc)                                                       \
    {                                                                                              \
        name, (PyCFunction)(void (*)(void))(function), METH_FASTCALL | METH_KEYWORDS | METH_CLASS, \
            doc                                                                                    \
    }

/* Given and not None. */
static inline int py_given(PyObject *object)
{
    return object && object != Py_None;
}
int py_to_int64(py_state *st, PyObject *object, const char *name, int64_t *out);
int py_to_int(py_state *st, PyObject *object, const char *name, int *out);
/* Whether it is a sequence of two, but no bytes; -1 where asking raises what must pass. */
int py_is_pair(PyObject *object);
/* An integer, which means square, or a pair of them. */
int py_to_shape(py_state *st, PyObject *object, const char *name, int64_t shape[2]);
int py_to_double(PyObject *object, const char *name, double *out);
/* The position of a string in a list that ends with NULL; InvalidArgument, with the list, else. */
int py_to_choice(py_state *st, PyObject *object, const char *name, const char *const *choices,
                 int *out);
int py_to_dtype(py_state *st, PyObject *object, ptl_dtype *out);
/* The numpy.dtype of a dtype; a new reference. */
PyObject *py_dtype(py_state *st, ptl_dtype dtype);
/* A tuple of integers. */
PyObject *py_shape(int ndim, int64_t first, int64_t second);

/* ---- arrays (py_array.c) --------------------------------------------------------------------- */

/* numpy, imported at the first call; borrowed. */
PyObject *py_numpy(py_state *st);

/* Somebody's array in host memory, held until py_array_end. */
typedef struct py_array {
    Py_buffer buffer; /* held where buffer.obj is not NULL; shape and strides are in it */
    char kind;        /* of the elements: NumPy's b i u f c, or 0 */
    int size;         /* bytes of an element */
} py_array;

/* Whether the exception that is set is to reach the caller as it is: no memory, an interrupt, an
 * exit. */
int py_must_pass(void);
/* (py_device.c) That an object is not in a GPU's memory: NotSupported with the cure, or DtypeError
 * where what it says of that cannot be. */
int py_host_check(py_state *st, PyObject *object, const char *name);
/* Whether an object has an attribute; -1 where asking raises what must pass. */
int py_has(PyObject *object, const char *attribute);
/* (py_numbers.c) Whether it is an array some of whose elements are masked, that is, not there; -1
 * with an exception. */
int py_is_masked(PyObject *object);
/* That an object's elements are numbers, and all there: DtypeError for bytes, masked arrays, and
 * lists of either. */
int py_numbers_check(py_state *st, PyObject *object, const char *name);
/* NumPy's array of any object, its memory where it has some, checked in the same way; a new
 * reference. */
PyObject *py_array_of(py_state *st, PyObject *object, const char *name);
/* That an object has memory of its own to look at; TypeError, which names what makes copies. */
int py_array_check(PyObject *object, const char *name, const char *copier);
/* The object's own memory. DtypeError where it is no array; a GPU's is refused with the cure. */
int py_array_view(py_state *st, PyObject *object, const char *name, py_array *out);
/* Its values, read row by row: converted to a dtype of ours where they are integers, and copied
 * where they don't lie so. ndim_max 1 or 2; `wanted` (or -1) is what integers become, else float64.
 */
int py_array_values(py_state *st, PyObject *object, const char *name, int ndim_max, int wanted,
                    py_array *out, ptl_dtype *dtype);
/* Integers, contiguous, as int64 (or int32: size 4), of any shape. */
int py_array_indices(py_state *st, PyObject *object, const char *name, int size, py_array *out);
/* Copies what py_array_values gave where it has two dimensions and rows lie apart. */
int py_array_pack(py_state *st, const char *name, py_array *array);
/* Replaces an array by NumPy's contiguous copy of it in another dtype. */
int py_array_astype(py_state *st, const char *name, const char *dtype, py_array *array);
void py_array_end(py_array *array);
/* The elements of all dimensions. */
int64_t py_array_count(const py_array *array);
/* The dtype of an array; DtypeError where it is none of ours. */
int py_array_dtype(py_state *st, const py_array *array, const char *name, ptl_dtype *out);
/* Elements from row to row, where a row's elements are neighbours; -1 where they are not. */
int64_t py_array_ld(const py_array *array);

/* A new NumPy array and its memory. */
PyObject *py_array_new(py_state *st, int ndim, const int64_t *shape, const char *dtype,
                       void **data);
/* The same with float64s in it. */
PyObject *py_array_of_doubles(py_state *st, int ndim, const int64_t *shape, const double *values);

/* (py_block.c) Memory that NumPy is to look at. `keep` is a Python object that keeps it alive. */
typedef struct py_memory {
    void *data;
    int ndim;
    int64_t shape[2], stride; /* stride: bytes from row to row; the columns are neighbours */
    const char *format;       /* as in PEP 3118 */
    int size;                 /* bytes of an element */
    int readonly;
} py_memory;
PyObject *py_array_over(py_state *st, const py_memory *memory, PyObject *keep);
/* The method __array__(dtype=None, copy=None) of what `array`, a NumPy array, looks at. */
PyObject *py_array_protocol(py_state *st, PyObject *array, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames);
/* (py_exporter.c) Before the class is made: leaves out what the running Python has itself. */
void py_exporter_init(void);
/* The PEP 3118 format of a dtype. */
const char *py_format(ptl_dtype dtype);

/* ---- communicators and executors (py_comm.c, py_exec.c) -------------------------------------- */

/* A Communicator, new reference, of what a `comm` argument may be. */
PyObject *py_comm_from(py_state *st, PyObject *object);
/* The Communicator that an object is or lives on, a new reference; NULL, without an exception,
 * where none is known. */
PyObject *py_comm_of(py_state *st, PyObject *object);
PyObject *py_comm_wrap(py_state *st, ptl_comm *comm); /* takes the reference */
ptl_comm *py_comm_get(PyObject *communicator);

/* The executor of an `exec` argument, borrowed; NULL, the default, for None. */
int py_exec_arg(py_state *st, PyObject *object, ptl_exec **out);
PyObject *py_exec_wrap(py_state *st, ptl_exec *exec); /* retains */
/* The class with `Executor.default`. */
PyTypeObject *py_exec_class(py_state *st);

/* ---- partitions, index maps ------------------------------------------------------------------ */

/* The partition of an argument, borrowed; NULL for None. */
int py_partition_arg(py_state *st, PyObject *object, const char *name, ptl_partition **out);
PyObject *py_partition_wrap(py_state *st, ptl_partition *p);   /* takes the reference */
PyObject *py_index_map_wrap(py_state *st, ptl_index_map *map); /* takes the reference */

/* ---- vectors --------------------------------------------------------------------------------- */

typedef struct py_vector {
    PyObject_HEAD py_state *state;
    ptl_vector *v;  /* NULL once what it was lent to has ended */
    PyObject *comm; /* a Communicator, or NULL until asked for */
    int readonly;   /* lent to be read */
} py_vector;

/* takes the reference; comm is borrowed, or NULL */
PyObject *py_vector_wrap(py_state *st, ptl_vector *v, PyObject *comm);
/* A Vector over one that is borrowed for the time of a callback, and the end of that time. */
PyObject *py_vector_lend(py_state *st, ptl_vector *v, PyObject *comm, int readonly);
void py_vector_end(PyObject *lent);
/* The C vector of a Vector, borrowed; NULL with an exception where it is none or its time is over.
 */
ptl_vector *py_vector_get(py_state *st, PyObject *object, const char *name);
ptl_vector *py_vector_get_writable(py_state *st, PyObject *object, const char *name);
/* Whether an object is of a class (or one derived from it). */
int py_is(PyObject *object, PyTypeObject *type);

/* ---- numbers of vectors (py_coefs.c) --------------------------------------------------------- */

/* One coefficient per column of v from a number or an array. */
typedef struct py_coefs {
    double few[16];
    double *values; /* few, or allocated */
} py_coefs;
int py_coefs_get(py_state *st, PyObject *object, const char *name, const ptl_vector *v,
                 py_coefs *out);
void py_coefs_end(py_coefs *coefs);
/* Whether an object is one number, of Python or NumPy. */
int py_is_number(PyObject *object);
/* A number into one double, or two where is_complex; DtypeError, TypeError. */
int py_to_number(py_state *st, PyObject *object, const char *name, int is_complex, double *out);
/* What a reduction of v has given (doubles, or pairs of them where is_complex): a number for a
 * one-dimensional vector, else an array. */
PyObject *py_result(py_state *st, const ptl_vector *v, const double *values, int is_complex);

/* ---- operators ------------------------------------------------------------------------------- */

typedef struct py_linop {
    PyObject_HEAD py_state *state;
    ptl_linop *op;            /* NULL where __init__ has not run */
    PyObject *comm;           /* a Communicator */
    PyObject *made_of;        /* the Python objects that op uses, or NULL */
    struct py_bridge *bridge; /* how C finds a Python operator; else NULL */
    int readonly;             /* of a local format: its values are */
    /* Where a product lives (py_linop_place): the partitions of its rows and columns, borrowed from
     * op and made_of, NULL where none is known; and whether A x may be shaped like x. */
    ptl_partition *partitions[2];
    int maps_to_like;
} py_linop;

/* An object of a class of operators; takes op's reference, borrows the others. */
PyObject *py_linop_wrap(py_state *st, PyTypeObject *type, ptl_linop *op, PyObject *comm,
                        PyObject *made_of);
/* The C operator of an object, borrowed; NULL with an exception. */
ptl_linop *py_linop_get(py_state *st, PyObject *object, const char *name);
/* apply(x, y) and apply(alpha, x, beta, y), collective. */
PyObject *py_linop_apply(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames);
/* The __init__ of classes whose objects __new__ makes. */
int py_linop_made(PyObject *self, PyObject *args, PyObject *kwargs);
void py_linop_dealloc(PyObject *self);
int py_linop_traverse(PyObject *self, visitproc visit, void *arg);
int py_linop_clear(PyObject *self);

/* ---- solvers --------------------------------------------------------------------------------- */

/* The criterion of an argument, borrowed; NULL for None. */
int py_stop_arg(py_state *st, PyObject *object, ptl_stop **out);
PyObject *py_log_wrap(py_state *st, ptl_log *log, int ndim); /* takes the reference */
/* fn(event), a new reference; the event's vectors are usable during the call. */
PyObject *py_event_call(py_state *st, PyObject *fn, const ptl_event *event);

/* The factories' classes (py_kinds.c), and the function that lists them. */
int py_kinds_init(PyObject *module, py_state *st);
int py_kinds_traverse(py_state *st, visitproc visit, void *arg);
void py_kinds_clear(py_state *st);
PyObject *py_kinds_list(PyObject *module, PyObject *unused);
PyObject *py_kind_parameters(PyObject *module, PyObject *name); /* py_params.c */
/* (py_config.c) A factory from JSON. */
PyObject *py_config_factory(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
