"""dense_<T>: dense matrices of one process, and the vectors of one process."""

import operator

import numpy as np

import petiole as pt
from petiole._core import Exporter

from ._arrays import WrongDimensions, described, host_array, number, python_number
from ._executor import petiole_executor
from ._linop import dim2, operands, raw_of, scalar_of, vector_of
from ._local import LocalMatrix, executor_first, to_shape


class Dense(LocalMatrix, Exporter):
    """A dense matrix, row-major; memoryview(d) and numpy.asarray(d) see its memory, as one dimension
    where there is one column.

    dense(buffer): a copy of an array of the same dtype, on the host. dense(exec): no elements.
    dense(exec, shape[, stride]): zeros; rows are `stride` elements apart. dense(exec, object): a copy of an
    array of one or two dimensions, a list, a tensor or another dense, converted where that is
    needed. dense(exec, shape, array, stride): a copy of the elements in one dimension.
    Memory of a device is a TypeError; sizes that do not fit are a ValueError.
    """

    axes = ("value_type",)
    _apart = None  # the elements from row to row, where they were allocated here

    def __init__(self, *args):
        exec, given = executor_first(args)
        self._exec = exec
        if not given and not args:
            raise TypeError("expected an executor or an array")
        if len(given) == 1 and not isinstance(given[0], tuple | dim2):
            array = host_array(given[0], self.dtype, convert=exec is args[0])
            self._set(as_matrix(array))
        elif len(given) <= 2:
            shape = to_shape(given[0]) if given else (0, 0)
            self._set(np.zeros(shape, self.dtype), given[1] if len(given) == 2 else None)
        elif len(given) == 3:
            shape, array, stride = given
            array = host_array(array, self.dtype, convert=False)
            self._set(with_stride(array.reshape(-1), to_shape(shape), stride), stride)
        else:
            raise TypeError(f"dense takes at most 4 arguments, not {len(args)}")

    def _set(self, array, stride=None):
        """Makes the storage a copy of an array of two dimensions, with rows `stride` apart."""
        rows, columns = array.shape
        stride = columns if stride is None else operator.index(stride)
        if stride < columns:
            raise ValueError(f"stride is {stride}: expected at least the {columns} columns")
        self._apart = stride
        memory = np.zeros((rows, stride), self.dtype)
        memory[:, :columns] = array
        exec = petiole_executor(self._exec)
        if columns:
            self._storage = pt.Vector.view(None, memory[:, :columns], exec=exec)
        else:  # which no vector has
            self._storage = pt.Dense(memory[:, :0], exec=exec)

    @classmethod
    def _storage_of(cls, matrix):
        """The vector that has a local format's elements; what has no columns stays a matrix."""
        dense = matrix.to_dense().astype(cls.dtype)
        return pt.Vector.view(None, dense.array, exec=matrix.exec) if dense.shape[1] else dense

    def _vector(self):
        if not isinstance(self._storage, pt.Vector):
            raise ValueError(f"a {type(self).__name__} without columns is no vector")
        return self._storage

    def _operator(self, like=None):
        if isinstance(self._storage, pt.Dense):
            return self._storage
        return pt.Dense.view(self._storage.local, petiole_executor(self._exec))

    @property
    def _array(self):
        """Its memory, an array of shape (rows, columns)."""
        return self._operator().array

    def __buffer__(self, flags):
        array = self._array
        return memoryview(array[:, 0] if array.shape[1] == 1 else array)

    def __array__(self, dtype=None, copy=None):
        """For NumPy where there is no buffer to be had, as of a vector that was lent and has ended: what
        is wrong is raised here, and not lost."""
        return np.array(self.__buffer__(0), dtype, copy=copy)

    def __dlpack__(self, *args, **named):
        return self._storage.__dlpack__(*args, **named)

    def __dlpack_device__(self):
        return self._storage.__dlpack_device__()

    def get_num_stored_elements(self):
        """The elements that memory is there for: rows x stride (local)."""
        return self.shape[0] * self._stride()

    def _stride(self):
        if self._apart is not None:
            return self._apart
        array = self._array
        return array.strides[0] // array.itemsize if array.shape[0] > 1 else array.shape[1]

    def at(self, i, j=None):
        """Element (i, j); with one index element i of the rows one after another (local). A j beyond the
        columns reads on in the memory, row after row with what is between them, as far as there is
        any. IndexError outside."""
        columns = self.shape[1]
        place = divmod(operator.index(i), columns or 1) if j is None else (i, j)
        i, j = (operator.index(index) for index in place)
        memory = self._memory()
        at = i * self._stride() + j
        if min(i, j) < 0 or at >= len(memory):
            raise IndexError(
                f"element ({i}, {j}) is out of range for shape {self.shape}, in a memory of "
                f"{len(memory)} elements"
            )
        return python_number(memory[at])

    def _memory(self):
        """All elements that memory is there for one after another, an array of one dimension."""
        array, stride = self._array, self._stride()
        rows, columns = array.shape
        count = rows * stride if self._apart is not None else (rows - 1) * stride + columns
        count = count if rows and columns else 0
        return np.lib.stride_tricks.as_strided(array, (count,), (array.itemsize,), writeable=False)

    def fill(self, value):
        """Sets every element to `value` (local)."""
        value = number(value, self.dtype)
        if self.shape[1]:
            self._vector().fill(value)

    def scale(self, alpha):
        """Multiplies every element by a number, a 1 x 1 dense, or columns by a row of them (local)."""
        self._vector().scale(scalar_of(alpha))

    def inv_scale(self, alpha):
        """Divides by a number, a 1 x 1 dense, or columns by a row of them (local)."""
        self._vector().inv_scale(scalar_of(alpha))

    def add_scaled(self, alpha, b):
        """Adds alpha b; alpha is a number, a 1 x 1 dense, or a row, one for each column (local)."""
        self._vector().add_scaled(scalar_of(alpha), self._like(b))

    def sub_scaled(self, alpha, b):
        """Subtracts alpha b; alpha as for `add_scaled` (local)."""
        self._vector().sub_scaled(scalar_of(alpha), self._like(b))

    def compute_dot(self, b, result):
        """The inner products of columns, without conjugation, into a 1 x k dense (local)."""
        self._result(result, self.dtype.kind)[:] = self._vector().dot(self._like(b))

    def compute_norm2(self, result):
        """The 2-norms of the columns into a 1 x k dense (local)."""
        self._result(result)[:] = self._vector().norm(2)

    def compute_norm1(self, result):
        """The 1-norms of the columns into a 1 x k dense (local)."""
        self._result(result)[:] = self._vector().norm(1)

    def _result(self, result, kind="f"):
        """The row of a dense result that has a number for each column; complex ones are of kind "c"."""
        array, columns = as_dense(result)._array, self.shape[1]
        if array.shape != (1, columns):
            raise ValueError(f"the result has shape {array.shape}: expected (1, {columns})")
        if kind == "c" and array.dtype.kind != "c":
            raise TypeError(f"the result is {array.dtype}, which holds no complex numbers")
        return array[0]

    def _like(self, b):
        b = vector_of(b)
        return b if b.dtype == self.dtype else b.astype(self.dtype)

    def apply(self, *args, **named):
        """apply(b, x): x = self b, the product of matrices. apply(alpha, b, beta, x): x = alpha self b +
        beta x (local)."""
        _, b, _, x = operands(args, named)
        if vector_of(x) is self._storage or vector_of(b) is vector_of(x):
            raise ValueError("x must be another object than those that it is computed from")
        super().apply(*args, **named)

    def T(self):
        """The transpose, a copy (local)."""
        made = type(self)(self._exec)
        made._set(self._array.T)
        return made

    def transpose_into(self, result):
        """Writes the transpose into another dense, of the shape that it has (local)."""
        as_dense(result)._write(self._array.T)

    def clone(self):
        """A copy of it (local)."""
        return type(self)._of(self._exec, self._storage.copy())

    copy_to_host = clone

    def copy_from(self, other):
        """Becomes a copy of another dense, converted to the dtype of this one; its memory stays where the
        shapes are the same (local)."""
        array = as_dense(other)._array
        if self.shape == array.shape:
            self._write(array)
        else:
            self._set(host_array(array, self.dtype))

    def create_with_config_of(self):
        """Zeros, of the same shape, type and executor (local)."""
        return self.create_with_type_of(self.shape, stride=self._stride())

    def create_with_type_of(self, shape, exec=None, stride=None):
        """Zeros, of another shape, and of the same type and executor unless one is given (local)."""
        exec = self._exec if exec is None else exec
        return type(self)(exec, *([tuple(shape)] if stride is None else [tuple(shape), stride]))

    def _write(self, array):
        if self.shape != array.shape:
            raise ValueError(f"the shape is {self.shape}: expected {array.shape}")
        if self.dtype.kind != "c" and array.dtype.kind == "c":
            raise TypeError(f"{array.dtype} does not fit into {self.dtype}")
        self._array[:] = array

    def convert_to_csr(self, index_type="int32"):
        """The entries that are not zero, as Csr_<T>_int32 (local)."""
        cls = self._sibling("Csr", index_type)
        return cls._of(self._exec, cls._storage_of(self._operator()))

    def convert_to_coo(self, index_type="int32"):
        """The entries that are not zero, as Coo_<T>_int32 (local)."""
        cls = self._sibling("Coo", index_type)
        return cls._of(self._exec, cls._storage_of(self._operator()))

    def _equals(self, other):
        return np.array_equal(self._array, other._array)

    def __repr__(self):
        return described(self, "matrix", self._array, self.get_num_stored_elements())


def as_dense(object):
    """The object itself, or that of a facade, where it is a dense one; else TypeError."""
    object = raw_of(object)
    if not isinstance(object, Dense):
        raise TypeError(f"expected a dense, not {type(object).__name__}")
    return object


def as_matrix(array):
    """An array of at most two dimensions as one of two; one dimension is one column."""
    if array.ndim > 2:
        raise WrongDimensions(f"the array has {array.ndim} dimensions: expected one or two")
    return array if array.ndim == 2 else array.reshape(-1, 1)


def with_stride(array, shape, stride):
    """A view of an array of one dimension as rows that are `stride` elements apart."""
    rows, columns = shape
    stride = operator.index(stride)
    needed = (rows - 1) * stride + columns if rows and columns else 0
    if stride < columns or array.size < needed:
        raise ValueError(
            f"the array has {array.size} elements, the stride is {stride}: expected {needed} or more for "
            f"{rows} x {columns}"
        )
    size = array.itemsize
    return np.lib.stride_tricks.as_strided(array, shape, (stride * size, size), writeable=False)
