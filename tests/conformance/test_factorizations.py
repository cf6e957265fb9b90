"""Incomplete factors on several ranks: each rank's are those of its local block, by a dense oracle; and what
fails on one rank fails on all."""

import numpy as np
import pytest
import systems
from preconditioners import dense_of, local_dense
from problems import DTYPES, PARTITIONS, owners, tolerance

import petiole as pt

N = 23


def fill_levels(dense, most):
    """Where the factors have entries: by the definition of the level of fill."""
    n = len(dense)
    level = np.where((dense != 0) | np.eye(n, dtype=bool), 0, n + 1)
    for k in range(n):
        for i in range(k + 1, n):
            if level[i, k] <= most:
                level[i, k + 1 :] = np.minimum(
                    level[i, k + 1 :], level[i, k] + level[k, k + 1 :] + 1
                )
    return level <= most


def lu(dense, level):
    """L U of the incomplete factors."""
    n = len(dense)
    pattern = fill_levels(dense, level)
    a = dense.astype(np.result_type(dense, np.float64))
    for i in range(n):
        for k in np.flatnonzero(pattern[i, :i]):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= np.where(pattern[i, k + 1 :], a[i, k] * a[k, k + 1 :], 0)
    return (np.tril(a, -1) + np.eye(n)) @ np.triu(a)


def cholesky(dense, level, alpha=0.0):
    """L L^H of the incomplete factor of A + alpha diag(A), or None where there is none."""
    n = len(dense)
    pattern = fill_levels(dense, level)
    a = np.tril(dense).astype(np.result_type(dense, np.float64))
    a[np.diag_indices(n)] *= 1 + alpha
    for i in range(n):
        for k in np.flatnonzero(pattern[i, :i]):
            a[i, k] = (a[i, k] - a[i, :k] @ a[k, :k].conj()) / a[k, k]
        pivot = (a[i, i] - a[i, :i] @ a[i, :i].conj()).real
        if pivot <= 0:
            return None
        a[i, i] = np.sqrt(pivot)
    return a @ a.conj().T


def case_of(comm, problem, dtype, kind):
    return systems.system(comm, problem, dtype, kind, None, N)


def close(actual, expected, dtype):
    limit = tolerance(dtype, 1.0) * 100 * np.abs(expected).max(initial=1e-30)
    assert np.abs(actual - expected).max(initial=0.0) <= limit


@pytest.mark.parametrize("level", [0, 1, 3, N])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", PARTITIONS)
def test_factors_of_the_local_block(level, dtype, kind, comm):
    for factory, problem, oracle in (
        (pt.Ilu(level=level), "general", lu),
        (pt.Ic(level=level), "hpd", cholesky),
    ):
        case = case_of(comm, problem, dtype, kind)
        product = oracle(local_dense(case), level)
        dense = dense_of(factory.generate(case.op), case)
        close(dense[np.ix_(case.rows, case.rows)] @ product, np.eye(len(case.rows)), dtype)


@pytest.mark.parametrize("ordering", ["rcm", "min_degree", "nested_dissection"])
def test_orderings_with_all_fill_change_nothing(ordering, comm):
    case = case_of(comm, "hpd", "complex128", "empty")
    for factory in (pt.Ilu, pt.Ic):
        try:
            M = factory(level=N, ordering=ordering).generate(case.op)
        except pt.NotSupported:
            pytest.skip("not in this build")
        close(dense_of(M, case)[np.ix_(case.rows, case.rows)] @ local_dense(case),
              np.eye(len(case.rows)), "complex128")  # fmt: skip


@pytest.mark.parametrize("row", [0, N - 1])
@pytest.mark.parametrize("factory", [pt.Ilu, pt.Ic])
def test_a_bad_pivot_on_one_rank(factory, row, comm):
    """The global row, on every rank; and with a shift there is an M."""
    dense = systems.SYSTEMS["hpd"](N, "float64")
    first = np.flatnonzero(owners("uniform", N, comm.size) == owners("uniform", N, comm.size)[row])
    other = row + 1 if row == first[0] else row - 1
    if factory is pt.Ilu:
        dense[row] = dense[:, row] = 0
        dense[row, other] = 1
        bad = row
    else:  # its own diagonal entry is positive, but with its neighbour's too small
        dense[row, other] = dense[other, row] = 2 * np.sqrt(dense[row, row] * dense[other, other])
        bad = max(row, other)
    if len(first) < 2:
        pytest.skip("needs a neighbour on the same rank")
    A = systems.matrix(comm, dense, "uniform").op
    with pytest.raises(pt.InvalidArgument, match=rf"row {bad}\b.*shift") as caught:
        factory().generate(A)
    assert caught.value.rank == owners("uniform", N, comm.size)[row]
    M = factory(pivot="shift").generate(A)
    ones = pt.Vector.from_local(comm, np.ones(A.local_shape[0]))
    assert np.isfinite((M @ ones).norm())


@pytest.mark.parametrize("factory", [pt.Ilu, pt.Ilut])
def test_a_shift_makes_a_row_of_zeros_one_of_the_identity(factory, comm):
    dense = np.array(systems.SYSTEMS["general"](N, "float64"))
    dense[5] = dense[:, 5] = 0
    case = systems.matrix(comm, dense)
    M = dense_of(factory(pivot="shift").generate(case.op), case)
    expected = np.zeros(N)
    expected[5] = 1
    np.testing.assert_allclose(M[5], expected, atol=1e-12)
    np.testing.assert_allclose(M[:, 5], expected, atol=1e-12)


def test_the_shift_is_the_first_that_works(comm):
    """A Hermitian matrix that is not definite, the same on each rank."""
    block = np.array([[1.0, 1.5], [1.5, 1.0]])
    dense = np.kron(np.eye(comm.size), block)
    case = systems.matrix(comm, dense, "uniform")
    alpha = 1e-3
    while cholesky(block, 0, alpha) is None:
        alpha *= 2
    M = dense_of(pt.Ic(pivot="shift").generate(case.op), case)
    close(
        M @ np.kron(np.eye(comm.size), cholesky(block, 0, alpha)), np.eye(2 * comm.size), "float64"
    )


@pytest.mark.parametrize("factory", [pt.Ilu, pt.Ic])
def test_parameters_are_the_same_on_every_rank(factory, comm):
    case = case_of(comm, "hpd", "float64", "uniform")
    if comm.size == 1:
        factory(level=0).generate(case.op)
        return
    with pytest.raises(pt.Error, match="parameters"):
        factory(level=min(comm.rank, 1)).generate(case.op)


@pytest.mark.parametrize("factory", [pt.Ilu, pt.Ic])
@pytest.mark.parametrize("tolerance_", [-1.0, float("nan")])
def test_bad_parameters(factory, tolerance_):
    with pytest.raises(pt.InvalidArgument, match="pivot_tolerance"):
        factory(pivot_tolerance=tolerance_)
    with pytest.raises(pt.InvalidArgument, match="level"):
        factory(level=-1)
