"""What the methods of long recurrences are for: any system, beside SciPy where it has the method;
where they end, and what a callback sees of an iterate that is not kept."""

import numpy as np
import pytest
import scipy.sparse.linalg as sla
import systems
from problems import DTYPES, EXECUTORS, owners, random, sparse

import petiole as pt

ORTHO = ("mgs", "cgs", "cgs2")
SOLVERS = {
    **{
        f"gmres-{o}": lambda o=o, **kw: pt.Gmres(orthogonalization=o, restart=20, **kw)
        for o in ORTHO
    },
    "fgmres": lambda **kw: pt.Fgmres(restart=20, **kw),
    "gcr": lambda **kw: pt.Gcr(restart=20, **kw),
    **{f"idr-{s}": lambda s=s, **kw: pt.Idr(s=s, **kw) for s in (1, 4, 9)},
}
N = 60


@pytest.fixture(params=list(SOLVERS))
def solver(request):
    return SOLVERS[request.param]


def general(dtype, n=N):
    """Neither symmetric nor well scaled."""
    scale = np.logspace(0, 1, n).astype(np.finfo(dtype).dtype)
    dense = sparse(n, n, dtype, 81, density=3.0 / n) + 3 * np.eye(n, dtype=dtype)
    return (scale[:, None] * dense).astype(dtype)


def distribute(comm, dense, kind="uniform", exec_=None):
    n = dense.shape[0]
    who = owners(kind, n, comm.size)
    mine = np.flatnonzero(who == comm.rank)
    i, j = np.nonzero(dense[mine])
    part = pt.Partition.from_mapping(who, comm.size)
    A = pt.Matrix.from_coo(comm, part, mine[i], j, dense[mine][i, j], exec=exec_)
    return A, mine


def solve(comm, dense, whole, factory):
    A, mine = distribute(comm, np.asarray(dense, dtype=float))
    b = pt.Vector.from_local(comm, np.asarray(whole, dtype=float)[mine])
    x = b.zeros_like()
    log = factory.generate(A).apply(b, x)
    assert np.all(np.isfinite(x.local))
    return log, x


@pytest.mark.parametrize("precond, columns", ((False, None), (True, 7)))
@pytest.mark.parametrize("dtype", DTYPES)
def test_solves_any_system(comm, solver, dtype, precond, columns):
    dense = general(dtype)
    exec_ = EXECUTORS["openmp" if precond else "reference"]()
    A, mine = distribute(comm, dense, "empty", exec_)
    whole = random((N,) if columns is None else (N, columns), dtype, 82)
    guess = random(whole.shape, dtype, 83)
    if columns:
        guess[:, 2] = np.linalg.solve(dense.astype(np.result_type(dtype, "f8")), whole[:, 2])
    b = pt.Vector.from_local(comm, whole[mine], exec=exec_)
    x = pt.Vector.from_local(comm, guess[mine], exec=exec_)
    rtol = 1e-5 if np.finfo(dtype).bits == 32 else 1e-10
    log = solver(rtol=rtol, M=pt.Jacobi() if precond else None).generate(A).apply(b, x)
    assert log.converged and log.reason == "rtol", str(log)
    assert np.all((b - A @ x).norm() <= rtol * 1.01 * b.norm())
    exact = np.linalg.solve(dense.astype("complex128"), whole)[mine]
    assert np.linalg.norm(x.local - exact) <= 1e4 * rtol * np.linalg.norm(exact)
    if columns:  # a column that has stopped does not change
        np.testing.assert_array_equal(x.local[:, 2], guess[mine, 2])


@pytest.mark.parametrize("precond", (False, True))
@pytest.mark.parametrize("dtype", ("float64", "complex128"))
@pytest.mark.parametrize("ortho", ORTHO)
def test_gmres_is_that_of_scipy(comm, ortho, dtype, precond):
    """SciPy's is preconditioned from the left: from the right it is GMRES of A M."""
    dense = general(dtype)
    op = dense / np.diag(dense)[None, :] if precond else dense
    whole, theirs = random((N,), dtype, 84), []
    keep = {"callback": theirs.append, "callback_type": "pr_norm"}
    sla.gmres(op, whole, rtol=1e-9, atol=0, restart=7, maxiter=3, **keep)
    A, mine = distribute(comm, dense)
    b = pt.Vector.from_local(comm, whole[mine])
    M = pt.Jacobi() if precond else None
    factory = pt.Gmres(rtol=0, maxiter=len(theirs), restart=7, orthogonalization=ortho, M=M)
    log = factory.generate(A).apply(b, b.zeros_like())
    history = np.ravel(log.history)[1:] / np.linalg.norm(whole)
    np.testing.assert_allclose(history, theirs, rtol=1e-6)


def test_gcr_has_the_residuals_of_gmres(comm):
    A, mine = distribute(comm, general("float64"))
    b = pt.Vector.from_local(comm, random((N,), "float64", 85)[mine])
    histories = [
        np.ravel(cls(rtol=0, maxiter=15, restart=6).generate(A).apply(b, b.zeros_like()).history)
        for cls in (pt.Gmres, pt.Gcr)
    ]
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-8)


def test_idr_needs_no_more_than_its_theory(comm):
    """In exact arithmetic N + N / s products."""
    log, _ = solve(comm, np.diag(np.arange(1.0, 13.0)), np.ones(12), pt.Idr(s=4, rtol=1e-6))
    assert log.converged and log.iterations <= 12 + 3 + 1, str(log)


@pytest.mark.parametrize("precond", (False, True))
@pytest.mark.parametrize("dtype", DTYPES[1::2])
def test_callbacks_see_the_iterate(comm, solver, dtype, precond):
    dense = general(dtype, 30)
    A, mine = distribute(comm, dense)
    b = pt.Vector.from_local(comm, random((30, 2), dtype, 86)[mine])
    x = pt.Vector.from_local(comm, random((30, 2), dtype, 87)[mine])
    y = x.copy()
    size = float(np.max((b - A @ x).norm() + b.norm()))
    bound = 1e3 * np.finfo(dtype).eps * size

    def look(event):
        r = b - A @ event.x
        assert np.max((r - event.r).norm()) <= bound
        np.testing.assert_allclose(r.norm(), event.residual_norm, rtol=0, atol=bound)

    options = {"rtol": 1e-4, "M": pt.Jacobi() if precond else None}
    log = solver(callback=look, **options).generate(A).apply(b, x)
    assert log.converged, str(log)
    solver(**options).generate(A).apply(b, y)
    np.testing.assert_array_equal(x.local, y.local)  # looking changes nothing


def test_one_rank_may_look_alone(comm):
    A, mine = distribute(comm, general("float64"))
    b = pt.Vector.from_local(comm, random((N,), "float64", 88)[mine])
    seen = []
    look = (lambda event: seen.append(event.x.norm)) if comm.rank == 0 else None
    log = pt.Gmres(M=pt.Jacobi(), restart=5, callback=look).generate(A).apply(b, b.zeros_like())
    assert log.converged and (len(seen) == log.iterations + 1 or comm.rank)


@pytest.mark.parametrize("name", ("Fgmres", "Gcr"))
def test_the_preconditioner_may_be_a_solver(comm, name):
    A, mine = distribute(comm, general("float64"))
    b = pt.Vector.from_local(comm, random((N, 2), "float64", 89)[mine])
    inner = pt.Gmres(rtol=1e-1, restart=10)
    plain = getattr(pt, name)(rtol=1e-9, maxiter=500).generate(A).apply(b, b.zeros_like())
    log = getattr(pt, name)(rtol=1e-9, M=inner).generate(A).apply(b, b.zeros_like())
    assert log.converged and log.iterations < plain.iterations / 2, str(log)


@pytest.mark.parametrize("ortho", ORTHO)
def test_gmres_ends_honestly(comm, ortho):
    shift, e = np.roll(np.eye(6), 1, axis=0), np.eye(6)[0]
    log, _ = solve(comm, shift, e, pt.Gmres(restart=3, orthogonalization=ortho))
    assert log.reason == "stagnation" and log.iterations == 3
    log, _ = solve(comm, shift, e, pt.Gmres(restart=6, orthogonalization=ortho))
    assert log.converged and log.iterations == 6


def test_the_end_of_a_singular_system(comm, solver):
    """A right-hand side in the range, and one that is not."""
    singular = np.diag([1.0, 2.0, 3.0, 0.0, 0.0, 0.0])
    log, _ = solve(comm, singular, [1, 1, 1, 0, 0, 0], solver(rtol=1e-8))
    assert log.converged, str(log)
    log, _ = solve(comm, singular, np.ones(6), solver(rtol=1e-8))
    assert not log.converged and log.reason in ("breakdown", "stagnation", "maxiter"), str(log)


def test_gmres_breaks_down_where_nothing_new_comes(comm):
    """The Laplacian with free ends and a load that it cannot carry: x stays of its size."""
    dense = 2 * np.eye(20) - np.eye(20, k=1) - np.eye(20, k=-1)
    dense[0, 0] = dense[-1, -1] = 1
    for cls in (pt.Gmres, pt.Fgmres, pt.Gcr):
        log, x = solve(comm, dense, np.arange(20.0) + 1, cls(rtol=1e-10))
        assert log.reason == "breakdown", str(log)
        assert x.norm() < 1e5 and log.true_residual_norm < log.history[0]


@pytest.mark.parametrize("seed", [41, 61])
def test_gcr_goes_on_where_its_directions_are_used_up(comm, seed):
    """In single precision 23 badly scaled rows take more steps than there are directions."""
    case = systems.system(comm, "hpd", "complex64")
    b, _ = case.y(seed, 7)
    x, _ = case.x(seed + 1, 7)
    log = pt.Gcr(rtol=2e-5, maxiter=3000, M=pt.Jacobi()).generate(case.op).apply(b, x)
    assert log.converged, str(log)
