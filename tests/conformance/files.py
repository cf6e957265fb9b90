"""What the tests of files share."""

import contextlib

import numpy as np
import pytest
from problems import FULL, PARTITIONS

import petiole as pt

SUFFIXES = ("mtx", "ptl")
DEALT = PARTITIONS if FULL else ("scattered",)


def owned(part, comm):
    """The global indices of this rank, in its local order."""
    return np.array([i for i in range(part.size) if part.owner(i) == comm.rank], np.int64)


def owned_range(part, comm):
    start = sum(part.part_size(r) for r in range(comm.rank))
    return np.arange(start, start + part.part_size(comm.rank))


def assert_matrix(comm, A, dense):
    assert A.shape == dense.shape
    np.testing.assert_array_equal(A.to_scipy().toarray(), dense[owned(A.partition, comm)])


def together(comm, error, match=None):
    """The call fails on every rank, with the same words and the same rank at fault."""

    @contextlib.contextmanager
    def check():
        with pytest.raises(error, match=match) as caught:
            yield caught
        mine = (type(caught.value).__name__, str(caught.value), caught.value.rank)
        assert set(comm.allgather(mine)) == {mine}

    return check()


def same_bits(actual, expected):
    assert np.asarray(actual).dtype == expected.dtype and np.shape(actual) == expected.shape
    assert np.asarray(actual).tobytes() == np.ascontiguousarray(expected).tobytes()


def small(comm):
    n = 3 * comm.size
    i = np.arange(n)
    part = pt.Partition.uniform(comm.size, n)
    own = owned_range(part, comm)
    return pt.Matrix.from_coo(comm, part, own, own, i[own] + 1.5), n
