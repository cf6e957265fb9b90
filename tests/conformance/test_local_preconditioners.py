"""What is particular to the preconditioners that are made of the local block without a factorization: block
Jacobi and its l1 correction, Isai, Sor and Gauss-Seidel; and operators that are refreshed."""

import gc

import numpy as np
import pytest
import systems
from preconditioners import dense_of
from problems import (
    DTYPES,
    EXECUTORS,
    FULL,
    PARTITIONS,
    Forwarding,
    mine,
    owners,
    partition,
    random,
    tolerance,
)

import petiole as pt

CASES = [
    (kind, dtype)
    for p, kind in enumerate(PARTITIONS)
    for d, dtype in enumerate(DTYPES)
    if FULL or (p + d) % 3 == 0  # each kind and each dtype
]
cases = pytest.mark.parametrize("kind, dtype", CASES)


def executor(dtype):
    return EXECUTORS["openmp" if DTYPES.index(dtype) % 2 else "reference"]()


def case_of(comm, kind, dense):
    return systems.matrix(comm, dense, kind, executor(dense.dtype.name))


def general(n, dtype):
    """Diagonally dominant, with any numbers off the diagonal."""
    dense = systems.SYSTEMS["general"](n, dtype)
    return dense + np.diag(2 * np.abs(dense).sum(axis=1)).astype(dtype)


def block(case):
    return case.dense[np.ix_(case.rows, case.rows)]


def check(M, case, expected, factor=1.0):
    """That M is `expected` on this rank's rows and columns, and nothing elsewhere."""
    found = dense_of(M, case)[case.rows]
    limit = factor * tolerance(case.dense.dtype) * max(np.abs(expected).max(initial=0.0), 1.0)
    assert np.abs(found[:, case.rows] - expected).max(initial=0.0) <= limit
    found[:, case.rows] = 0
    assert not found.any()


def inverse_of_blocks(dense, starts):
    inverse = np.zeros_like(dense)
    for begin, end in zip(starts[:-1], starts[1:], strict=True):
        inverse[begin:end, begin:end] = np.linalg.inv(dense[begin:end, begin:end])
    return inverse


# ---- Jacobi ------------------------------------------------------------------------------------------------


@cases
@pytest.mark.parametrize("size", [1, 2, 5, 64])
def test_block_jacobi_has_the_inverses_of_the_blocks(comm, kind, dtype, size):
    case = case_of(comm, kind, general(31, dtype))
    n = len(case.rows)
    starts = [*range(0, n, size), n]
    check(
        pt.Jacobi(block_size=size).generate(case.op), case, inverse_of_blocks(block(case), starts)
    )


@cases
def test_blocks_need_pivots(comm, kind, dtype):
    """Every diagonal entry is 0, and no block is singular."""
    n = 4 * comm.size if kind == "uniform" else 24 * max(comm.size - 1, 1)
    dense = np.zeros((n, n), dtype)
    who = owners(kind, n, comm.size)
    for rank in range(comm.size):
        own = mine(who, rank)
        for i in range(0, len(own) - 1, 2):
            dense[own[i], own[i + 1]], dense[own[i + 1], own[i]] = 2, 4
        if len(own) % 2:
            dense[own[-1], own[-1]] = 8
    case = case_of(comm, kind, dense)
    starts = [*range(0, len(case.rows), 2), len(case.rows)]
    expected = inverse_of_blocks(block(case), starts)
    check(pt.Jacobi(block_size=2).generate(case.op), case, expected)
    with pytest.raises(pt.InvalidArgument, match="diagonal entry of row"):
        pt.Jacobi().generate(case.op)


def test_detection_finds_the_blocks(comm):
    """Nodes of 1 to 4 unknowns, of which each rank has its own: all unknowns of a node have one pattern."""
    sizes = [3, 1, 4, 2, 2, 3, 4, 1]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    n = starts[-1]
    pattern = np.zeros((n, n), bool)
    for node, (begin, end) in enumerate(zip(starts[:-1], starts[1:], strict=True)):
        for other in (node - 1, node, node + 1):
            if 0 <= other < len(sizes):
                pattern[begin:end, starts[other] : starts[other + 1]] = True
    dense = np.where(pattern, random((n, n), "float64", 3), 0) + np.diag(np.full(n, 20.0))
    whole = np.kron(np.eye(comm.size), dense)
    A = systems.matrix(comm, whole, "uniform")
    check(pt.Jacobi(block_size=8, detect=True).generate(A.op), A, inverse_of_blocks(dense, starts))
    cut = sorted(
        {*starts, *(begin + 3 for begin, size in zip(starts[:-1], sizes, strict=True) if size > 3)}
    )
    check(pt.Jacobi(block_size=3, detect=True).generate(A.op), A, inverse_of_blocks(dense, cut))


@cases
@pytest.mark.parametrize("size", [1, 3])
def test_l1_adds_up_what_is_outside_of_the_block(comm, kind, dtype, size):
    dense = general(23, dtype)
    dense[::2] *= -1
    case = case_of(comm, kind, dense)
    n = len(case.rows)
    starts = [*range(0, n, size), n]
    inside = np.zeros((n, n), bool)
    for begin, end in zip(starts[:-1], starts[1:], strict=True):
        inside[begin:end, begin:end] = True
    blocks = np.where(inside, block(case), 0)
    outside = np.abs(dense[case.rows]).sum(axis=1) - np.abs(blocks).sum(axis=1)
    d = np.diag(blocks)
    blocks = (blocks + np.diag(outside * d / np.abs(d))).astype(dtype)
    check(
        pt.Jacobi(block_size=size, l1=True).generate(case.op),
        case,
        inverse_of_blocks(blocks, starts),
    )


@pytest.mark.parametrize("size", [1, 4])
def test_l1_converges_where_jacobi_does_not(comm, size):
    """Richardson's iteration; the matrix is 0.1 I and a lot of ones: Jacobi's is 1 - n."""
    n = 24
    case = systems.matrix(comm, 0.1 * np.eye(n) + np.ones((n, n)), "uniform")
    b, _ = case.y(5, None)
    for l1 in (False, True):
        M = pt.Jacobi(block_size=size, l1=l1)
        log = pt.Ir(rtol=1e-6, maxiter=20000, M=M).generate(case.op).apply(b, b.zeros_like())
        assert log.converged == l1, str(log)


@pytest.mark.parametrize("who", ["first", "last"])
@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_singular_block_is_named(comm, who, bad):
    dense = np.diag(np.arange(1.0, 13.0))
    row = 0 if who == "first" else 11
    dense[row, row] = bad
    A = systems.matrix(comm, dense, "uniform").op
    for M in (
        pt.Jacobi(block_size=2),
        pt.Jacobi(),
        pt.Isai(),
        pt.Isai("spd"),
        pt.Sor(),
        pt.GaussSeidel(),
    ):
        with pytest.raises(pt.InvalidArgument, match="row") as info:
            M.generate(A)
        assert info.value.rank == (0 if who == "first" else comm.size - 1)
        named = [int(word) for word in str(info.value).replace(":", "").split() if word.isdigit()]
        assert row in named or row - 1 in named


# ---- Isai --------------------------------------------------------------------------------------------------


def pattern_power(dense, power):
    pattern = np.eye(len(dense), dtype=bool) | (dense != 0)
    return np.linalg.matrix_power(pattern.astype(float), power) != 0


@cases
@pytest.mark.parametrize("power", [1, 2, 3])
def test_isai_times_the_matrix_is_the_identity_on_the_pattern(comm, kind, dtype, power):
    case = case_of(comm, kind, general(31, dtype))
    M = dense_of(pt.Isai(power=power).generate(case.op), case)[np.ix_(case.rows, case.rows)]
    pattern = pattern_power(block(case), power)
    assert not M[~pattern].any()
    product = M @ block(case) - np.eye(len(case.rows))
    assert np.abs(product[pattern]).max(initial=0.0) < tolerance(dtype, 4)


@cases
def test_isai_is_exact_where_the_inverse_has_the_pattern(comm, kind, dtype):
    n = 19
    full = general(n, dtype)
    for dense, power in ((np.diag(np.diag(full)), 1), (full, n), (np.tril(full), n)):
        case = case_of(comm, kind, dense)
        inverse = np.linalg.inv(block(case)) if len(case.rows) else block(case)
        check(pt.Isai(power=power).generate(case.op), case, inverse)


@cases
@pytest.mark.parametrize("power", [1, 2, 40])
def test_isai_of_a_definite_matrix(comm, kind, dtype, power):
    """W A W^H has a diagonal of ones, and W A is lower triangular on the pattern's lower triangle; with all
    of the pattern it is exact."""
    n = 23
    dense = systems.SYSTEMS["hpd"](n, dtype)
    scale = 1 / np.sqrt(np.diag(dense).real)
    dense = (scale[:, None] * dense * scale[None, :]).astype(dtype)
    case = case_of(comm, kind, dense)
    A = block(case)
    M = dense_of(pt.Isai("spd", power).generate(case.op), case)[np.ix_(case.rows, case.rows)]
    W = np.zeros_like(A)
    pattern = np.tril(pattern_power(A, power))
    for i in range(len(A)):
        J = np.flatnonzero(pattern[i])
        y = np.linalg.solve(A[np.ix_(J, J)].astype("complex128"), (J == i).astype(float))
        row = y.conj() / np.sqrt(y[-1].real)
        W[i, J] = row if A.dtype.kind == "c" else row.real
    expected = W.conj().T @ W
    limit = tolerance(dtype, 1) * np.abs(expected).max(initial=1.0) * 20
    assert np.abs(M - expected).max(initial=0.0) <= limit
    assert np.abs(M - M.conj().T).max(initial=0.0) <= limit
    if power == 40 and pattern_power(A, 40).all():
        assert np.abs(M @ A - np.eye(len(A))).max(initial=0.0) <= 100 * limit


def test_isai_refuses_what_is_not_definite(comm):
    dense = np.eye(12) + 2 * (np.eye(12, k=1) + np.eye(12, k=-1))
    case = systems.matrix(comm, dense, "uniform")
    if (np.bincount(owners("uniform", 12, comm.size), minlength=comm.size) > 1).all():
        with pytest.raises(pt.InvalidArgument, match="row 1 is not positive definite"):
            pt.Isai("spd").generate(case.op)


# ---- Sor ---------------------------------------------------------------------------------------------------


def sor(A, omega, sweep):
    D, L, U = np.diag(np.diag(A)), np.tril(A, -1), np.triu(A, 1)
    if sweep == "symmetric":
        return (
            (2 - omega) / omega * np.linalg.solve(D / omega + U, D @ np.linalg.inv(D / omega + L))
        )
    return np.linalg.inv(D / omega + (L if sweep == "forward" else U))


@cases
@pytest.mark.parametrize("sweep", ["forward", "backward", "symmetric"])
def test_sor_against_its_formula(comm, kind, dtype, sweep):
    case = case_of(comm, kind, general(29, dtype))
    A = block(case).astype("complex128" if case.dense.dtype.kind == "c" else "float64")
    for omega in (0.7, 1.0, 1.9):
        expected = sor(A, omega, sweep)
        check(pt.Sor(relaxation=omega, sweep=sweep).generate(case.op), case, expected)
    check(pt.GaussSeidel(sweep=sweep).generate(case.op), case, sor(A, 1.0, sweep))


@pytest.mark.parametrize("threads", [1, 4])
def test_sor_level_by_level(threads):
    """So many rows that several threads take them by levels."""
    from scipy.sparse import diags_array, tril, triu
    from scipy.sparse.linalg import spsolve_triangular

    n = 4000
    A = diags_array(
        [-1.0, -2.0, 9.0, -3.0, -1.0], offsets=[-2000, -900, 0, 900, 2000], shape=(n, n)
    ).tocsr()
    exec_ = pt.Executor.OpenMP(threads)
    M = pt.Sor(relaxation=1.3, sweep="symmetric").generate(pt.Csr.from_scipy(A, exec=exec_))
    x = random((n,), "float64", 4)
    D = diags_array(A.diagonal() / 1.3)
    lower = spsolve_triangular((D + tril(A, -1)).tocsr(), x)
    upper = spsolve_triangular((D + triu(A, 1)).tocsr(), A.diagonal() * lower, lower=False)
    expected = upper * 0.7 / 1.3
    for _ in range(2):
        y = (M @ pt.Vector.from_local(None, x, exec=exec_)).local
        np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
        M.refresh(pt.Csr.from_scipy(A, exec=exec_))


@pytest.mark.parametrize("relaxation", [-0.5, 2.0, 3.0, 0.0])
def test_relaxation_must_be_between_0_and_2(relaxation):
    with pytest.raises(pt.InvalidArgument, match="relaxation is"):
        pt.Sor(relaxation=relaxation)


# ---- refresh -----------------------------------------------------------------------------------------------


def triplets(comm, n, shift):
    """This rank's entries of a tridiagonal matrix: rows, columns and values."""
    own = mine(owners("uniform", n, comm.size), comm.rank)
    rows = np.repeat(own, 3)
    cols = (rows.reshape(-1, 3) + np.array([-1, 0, 1])).ravel()
    keep = (cols >= 0) & (cols < n)
    rows, cols = rows[keep], cols[keep]
    values = np.where(rows == cols, 4.0 + shift * (1 + rows % 3), -1.0 - 0.1 * shift)
    return rows, cols, values


def tridiagonal(comm, n, shift=0.0):
    return pt.Matrix.from_coo(comm, partition("uniform", n, comm), *triplets(comm, n, shift))


SOLVERS = {
    "cg": lambda: pt.Cg(rtol=1e-12),
    "cg-jacobi": lambda: pt.Cg(rtol=1e-12, M=pt.Jacobi(block_size=3)),
    "gmres-isai": lambda: pt.Gmres(rtol=1e-12, M=pt.Isai(power=2)),
    "chebyshev": lambda: pt.Chebyshev(rtol=1e-12, M=pt.Jacobi()),
    "ir": lambda: pt.Ir(rtol=1e-12, maxiter=500, M=pt.GaussSeidel(sweep="symmetric")),
    "nested": lambda: pt.Fgmres(rtol=1e-12, M=pt.Cg(rtol=1e-2, M=pt.Sor(sweep="symmetric"))),
}


@pytest.mark.parametrize("name", SOLVERS)
def test_a_refreshed_solver_solves_the_new_system(comm, name):
    n = 60
    A = tridiagonal(comm, n)
    solver = SOLVERS[name]().generate(A)
    ones = pt.Vector.from_local(comm, np.ones(A.local_shape[0]))
    x = ones.zeros_like()
    assert solver.apply(A @ ones, x).converged
    for shift in (40.0, 1.0):
        A.update_values(triplets(comm, n, shift)[2])
        assert solver.refresh(A) is None
        x.fill(0)
        log = solver.apply(A @ ones, x)
        assert log.converged and log.iterations < 60, str(log)
        np.testing.assert_allclose(x.local, 1, atol=1e-9)
    other = tridiagonal(comm, n, 7.0)
    solver.refresh(other)
    b = other @ ones
    del other
    x.fill(0)
    assert solver.apply(b, x).converged
    np.testing.assert_allclose(x.local, 1, atol=1e-9)


def test_a_refreshed_solver_keeps_its_operator(comm):
    """An operator in Python, which nothing else holds; then a matrix in its place."""
    n = 30
    A, other = tridiagonal(comm, n), tridiagonal(comm, n, 9.0)
    solver = pt.Cg(rtol=1e-12).generate(Forwarding(comm, A))
    ones = pt.Vector.from_local(comm, np.ones(A.local_shape[0]))
    for B, forwarded in ((other, True), (A, False)):
        solver.refresh(Forwarding(comm, B) if forwarded else B)
        gc.collect()
        x = ones.zeros_like()
        assert solver.apply(B @ ones, x).converged
        np.testing.assert_allclose(x.local, 1, atol=1e-9)


def test_a_given_preconditioner_stays(comm):
    n = 30
    A, other = tridiagonal(comm, n), tridiagonal(comm, n, 9.0)
    M = pt.Jacobi().generate(A)
    before = dense_of(M, systems.matrix(comm, np.eye(n), "uniform"))
    solver = pt.Cg(rtol=1e-12, M=M).generate(A)
    solver.refresh(other)
    np.testing.assert_array_equal(dense_of(M, systems.matrix(comm, np.eye(n), "uniform")), before)
    ones = pt.Vector.from_local(comm, np.ones(A.local_shape[0]))
    x = ones.zeros_like()
    assert solver.apply(other @ ones, x).converged
    np.testing.assert_allclose(x.local, 1, atol=1e-9)


def test_bounds_of_chebyshev_are_found_again(comm):
    """With those of the first matrix, a hundred times as small, the iteration would diverge."""
    n = 40
    A = tridiagonal(comm, n)
    solver = pt.Chebyshev(rtol=1e-10, maxiter=300).generate(A)
    ones = pt.Vector.from_local(comm, np.ones(A.local_shape[0]))
    x = ones.zeros_like()
    assert solver.apply(A @ ones, x).converged
    A.update_values(100 * triplets(comm, n, 0.0)[2])
    x.fill(0)
    assert not solver.apply(A @ ones, x).converged
    solver.refresh(A)
    x.fill(0)
    log = solver.apply(A @ ones, x)
    assert log.converged and log.iterations < 300, str(log)


def test_what_cannot_be_refreshed(comm):
    """On every rank: what is generated from nothing, and a solver that makes its own inverse or holds a
    preconditioner which is one."""
    n = 20
    A = tridiagonal(comm, n)
    own = mine(owners("uniform", n, comm.size), comm.rank)
    D = pt.Matrix.from_coo(comm, partition("uniform", n, comm), own, own, np.ones(len(own)))
    things = [A, A.T, Forwarding(comm, A), A @ A, pt.LowerTrs().generate(D)]
    things.append(pt.Fgmres(M=pt.LowerTrs()).generate(D))
    for M in things:
        with pytest.raises(pt.NotSupported, match="cannot be refreshed"):
            M.refresh(D)


@pytest.mark.parametrize("who", ["first", "last"])
def test_a_bad_refresh_on_one_rank_fails_on_all(comm, who):
    at = 0 if who == "first" else comm.size - 1
    n = 20
    A = tridiagonal(comm, n)
    M = pt.Jacobi(block_size=2).generate(A)
    with pytest.raises((TypeError, pt.RemoteError), match="A must be a LinOp, not str"):
        M.refresh("A" if comm.rank == at else A)
    rows, cols, values = triplets(comm, n, 0.0)
    keep = (rows != cols + 1) | (comm.rank != at)
    less = pt.Matrix.from_coo(
        comm, partition("uniform", n, comm), rows[keep], cols[keep], values[keep]
    )
    for factory in (pt.Jacobi(block_size=2), pt.Isai(), pt.Isai("spd"), pt.Sor(), pt.GaussSeidel()):
        M = factory.generate(A)
        with pytest.raises(pt.InvalidArgument, match="another pattern") as info:
            M.refresh(less)
        assert info.value.rank == at
    zero = tridiagonal(comm, n, 0.0)
    zero.update_values(np.where(comm.rank == at, 0.0, values))
    x = pt.Vector.from_local(comm, np.ones(A.local_shape[0]))
    for factory in (pt.Jacobi(), pt.Sor(sweep="symmetric"), pt.Jacobi(2), pt.Isai("spd")):
        M = factory.generate(A)
        with pytest.raises(pt.InvalidArgument, match="row") as info:
            M.refresh(zero)
        assert info.value.rank == at
        M.apply(x, x.zeros_like())  # any numbers, but no crash
        M.refresh(A)
        np.testing.assert_array_equal((M @ x).local, (factory.generate(A) @ x).local)
