"""The methods that differ from the Krylov ones: Richardson's iteration, Chebyshev's, and what solves
with factors on one process. Beside NumPy and SciPy."""

import numpy as np
import pytest
from problems import (
    COLUMNS,
    DTYPES,
    EXECUTORS,
    FORMATS,
    FULL,
    PARTITIONS,
    Forwarding,
    mine,
    owners,
    partition,
    random,
    sparse,
    spd_matrix,
)
from scipy.sparse import csr_array
from scipy.sparse.linalg import spsolve, spsolve_triangular

import petiole as pt

CASES = [
    (kind, dtype)
    for p, kind in enumerate(PARTITIONS)
    for d, dtype in enumerate(DTYPES)
    if FULL or (p + d) % 3 == 0  # each kind and each dtype
]
EVERY_FORMAT = {"csr": pt.Csr, **FORMATS}


def has_superlu():
    try:
        pt.Direct().generate(pt.Csr.from_scipy(csr_array(np.eye(2))))
    except pt.NotSupported:
        return False
    return True


direct = pytest.mark.skipif(not has_superlu(), reason="built without SuperLU")


def executor(dtype):
    return EXECUTORS["openmp" if DTYPES.index(dtype) % 2 else "reference"]()


def rounding(dtype):
    return 1e-4 if np.finfo(dtype).bits == 32 else 1e-11


def distributed(comm, kind, dense, exec_=None):
    """The matrix, and the global indices that this rank owns."""
    own = mine(owners(kind, len(dense), comm.size), comm.rank)
    rows, cols = np.nonzero(dense[own])
    part = partition(kind, len(dense), comm)
    values = dense[own][rows, cols]
    return pt.Matrix.from_coo(comm, part, own[rows], cols, values, exec=exec_), own


def general(n, dtype, seed=41):
    """Neither symmetric nor dominated by its diagonal, which has zeros."""
    dense = sparse(n, n, dtype, seed, density=4 / n)
    dense += np.roll(np.diag(random(n, dtype, seed + 1) + 3), 5, axis=1).astype(dtype)
    return dense


def triangle(n, dtype, lower, seed=43):
    dense = sparse(n, n, dtype, seed, density=4 / n)
    dense = np.tril(dense, -1) if lower else np.triu(dense, 1)
    return dense + np.diag(random(n, dtype, seed + 1) + 3).astype(dtype)


def solve(comm, factory, A, own, whole, exec_=None):
    b = pt.Vector.from_local(comm, whole[own], exec=exec_)
    x = b.zeros_like()
    return factory.generate(A).apply(b, x), x.local


# ---- iterations


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("kind, dtype", CASES)
def test_ir_is_richardsons_iteration(comm, kind, dtype, columns):
    case = spd_matrix(comm, kind, dtype, executor(dtype))
    b, whole = case.y(51, columns)
    omega = 1 / np.linalg.norm(case.dense, 2)
    x = np.zeros_like(whole)
    for _ in range(7):
        x = x + (omega * (whole - case.dense @ x)).astype(dtype)
    y = b.zeros_like()
    log = pt.Ir(rtol=0, maxiter=7, relaxation=omega).generate(case.op).apply(b, y)
    assert log.iterations == 7 and log.reason == "maxiter"
    np.testing.assert_allclose(y.local, x[case.rows], rtol=rounding(dtype), atol=rounding(dtype))
    residuals = np.linalg.norm(whole - case.dense @ x, axis=0)
    np.testing.assert_allclose(log.residual_norm, residuals, rtol=1e-2)


def test_ir_with_a_solver_refines(comm):
    """An inner solver of two digits: the outer iteration has the residual afresh each time."""
    case = spd_matrix(comm, "scattered", "float64", None)
    b, whole = case.y(52, 2)
    x = b.zeros_like()
    inner = pt.Cg(rtol=1e-2)
    log = pt.Ir(rtol=1e-12, M=inner).generate(case.op).apply(b, x)
    assert log.converged and 2 <= log.iterations <= 12, str(log)
    np.testing.assert_allclose(x.local, np.linalg.solve(case.dense, whole)[case.rows], rtol=1e-8)


@pytest.mark.parametrize("inner", ["cg", pytest.param("direct", marks=direct), "jacobi"])
@pytest.mark.parametrize("kind, dtype", CASES)
def test_ir_in_lower_precision(comm, kind, dtype, inner):
    """M works in float, the residual is of A's own dtype: full accuracy in more than one step."""
    case = spd_matrix(comm, kind, dtype, executor(dtype))
    double = np.finfo(dtype).bits == 64
    M = {"cg": pt.Cg(rtol=1e-4), "direct": pt.Direct(), "jacobi": pt.Jacobi()}[inner]
    options = (
        dict(rtol=1e-12, relaxation=0.2, maxiter=3000) if inner == "jacobi" else dict(rtol=1e-12)
    )
    if not double:
        options["rtol"] = 1e-5
    b, whole = case.y(58, 2)
    x = b.zeros_like()
    log = pt.Ir(M=M, lower_precision=True, **options).generate(case.op).apply(b, x)
    assert log.converged, str(log)
    assert np.all((b - case.op @ x).norm() <= 2 * options["rtol"] * b.norm())
    if double and inner == "direct":  # in double it would be one
        assert 2 <= log.iterations <= 5
    full = pt.Ir(M=M, **options).generate(case.op).apply(b, b.zeros_like())
    assert full.converged and (not double or not np.array_equal(full.history, log.history))


def test_lower_precision_needs_a_factory_and_entries(comm):
    case = spd_matrix(comm, "uniform", "float64", None)
    with pytest.raises(ValueError, match="factory"):
        pt.Ir(lower_precision=True)
    with pytest.raises(ValueError, match="factory"):
        pt.Ir(lower_precision=True, M=case.op)
    factory = pt.Ir(lower_precision=True, M=pt.Cg())
    with pytest.raises(pt.NotSupported, match="callback"):
        factory.generate(Forwarding(comm, case.op))
    # A diagonal, and a local format.
    d = pt.Vector.from_local(comm, np.arange(1.0, 4.0))
    b = d.copy()
    x = b.zeros_like()
    assert factory.generate(pt.Diagonal(d)).apply(b, x).converged
    np.testing.assert_allclose(x.local, 1, rtol=1e-4)
    local = pt.Ell.from_scipy(csr_array(np.diag([1.0, 2.0, 3.0])))
    b = pt.Vector.from_local(None, np.arange(1.0, 4.0))
    x = b.zeros_like()
    assert factory.generate(local).apply(b, x).converged
    np.testing.assert_allclose(x.local, 1, rtol=1e-4)


def test_cast_refuses_what_it_cannot_hold(comm):
    case = spd_matrix(comm, "uniform", "float64", None)
    with pytest.raises(pt.DtypeError):
        pt.Cast(case.op, "complex128")
    assert pt.Cast(case.op, "float64").dtype == case.op.dtype
    cast = pt.Cast(case.op, "float32")
    assert cast.operator is case.op and cast.dtype == np.float32


@pytest.mark.parametrize("at", [1, 2])
def test_a_cast_operator_that_raises_on_one_rank_fails_everywhere(comm, at):
    case = spd_matrix(comm, "uniform", "float64", None)
    A = pt.Cast(Raising(comm, case.op, at), "float32")
    b, _ = case.y(59, None, "float32")
    x = b.zeros_like()
    for call in range(1, 3):
        if call != at:
            A.apply(b, x)
            continue
        with pytest.raises(KeyError if comm.rank == comm.size - 1 else pt.RemoteError):
            A.apply(b, x)


def test_ir_that_diverges_says_so(comm):
    case = spd_matrix(comm, "uniform", "float64", None)
    b, _ = case.y(53, None)
    log = pt.Ir(relaxation=10.0).generate(case.op).apply(b, b.zeros_like())
    assert log.reason == "divergence"


@pytest.mark.parametrize("precond", [None, "jacobi"])
@pytest.mark.parametrize("bounds", [None, "given"])
@pytest.mark.parametrize("kind, dtype", CASES)
def test_chebyshev(comm, kind, dtype, bounds, precond):
    case = spd_matrix(comm, kind, dtype, executor(dtype))
    d = np.diag(case.dense).real if precond else np.ones(len(case.dense))
    values = np.linalg.eigvalsh(case.dense / np.sqrt(np.outer(d, d)))
    given = (values[0], values[-1]) if bounds else None
    rtol = 1e-3 if np.finfo(dtype).bits == 32 else 1e-8
    factory = pt.Chebyshev(
        rtol=rtol, maxiter=20000, bounds=given, M=pt.Jacobi() if precond else None
    )
    solver = factory.generate(case.op)
    counts = []
    for columns in (None, 2):
        b, whole = case.y(54, columns)
        x = b.zeros_like()
        log = solver.apply(b, x)
        assert log.converged, str(log)
        assert np.all((b - case.op @ x).norm() <= 2 * rtol * b.norm())
        counts.append(log.iterations)
    # The rate that the method has on the true interval, and twice that with estimated bounds.
    rate = np.sqrt(values[-1] / values[0])
    assert counts[0] <= (1 if bounds else 3) * rate * np.log(2 * np.sqrt(rate**2) / rtol) + 2


def test_chebyshev_estimates_once_and_alike(comm):
    """What a column needs does not depend on how many there are, nor on who asked first."""
    case = spd_matrix(comm, "uniform", "float64", None)
    b, whole = case.y(55, None)
    other, _ = case.y(56, 3)
    logs = []
    for first in (None, other):
        solver = pt.Chebyshev(rtol=1e-6, steps=8).generate(case.op)
        if first is not None:
            solver.apply(first, first.zeros_like())
        logs.append(solver.apply(b, b.zeros_like()))
    np.testing.assert_allclose(logs[0].history, logs[1].history, rtol=1e-9)


def test_chebyshev_on_what_is_not_definite(comm):
    dense = np.diag([1.0, -1.0, 2.0, -3.0, 1.5])
    A, own = distributed(comm, "uniform", dense)
    log, x = solve(comm, pt.Chebyshev(), A, own, np.ones(5))
    assert log.reason == "indefinite" and not np.any(x)
    with pytest.raises(ValueError, match="bounds"):
        pt.Chebyshev(bounds=(-1.0, 1.0))


class Raising(Forwarding):
    """Raises on the last rank at its call number `at`, after its collective work."""

    def __init__(self, comm, matrix, at):
        super().__init__(comm, matrix)
        self.calls, self.at, self.mine = 0, at, comm.rank == comm.size - 1

    def apply_impl(self, b, x):
        super().apply_impl(b, x)
        self.calls += 1
        if self.mine and self.calls == self.at:
            raise KeyError("user code")


@pytest.mark.parametrize("at", range(1, 10))
@pytest.mark.parametrize("method", ["ir", "chebyshev", "precond"])
def test_a_failure_on_one_rank_ends_the_solve_on_all(comm, method, at):
    """Also in the estimation, and where M fails."""
    case = spd_matrix(comm, "uniform", "float64", None)
    A = Raising(comm, case.op, at)
    eye, _ = distributed(comm, "uniform", np.eye(23))
    options = dict(rtol=0, maxiter=20)
    if method == "ir":
        solver = pt.Ir(relaxation=1e-4, **options).generate(A)
    elif method == "chebyshev":
        solver = pt.Chebyshev(steps=3, **options).generate(A)
    else:
        solver = pt.Chebyshev(steps=3, M=Raising(comm, eye, at), **options).generate(case.op)
    b, _ = case.y(57, None)
    with pytest.raises(
        KeyError if comm.rank == comm.size - 1 else pt.RemoteError, match="user code"
    ):
        solver.apply(b, b.zeros_like())


# ---- factors


@direct
@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("kind, dtype", CASES)
def test_direct(comm, kind, dtype, columns):
    n = 37
    dense, exec_ = general(n, dtype), executor(dtype)
    A, own = distributed(comm, kind, dense, exec_)
    whole = random((n,) if columns is None else (n, columns), dtype, 61)
    log, x = solve(comm, pt.Direct(rtol=rounding(dtype) / 10), A, own, whole, exec_)
    assert log.converged and log.iterations <= 2, str(log)
    expected = spsolve(csr_array(dense.astype("complex128")).tocsc(), whole).reshape(whole.shape)
    bound = rounding(dtype) * np.linalg.cond(dense.astype("complex128"))
    np.testing.assert_allclose(x, expected[own], rtol=bound, atol=bound)


@direct
@pytest.mark.parametrize("format", list(EVERY_FORMAT))
def test_direct_of_every_format(comm, format):
    """As the local block of a distributed matrix, block-diagonal, and alone."""
    n = 23
    dense = general(n, "float64", 44)
    A, own = distributed(comm, "scattered", dense)
    whole = random(n, "float64", 62)
    log, x = solve(comm, pt.Direct(rtol=1e-12), A.to_format(format), own, whole)
    assert log.converged
    np.testing.assert_allclose(x, np.linalg.solve(dense, whole)[own], rtol=1e-9)

    local = EVERY_FORMAT[format].from_scipy(csr_array(dense))
    blocks = pt.Matrix.from_local(comm, local)
    log, x = solve(comm, pt.Direct(rtol=1e-12), blocks, np.arange(n), whole * (1 + comm.rank))
    assert log.converged
    np.testing.assert_allclose(x, np.linalg.solve(dense, whole) * (1 + comm.rank), rtol=1e-9)

    b = pt.Vector.from_local(None, whole)
    x = b.zeros_like()
    assert pt.Direct(rtol=1e-12).generate(local).apply(b, x).converged
    np.testing.assert_allclose(x.local, np.linalg.solve(dense, whole), rtol=1e-9)


@direct
def test_direct_refines_what_rounding_left(comm):
    """From a guess that is far off, and on an ill conditioned matrix: to the last bits of b."""
    n = 12
    dense = 1 / (np.add.outer(np.arange(n), np.arange(n)) + 1.0)
    A, own = distributed(comm, "empty", dense)
    b = pt.Vector.from_local(comm, np.ones(n)[own])
    x = pt.Vector.from_local(comm, np.full(len(own), 1e8))
    log = pt.Direct(rtol=1e-5).generate(A).apply(b, x)
    assert log.converged and log.iterations >= 1, str(log)


@direct
def test_direct_as_an_operator_and_preconditioner(comm):
    case = spd_matrix(comm, "scattered", "float64", None)
    inner = pt.Direct(rtol=1e-12).generate(case.op)
    b, whole = case.y(63, 2)
    np.testing.assert_allclose((inner @ b).local, np.linalg.solve(case.dense, whole)[case.rows])
    log = pt.Cg(rtol=1e-10, M=pt.Direct()).generate(case.op).apply(b, b.zeros_like())
    assert log.converged and log.iterations <= 3


@direct
def test_direct_of_nothing(comm):
    A, own = distributed(comm, "uniform", np.zeros((0, 0)))
    log, _ = solve(comm, pt.Direct(), A, own, np.zeros(0))
    assert log.converged and log.iterations == 0


@direct
@pytest.mark.parametrize("kind", PARTITIONS)
def test_singular_matrices_are_refused_everywhere(comm, kind):
    dense = general(20, "float64", 45)
    A, _ = distributed(comm, kind, dense)
    dense[:, 7] = 0
    singular, _ = distributed(comm, kind, dense)
    with pytest.raises(ValueError, match="singular.*column 7") as caught:
        pt.Direct().generate(singular)
    assert caught.value.rank == 0
    dense[:, 7] = dense[:, 3]
    singular, _ = distributed(comm, kind, dense)
    with pytest.raises(ValueError, match="singular"):
        pt.Direct().generate(singular)
    pt.Direct().generate(A)


@pytest.mark.parametrize("method", [pytest.param("Direct", marks=direct), "LowerTrs", "UpperTrs"])
def test_what_cannot_be_gathered(comm, method):
    factory = getattr(pt, method)
    A, _ = distributed(comm, "uniform", np.eye(30))
    factory(gather_limit=30).generate(A)
    if comm.size > 1:
        with pytest.raises(pt.NotSupported, match="30 rows.*29"):
            factory(gather_limit=29).generate(A)
    else:
        factory(gather_limit=29).generate(A)
    with pytest.raises(pt.NotSupported, match="entries"):
        factory().generate(Forwarding(comm, A))
    with pytest.raises(pt.NotSupported, match="entries"):
        factory().generate(pt.Cg().generate(A))
    with pytest.raises(ValueError, match="preconditioner"):
        factory(M=A)


@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("kind, dtype", CASES)
def test_triangular(comm, kind, dtype, lower, unit):
    n = 41
    dense, exec_ = triangle(n, dtype, lower), executor(dtype)
    A, own = distributed(comm, kind, dense, exec_)
    factory = (pt.LowerTrs if lower else pt.UpperTrs)(rtol=rounding(dtype) / 10, unit_diagonal=unit)
    for columns in COLUMNS:
        whole = random((n,) if columns is None else (n, columns), dtype, 64)
        expected = spsolve_triangular(
            csr_array(dense.astype("complex128")), whole, lower=lower, unit_diagonal=unit
        )
        log, x = solve(comm, factory, A, own, whole, exec_)
        assert log.converged and log.iterations <= 2, str(log)
        bound = 100 * rounding(dtype) * np.abs(expected).max()
        np.testing.assert_allclose(x, expected[own], rtol=bound, atol=bound)


@pytest.mark.parametrize("format", list(EVERY_FORMAT))
def test_triangular_of_every_format(comm, format):
    n = 30
    dense = triangle(n, "float64", False)
    local = EVERY_FORMAT[format].from_scipy(csr_array(dense))
    whole = random(n, "float64", 65)
    for unit in (False, True):
        b = pt.Vector.from_local(None, whole)
        x = b.zeros_like()
        log = pt.UpperTrs(rtol=1e-12, unit_diagonal=unit).generate(local).apply(b, x)
        assert log.converged
        expected = spsolve_triangular(csr_array(dense), whole, lower=False, unit_diagonal=unit)
        np.testing.assert_allclose(x.local, expected, rtol=1e-9)


def test_a_unit_diagonal_may_be_missing(comm):
    dense = np.tril(general(25, "float64", 46), -1)
    A, own = distributed(comm, "scattered", dense)
    whole = random(25, "float64", 66)
    log, x = solve(comm, pt.LowerTrs(rtol=1e-10, unit_diagonal=True), A, own, whole)
    assert log.converged, str(log)
    np.testing.assert_allclose(x, np.linalg.solve(dense + np.eye(25), whole)[own], rtol=1e-6)


@pytest.mark.parametrize("kind", PARTITIONS)
def test_what_is_not_triangular_is_refused_everywhere(comm, kind):
    dense = triangle(20, "float64", True)
    A, _ = distributed(comm, kind, dense)
    pt.LowerTrs().generate(A)
    dense[3, 11] = 1
    A, _ = distributed(comm, kind, dense)
    with pytest.raises(ValueError, match="row 3, column 11") as caught:
        pt.LowerTrs().generate(A)
    assert caught.value.rank == 0
    dense[3, 11] = dense[5, 5] = 0
    A, _ = distributed(comm, kind, dense)
    with pytest.raises(ValueError, match="row 5"):
        pt.LowerTrs().generate(A)
