"""Matrices as SciPy's; imported when asked for."""

import numpy as np
from scipy.sparse import coo_array, csr_array, hstack

from petiole._core import Coo, Format, NotSupported


def from_format(A):
    """A copy of a local format: a coo_array of a Coo, else a csr_array."""
    if isinstance(A, Coo):
        indices = A.row_indices.copy(), A.col_indices.copy()
        return coo_array((A.values.copy(), indices), shape=A.shape)
    A = A.to_csr()
    return csr_array((A.values, A.indices, A.indptr), shape=A.shape, copy=True)


def from_matrix(A):
    """The owned rows of a Matrix with all columns."""
    if A.index_map is None or not isinstance(A.local, Format):
        raise NotSupported("a matrix made by from_local does not know its global columns")
    blocks = [from_format(A.local)]
    if A.ghost is not None:
        blocks.append(from_format(A.ghost))
    combined = csr_array(hstack(blocks, format="csr", dtype=A.dtype))
    index_map = A.index_map
    columns = index_map.to_global(np.arange(combined.shape[1]), "combined")
    rows = csr_array(
        (combined.data, columns[combined.indices], combined.indptr),
        shape=(combined.shape[0], A.shape[1]),
    )
    rows.sort_indices()
    return rows
