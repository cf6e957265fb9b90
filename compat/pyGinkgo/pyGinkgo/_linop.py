"""What every object of the bindings is, and how Petiole sees it.

Objects hold a Petiole object each. Two methods are all that others ask of them: `_operator`, where
the object maps vectors, and `_vector`, where it is one.
"""

import contextlib
import operator

import numpy as np

import petiole as pt

from ._arrays import refuse_masks
from ._communicator import agreed


class PolymorphicObject:
    """Anything that lives on an executor. What has no constructor of its own is made by functions."""

    _exec = None

    def __init__(self, *args, **named):
        raise TypeError(f"{type(self).__name__}: no constructor defined, other functions make them")

    def get_executor(self):
        """The executor that the object was made with (local)."""
        return self._exec


class dim2:
    """A number of rows and one of columns."""

    def __init__(self, rows, columns):
        self._sizes = operator.index(rows), operator.index(columns)
        if min(self._sizes) < 0:
            raise ValueError(f"dim2{self._sizes}: sizes cannot be negative")

    def __getitem__(self, i):
        return self._sizes[i]

    def __len__(self):
        return 2

    def __eq__(self, other):
        if not isinstance(other, tuple | list | dim2):
            return NotImplemented
        return self._sizes == tuple(other)

    def __repr__(self):
        return f"dim2({self._sizes[0]}, {self._sizes[1]})"

    def __hash__(self):
        return hash(self._sizes)


class LinOp(PolymorphicObject):
    """What maps vectors to vectors: matrices, solvers, preconditioners, user code, and vectors."""

    _known = True  # False where `_operator` needs `like`: user code without a communicator
    _is_collective = False  # whether `_operator` is

    def _operator(self, like=None):
        """The Petiole operator. `like` is a Petiole vector that it is going to be applied to, or
        None: user code learns its communicator from it."""
        raise TypeError(f"{type(self).__name__} is no operator")

    def _communicator(self):
        """Petiole's communicator, None where there is none yet (local)."""
        return None

    def _vector(self):
        """The Petiole vector."""
        raise TypeError(
            f"{type(self).__name__} is no vector: expected a dense or a distributed one"
        )

    def _operands(self, args, named):
        """(coefs, b, x) of the arguments of an apply: alpha and beta, or None, and Petiole vectors; what
        is wrong on one rank fails on all."""
        with together(self, *args, *named.values()):
            alpha, b, beta, x = operands(args, named)
            b, x = vector_of(b), vector_of(x)
            check_sizes(self, b, x)
            coefs = None if alpha is None else (coefficient(alpha, x), coefficient(beta, x))
            return coefs, b, x

    @property
    def shape(self):
        """(rows, columns), global ones for distributed objects (local)."""
        return tuple(self._operator().shape)

    @property
    def size(self):
        """The same as `shape` (local)."""
        return self.shape

    def get_size(self):
        """The shape as a `dim2` (local)."""
        return dim2(*self.shape)

    def apply(self, *args, **named):
        """apply(b, x): x = op(b). apply(alpha, b, beta, x): x = alpha op(b) + beta x, where alpha and
        beta are numbers or 1 x 1 dense objects. Collective where b and x are distributed."""
        coefs, b, x = self._operands(args, named)
        with together(self, b, x):
            dtype = np.result_type(b.dtype, x.dtype)
            like = b if b.dtype == dtype else b.astype(dtype)
        A = operator_of(self, like)
        in_dtype(common_dtype(A, b, x), b, x, lambda b, x: apply(A, coefs, b, x))

    def __repr__(self):
        return f"<pyGinkgo.{type(self).__name__}>"


def operands(args, named):
    """(alpha, b, beta, x) of the arguments of an apply; alpha and beta are None where it has two."""
    count = len(args) + len(named)
    names = ("b", "x") if count == 2 else ("alpha", "b", "beta", "x")
    given = dict(zip(names, args)) | named
    if count not in (2, 4) or given.keys() != set(names):
        what = f"{len(args)} arguments" + "".join(f", {name}=" for name in named)
        raise TypeError(f"apply takes (b, x) or (alpha, b, beta, x), not {what}")
    return tuple(given.get(name) for name in ("alpha", "b", "beta", "x"))


def apply(A, coefs, b, x):
    """A Petiole operator's product; coefs is (alpha, beta) or None."""
    if coefs is None:
        return A.apply(b, x)
    return A.apply(coefs[0], b, coefs[1], x)


def common_dtype(A, b, x):
    """The dtype that A is applied in: the vectors' own where they have one, else one for all three."""
    return b.dtype if b.dtype == x.dtype else np.result_type(A.dtype, b.dtype, x.dtype)


def in_dtype(dtype, b, x, work):
    """work(b, x) on vectors of a dtype: others are converted, and x back."""
    with together(b, x):
        if np.dtype(dtype).kind == "c" and x.dtype.kind != "c":
            raise pt.DtypeError(f"x is {x.dtype}, which holds no complex numbers")
        y = x if x.dtype == dtype else x.astype(dtype)
        b = b if b.dtype == dtype else b.astype(dtype)
    result = work(b, y)
    if y is not x:
        x.copy_from(y.astype(x.dtype))
    return result


@contextlib.contextmanager
def together(*objects):
    """What fails within on one rank fails on all those that the objects live on, whose next call is a
    collective one of Petiole's there. Within are local calls alone."""
    failure = None
    try:
        yield
    except BaseException as error:
        failure = error
    if failure is not None:
        with agreed(communicator_among(*objects)):
            raise failure


def communicator_among(*objects):
    """Petiole's communicator of the first object on several ranks, else of the first that has one, else
    None (local)."""
    alone = None
    for object in map(raw_of, objects):
        with contextlib.suppress(Exception):  # what was not made whole has none
            given = isinstance(object, pt.LinOp | pt.Vector)
            comm = object.comm if given else type(object)._communicator(object)
            if comm is not None and comm.size > 1:
                return comm
            alone = alone or comm
    return alone


def check_sizes(*objects):
    """InvalidArgument where some of the objects live on several ranks and others on this one alone."""
    comms = [communicator_among(object) for object in objects]
    if len({comm.size for comm in comms if comm is not None}) > 1:
        raise pt.InvalidArgument("some of the operands are distributed, and some are local")


def local_operator_of(object, dtype, name):
    """The Petiole operator of one that each rank has of its own, user code for vectors of a dtype (local);
    TypeError for distributed ones."""
    comm = communicator_among(object)
    if comm is not None and comm.size > 1:
        raise TypeError(f"{name} is distributed: expected an operator of each rank's own")
    return operator_of(object, pt.Vector.zeros(None, 0, 1, dtype))


def raw_of(object):
    """The object itself where it is one of the bindings', of Petiole's or an array, else that of the
    facade around it (local): an attribute `raw` of user code means something of its own."""
    is_one = isinstance(object, PolymorphicObject | pt.LinOp | pt.Vector | pt.Partition)
    is_one = is_one or hasattr(type(object), "__array__")
    return object if is_one else getattr(object, "raw", object)


def is_known(object):
    """Whether `operator_of(object)` needs no vector to learn from."""
    return getattr(raw_of(object), "_known", True)


def vector_of(object):
    """The Petiole vector of a dense or distributed object, or of a facade around one."""
    object = raw_of(object)
    if isinstance(object, pt.Vector):
        return object
    if not isinstance(object, LinOp):
        raise TypeError(f"expected a dense or a distributed vector, not {type(object).__name__}")
    return object._vector()


def vector_like(object, vector):
    """An object like a dense or distributed one, or a facade, around a Petiole vector."""
    raw = raw_of(object)
    if isinstance(raw, pt.Vector):
        return vector
    made = type(raw)._of(raw.get_executor(), vector)
    return made if raw is object else type(object)(made)


def operator_of(object, like=None, comm=None):
    """The Petiole operator of an object of the bindings, or of a facade around one. What fails on one
    rank of comm, or of the vector `like`, fails on all of them."""
    with agreed(like.comm if comm is None and like is not None else comm):
        object = linop_of(object)
        if isinstance(object, pt.LinOp):
            return object
        cls = type(object)  # user code may have attributes of these names
        if not cls._is_collective:
            return cls._operator(object, like)
    return cls._operator(object, like)


def linop_of(object):
    """The object itself, or that of a facade, where it is an operator; else TypeError (local)."""
    object = raw_of(object)
    if not isinstance(object, LinOp | pt.LinOp):
        raise TypeError(f"expected a LinOp, not {type(object).__name__}")
    return object


def format_of(object, name="the matrix"):
    """Petiole's local format of a local matrix of the bindings, of Petiole's own or of a facade around one;
    TypeError for what is none (local)."""
    given = linop_of(object)
    if isinstance(given, LinOp) and not type(given)._is_collective:
        given = type(given)._operator(given)
    if not isinstance(given, pt.Format):
        raise TypeError(
            f"{name} must be a local matrix (dense, Csr, Coo), not {type(object).__name__}"
        )
    return given


def scalar_of(object):
    """A number, or the one element of a 1 x 1 dense object, or one number per column of a row."""
    if not isinstance(raw_of(object), LinOp):
        refuse_masks(object, "the factor")
        return object
    values = vector_of(object).local
    if values.shape[0] != 1:
        raise ValueError(
            f"expected a scalar (1 x 1 or one row), not a vector of shape {values.shape}"
        )
    return values[0, 0].item() if values.shape[1] == 1 else values[0]


def coefficient(object, x):
    """`scalar_of` an object, where it can be a factor of the vector x; else TypeError, ValueError."""
    value = scalar_of(object)
    given = np.asarray(value)
    columns = x.shape[1] if len(x.shape) == 2 else 1
    if given.dtype.kind not in "biufc":
        raise TypeError(f"a factor is a number or a 1 x 1 dense, not {type(value).__name__}")
    if given.dtype.kind == "c" and x.dtype.kind != "c":
        raise pt.DtypeError(f"a factor is complex, and x is {x.dtype}")
    if given.size not in (1, columns):
        raise ValueError(f"a factor has {given.size} numbers: expected 1, or {columns}")
    return value
