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
