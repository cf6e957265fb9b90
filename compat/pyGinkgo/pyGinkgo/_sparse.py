"""Csr_<T>_<I> and Coo_<T>_<I>: sparse matrices of one process."""

import numpy as np

import petiole as pt

from ._arrays import host_array, one_dimensional
from ._executor import petiole_executor
from ._formats import PARTS, in_format
from ._linop import operands, operator_of, scalar_of
from ._local import LocalMatrix, executor_first, to_shape
from .pyGinkgoBindings import base


class Sparse(LocalMatrix):
    """What the two have in common. `format` is the name of theirs, and `Format` Petiole's class."""

    def __init__(self, *args):
        exec, given = executor_first(args)
        if not args or (not given and exec is not args[0]):
            raise TypeError("expected an executor, and what the matrix is made of")
        self._exec = exec
        if not given:
            self._storage = self._make((0, 0), *self._no_entries())
        elif len(given) == 1:
            object = in_format(given[0], self.format)
            parts = (getattr(object, name) for name in PARTS[self.format])
            self._storage = self._make(to_shape(object.shape), *parts, convert=True)
        elif len(given) == 4:
            shape, values, cols, rows = given
            self._storage = self._make(to_shape(shape), values, cols, rows)
        else:
            raise TypeError(
                f"expected (exec), (exec, object) or (exec, shape, values, columns, rows), not "
                f"{len(args)} arguments"
            )

    def _make(self, shape, values, cols, rows, convert=False):
        """Petiole's matrix of copies of the arrays."""
        values = one_dimensional(host_array(values, self.dtype, "values", convert), "values")
        cols, rows = (
            one_dimensional(host_array(array, self.itype, name, convert, whole=True), name)
            for name, array in (("the column indices", cols), (self.rows_name, rows))
        )
        return self.Format.from_arrays(shape, rows, cols, values, exec=petiole_executor(self._exec))

    def _operator(self, like=None):
        return self._storage

    def _array(self, values):
        """An array_<T> that shares the matrix's memory."""
        return base.ARRAY[(_names[values.dtype],)]._of(self._exec, values)

    def get_num_stored_elements(self):
        """The number of entries that are stored (local)."""
        return self._storage.nnz

    def T(self):
        """The transpose, a copy (local)."""
        return type(self)._of(self._exec, self._storage_of(self._storage.transpose()))

    def convert_to_dense(self):
        """The same matrix as dense_<T> (local)."""
        cls = self._sibling("dense")
        return cls._of(self._exec, cls._storage_of(self._storage))

    def convert_to_csr(self):
        """The same matrix as Csr_<T>_<I> (local)."""
        cls = self._sibling("Csr", self.index_type)
        return cls._of(self._exec, cls._storage_of(self._storage))

    def convert_to_coo(self):
        """The same matrix as Coo_<T>_<I> (local)."""
        cls = self._sibling("Coo", self.index_type)
        return cls._of(self._exec, cls._storage_of(self._storage))

    def apply(self, *args, **named):
        """apply(b, x): x = self b for dense b and x, or for sparse ones: then x becomes the product of
        matrices. apply(alpha, b, beta, x): x = alpha self b + beta x (local)."""
        alpha, b, beta, x = operands(args, named)
        if not isinstance(x, Sparse):
            return super().apply(*args, **named)
        product = _multiply(self, b)
        if alpha is not None:
            product = scalar_of(alpha) * product + scalar_of(beta) * pt.Matrix.from_local(
                None, _computed(x)
            )
        x._storage = x._storage_of(product.local)

    def _equals(self, other):
        mine, others = self._arrays(), other._arrays()
        return all(np.array_equal(a, b) for a, b in zip(mine, others))

    def __repr__(self):
        rows, columns = self.shape
        return (
            f"pygko.matrix.{type(self).__name__} object of size {rows} x {columns} with "
            f"{self.get_num_stored_elements()} entries"
        )


_names = {np.dtype(cls.dtype): key[0] for key, cls in base.ARRAY.items()}


def _computed(matrix):
    """Petiole's CSR matrix of a local matrix, in a dtype that is computed with."""
    csr = operator_of(matrix).to_csr()
    return csr.astype("float32") if csr.dtype == np.float16 else csr


def _multiply(A, B):
    """The product of two local matrices, which Petiole forms of distributed ones, on one process."""
    A, B = (pt.Matrix.from_local(None, _computed(matrix)) for matrix in (A, B))
    return A @ B


class Csr(Sparse):
    """A sparse matrix by compressed rows.

    Csr(exec): no rows. Csr(exec, shape, values, columns, row_ptrs): copies of NumPy arrays, or array_<T>s,
    of just these types. Csr(exec, object): of anything with shape, data, indices and indptr, or that
    says that its format is another one, converted where that is needed. Indices out of range and
    pointers that do not fit are errors.
    """

    Format = pt.Csr
    format = "csr"
    rows_name = "the row pointers"

    def _no_entries(self):
        return np.zeros(0, self.dtype), np.zeros(0, self.itype), np.zeros(1, self.itype)

    @classmethod
    def _storage_of(cls, matrix):
        """A local format as CSR of the class's types."""
        csr = matrix.to_csr()
        csr = csr if csr.dtype == cls.dtype else csr.astype(cls.dtype)
        if csr.indices.dtype == cls.itype and csr.indptr.dtype == cls.itype:
            return csr
        return pt.Csr.from_arrays(
            csr.shape, csr.indptr.astype(cls.itype), csr.indices.astype(cls.itype), csr.values,
            exec=csr.exec,
        )  # fmt: skip

    def _arrays(self):
        return self._storage.values, self._storage.indices, self._storage.indptr

    @property
    def data(self):
        """The values, an array_<T> that shares the matrix's memory (local)."""
        return self._array(self._storage.values)

    @property
    def indices(self):
        """The column indices, an array_<I> that shares the matrix's memory (local)."""
        return self._array(self._storage.indices)

    @property
    def indptr(self):
        """Where rows begin, an array_<I> of rows + 1 elements that shares the matrix's memory (local)."""
        return self._array(self._storage.indptr)


class Coo(Sparse):
    """A sparse matrix by triplets.

    Coo(exec): no rows. Coo(exec, shape, values, columns, rows): copies of NumPy arrays, or array_<T>s, of
    just these types. Coo(exec, object): of anything with shape, data, col and row, or that says that its
    format is another one, converted where that is needed. Indices out of range are errors.
    """

    Format = pt.Coo
    format = "coo"
    rows_name = "the row indices"

    def _no_entries(self):
        return np.zeros(0, self.dtype), np.zeros(0, self.itype), np.zeros(0, self.itype)

    @classmethod
    def _storage_of(cls, matrix):
        """A local format as triplets of the class's types."""
        coo = matrix.to_coo()
        coo = coo if coo.dtype == cls.dtype else coo.astype(cls.dtype)
        if coo.row_indices.dtype == cls.itype:
            return coo
        return pt.Coo.from_arrays(
            coo.shape, coo.row_indices.astype(cls.itype), coo.col_indices.astype(cls.itype), coo.values,
            exec=coo.exec,
        )  # fmt: skip

    def _arrays(self):
        return self._storage.values, self._storage.col_indices, self._storage.row_indices

    @property
    def data(self):
        """The values, an array_<T> that shares the matrix's memory (local)."""
        return self._array(self._storage.values)

    @property
    def col(self):
        """The column indices, an array_<I> that shares the matrix's memory (local)."""
        return self._array(self._storage.col_indices)

    @property
    def row(self):
        """The row indices, an array_<I> that shares the matrix's memory (local)."""
        return self._array(self._storage.row_indices)
