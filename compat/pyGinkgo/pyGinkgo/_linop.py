"""What every object of the bindings is, and how Petiole sees it.

Objects hold a Petiole object each. Two methods are all that others ask of them: `_operator`, where
the object maps vectors, and `_vector`, where it is one.
"""

import contextlib

import numpy as np

import petiole as pt


class PolymorphicObject:
    """Anything that lives on an executor."""

    _exec = None

    def get_executor(self):
        """The executor that the object was made with (local)."""
        return self._exec


class dim2:
    """A number of rows and one of columns."""

    def __init__(self, rows, columns):
        self._sizes = (int(rows), int(columns))

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

    __hash__ = None


class LinOp(PolymorphicObject):
    """What maps vectors to vectors: matrices, solvers, preconditioners, user code, and vectors."""

    _known = True  # False where `_operator` needs `like`: user code without a communicator

    def _operator(self, like=None):
        """The Petiole operator. `like` is a Petiole vector that it is going to be applied to, or
        None: user code learns its communicator from it."""
        raise TypeError(f"{type(self).__name__} is no operator")

    def _vector(self):
        """The Petiole vector."""
        raise TypeError(
            f"{type(self).__name__} is no vector: expected a dense or a distributed one"
        )

    def _operands(self, args, named):
        """(coefs, b, x) of the arguments of an apply: alpha and beta, or None, and Petiole vectors; what
        is wrong on one rank fails on all."""
        alpha, b, beta, x = operands(args, named)
        with together(self, b, x):
            coefs = None if alpha is None else (scalar_of(alpha), scalar_of(beta))
            return coefs, vector_of(b), vector_of(x)

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
        dtype = np.result_type(b.dtype, x.dtype)
        A = operator_of(self, b if b.dtype == dtype else b.astype(dtype))
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
    y = x if x.dtype == dtype else x.astype(dtype)
    result = work(b if b.dtype == dtype else b.astype(dtype), y)
    if y is not x:
        x.copy_from(y.astype(x.dtype))
    return result


@contextlib.contextmanager
def together(*objects):
    """What fails within on one rank fails on all those that the first of the objects that tells lives
    on, whose next call is a collective one of Petiole's there."""
    try:
        yield
    except Exception as error:
        comm = next(_communicators(objects), None)
        if comm is None:
            raise
        comm._fail(error)


def _communicators(objects):
    for object in objects:
        for find in (vector_of, operator_of):
            with contextlib.suppress(Exception):
                yield find(object).comm


def on_one_process(dtype):
    """A vector of one process, from which operators learn where they are going to be applied."""
    return pt.Vector.zeros(None, 0, 1, dtype)


def is_known(object):
    """Whether `operator_of(object)` needs no vector to learn from."""
    return getattr(getattr(object, "raw", object), "_known", True)


def vector_of(object):
    """The Petiole vector of a dense or distributed object, or of a facade around one."""
    object = getattr(object, "raw", object)
    if isinstance(object, pt.Vector):
        return object
    if not isinstance(object, LinOp):
        raise TypeError(f"expected a dense or a distributed vector, not {type(object).__name__}")
    return object._vector()


def vector_like(object, vector):
    """An object like a dense or distributed one, or a facade, around a Petiole vector."""
    raw = getattr(object, "raw", object)
    if isinstance(raw, pt.Vector):
        return vector
    made = type(raw)._of(raw.get_executor(), vector)
    return made if raw is object else type(object)(made)


def operator_of(object, like=None):
    """The Petiole operator of an object of the bindings, or of a facade around one."""
    object = getattr(object, "raw", object)
    if isinstance(object, pt.LinOp):
        return object
    if not isinstance(object, LinOp):
        raise TypeError(f"expected a LinOp, not {type(object).__name__}")
    return type(object)._operator(object, like)  # user code may call an attribute so


def scalar_of(object):
    """A number, or the one element of a 1 x 1 dense object, or one number per column of a row."""
    if not isinstance(getattr(object, "raw", object), LinOp):
        return object
    values = vector_of(object).local
    if values.shape[0] != 1:
        raise ValueError(
            f"expected a scalar (1 x 1 or one row), not a vector of shape {values.shape}"
        )
    return values[0, 0].item() if values.shape[1] == 1 else values[0]
