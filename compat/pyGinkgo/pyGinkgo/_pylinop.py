"""Operators in Python: a program's class maps vectors, and has no matrix."""

import numpy as np

import petiole as pt

from ._communicator import agreed
from ._dist_vector import dense_class, vector_class
from ._executor import petiole_executor
from ._generated import computed
from ._linop import LinOp
from ._local import to_shape


class _Shadowed:
    """An attribute that the subclasses' instances may replace by one of their own."""

    def __init__(self, get):
        self._get, self.__doc__ = get, get.__doc__

    def __get__(self, object, owner=None):
        return self if object is None else self._get(object)


class PyLinOp(LinOp):
    """PyLinOp(exec, size): an operator of size = (rows, columns) in Python.

    A subclass gives apply_impl(self, b, x), which writes the product with b to x and returns nothing, and,
    if it wants, apply_impl_scaled(self, alpha, b, beta, x) for x = alpha A b + beta x, with alpha and beta
    dense of one row; else that is derived. What they return, if not x, is a TypeError. b and x are of the
    kind that the operator is applied to, dense_<T> or Vector_<T> (of float, where that is of half), and
    valid during the call: using one later is an error, while a NumPy view of it stays readable. An
    exception on one rank ends the call on all of them, as petiole.RemoteError on the others.

    It lives where the vectors live: no communicator is given. Without a size it is square, of as many
    rows as the vector has.
    """

    _kept = 8  # Petiole operators for each communicator, of a dtype and a shape: all ranks keep the same
    _known = False  # it is made anew for vectors on another communicator
    _is_collective = True
    __made = __size = None

    def __init__(self, exec, size=None):
        petiole_executor(exec)
        self._exec = self.__exec = exec
        self.__size = None if size is None else to_shape(size)
        self.__made = {}

    def apply_impl(self, b, x):
        """Writes the product with b to x; what a subclass must give."""
        raise NotImplementedError(
            f"{type(self).__name__} has no method apply_impl(self, b, x), which writes the product "
            "with b to x"
        )

    @_Shadowed
    def shape(self):
        """(rows, columns), as given (local)."""
        self.__check()
        return self.__size or (0, 0)

    @_Shadowed
    def size(self):
        """The same as `shape` (local)."""
        return PyLinOp.shape._get(self)

    def __check(self):
        if self.__made is None:
            raise RuntimeError(
                f"{type(self).__name__} is no operator yet: its __init__ must call "
                "super().__init__(exec, size)"
            )

    def _operator(self, like=None):
        if like is None:
            raise TypeError(
                f"{type(self).__name__} learns where it lives from the vectors that it is applied to"
            )
        with agreed(like.comm):
            self.__check()
            bridge = _ScaledBridge if hasattr(self, "apply_impl_scaled") else _Bridge
        made = self.__made.setdefault(like.comm, {})
        shape = self.__size or (like.shape[0], like.shape[0])
        key = like.dtype, shape
        if key not in made:
            if len(made) == PyLinOp._kept:
                del made[next(iter(made))]
            made[key] = bridge(self, self.__exec, like, shape)
        return made[key]


class _Bridge(pt.LinOp):
    """The operator on the communicator of `like`, which calls the program's object."""

    def __init__(self, target, exec, like, shape):
        serial = like.comm == pt.Communicator.self()
        self._target, self._exec = target, exec
        self._class_of = dense_class if serial else vector_class
        super().__init__(shape, like.comm, computed(like.dtype), petiole_executor(exec))

    def _lend(self, vector):
        return self._class_of(vector.dtype)._of(self._exec, vector)

    def apply_impl(self, b, x):
        self._call("apply_impl", self._lend(b), self._lend(x))

    def _call(self, name, *args):
        """Calls a method of the program's; what it returns would be lost."""
        result = getattr(self._target, name)(*args)
        if result is not None and result is not args[-1]:
            raise TypeError(
                f"{type(self._target).__name__}.{name} returned {type(result).__name__}: write the "
                "product to x instead, as in numpy.asarray(x)[...] = product, or x.local[...] of a "
                "distributed one, and return nothing"
            )


class _ScaledBridge(_Bridge):
    def apply_scaled_impl(self, alpha, b, beta, x):
        alpha, beta = (self._row(coefs, b.dtype) for coefs in (alpha, beta))
        self._call("apply_impl_scaled", alpha, self._lend(b), beta, self._lend(x))

    def _row(self, coefs, dtype):
        row = np.array(coefs, dtype, ndmin=2)
        return dense_class(dtype)._of(self._exec, pt.Vector.from_local(None, row))
