"""What the tests of distributed objects share: the executor, types, and who owns which rows."""

import numpy as np

from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

EXEC = pgb.ReferenceExecutor()
NUMBERS = {
    "half": np.float16,
    "float": np.float32,
    "double": np.float64,
    "complex_float": np.complex64,
    "complex_double": np.complex128,
}
# How global indices are owned, by the number of ranks: evenly, dealt out like cards, all by the last rank.
OWNERS = {
    "even": lambda n, size: np.sort(np.arange(n) % size),
    "dealt": lambda n, size: np.arange(n) % size,
    "last": lambda n, size: np.full(n, size - 1),
}


def owned(owners, comm):
    """The global indices that this rank owns."""
    return np.flatnonzero(owners == comm.rank)


def tridiagonal(n, dtype=np.float64):
    """A matrix as a NumPy array that is not symmetric, so that rows and columns are told apart."""
    return (4 * np.eye(n) - 2 * np.eye(n, k=1) - np.eye(n, k=-1)).astype(dtype)


def triplets(array, rows):
    """(rows, columns, values) of what is not zero in these rows of an array."""
    at, cols = np.nonzero(array[rows])
    return rows[at], cols, array[rows[at], cols]


def assembled(comm, owners, array, dtype="double"):
    """The distributed matrix of an array, each rank giving its own rows."""
    partition = gkd.build_partition(EXEC, owners, comm.size)
    entries = triplets(array, owned(owners, comm))
    return gkd.matrix(EXEC, comm, partition, *entries, len(array), dtype)


def vector(comm, owners, values, dtype="double"):
    """The distributed vector of an array, each rank giving its own rows."""
    partition = gkd.build_partition(EXEC, owners, comm.size)
    rows = owned(owners, comm)
    return gkd.vector(EXEC, comm, partition, rows, values[rows], len(values), dtype)


def row(dtype="double", values=(0,)):
    """A dense of one row."""
    return getattr(pgb.matrix, f"dense_{dtype}")(EXEC, np.array([values]))


def csr(array, dtype="double", itype="int32"):
    """A local Csr_<T>_<I> of an array."""
    cls = getattr(pgb.matrix, f"Csr_{dtype}_{itype}")
    rows, cols = np.nonzero(array)
    starts = np.searchsorted(rows, np.arange(len(array) + 1))
    return cls(
        EXEC,
        array.shape,
        array[rows, cols].astype(cls.dtype),
        cols.astype(cls.itype),
        starts.astype(cls.itype),
    )


def local(v):
    """A copy of this rank's block of a vector, one-dimensional where it has one column."""
    block = np.array(getattr(v, "raw", v).local)
    return block[:, 0] if block.shape[1] == 1 else block
