"""Distributed vectors. The module can be called: see `vector`."""

import numpy as np

import petiole as pt

from .._arrays import array_of
from .._communicator import agreed, communicator_of
from .._dist_vector import Vector
from .._linop import raw_of
from .._resolve import resolve
from ..pyGinkgoBindings import distributed as _distributed
from ._functions import _binding_on, make_callable

__all__ = ["DistributedVector"]


def _resolve(value_dtype):
    """The bindings' class for a dtype; TypeError where there is none (local)."""
    return resolve(_distributed.VECTOR, "Vector", value_dtype)


def _resolved(comm, value_dtype, array=None):
    """(communicator, class); the dtype is the array's where it is None. Where there is no class on one
    rank, all fail with it."""
    comm = communicator_of(comm)
    with agreed(comm):
        if value_dtype is None:
            value_dtype = array_of(array, "local_array", pt.InvalidArgument).dtype
        return comm, _resolve(value_dtype)


class DistributedVector:
    """A vector of one or more columns, divided by rows among the ranks. `raw` is the bindings' object,
    which has what this one has not."""

    def __init__(self, raw):
        self._raw = raw_of(raw)
        if not isinstance(self._raw, Vector):
            raise TypeError(
                f"{type(self).__name__}(raw) takes a Vector_<T>, not {type(raw).__name__}"
            )

    @classmethod
    def empty(cls, exec, comm, global_size, local_size, value_dtype=np.float64):
        """Zeros, of local_size rows and columns on this rank (collective)."""
        comm, bound = _resolved(comm, value_dtype)
        return cls(bound.create(exec, comm, global_size, local_size))

    @classmethod
    def from_local_array(cls, exec, comm, global_size, local_array, value_dtype=None):
        """A copy of each rank's array, of shape (n,) or (n, columns) (collective). An error on every
        rank where the n do not add up to global_size."""
        comm, bound = _resolved(comm, value_dtype, local_array)
        return cls(bound.from_local_array(exec, comm, global_size, local_array))

    @classmethod
    def from_local_array_deduce_size(cls, exec, comm, local_array, value_dtype=None):
        """The same, where the global size is what the n add up to (collective)."""
        comm, bound = _resolved(comm, value_dtype, local_array)
        return cls(bound.from_local_array_deduce_size(exec, comm, local_array))

    @classmethod
    def read(cls, exec, comm, path, partition=None, value_dtype=np.float64):
        """From a MatrixMarket file, or a binary one of Petiole's; every rank reads a part of it
        (collective). Rows are divided evenly where no partition is given."""
        comm, bound = _resolved(comm, value_dtype)
        return cls(bound.read(exec, comm, path, partition))

    @property
    def raw(self):
        """The bindings' object (local)."""
        return self._raw

    @property
    def shape(self):
        """(rows, columns) over all ranks (local)."""
        return self._raw.shape

    @property
    def local_shape(self):
        """(rows, columns) of this rank's block (local)."""
        return self._raw.local_shape

    @property
    def local(self):
        """This rank's block as a NumPy array of shape (rows, columns), the same memory (local)."""
        return self._raw.local

    @local.setter
    def local(self, values):
        self._raw.local = values

    def fill(self, value):
        """Sets every element to `value` (local)."""
        self._raw.fill(value)

    def get_local_vector(self):
        """A copy of this rank's block, a dense_<T> (local)."""
        return self._raw.get_local_vector()

    def __repr__(self):
        return f"<pyGinkgo.distributed.DistributedVector of {self._raw!r}>"


def vector(exec, comm, partition, rows, vals, global_size, dtype="double"):
    """A distributed vector of one column from values by global rows, 0 where no rank gives one
    (collective).

    What a rank says of its own rows counts, the last where it says several things. Values of rows that
    their owner says nothing of are sent to it, and summed.
    """
    comm, make = _binding_on(comm, "vector", dtype)
    return make(exec, comm, partition, rows, vals, global_size)


make_callable(__name__, vector)
