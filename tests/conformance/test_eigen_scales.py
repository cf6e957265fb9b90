"""lobpcg and rayleigh_ritz on problems of any scale, and what a residual is judged beside."""

import numpy as np
import pytest
from eigenproblems import SPECTRUM, Problem
from problems import DTYPES, random

import petiole as pt


def second_differences(n, neumann=False):
    a = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    if neumann:
        a[0, 0] = a[-1, -1] = 1
    return a


def scaled(array, exponent):
    return np.ldexp(1.0, exponent).astype(array.real.dtype) * array


@pytest.mark.parametrize("constrained", [False, True], ids=["free", "constrained"])
@pytest.mark.parametrize("generalised", [False, True], ids=["standard", "generalised"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_scaling_by_powers_of_two(comm, dtype, generalised, constrained):
    p = Problem(comm, "empty", dtype, SPECTRUM, generalised)
    far = 60 if p.eps > 1e-10 else 100
    x, y = random((p.n, 3), dtype, 60), random((p.n, 2), dtype, 61)
    options = dict(largest=False, maxiter=200, M=pt.Jacobi())

    def outcome(a, b, c):
        seen = []
        A, X = p.matrix(scaled(p.a, a)), p.vector(scaled(x, c))
        B = p.matrix(scaled(p.b, b)) if generalised else None
        Y = p.vector(scaled(y, -c)) if constrained else None
        values, vectors, log = pt.lobpcg(
            A, X, B, Y=Y, callback=lambda e: seen.append(e.vectors.local.copy()), **options
        )
        ritz = pt.rayleigh_ritz(A, X, B)[0]
        assert np.array_equal(seen[0].shape, vectors.local.shape)
        gram = p.gather(vectors).astype(complex)
        size = np.abs(gram.conj().T @ (np.ldexp(1.0, b) * p.b @ gram) - np.eye(3)).max()
        assert size < 100 * p.n * p.eps
        return (log.iterations, log.reasons), np.ldexp([*values, *ritz], b - a)

    first, numbers = outcome(0, 0, 0)
    assert set(first[1]) == {"rtol"}
    for a, b, c in [(far, 0, 0), (-far, 0, 0), (0, 0, far), (0, 0, -far), (far, far, 1),
                    (far, -far, far), (-far, far, -far), (-far, -far, far), (3, 4, 5)]:  # fmt: skip
        there, theirs = outcome(a, b if generalised else 0, c)
        assert there == first
        np.testing.assert_array_equal(theirs, numbers)


def test_squares_beyond_the_range_of_doubles(comm):
    p = Problem(comm, "uniform", "float64", SPECTRUM, True)
    x = random((p.n, 2), "float64", 62)
    expected, _, _ = pt.lobpcg(p.A, p.vector(x), p.B, maxiter=100)
    for power in -300, 300:
        for X in p.vector(x * 10.0**power), p.vector(x * [10.0**power, 1]):
            values, _, log = pt.lobpcg(p.A, X, p.B, maxiter=100)
            assert log.converged
            np.testing.assert_allclose(values, expected, rtol=1e-12)
            np.testing.assert_allclose(
                pt.rayleigh_ritz(p.A, X)[0], pt.rayleigh_ritz(p.A, p.vector(x))[0], rtol=1e-12
            )
        values, _, log = pt.lobpcg(p.matrix(10.0**power * p.a), p.vector(x), maxiter=100)
        assert log.converged
        np.testing.assert_allclose(
            values / 10.0**power, np.linalg.eigvalsh(p.a)[:-3:-1], rtol=1e-12
        )


@pytest.mark.parametrize("dtype, power", [("float64", 600), ("complex128", -1000), ("float32", 110)])
@pytest.mark.parametrize("columns", [0, 2])
def test_b_whose_squares_are_beyond_the_range(comm, dtype, power, columns):
    """Where |B X| is infinite, so would the tolerance be, and any guess be converged."""
    p = Problem(comm, "empty", dtype, SPECTRUM, True)
    X = p.vector(random((p.n, 2), dtype, 63))
    Y = p.vector(random((p.n, columns), dtype, 64)) if columns else None
    usual, _, told = pt.lobpcg(p.A, X, p.B, Y=Y, maxiter=200)
    values, _, log = pt.lobpcg(p.A, X, p.matrix(scaled(p.b, power)), Y=Y, maxiter=200)
    assert log.converged and abs(log.iterations - told.iterations) <= 1, str(log)
    np.testing.assert_allclose(np.ldexp(values, power), usual, rtol=100 * p.n * p.eps)


def test_a_small_operator_and_a_small_b(comm):
    n = 10
    p = Problem(comm, "uniform", "float64", np.arange(1.0, n + 1))
    a = second_differences(n)
    exact = np.linalg.eigvalsh(a)
    X = p.vector(np.random.default_rng(0).standard_normal((n, 2)))
    B = p.matrix(1e-12 * np.eye(n))
    for largest in True, False:
        expected = exact[::-1][:2] if largest else exact[:2]
        values, _, log = pt.lobpcg(p.matrix(1e-9 * a), X, largest=largest)
        assert log.converged and log.iterations > 3, str(log)
        np.testing.assert_allclose(values, 1e-9 * expected, rtol=1e-12)
        values, vectors, log = pt.lobpcg(p.matrix(a), X, B, tol=1e-6, largest=largest, maxiter=60)
        assert log.converged, str(log)
        np.testing.assert_allclose(values, 1e12 * expected, rtol=1e-10)
        sizes = np.abs(values) * np.linalg.norm(1e-12 * p.gather(vectors), axis=0)
        assert np.all(log.residual_norms <= 1e-6 * sizes)


@pytest.mark.parametrize("scale", [1, 1e-9])
@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("generalised", [False, True], ids=["standard", "generalised"])
def test_an_eigenvalue_of_zero(comm, columns, scale, generalised):
    n = 40
    p = Problem(comm, "empty", "float64", np.ones(n))
    a = scale * second_differences(n, neumann=True)
    B = p.matrix(np.diag(np.linspace(1.0, 2.0, n))) if generalised else None
    values, vectors, log = pt.lobpcg(p.matrix(a), p.guess(columns), B, maxiter=300, largest=False)
    assert log.converged, str(log)
    assert abs(values[0]) < 1e-14 * scale
    x = p.gather(vectors)[:, 0]
    np.testing.assert_allclose(x, x[0], rtol=1e-4)
    if columns > 1 and not generalised:
        np.testing.assert_allclose(values[1:], np.linalg.eigvalsh(a)[1:3], rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("what", ["zero", "an entry of zero", "constants", "an entry below zero"])
def test_b_that_is_not_positive_definite(comm, dtype, what):
    p = Problem(comm, "uniform", dtype, SPECTRUM)
    b = {
        "zero": np.zeros((p.n, p.n)),
        "an entry of zero": np.diag(np.r_[0.0, np.ones(p.n - 1)]),
        "constants": second_differences(p.n, neumann=True),
        "an entry below zero": np.diag(np.r_[-1.0, np.ones(p.n - 1)]),
    }[what].astype(dtype)
    try:
        log = pt.lobpcg(p.A, p.guess(2), p.matrix(b), maxiter=500)[2]
    except pt.InvalidArgument as error:
        assert "B is not positive definite" in str(error)
    else:
        assert what != "zero" and set(log.reasons) == {"indefinite"}, str(log)
