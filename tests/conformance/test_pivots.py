"""Which matrices exact factors refuse as singular: those that are so but for rounding, whatever their rows
are scaled by, and no others."""

import numpy as np
import pytest
from problems import FULL, random
from scipy import sparse
from test_direct import direct, distributed

import petiole as pt

DTYPES = ("float32", "float64", "complex64", "complex128") if FULL else ("float32", "complex128")
SEEDS = range(6 if FULL else 2)  # 0: rows as they are


def path(n):
    """Neumann's problem on a line."""
    beside = np.full(n - 1, -1.0)
    diagonal = np.full(n, 2.0)
    diagonal[[0, -1]] = 1
    return sparse.diags_array([beside, diagonal, beside], offsets=[-1, 0, 1]).tocsr()


def grid(n):
    line, one = path(n), sparse.eye_array(n)
    return (sparse.kron(line, one) + sparse.kron(one, line)).toarray()


def network(n, seed):
    """The Laplacian of a graph with random weights: not a digit of its rows' sums is exactly zero."""
    weights = np.abs(random((n, n), "float64", seed)) + 0.1
    weights[np.random.default_rng(seed).random((n, n)) > 5 / n] = 0
    weights += np.diag(np.full(n - 1, 0.3), 1)
    weights += weights.T
    np.fill_diagonal(weights, 0)
    return np.diag(weights.sum(axis=1)) - weights


SINGULAR = {
    "line": path(50).toarray(),
    "grid": grid(15),
    "network": network(150, 71),
    "two networks": np.block(
        [[network(8, 72), np.zeros((8, 9))], [np.zeros((9, 8)), network(9, 73)]]
    ),
    "dependent rows": np.vstack(
        [random((6, 7), "float64", 74), np.ones((1, 6)) @ random((6, 7), "float64", 74)]
    ),
}
REGULAR = {
    "line with an end": path(400).toarray() + np.diag([1.0, *[0] * 399]),
    "grid with a shift": grid(12) + 1e-4 * np.eye(144),
    "network with a shift": network(90, 75) + 1e-3 * np.eye(90),
    "columns of different size": np.array([[1, 1e-20], [1, 3e-20]]),
    "rows of different size": np.diag([1, 1e-20]),
    "random": random((40, 40), "float64", 76),
}


def scaled(dense, dtype, seed):
    """Rows times powers of two; of a complex one phases too, which change no digit either."""
    n = len(dense)
    powers = np.random.default_rng(seed).integers(-15, 16, n) if seed else np.zeros(n, int)
    phases = 1j ** np.arange(n)[:, None] if np.dtype(dtype).kind == "c" else 1
    return (np.ldexp(dense, powers[:, None]) * phases).astype(dtype)


@direct
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SINGULAR)
def test_singular_but_for_rounding(comm, name, dtype):
    for seed in SEEDS:
        dense = scaled(SINGULAR[name].astype(np.dtype(dtype).type(0).real.dtype), dtype, seed)
        A, _ = distributed(comm, "uniform", dense)
        for make in (pt.Direct().generate, pt.factorization.lu):
            if make is pt.factorization.lu:
                A = pt.Csr(sparse.csr_array(dense)) if seed % 2 else pt.Dense(dense)
            with pytest.raises(
                pt.InvalidArgument, match="the matrix is singular.*shift the diagonal"
            ):
                make(A)


@direct
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", REGULAR)
def test_what_is_not_singular(comm, name, dtype):
    for seed in SEEDS:
        dense = scaled(REGULAR[name], dtype, seed)
        A, own = distributed(comm, "uniform", dense)
        b = pt.Vector.from_local(comm, (dense @ np.ones(len(dense))).astype(dtype)[own])
        x, _ = pt.direct(A, b, maxiter=3)
        largest = np.abs(dense).max(axis=1)[own]
        r = pt.Vector.from_local(comm, (b - A @ x).local / largest.astype(dtype))
        assert r.norm() <= 1e-5 * x.norm()


@direct
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["csr", "dense"])
def test_factors_are_those_of_the_matrix_as_it_is(kind, dtype):
    """Not of the one whose rows and columns were scaled."""
    dense = scaled(REGULAR["random"], dtype, 5)
    factors = pt.factorization.lu(
        pt.Dense(dense) if kind == "dense" else pt.Csr(sparse.csr_array(dense))
    )
    L, U = (T.to_scipy().toarray().astype("complex128") for T in (factors.lower, factors.upper))
    p, q = (
        np.arange(len(dense)) if order is None else order
        for order in (factors.row_permutation, factors.col_permutation)
    )
    np.testing.assert_array_equal(np.diag(L), 1)
    error = np.abs(L @ U - dense[p][:, q]) / np.abs(dense[p]).max(axis=1, keepdims=True)
    assert error.max() <= 500 * np.finfo(dtype).eps


@direct
def test_factors_that_are_no_numbers():
    """Scaled rows are eliminated, and the multiplier of those as they are is 1e400."""
    with pytest.raises(pt.InvalidArgument, match="the factors overflow"):
        pt.factorization.lu(pt.Dense(np.array([[2e-200, 1e-200], [1e200, 2e200]])))


# ---- the coarse level of Schwarz -----------------------------------------------------------------


@direct
@pytest.mark.parametrize("aggregate_size", [3, 8, 1000])
@pytest.mark.parametrize("name", ["line", "grid", "network"])
def test_coarse_level_of_neumanns_problem(comm, name, aggregate_size):
    dense = SINGULAR[name]
    A, own = distributed(comm, "uniform", dense)
    options = dict(local=pt.Jacobi(), aggregate_size=aggregate_size)
    with pytest.raises(
        pt.InvalidArgument, match="coarse level: the matrix is singular.*as a coarse solver"
    ):
        pt.Schwarz(coarse=pt.Direct(), **options).generate(A)
    b = dense @ np.sin(np.arange(len(dense)))
    b = pt.Vector.from_local(comm, b[own])
    _, log = pt.fcg(A, b, M=pt.Schwarz(coarse=pt.Cg(rtol=1e-3), **options), rtol=1e-8)
    assert log.converged, str(log)
    fixed = dense + np.diag([1.0, *[0] * (len(dense) - 1)])
    shifted = dense + 1e-6 * np.eye(len(dense))
    for cured in (fixed, shifted):
        cured, _ = distributed(comm, "uniform", cured)
        M = pt.Schwarz(coarse=pt.Direct(), **options)
        _, log = pt.cg(cured, b, M=M, rtol=1e-8)
        assert log.converged, str(log)
