"""Matrices as SciPy's; imported when asked for."""

import numpy as np
from scipy.sparse import csr_array, hstack

from petiole._core import Csr, NotSupported


def from_csr(A):
    """A copy of a Csr."""
    return csr_array((A.values.copy(), A.indices.copy(), A.indptr.copy()), shape=A.shape)


def from_matrix(A):
    """The owned rows of a Matrix with all columns."""
    if A.index_map is None or not isinstance(A.local, Csr):
        raise NotSupported("a matrix made by from_local does not know its global columns")
    blocks = [from_csr(A.local)]
    if A.ghost is not None:
        blocks.append(from_csr(A.ghost))
    combined = csr_array(hstack(blocks, format="csr", dtype=A.dtype))
    index_map = A.index_map
    columns = index_map.to_global(np.arange(combined.shape[1]), "combined")
    rows = csr_array(
        (combined.data, columns[combined.indices], combined.indptr),
        shape=(combined.shape[0], A.shape[1]),
    )
    rows.sort_indices()
    return rows
