"""Distributed matrices. The module can be called: see `matrix`."""

import numpy as np

from .._communicator import agreed, communicator_of
from .._dist_matrix import Matrix
from .._linop import raw_of
from .._resolve import resolve
from ..pyGinkgoBindings import distributed as _distributed
from ._functions import _binding_on, make_callable

__all__ = ["DistributedMatrix"]


def _resolve(value_dtype, local_index_dtype, global_index_dtype):
    """The bindings' class for three dtypes; TypeError where there is none (local)."""
    types = value_dtype, local_index_dtype, global_index_dtype
    return resolve(_distributed.MATRIX, "Matrix", *types)


def _resolved(comm, *dtypes):
    """(communicator, class); where there is no class on one rank, all fail with it."""
    comm = communicator_of(comm)
    with agreed(comm):
        return comm, _resolve(*dtypes)


class DistributedMatrix:
    """A sparse matrix, divided by rows among the ranks: on each a block of the columns that it owns, and
    one of the others. `raw` is the bindings' object, which has what this one has not."""

    def __init__(self, raw):
        self._raw = raw_of(raw)
        if not isinstance(self._raw, Matrix):
            raise TypeError(
                f"{type(self).__name__}(raw) takes a Matrix_<T>, not {type(raw).__name__}"
            )

    @classmethod
    def empty(
        cls,
        exec,
        comm,
        value_dtype=np.float64,
        local_index_dtype=np.int32,
        global_index_dtype=np.int64,
    ):
        """A matrix of no rows and columns; `raw.read_distributed` and `raw.read_file` fill it (local)."""
        bound = _resolve(value_dtype, local_index_dtype, global_index_dtype)
        return cls(bound.create_empty(exec, comm))

    @classmethod
    def from_local_linop(
        cls,
        exec,
        comm,
        global_size,
        local_linop,
        value_dtype=np.float64,
        local_index_dtype=np.int32,
        global_index_dtype=np.int64,
    ):
        """Block-diagonal, of any operator of each rank's own; it makes no exchange (collective)."""
        comm, bound = _resolved(comm, value_dtype, local_index_dtype, global_index_dtype)
        return cls(bound.create_from_local_linop(exec, comm, global_size, local_linop))

    @classmethod
    def from_local_and_non_local(
        cls,
        exec,
        comm,
        partition,
        recv_connections,
        local_linop,
        non_local_linop,
        value_dtype=np.float64,
        local_index_dtype=np.int32,
        global_index_dtype=np.int64,
    ):
        """From both blocks, local matrices of this rank's rows (collective). The columns of the first
        are this rank's own; those of the second stand for recv_connections, global indices owned by
        other ranks: duplicates are filtered, and the rest is ordered by owner and then by index."""
        comm, bound = _resolved(comm, value_dtype, local_index_dtype, global_index_dtype)
        make = bound.create_from_local_and_non_local
        return cls(make(exec, comm, partition, recv_connections, local_linop, non_local_linop))

    @classmethod
    def read(
        cls,
        exec,
        comm,
        path,
        partition=None,
        value_dtype=np.float64,
        local_index_dtype=np.int32,
        global_index_dtype=np.int64,
    ):
        """From a MatrixMarket file, or a binary one of Petiole's; every rank reads a part of it
        (collective). Rows are divided evenly where no partition is given."""
        comm, bound = _resolved(comm, value_dtype, local_index_dtype, global_index_dtype)
        return cls(bound.read(exec, comm, path, partition))

    @property
    def raw(self):
        """The bindings' object (local)."""
        return self._raw

    @property
    def shape(self):
        """(rows, columns) over all ranks (local)."""
        return self._raw.shape

    def get_local_matrix(self):
        """The block of this rank's own columns, a local matrix (local)."""
        return self._raw.get_local_matrix()

    def get_non_local_matrix(self):
        """The block of the columns that other ranks own, a local matrix (local)."""
        return self._raw.get_non_local_matrix()

    def __repr__(self):
        return f"<pyGinkgo.distributed.DistributedMatrix of {self._raw!r}>"


def matrix(exec, comm, partition, rows, cols, vals, global_size, dtype="double"):
    """A square distributed matrix from triplets by global indices, from any rank: rows owned elsewhere
    are sent to their owners, and duplicates are summed (collective)."""
    comm, make = _binding_on(comm, "matrix", dtype)
    return make(exec, comm, partition, rows, cols, vals, global_size)


make_callable(__name__, matrix)
