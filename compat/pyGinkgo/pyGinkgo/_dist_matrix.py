"""Distributed matrices: on each rank a block of the columns that it owns, and one of the others."""

import numpy as np

import petiole as pt

from ._checks import check_lengths, extents, indices_of, values_of
from ._communicator import agreed, communicator_of
from ._executor import petiole_executor
from ._generated import as_dtype, computed
from ._linop import LinOp, format_of, local_operator_of, raw_of
from ._partition import partition_of
from .pyGinkgoBindings import matrix as local_matrices


class Matrix(LinOp):
    """A sparse matrix, divided by rows among the ranks: Matrix_<T>_<L>_<G>."""

    axes = ("value_type", "local_index_type", "global_index_type")
    _blocks = (None, None)  # the local and the non-local block, as the program gave them
    _is_collective = True  # where it is empty

    @classmethod
    def _of(cls, exec, matrix):
        """The object around a Petiole matrix."""
        made = cls.__new__(cls)
        made._exec, made._comm, made._matrix = exec, matrix.comm, matrix
        return made

    @classmethod
    def create_empty(cls, exec, comm):
        """A matrix of no rows and columns, for read_distributed and read_file (local)."""
        petiole_executor(exec)
        return cls._empty(exec, comm)

    @classmethod
    def _empty(cls, exec, comm):
        made = cls.__new__(cls)
        made._exec, made._comm, made._matrix = exec, communicator_of(comm), None
        return made

    @classmethod
    def create_from_local_linop(cls, exec, comm, global_size, local_linop):
        """Block-diagonal, of any operator of each rank's own: a local matrix, a PyLinOp, a solver
        (collective). It makes no exchange. An error on every rank where the sizes do not add up to
        global_size."""
        comm = communicator_of(comm)
        with agreed(comm):
            petiole_executor(exec)
            shape = extents(global_size, "global_size")
            shape = shape if shape[1] is not None else (shape[0], shape[0])
            block = local_operator_of(local_linop, cls.dtype, "local_linop")
            stored = isinstance(block, pt.Format)  # and computed with in another dtype, if half
            block = as_dtype(block, cls.dtype if stored else computed(cls.dtype))
        made = cls._of(exec, pt.Matrix.from_local(comm, block, shape))
        made._blocks = (raw_of(local_linop), None)
        return made

    @classmethod
    def create_from_local_and_non_local(
        cls, exec, comm, partition, recv_connections, local_linop, non_local_linop
    ):
        """From both blocks, local matrices of this rank's rows (collective). The columns of the first
        are this rank's own; those of the second stand for recv_connections, global indices owned by
        other ranks: duplicates are filtered, and the rest is ordered by owner and then by index."""
        comm = communicator_of(comm)
        with agreed(comm):
            petiole_executor(exec)
            part = partition_of(partition)
            ghosts = pt.IndexMap(part, comm.rank, indices_of(recv_connections, "recv_connections"))
            local = _csr(local_linop, "local_linop", cls.dtype)
            ghost = None
            if non_local_linop is not None:
                ghost = _csr(non_local_linop, "non_local_linop", cls.dtype)
        made = cls._of(exec, pt.Matrix.from_blocks(comm, part, ghosts.ghosts, local, ghost))
        made._blocks = tuple(map(raw_of, (local_linop, non_local_linop)))
        return made

    @classmethod
    def read(cls, exec, comm, path, partition=None):
        """From a MatrixMarket file, or a binary one of Petiole's; every rank reads a part of it
        (collective). Rows are divided evenly where no partition is given."""
        made = cls._empty(exec, comm)
        made.read_file(path, partition)
        return made

    def read_file(self, path, partition=None):
        """Becomes what a file says, as `read` (collective)."""
        with agreed(self._comm):
            part = None if partition is None else partition_of(partition)
            on = petiole_executor(self._exec)
        self._become(pt.Matrix.read(path, self._comm, part, dtype=self.dtype, exec=on))

    def read_distributed(self, partition, rows, cols, values):
        """Becomes the square matrix of triplets by global indices, from any rank: rows owned elsewhere
        are sent to their owners, and duplicates are summed (collective)."""
        with agreed(self._comm):
            part, on = partition_of(partition), petiole_executor(self._exec)
            rows, cols = indices_of(rows, "rows"), indices_of(cols, "cols")
            values = values_of(values, self.dtype, "values")
            check_lengths(rows=rows, cols=cols, values=values)
        self._become(pt.Matrix.from_coo(self._comm, part, rows, cols, values, exec=on))

    def _become(self, matrix):
        self._matrix, self._blocks = matrix, (None, None)

    def _communicator(self):
        return self._comm

    def _operator(self, like=None):
        if self._matrix is None:
            none = np.empty(0, np.int64)
            part = pt.Partition.uniform(self._comm.size, 0)
            values = np.empty(0, self.dtype)
            self._matrix = pt.Matrix.from_coo(self._comm, part, none, none, values)
        return self._matrix

    @property
    def shape(self):
        """(rows, columns) over all ranks (local)."""
        return (0, 0) if self._matrix is None else tuple(self._matrix.shape)

    @property
    def local_shape(self):
        """(rows, columns) of this rank's local block (local)."""
        return (0, 0) if self._matrix is None else tuple(self._matrix.local_shape)

    def get_local_matrix(self):
        """The block of this rank's own columns: what the matrix was made of, else a Csr_<T>_<I>
        (local)."""
        given = self._blocks[0]
        if given is None:
            empty = self._matrix is None
            given = self._wrap(_no_entries(0, 0, self.dtype) if empty else self._matrix.local)
        return given

    def get_non_local_matrix(self):
        """The block of the columns that other ranks own, ordered by owner and then by index: what the
        matrix was made of, else a Csr_<T>_<I> (local)."""
        given = self._blocks[1]
        if given is None:
            block = None if self._matrix is None else self._matrix.ghost
            if block is None:
                block = _no_entries(self.local_shape[0], 0, self.dtype)
            given = self._wrap(block)
        return given

    def get_non_local_indices(self):
        """The global indices that the non-local block's columns stand for, an int64 array (local)."""
        ghosts = None if self._matrix is None else self._matrix.ghosts
        return np.empty(0, np.int64) if ghosts is None else ghosts

    def _wrap(self, block):
        name = f"Csr_{self.value_type}_{self.local_index_type}"
        return getattr(local_matrices, name)._of(self._exec, block.to_csr())


def _no_entries(rows, columns, dtype):
    starts = np.zeros(rows + 1, np.int32)
    return pt.Csr.from_arrays((rows, columns), starts, starts[:0], np.empty(0, dtype))


def _csr(block, name, dtype):
    """A block as Petiole's Csr of a dtype; the object itself where it is one."""
    matrix = format_of(block, name)
    matrix = matrix if isinstance(matrix, pt.Csr) else matrix.to_csr()
    return matrix if matrix.dtype == dtype else matrix.astype(dtype)
