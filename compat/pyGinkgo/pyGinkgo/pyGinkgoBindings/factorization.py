"""The Cholesky factorization of local matrices."""

import petiole as pt

from .._executor import petiole_executor
from .._linop import LinOp, in_dtype, operator_of, vector_of
from .._table import type_name
from . import matrix


class factorization(LinOp):
    """factorization(exec, A): A = L L^T (A = L L^H of complex numbers) of a symmetric positive definite
    local matrix, of which the lower triangle alone is looked at. Its apply solves with A (local).

    Errors: petiole.Error with the row where A is not positive definite.
    """

    def __init__(self, exec, A):
        petiole_executor(exec)
        self._exec = exec
        A = getattr(A, "raw", A)
        system = operator_of(A).to_csr()
        self._names = (type_name(system.dtype), getattr(A, "index_type", "int32"))
        if system.dtype == "float16":
            system = system.astype("float32")
        self._factors = pt.factorization.cholesky(system, ordering="natural")

    def _operator(self, like=None):
        return self._factors

    def get_lower_factor(self):
        """L as Csr_<T>_<I> of A's types (local)."""
        return self._factor(self._factors.lower)

    def get_upper_factor(self):
        """L^T (L^H of complex numbers) as Csr_<T>_<I> of A's types (local)."""
        return self._factor(self._factors.lower.transpose(conjugate=True))

    def _factor(self, csr):
        cls = getattr(matrix, "_".join(("Csr", *self._names)))
        return cls._of(self._exec, cls._storage_of(csr))

    def apply(self, b, x):
        """x = A^-1 b (local)."""
        in_dtype(self._factors.dtype, vector_of(b), vector_of(x), self._factors.apply)
