"""Matrices as SciPy's; imported when asked for."""

from scipy.sparse import coo_array, csr_array

from petiole._core import Coo


def from_format(A):
    """A copy of a local format: a coo_array of a Coo, else a csr_array; float16, which SciPy has
    no sparse arrays of, becomes float32."""
    if A.dtype == "float16":
        A = A.astype("float32")
    if isinstance(A, Coo):
        indices = A.row_indices.copy(), A.col_indices.copy()
        return coo_array((A.values.copy(), indices), shape=A.shape)
    A = A.to_csr()
    return csr_array((A.values, A.indices, A.indptr), shape=A.shape, copy=True)
