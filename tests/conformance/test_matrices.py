"""Distributed matrices: assembly, its errors, and what can be asked of a matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import DTYPES, PARTITIONS, mine, owners, partition, random, shares, sparse, tolerance

import petiole as pt


@pytest.fixture(params=[(k, d) for k in PARTITIONS for d in DTYPES], ids="-".join)
def setting(request):
    return request.param


def scattered(comm, dense, seed=5):
    """The triplets of a dense array, each on one rank drawn at random."""
    rows, cols = np.nonzero(dense)
    give = shares(rows.size, comm.rank, comm.size, seed)
    return rows[give], cols[give], dense[rows, cols][give]


def test_to_scipy_and_the_blocks(comm, setting):
    kind, dtype = setting
    dense = sparse(19, 19, dtype, 40)
    who = owners(kind, 19, comm.size)
    own = mine(who, comm.rank)
    A = pt.Matrix.from_coo(comm, partition(kind, 19, comm), *scattered(comm, dense))
    assert A.shape == (19, 19) and A.local_shape == (len(own), len(own))
    assert A.dtype == dtype and A.nnz == np.count_nonzero(dense)
    np.testing.assert_array_equal(A.to_scipy().toarray(), dense[own])
    np.testing.assert_array_equal(A.local.to_scipy().toarray(), dense[np.ix_(own, own)])
    ghosts = [g for g in range(19) if who[g] != comm.rank and dense[own][:, g].any()]
    ghosts.sort(key=lambda g: (who[g], g))
    assert list(A.ghosts) == ghosts
    if ghosts:
        np.testing.assert_array_equal(A.ghost.to_scipy().toarray(), dense[np.ix_(own, ghosts)])
    np.testing.assert_array_equal(A.diagonal().local, np.diag(dense)[own])
    assert A.partition == A.col_partition == partition(kind, 19, comm)


def test_update_values(comm, setting):
    kind, dtype = setting
    dense = sparse(17, 17, dtype, 41)
    rows, cols, values = scattered(comm, dense)
    rows, cols = np.concatenate((rows, rows[:3])), np.concatenate((cols, cols[:3]))
    values = np.concatenate((values, values[:3]))  # some twice
    A = pt.Matrix.from_coo(comm, partition(kind, 17, comm), rows, cols, values)
    x = pt.Vector.from_local(
        comm, random((17,), dtype, 42)[mine(owners(kind, 17, comm.size), comm.rank)]
    )
    before = (A @ x).local.copy()
    A.update_values(3 * values)
    np.testing.assert_allclose((A @ x).local, 3 * before, atol=tolerance(dtype, 100))
    A.update_values(values)
    np.testing.assert_array_equal((A @ x).local, before)
    short = values[:-1] if comm.rank == comm.size - 1 and len(values) else values
    if comm.allreduce(len(short) != len(values)):
        with pytest.raises(pt.DimensionError):
            A.update_values(short)
    np.testing.assert_array_equal((A @ x).local, before)


def test_from_scipy(comm, setting):
    from scipy.sparse import coo_array, csr_array

    kind, dtype = setting
    dense = sparse(13, 13, dtype, 43)
    own = mine(owners(kind, 13, comm.size), comm.rank)
    for form in (csr_array, coo_array):
        A = pt.Matrix.from_scipy(comm, form(dense[own]), partition=partition(kind, 13, comm))
        np.testing.assert_array_equal(A.to_scipy().toarray(), dense[own])
    in_order = np.array_split(dense, comm.size)[comm.rank]
    A = pt.Matrix.from_scipy(comm, csr_array(in_order))
    np.testing.assert_array_equal(A.to_scipy().toarray(), in_order)


def test_foreign_rows_are_refused_when_asked(comm):
    n = 2 * comm.size
    part = pt.Partition.uniform(comm.size, n)
    own = np.array([2 * comm.rank, 2 * comm.rank + 1])
    pt.Matrix.from_coo(comm, part, own, own, np.ones(2), foreign="refuse")
    if comm.size > 1:
        rows = (own + 2) % n if comm.rank == 1 else own
        with pytest.raises(pt.IndexOutOfRange) as caught:
            pt.Matrix.from_coo(comm, part, rows, own, np.ones(2), foreign="refuse")
        assert caught.value.rank == 1
    with pytest.raises(ValueError):
        pt.Matrix.from_coo(comm, part, own, own, np.ones(2), foreign="maybe")


@pytest.mark.parametrize("where", ["rows", "cols"])
@pytest.mark.parametrize("value", [-1, 10, 2**40])
def test_an_index_out_of_range_on_one_rank(comm, where, value):
    part = pt.Partition.uniform(comm.size, 10)
    rows, cols = np.arange(4), np.arange(4)
    if comm.rank == comm.size - 1:
        (rows if where == "rows" else cols)[2] = value
    with pytest.raises(pt.IndexOutOfRange, match=str(value)) as caught:
        pt.Matrix.from_coo(comm, part, rows, cols, np.ones(4))
    assert caught.value.rank == comm.size - 1
    assert "2" in str(caught.value)  # the position


def test_lengths_and_dtypes_that_differ_on_one_rank(comm):
    part = pt.Partition.uniform(comm.size, 10)
    last = comm.rank == comm.size - 1
    i = np.arange(4)
    with pytest.raises(ValueError) as caught:
        pt.Matrix.from_coo(comm, part, i, i[:3] if last else i, np.ones(4))
    assert caught.value.rank == comm.size - 1
    if comm.size > 1:
        with pytest.raises(pt.Error):
            pt.Matrix.from_coo(comm, part, i, i, np.ones(4, "float32" if last else "float64"))
    with pytest.raises(pt.DimensionError):
        pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size + 1, 10), i, i, np.ones(4))


def test_integers_become_float64_and_any_index_type_enters(comm):
    part = pt.Partition.uniform(comm.size, 4)
    for index in ("int8", "int32", "int64", "uint16", np.longlong):
        i = np.arange(4, dtype=index)
        A = pt.Matrix.from_coo(comm, part, i, i, np.array([1, 2, 3, 4]))
        assert A.dtype == np.float64
    np.testing.assert_array_equal(A.diagonal().allgather(), comm.size * np.arange(1, 5))
    with pytest.raises((TypeError, ValueError)):
        pt.Matrix.from_coo(comm, part, np.zeros(4), np.arange(4), np.ones(4))


def test_empty_matrices(comm):
    none = np.zeros(0, np.int64)
    A = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, 0), none, none, np.zeros(0))
    assert A.shape == (0, 0) and A.nnz == 0
    assert (A @ pt.Vector.zeros(comm, 0)).norm() == 0
    A = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, 5), none, none, np.zeros(0))
    x = pt.Vector.from_global(comm, A.partition, [0], np.ones(1))
    assert (A @ x).norm() == 0 and np.all(A.diagonal().local == 0)


def test_from_blocks_checks_its_ghosts(comm):
    if comm.size < 2:
        pytest.skip("one rank has no ghosts")
    part = pt.Partition.uniform(comm.size, 3 * comm.size)
    local = pt.Csr.from_arrays((3, 3), [0, 1, 2, 3], [0, 1, 2], np.ones(3))
    mine_ = np.array([3 * comm.rank])
    ghost = pt.Csr.from_arrays((3, 1), [0, 1, 1, 1], [0], np.ones(1))
    with pytest.raises(pt.Error):  # an own column is no ghost
        pt.Matrix.from_blocks(comm, part, mine_, local, ghost)
    with pytest.raises(pt.Error):  # the ghost block has one column, not two
        pt.Matrix.from_blocks(comm, part, (mine_[0] + np.array([3, 4])) % part.size, local, ghost)
    with pytest.raises(pt.IndexOutOfRange):
        pt.Matrix.from_blocks(comm, part, [3 * comm.size], local, ghost)
    A = pt.Matrix.from_blocks(comm, part, (mine_ + 3) % part.size, local, ghost)
    assert A.nnz == 4 * comm.size


@given(
    n=st.integers(0, 25),
    m=st.integers(0, 25),
    seed=st.integers(0, 1000),
    dtype=st.sampled_from(DTYPES),
    kind=st.sampled_from(PARTITIONS),
)
def test_any_triplets(comm, n, m, seed, dtype, kind):
    """Random triplets with duplicates, rectangular, against a dense sum."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(0, 120)) if n and m else 0
    rows, cols = rng.integers(0, max(n, 1), count), rng.integers(0, max(m, 1), count)
    values = random((count,), dtype, seed)
    give = rng.integers(0, comm.size, count) == comm.rank
    A = pt.Matrix.from_coo(
        comm,
        partition(kind, n, comm),
        rows[give],
        cols[give],
        values[give],
        col_partition=partition("uniform", m, comm),
    )
    dense = np.zeros((n, m), dtype)
    np.add.at(dense, (rows, cols), values)
    own = mine(owners(kind, n, comm.size), comm.rank)
    np.testing.assert_allclose(A.to_scipy().toarray(), dense[own], atol=tolerance(dtype, 10))
    x = random((m, 2), dtype, seed + 1)
    y = A @ pt.Vector.from_local(comm, x[mine(owners("uniform", m, comm.size), comm.rank)])
    np.testing.assert_allclose(y.local, (dense @ x)[own], atol=tolerance(dtype, 200))
