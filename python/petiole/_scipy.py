"""Matrices as SciPy's; imported when asked for."""

from scipy.sparse import csr_array


def from_csr(A):
    """A copy of a Csr."""
    return csr_array((A.values.copy(), A.indices.copy(), A.indptr.copy()), shape=A.shape)
