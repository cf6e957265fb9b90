"""Eigenvalues under the package's names: solver.lobpcg, eigen_solve, RR1 and mul."""

import numpy as np
import pytest
from linear_systems import EXEC, System, dense, values_of

import petiole as pt
from pyGinkgo import pyGinkgoBindings as pgb
from pyGinkgo import rayleigh_ritz, solver, solving

try:
    pt.rayleigh_ritz(pt.Identity(1), pt.Vector.from_local(None, np.ones(1)))
except pt.NotSupported:
    pytest.skip("petiole was built without LAPACK", allow_module_level=True)

N = 40


def stiffness(dtype="float64"):
    """A tridiagonal matrix with eigenvalues apart, and a diagonal one of masses."""
    A = np.diag(2.0 + np.arange(N)) - np.diag(np.ones(N - 1), 1) - np.diag(np.ones(N - 1), -1)
    return A.astype(dtype), np.diag(np.linspace(1.0, 2.0, N)).astype(dtype)


def guess(columns):
    return np.random.default_rng(5).standard_normal((N, columns))


def smallest(count, B=None):
    import scipy.linalg

    return scipy.linalg.eigh(stiffness()[0], B, eigvals_only=True)[:count]


@pytest.mark.parametrize("generalised", [False, True], ids=["standard", "generalised"])
@pytest.mark.parametrize("kind", ["csr", "dense", "distributed", "lazy"])
def test_lobpcg(comm, kind, generalised):
    a, b = stiffness()
    if not generalised:
        b = None
    A = System(comm, kind, a, guess(4))
    B = System(comm, kind, b, guess(4)).A if generalised else None
    values, X, residuals = solver.lobpcg(A.A, A.b, 3, B, itmax=300, tol=1e-8)
    assert isinstance(values, np.ndarray) and type(X) is type(A.b)
    assert (values.shape, tuple(X.shape)) == ((4,), (N, 4)) and residuals.shape[0] == 4
    np.testing.assert_allclose(values[:3], smallest(3, b), rtol=1e-12)
    x, b = A.solution(X), np.eye(N) if b is None else b
    np.testing.assert_allclose(x.T @ b @ x, np.eye(4), atol=1e-12)
    relative = np.linalg.norm(a @ x - (b @ x) * values, axis=0) / values
    np.testing.assert_allclose(residuals[:, -1], relative, rtol=1e-3, atol=1e-13)
    assert np.all(residuals[:3, -1] < 1e-8) and np.any(residuals[:3, -2] >= 1e-8)
    np.testing.assert_array_equal(A.solution(A.b), guess(4))


def test_a_preconditioner_saves_iterations(comm):
    a = stiffness()[0]
    A = System(comm, "distributed", a, guess(3))
    plain = solver.lobpcg(A.A, A.b, 3, tol=1e-8)[2]
    T = pgb.preconditioner.Ilu_double_int32(EXEC, A.A)
    better = solver.lobpcg(A.A, A.b, 3, T=T, tol=1e-8)[2]
    assert better.shape[1] < plain.shape[1] / 2


def test_products_are_made_the_same_way():
    A, X0 = dense(stiffness()[0]), dense(guess(2))
    results = [
        solver.lobpcg(A, X0, 2, A_products=a, B=dense(stiffness()[1]), B_products=b)[0]
        for a in ("implicit", "explicit")
        for b in ("implicit", "explicit")
    ]
    for values in results[1:]:
        np.testing.assert_array_equal(values, results[0])


def test_no_iteration_is_the_rayleigh_ritz_procedure():
    a, X0 = stiffness()[0], guess(2)
    values, X, residuals = solver.lobpcg(dense(a), dense(X0), 2, itmax=0)
    assert residuals.shape == (2, 1)
    q = np.linalg.qr(X0)[0]
    np.testing.assert_allclose(values, np.linalg.eigvalsh(q.T @ a @ q), rtol=1e-12)


@pytest.mark.parametrize("arguments, error, text", [
    ({"nev": 0}, ValueError, "nev is 0: expected 1 to 2"),
    ({"nev": 3}, ValueError, "nev is 3: expected 1 to 2"),
    ({"itmax": -1}, ValueError, "itmax is -1: expected 0 or more"),
    ({"tol": 0.0}, ValueError, "tol is 0.0: expected more than 0"),
    ({"A_products": "some"}, ValueError, "A_products is 'some'"),
    ({"B_products": "some", "B": dense(stiffness()[1])}, ValueError, "B_products is 'some'"),
    ({"method": "Foo"}, ValueError, "Unknown LOBPCG method 'Foo'"),
    ({"method": "Ortho"}, NotImplementedError, "method 'Ortho' is not implemented"),
    ({"X0": dense(guess(20))}, ValueError, r"X0 is 40 x 20: expected 3 \* X0.shape\[1\] <= "),
])  # fmt: skip
def test_what_lobpcg_refuses(arguments, error, text):
    given = {"A": dense(stiffness()[0]), "X0": dense(guess(2)), "nev": 2} | arguments
    with pytest.raises(error, match=text):
        solver.lobpcg(**given)


@pytest.mark.parametrize("name, tolerance", [("half", 5e-3), ("float", 1e-5), ("double", 1e-12)])
def test_eigen_solve(name, tolerance):
    cls = getattr(pgb.matrix, f"dense_{name}")
    a = stiffness()[0][:8, :8].astype(cls.dtype)
    values, vectors = solving.eigen_solve(dense(a))
    assert type(values) is type(vectors) is cls
    assert (tuple(values.shape), tuple(vectors.shape)) == ((8, 1), (8, 8))
    wide = a.astype(np.float64)
    expected = np.linalg.eigvalsh(wide)
    np.testing.assert_allclose(values_of(values)[:, 0], expected, rtol=tolerance)
    v = values_of(vectors).astype(np.float64)
    np.testing.assert_allclose(wide @ v, v * expected, atol=20 * tolerance)
    np.testing.assert_allclose(v.T @ v, np.eye(8), atol=5 * tolerance)


@pytest.mark.parametrize("given", ["half", "float", "double"])
@pytest.mark.parametrize("dtype, tolerance", [("float", 1e-6), ("double", 1e-12)])
def test_RR1(given, dtype, tolerance):
    import scipy.linalg

    cls = getattr(pgb.matrix, f"dense_{given}")
    X = np.array([[1.0, 0, 2], [2, 1, 0], [0, 1, 1], [1, 1, 3], [0, 2, 1]])
    A, B = np.diag([2.0, 3, 4, 5, 6]), np.diag([1.0, 2, 1, 2, 1])
    blocks = [dense(block.astype(cls.dtype)) for block in (X, A @ X, B @ X)]
    hX, values = rayleigh_ritz.RR1(*blocks, dtype=dtype)
    assert type(hX).__name__ == type(values).__name__ == f"dense_{dtype}"
    assert (tuple(hX.shape), tuple(values.shape)) == ((3, 3), (3, 1))
    hX, values = (values_of(made).astype(np.float64) for made in (hX, values))
    G, H = X.T @ A @ X, X.T @ B @ X
    np.testing.assert_allclose(
        values[:, 0], scipy.linalg.eigh(G, H, eigvals_only=True), rtol=tolerance
    )
    np.testing.assert_allclose(G @ hX, H @ hX * values[:, 0], atol=100 * tolerance)
    np.testing.assert_allclose(hX.T @ H @ hX, np.eye(3), atol=100 * tolerance)


def test_mul():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for dtype in "float", "double":
        product = rayleigh_ritz.mul(dense(a), dense(b), dtype=dtype)
        assert type(product).__name__ == f"dense_{dtype}"
        np.testing.assert_array_equal(values_of(product), a @ b)
