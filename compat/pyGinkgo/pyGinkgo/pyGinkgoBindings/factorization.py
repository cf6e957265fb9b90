"""The Cholesky factorization."""

import petiole as pt

from .._executor import petiole_executor
from .._linop import LinOp, in_dtype, operator_of, raw_of, together, vector_of
from .._table import type_name
from . import matrix


class factorization(LinOp):
    """factorization(exec, A): A = L L^T (A = L L^H of complex numbers) of a symmetric positive definite
    matrix, of which the lower triangle alone is looked at. Its apply solves with A.

    Of a matrix on several ranks each rank's local block, the rows and columns that it owns, is
    factorized and solved with (collective); a local matrix is its own.

    Errors: petiole.Error with the row where A is not positive definite; TypeError for what has no entries.
    """

    def __init__(self, exec, A):
        A = raw_of(A)
        system = operator_of(A)
        with together(A):
            petiole_executor(exec)
            self._exec = exec
            if not isinstance(system, pt.Format | pt.Matrix):
                raise TypeError(
                    f"expected a matrix, whose entries are known, not {type(A).__name__}"
                )
            if isinstance(system, pt.Format):
                system = system.to_csr()
            itype = getattr(A, "index_type", getattr(A, "local_index_type", "int32"))
            self._names = (type_name(system.dtype), itype)
            if system.dtype == "float16":
                system = system.astype("float32")
        self._factors = pt.factorization.cholesky(system, ordering="natural")

    def _communicator(self):
        return self._factors.comm

    def _operator(self, like=None):
        return self._factors

    def get_lower_factor(self):
        """L as Csr_<T>_<I> of A's types, that of this rank's block (local)."""
        return self._factor(self._factors.lower)

    def get_upper_factor(self):
        """L^T (L^H of complex numbers) as Csr_<T>_<I> of A's types, that of this rank's block (local)."""
        return self._factor(self._factors.lower.transpose(conjugate=True))

    def _factor(self, csr):
        cls = getattr(matrix, "_".join(("Csr", *self._names)))
        return cls._of(self._exec, cls._storage_of(csr))

    def apply(self, b, x):
        """x = A^-1 b (collective where b and x are distributed)."""
        with together(self, b, x):
            b, x = vector_of(b), vector_of(x)
        in_dtype(self._factors.dtype, b, x, self._factors.apply)
