"""Local matrices: dense_<T>, Csr_<T>_<I>, Coo_<T>_<I>, and their readers."""

import numpy as np

import petiole as pt

from .._executor import petiole_executor
from .._linop import LinOp
from .._table import VALUES, make


class _dense(LinOp):
    """A dense matrix of one process, row-major; also the vectors of one process."""

    axes = ("value_type",)

    def __init__(self, exec, shape):
        self._exec = exec
        self._storage = pt.Vector.zeros(
            None, shape[0], shape[1], self.dtype, petiole_executor(exec)
        )

    @classmethod
    def _of(cls, exec, vector):
        """The object around a Petiole vector of shape (n, k), which it takes over."""
        made = cls.__new__(cls)
        made._exec, made._storage = exec, vector
        return made

    def _vector(self):
        return self._storage

    def _operator(self, like=None):
        return pt.Dense.view(self._storage.local, petiole_executor(self._exec))

    @property
    def shape(self):
        """(rows, columns) (local)."""
        return self._storage.shape

    def fill(self, value):
        """Sets every element to `value` (local)."""
        self._storage.fill(value)

    def copy_to_host(self):
        """A copy of it in the memory of the host (local)."""
        return type(self)._of(self._exec, self._storage.copy())

    def __array__(self, dtype=None, copy=None):
        return np.array(self._storage.local, dtype=dtype, copy=bool(copy) or dtype is not None)


DENSE = make(globals(), _dense, VALUES)
