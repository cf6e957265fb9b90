"""What the methods of short recurrences are for: general, Hermitian indefinite and positive definite
systems, beside SciPy; and where they end."""

import numpy as np
import pytest
import scipy.sparse.linalg as sla
from problems import DTYPES, EXECUTORS, owners, random, sparse

import petiole as pt

GENERAL = ("Bicgstab", "Cgs")
INDEFINITE = ("Minres",)
DEFINITE = ("Fcg", "PipeCg")
ALL = [name for name in GENERAL + INDEFINITE + DEFINITE if hasattr(pt, name)]
N = 60


def dense_for(name, dtype, n=N):
    """A matrix of the kind that the method is for."""
    a = sparse(n, n, dtype, 71, density=3.0 / n)
    scale = np.logspace(0, 1, n).astype(np.finfo(dtype).dtype)
    if name in GENERAL:
        return (scale[:, None] * (a + 4 * np.eye(n, dtype=dtype))).astype(dtype)
    a = a + a.conj().T
    signs = np.where(np.arange(n) % 3, 1, -1) if name in INDEFINITE else np.ones(n)
    a = a + np.diag(6 * signs).astype(dtype)
    if name in INDEFINITE:
        return (scale[:, None] * a * scale[None, :]).astype(dtype)
    return (a @ a.conj().T + np.eye(n)).astype(dtype)


def distribute(comm, dense, kind="uniform", exec_=None):
    n = dense.shape[0]
    part = pt.Partition.from_mapping(owners(kind, n, comm.size), comm.size)
    mine = np.flatnonzero(owners(kind, n, comm.size) == comm.rank)
    i, j = np.nonzero(dense[mine])
    A = pt.Matrix.from_coo(comm, part, mine[i], j, dense[mine][i, j], exec=exec_)
    return A, mine


def vector(comm, whole, mine, exec_=None):
    return pt.Vector.from_local(comm, whole[mine], exec=exec_)


def jacobi_of(comm, dense):
    """A positive definite diagonal, as an operator: 1 / |a_ii|."""
    D, _ = distribute(comm, np.diag(1 / np.abs(np.diag(dense))).astype(dense.dtype))
    return D


@pytest.mark.parametrize("columns", (None, 7))
@pytest.mark.parametrize("precond", (False, True))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ALL)
def test_solves_what_it_is_for(comm, name, dtype, precond, columns):
    dense = dense_for(name, dtype)
    exec_ = EXECUTORS["openmp" if precond else "reference"]()
    A, mine = distribute(comm, dense, "empty", exec_)
    D = distribute(comm, np.diag(1 / np.abs(np.diag(dense))).astype(dtype), "empty", exec_)[0]
    whole = random((N,) if columns is None else (N, columns), dtype, 72)
    b = vector(comm, whole, mine, exec_)
    x = vector(comm, random(whole.shape, dtype, 73), mine, exec_)
    rtol = 1e-5 if np.finfo(dtype).bits == 32 else 1e-10
    log = getattr(pt, name)(rtol=rtol, M=D if precond else None).generate(A).apply(b, x)
    assert log.converged and log.reason == "rtol", str(log)
    assert np.all((b - A @ x).norm() <= rtol * 1.01 * b.norm())
    np.testing.assert_allclose(log.residual_norm, log.true_residual_norm, rtol=0.9)
    exact = np.linalg.solve(dense.astype("complex128"), whole)[mine]
    assert np.linalg.norm(x.local - exact) <= 1e4 * rtol * np.linalg.norm(exact)


@pytest.mark.parametrize("dtype", ("float64", "complex128"))
@pytest.mark.parametrize("name", ALL)
def test_iterations_as_scipy_has_them(comm, name, dtype):
    """Without a preconditioner: the same method, so the same residuals until rounding tells."""
    scipy_of = {"Bicgstab": sla.bicgstab, "Cgs": sla.cgs, "Minres": sla.minres}
    method = scipy_of.get(name, sla.cg)
    if name == "Minres" and dtype == "complex128":
        pytest.skip("SciPy's minres is for real matrices")
    dense = dense_for(name, dtype)
    whole = random((N,), dtype, 74)
    A, mine = distribute(comm, dense)
    steps = []
    method(dense, whole, rtol=1e-8, maxiter=200, callback=lambda x: steps.append(x.copy()))
    few = min(8, len(steps))
    b = vector(comm, whole, mine)
    x = b.zeros_like()
    log = getattr(pt, name)(rtol=0, maxiter=few).generate(A).apply(b, x)
    np.testing.assert_allclose(x.local, steps[few - 1][mine], rtol=1e-6, atol=1e-8)
    theirs = [np.linalg.norm(whole - dense @ y) for y in steps[:few]]
    np.testing.assert_allclose(np.ravel(log.history)[1:], theirs, rtol=1e-6)


def solve(comm, name, dense, whole, **options):
    A, mine = distribute(comm, np.asarray(dense))
    b = vector(comm, np.asarray(whole, A.dtype), mine)
    x = b.zeros_like()
    M = options.pop("M", None)
    M = M if M is None else distribute(comm, np.asarray(M))[0]
    return getattr(pt, name)(M=M, **options).generate(A).apply(b, x), x


SKEW = np.array([[0.0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 2], [0, 0, -2, 0]])


@pytest.mark.parametrize("name", GENERAL)
def test_a_skew_matrix_is_a_breakdown(comm, name):
    log, x = solve(comm, name, SKEW, np.ones(4))
    assert log.reason == "breakdown" and np.all(x.local == 0)


# After one iteration the residual is orthogonal to the first one, the shadow.
ORTHOGONAL = {
    "Bicgstab": ([[2, 0, -2, 1], [-2, 2, 1, -1], [1, 1, -1, 0], [2, 2, -2, 2]], [1, 0, 0, 0]),
    "Cgs": ([[1, 1, 1, -1], [2, 2, 1, 2], [-2, 0, 2, 0], [-2, -1, -1, -1]], [0, 1, 0, 1]),
}


@pytest.mark.parametrize("name", GENERAL)
def test_an_orthogonal_shadow_is_replaced(comm, name):
    dense, whole = (np.array(a, float) for a in ORTHOGONAL[name])
    log, x = solve(comm, name, dense, whole, rtol=1e-9)
    assert log.converged, str(log)
    exact = np.linalg.solve(dense, whole)[owners("uniform", 4, comm.size) == comm.rank]
    np.testing.assert_allclose(x.local, exact, atol=1e-6)


def test_minres_needs_a_definite_preconditioner(comm):
    for diagonal, reason in (([1, -2.0, 1, 1], "indefinite"), ([0, 1.0, 1, 1], "rtol")):
        b = np.array([0, 1.0, 0, 0]) if reason == "rtol" else np.ones(4)
        log, x = solve(comm, "Minres", np.diag([2.0, 1, 3, 4]), b, M=np.diag(diagonal))
        assert log.reason == reason
    log, x = solve(comm, "Minres", np.diag([2.0, 1, 3, 4]), [1, 0, 0, 0], M=np.diag([0, 1.0, 1, 1]))
    assert log.reason == "breakdown" and np.all(x.local == 0)


def test_minres_of_a_singular_matrix(comm):
    """Where b is in the range: a solution. Where it is not: the least residual, then the end."""
    dense = np.diag([1.0, 2, 3, 0])
    log, x = solve(comm, "Minres", dense, [1, 1, 1, 0], rtol=1e-12)
    assert log.converged
    log, x = solve(comm, "Minres", dense, [1, 1, 1, 1], rtol=1e-12)
    assert log.reason == "breakdown" and np.all(np.isfinite(x.local))
    np.testing.assert_allclose(log.true_residual_norm, 1, rtol=1e-10)


@pytest.mark.parametrize("dtype", ("float64", "complex128"))
def test_fcg_takes_a_solver_for_its_preconditioner(comm, dtype):
    dense = dense_for("Fcg", dtype)
    A, mine = distribute(comm, dense)
    b = vector(comm, random((N, 2), dtype, 75), mine)
    inner = pt.Cg(rtol=0.1)
    log = pt.Fcg(rtol=1e-10, M=inner).generate(A).apply(b, b.zeros_like())
    plain = pt.Fcg(rtol=1e-10).generate(A).apply(b, b.zeros_like())
    assert log.converged and log.iterations < plain.iterations / 2


@pytest.mark.parametrize("name", DEFINITE)
def test_indefinite(comm, name):
    log, x = solve(comm, name, np.diag([1.0, -1, 2, -3, 1.5]), [1, 3, 1, 1, 1])
    assert log.reason == "indefinite" and np.all(x.local == 0)
    log, x = solve(comm, name, np.diag([1.0, 2, 3]), [1, 3, 1], M=-np.eye(3))
    assert log.reason == "indefinite" and np.all(x.local == 0)


@pytest.mark.parametrize("dtype", ("float32", "float64"))
def test_pipecg_reaches_what_cg_reaches(comm, dtype):
    """Its recurrences drift, and are computed afresh."""
    n = 400
    dense = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1) + 1e-3 * np.eye(n)
    whole = random((n,), dtype, 76)
    rtol = 1e-4 if dtype == "float32" else 1e-11
    one, _ = solve(comm, "Cg", dense.astype(dtype), whole, rtol=rtol)
    two, _ = solve(comm, "PipeCg", dense.astype(dtype), whole, rtol=rtol)
    assert one.converged and two.converged
    assert two.iterations <= 1.3 * one.iterations
