"""Distributed vectors: on each rank a block of rows."""

import numpy as np

import petiole as pt

from ._arrays import array_of, refuse_device
from ._checks import extents, values_of
from ._communicator import agreed, communicator_of
from ._executor import petiole_executor
from ._linop import LinOp, scalar_of, vector_of
from ._partition import partition_of
from ._table import type_name
from .pyGinkgoBindings import matrix


def dense_class(dtype):
    """dense_<T> for a NumPy dtype."""
    return getattr(matrix, f"dense_{type_name(dtype)}")


def vector_class(dtype):
    """Vector_<T> for a NumPy dtype."""
    from .pyGinkgoBindings import distributed  # which is made of this module

    return distributed.VECTOR[type_name(dtype),]


def two_dimensional(shape):
    """(rows, columns) of a Petiole vector's shape, which has no columns where it was made of a
    one-dimensional array."""
    return tuple(shape) if len(shape) == 2 else (shape[0], 1)


class Vector(LinOp):
    """A vector of one or more columns, divided by rows among the ranks: Vector_<T>."""

    axes = ("value_type",)

    @classmethod
    def _of(cls, exec, vector):
        """The object around a Petiole vector."""
        made = cls.__new__(cls)
        made._exec, made._storage = exec, vector
        return made

    @classmethod
    def create(cls, exec, comm, global_size, local_size):
        """Zeros, of local_size rows and columns on this rank (collective)."""
        comm = communicator_of(comm)
        with agreed(comm):
            rows, columns = extents(local_size, "local_size")
            array = np.zeros((rows, 1 if columns is None else columns), cls.dtype)
            rows = _global_rows(global_size, array)
            on = petiole_executor(exec)
        return cls._of(exec, pt.Vector.view(comm, array, rows, on))

    @classmethod
    def from_local_array(cls, exec, comm, global_size, local_array):
        """A copy of each rank's array, of shape (n,) or (n, columns), converted where it has another
        dtype (collective). An error on every rank where the n do not add up to global_size."""
        comm = communicator_of(comm)
        with agreed(comm):
            array = as_columns(values_of(local_array, cls.dtype, "local_array"), "local_array")
            rows = _global_rows(global_size, array)
            on = petiole_executor(exec)
        return cls._of(exec, pt.Vector.from_local(comm, array, rows, on))

    @classmethod
    def from_local_array_deduce_size(cls, exec, comm, local_array):
        """The same, where the global size is what the n add up to (collective)."""
        return cls.from_local_array(exec, comm, None, local_array)

    @classmethod
    def from_local_array_view(cls, exec, comm, global_size, local_array):
        """The same memory as each rank's array, which is kept alive (collective): what is written to
        one is seen in the other. An array of another dtype, one that is not contiguous or
        read-only is refused."""
        comm = communicator_of(comm)
        with agreed(comm):
            array = as_columns(_viewable(local_array, cls.dtype), "local_array")
            rows = _global_rows(global_size, array)
            on = petiole_executor(exec)
        return cls._of(exec, pt.Vector.view(comm, array, rows, on))

    @classmethod
    def read(cls, exec, comm, path, partition=None):
        """From a MatrixMarket file, or a binary one of Petiole's; every rank reads a part of it
        (collective). Rows are divided evenly where no partition is given."""
        comm = communicator_of(comm)
        with agreed(comm):
            part = None if partition is None else partition_of(partition)
            on = petiole_executor(exec)
        vector = pt.Vector.read(path, comm, part, dtype=cls.dtype, exec=on)
        return cls._of(exec, vector)

    def _communicator(self):
        return self._storage.comm

    def _vector(self):
        return self._storage

    @property
    def shape(self):
        """(rows, columns) over all ranks (local)."""
        return two_dimensional(self._storage.shape)

    @property
    def local_shape(self):
        """(rows, columns) of this rank's block (local)."""
        return two_dimensional(self._storage.local_shape)

    @property
    def local(self):
        """This rank's block as a NumPy array of shape (rows, columns), the same memory (local)."""
        return self._storage.local.reshape(self.local_shape)

    @local.setter
    def local(self, values):
        self.local[...] = values_of(values, self.dtype, "local")

    def get_local_vector(self):
        """A copy of this rank's block, a dense_<T> (local)."""
        block = pt.Vector.from_local(None, self.local, exec=self._storage.exec)
        return dense_class(block.dtype)._of(self._exec, block)

    def copy_to_host(self):
        """A copy of this rank's block in the memory of the host, a dense_<T> (local)."""
        return self.get_local_vector()

    def __array__(self, dtype=None, copy=None):
        if copy is False and dtype is not None and np.dtype(dtype) != self._storage.dtype:
            raise ValueError(f"{self._storage.dtype} cannot be viewed as {np.dtype(dtype)}")
        return np.array(self.local, dtype, copy=bool(copy) or dtype is not None)

    def fill(self, value):
        """Sets every element to `value` (local)."""
        self._storage.fill(scalar_of(value))

    def scale(self, alpha):
        """self = alpha self; alpha is a number, or a dense_<T> of 1 x 1 or one per column (local)."""
        self._storage.scale(scalar_of(alpha))

    def inv_scale(self, alpha):
        """self = self / alpha; alpha as for scale (local)."""
        self._storage.inv_scale(scalar_of(alpha))

    def add_scaled(self, alpha, b):
        """self = self + alpha b; alpha as for scale (local)."""
        self._storage.add_scaled(scalar_of(alpha), vector_of(b))

    def sub_scaled(self, alpha, b):
        """self = self - alpha b; alpha as for scale (local)."""
        self._storage.sub_scaled(scalar_of(alpha), vector_of(b))

    def compute_dot(self, b, result):
        """The sum of self_i b_i of each column, into a dense_<T> of one row (collective)."""
        with agreed(self._storage.comm):
            b, into = vector_of(b), self._row(result, self.dtype.kind)
        into[...] = self._storage.dot(b)

    def compute_conj_dot(self, b, result):
        """The sum of conj(self_i) b_i of each column, into a dense_<T> of one row (collective)."""
        with agreed(self._storage.comm):
            b, into = vector_of(b), self._row(result, self.dtype.kind)
        into[...] = self._storage.conj_dot(b)

    def compute_norm2(self, result):
        """The Euclidean norm of each column, into a dense_<T> of one row (collective)."""
        with agreed(self._storage.comm):
            into = self._row(result)
        into[...] = self._storage.norm(2)

    def compute_norm1(self, result):
        """The sum of the moduli of each column, into a dense_<T> of one row (collective)."""
        with agreed(self._storage.comm):
            into = self._row(result)
        into[...] = self._storage.norm(1)

    def gather_on_root(self, root=0):
        """The whole vector in global order, a NumPy array of shape (rows, columns), on rank root; None
        on the others (collective)."""
        whole = self._storage.gather(root)
        return None if whole is None else whole.reshape(two_dimensional(whole.shape))

    def _row(self, result, kind="f"):
        """The NumPy row that a result of one number per column is written to; complex ones are of kind
        "c"."""
        local = vector_of(result).local
        if local.shape != (1, self.shape[1]):
            raise pt.DimensionError(
                f"result has shape {local.shape}, expected (1, {self.shape[1]}): one number per "
                "column"
            )
        if kind == "c" and local.dtype.kind != "c":
            raise pt.DtypeError(f"result is {local.dtype}, which holds no complex numbers")
        return local[0]


def as_columns(array, name):
    """An array of one dimension as a column, without a copy."""
    if array.ndim not in (1, 2):
        raise pt.DimensionError(f"{name} has {array.ndim} dimensions, expected 1 or 2")
    return array.reshape(-1, 1) if array.ndim == 1 else array


def _global_rows(global_size, array):
    """The rows of global_size, None where it is None; its columns are those of the array."""
    if global_size is None:
        return None
    rows, columns = extents(global_size, "global_size")
    if columns not in (None, array.shape[1]):
        raise pt.DimensionError(
            f"global_size has {columns} columns, but the local block has {array.shape[1]}"
        )
    return rows


def _viewable(array, dtype):
    """The NumPy array over an object's own memory, where a vector can be one too."""
    refuse_device(array, "local_array", pt.InvalidArgument)
    if not hasattr(array, "__array_interface__"):
        try:
            array = memoryview(array)
        except TypeError:
            raise pt.DtypeError(
                f"local_array is a {type(array).__name__}, which shows no memory that could be viewed: "
                "from_local_array copies"
            ) from None
    array_of(array, "local_array")  # refuses what is none
    array = np.asanyarray(array)
    if array.dtype != dtype:
        raise pt.DtypeError(
            f"local_array has dtype {array.dtype}: only {dtype} can be viewed, from_local_array "
            "converts"
        )
    if not array.flags.c_contiguous:
        raise pt.InvalidArgument(
            f"local_array is not contiguous (strides {array.strides}), so it cannot be viewed: "
            "pass numpy.ascontiguousarray(local_array), or from_local_array copies"
        )
    if not array.flags.writeable:
        raise pt.InvalidArgument(
            "local_array is read-only, and a view writes to it: from_local_array copies"
        )
    return array
