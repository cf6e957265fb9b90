"""One tridiagonal system in every form that solvers of the bindings take: local matrices, a matrix on
several ranks, user code."""

import numpy as np

import petiole as pt
from pyGinkgo import pyGinkgoBindings as pgb
from pyGinkgo._linop import LinOp, vector_of
from pyGinkgo._table import type_name

EXEC = pgb.ReferenceExecutor()
N = 30

DTYPES = {
    "half": np.float16,
    "float": np.float32,
    "double": np.float64,
    "complex_float": np.complex64,
    "complex_double": np.complex128,
}
TOLERANCE = {
    "half": 2e-3,
    "float": 1e-5,
    "double": 1e-9,
    "complex_float": 1e-5,
    "complex_double": 1e-9,
}


def matrix(dtype="float64", skew=0.0, n=N):
    """A dense array; symmetric positive definite, complex Hermitian, or with `skew` neither."""
    side = 0.5j if np.dtype(dtype).kind == "c" else 0.0
    A = np.diag(3.0 + np.arange(n) % 4) + 0 * side
    A += np.diag(np.full(n - 1, -1 + skew + side), 1) + np.diag(
        np.full(n - 1, -1 - skew - side), -1
    )
    return A.astype(dtype)


def rhs(dtype="float64", columns=1, n=N):
    values = 1.0 + np.arange(n * columns).reshape(n, columns) % 5
    return values.astype(dtype)


def dense(array):
    """A dense object with the values of an array."""
    return getattr(pgb.matrix, f"dense_{type_name(array.dtype)}")(EXEC, array)


def values_of(x):
    """The values of a dense object, an array of two dimensions."""
    return np.array(x).reshape(x.shape)


class Lazy(LinOp):
    """User code that learns its communicator, and which rows are its own, from a vector."""

    value_type = "double"

    def __init__(self, array, starts):
        self._exec, self._array, self._starts, self._made = EXEC, array, starts, None

    @property
    def _known(self):
        return self._made is not None

    @property
    def shape(self):
        return self._array.shape

    def _operator(self, like=None):
        if self._made is None:
            assert like is not None, "no vector to learn from"
            self._made = User(self._array, like.comm, self._starts)
        return self._made


class User(pt.LinOp):
    """A dense array, applied in Python: all ranks gather the vector."""

    def __init__(self, array, comm, starts):
        super().__init__(array.shape, comm, array.dtype)
        self.array, self.rows = array, slice(starts[self.comm.rank], starts[self.comm.rank + 1])

    def apply_impl(self, b, x):
        whole = np.zeros((self.array.shape[1], b.local.shape[1]), self.array.dtype)
        whole[self.rows] = b.local
        whole = self.comm.allreduce(whole)
        x.local[:] = self.array[self.rows] @ whole


class System:
    """A x = b as a kind of operator, with vectors that fit."""

    KINDS = ("csr", "coo", "dense", "distributed", "user", "lazy", "lazy_local")

    def __init__(self, comm, kind, array, b):
        self.comm, self.array, self.values = comm, array, b
        self.local = kind in ("csr", "coo", "dense", "lazy_local")
        size = 1 if self.local else comm.size
        n = array.shape[0]
        # The last rank of several owns nothing.
        self.starts = [n * rank // max(size - 1, 1) for rank in range(size)] + [n]
        if size > 1:
            self.starts[-2] = n
        rank = 0 if self.local else comm.rank
        self.rows = slice(self.starts[rank], self.starts[rank + 1])
        self.A = getattr(self, "_" + kind)()
        self.b, self.x = self.vector(b), self.vector(np.zeros_like(b))

    def vector(self, values):
        if self.local:
            return dense(values)
        return pt.Vector.from_local(self.comm, np.ascontiguousarray(values[self.rows]))

    def solution(self, x=None):
        """The values of x on every rank."""
        part = vector_of(self.x if x is None else x).local
        parts = [part] if self.local else self.comm.allgather(np.array(part))
        return np.concatenate(parts)

    def residual(self):
        """The norm of b - A x over that of b, in double."""
        wide = np.result_type(self.array, np.float64)
        r = self.values.astype(wide) - self.array.astype(wide) @ self.solution().astype(wide)
        return np.linalg.norm(r) / np.linalg.norm(self.values.astype(wide))

    def _csr(self):
        rows, cols = (index.astype(np.int32) for index in np.nonzero(self.array))
        pointers = np.searchsorted(rows, np.arange(len(self.array) + 1)).astype(np.int32)
        cls = getattr(pgb.matrix, f"Csr_{type_name(self.array.dtype)}_int32")
        return cls(EXEC, self.array.shape, self.array[rows, cols], cols, pointers)

    def _coo(self):
        rows, cols = np.nonzero(self.array)
        cls = getattr(pgb.matrix, f"Coo_{type_name(self.array.dtype)}_int64")
        return cls(EXEC, self.array.shape, self.array[rows, cols], cols, rows)

    def _dense(self):
        return dense(self.array)

    def _distributed(self):
        rows, cols = np.nonzero(self.array[self.rows])
        partition = pt.Partition.from_local_range(self.comm, self.rows.start, self.rows.stop)
        values = self.array[self.rows][rows, cols]
        return pt.Matrix.from_coo(self.comm, partition, rows + self.rows.start, cols, values)

    def _user(self):
        return User(self.array, self.comm, self.starts)

    def _lazy(self):
        return Lazy(self.array, self.starts)

    _lazy_local = _lazy
