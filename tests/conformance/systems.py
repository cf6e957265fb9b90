"""The systems that solvers are run on, and what each method needs. Methods come from the library's list; one
that METHODS does not know is taken for a solver of Hermitian positive definite systems."""

import dataclasses
import functools

import numpy as np
from problems import DTYPES, EXECUTORS, FULL, PARTITIONS, Case, mine, owners, partition, random, spd

import petiole as pt
from petiole._core import kinds

SOLVERS = {name: getattr(pt, title) for family, name, title in kinds() if family == "solver"}
PRECONDITIONERS = {
    name: getattr(pt, title) for family, name, title in kinds() if family == "preconditioner"
}


@dataclasses.dataclass(frozen=True)
class Method:
    systems: tuple = ("hpd",)  # of SYSTEMS, those that it solves
    iterative: bool = True  # else it needs A's entries, takes no M, and is done in a step
    definite: bool = False  # says "indefinite" where A is not definite
    squares: bool = (
        False  # its residuals' squared polynomials can lose a badly scaled system in float32
    )


GENERAL = Method(systems=("general", "hpd"))
METHODS = {
    "cg": Method(definite=True),
    "fcg": Method(definite=True),
    "pipecg": Method(definite=True),
    "bicgstab": GENERAL,
    "cgs": Method(systems=("general", "hpd"), squares=True),
    "gmres": Method(systems=("general", "indefinite")),
    "fgmres": Method(systems=("general", "indefinite")),
    "gcr": GENERAL,
    "minres": Method(systems=("indefinite", "hpd")),
    "idr": GENERAL,
    "ir": Method(systems=("contraction",)),
    "chebyshev": Method(),
    "direct": Method(systems=("general", "indefinite"), iterative=False),
    "lower_trs": Method(systems=("lower",), iterative=False),
    "upper_trs": Method(systems=("upper",), iterative=False),
}


def method(name):
    return METHODS.get(name, Method())


# ---- dense matrices ------------------------------------------------------------------------------


def scattered(n, dtype, seed):
    """A matrix of few entries, none on the diagonal, whose rows have a sum of absolute values of 1 at most."""
    values = random((n, n), dtype, seed)
    values[np.random.default_rng(seed + 1).random((n, n)) > 4.0 / max(n, 1)] = 0
    np.fill_diagonal(values, 0)
    return values / np.maximum(np.abs(values).sum(axis=1, keepdims=True), 1).astype(
        values.real.dtype
    )


def ramp(n, low, high):
    return np.linspace(low, high, n) if n > 1 else np.full(n, low)


def general(n, dtype):
    """Not symmetric, with eigenvalues right of zero."""
    scale = ramp(n, 1, 10)[:, None]
    return (scale * (np.eye(n) + 0.7 * scattered(n, dtype, 41))).astype(dtype)


def indefinite(n, dtype):
    """Hermitian, with eigenvalues on both sides of zero."""
    other = scattered(n, dtype, 42)
    signs = np.where(np.arange(n) % 3 == 1, -1, 1) * ramp(n, 2, 5)
    return (np.diag(signs) + 0.5 * (other + other.conj().T)).astype(dtype)


def contraction(n, dtype):
    """Near the identity."""
    return (np.diag(ramp(n, 0.8, 1.2)) + 0.4 * scattered(n, dtype, 43)).astype(dtype)


SYSTEMS = {
    "hpd": lambda n, dtype: spd(n, dtype, 16),
    "general": general,
    "indefinite": indefinite,
    "contraction": contraction,
    "lower": lambda n, dtype: np.tril(general(n, dtype)),
    "upper": lambda n, dtype: np.triu(general(n, dtype)),
}


# ---- distributed ---------------------------------------------------------------------------------


def matrix(comm, dense, kind="uniform", exec_=None):
    """A dense matrix as a distributed one."""
    n = len(dense)
    who = owners(kind, n, comm.size)
    own = mine(who, comm.rank)
    rows, cols = np.nonzero(dense[own])
    A = pt.Matrix.from_coo(
        comm, partition(kind, n, comm), own[rows], cols, dense[own][rows, cols], exec=exec_
    )
    return Case(comm, A, dense, who, who, exec_)


def system(comm, name, dtype="float64", kind="uniform", exec_=None, n=23):
    return matrix(comm, SYSTEMS[name](n, dtype), kind, exec_)


def home(comm, solver, *args, **options):
    """The first of the systems that a solver is for."""
    return system(comm, method(solver).systems[0], *args, **options)


def diagonal_precond(case):
    """1 / |a_ii|, which is positive definite whatever A is."""
    d = 1 / np.abs(np.diag(case.dense))
    d = pt.Vector.from_local(case.comm, d.astype(case.dense.dtype)[case.rows], exec=case.exec)
    return pt.Diagonal(d)


def runs(systems=None):
    """(solver, system, dtype, partition, executor): all of them, or in the sample each solver, system and
    dtype on one of the partitions and executors in turn."""
    found = []
    for s, name in enumerate(SOLVERS):
        for q, problem in enumerate(method(name).systems[:systems]):
            for d, dtype in enumerate(DTYPES):
                for e, exec_ in enumerate(EXECUTORS):
                    for p, kind in enumerate(PARTITIONS):
                        turn = s + q + d
                        if FULL or (turn % 3 == p and turn % len(EXECUTORS) == e):
                            found.append((name, problem, dtype, kind, exec_))
    return found


# ---- what must be true of every solve ------------------------------------------------------------


def rtol_of(dtype):
    return 2e-5 if np.finfo(dtype).bits == 32 else 1e-10


def generated(name, case, **options):
    return SOLVERS[name](**options).generate(case.op)


def solve(name, case, b, x, **options):
    """Solves and checks that the log is honest."""
    log = generated(name, case, **options).apply(b, x)
    check_honest(case.op, b, x, log, options.get("rtol", 1e-5))
    return log


def check_honest(A, b, x, log, rtol):
    """No NaN in x; norms are what they say; who says that rtol is reached has reached it."""
    assert np.all(np.isfinite(x.local)) or not np.all(np.isfinite(b.local)), str(log)
    norms, told = np.asarray((b - A @ x).norm()), np.asarray(log.true_residual_norm)
    finite = np.isfinite(norms)  # else inf or NaN: a solve may be on another scale
    np.testing.assert_array_equal(np.isfinite(told), finite)
    np.testing.assert_allclose(told[finite], norms[finite], rtol=1e-3, atol=1e-30)
    converged = np.array([reason == "rtol" for reason in log.reasons])
    assert log.converged or not converged.all(), str(log)
    reached = np.atleast_1d(norms <= rtol * (1 + 1e-3) * b.norm())
    assert np.all(reached[converged]), f"{log}: {norms} of {b.norm()}"


def check_raises(comm, who, run):
    """A KeyError, whose text has `call`, on one rank: RemoteError on the others."""
    import pytest

    expected = KeyError if comm.rank == who else pt.RemoteError
    with pytest.raises(expected) as caught:
        run()
    assert "call" in str(caught.value)
    if expected is pt.RemoteError:
        assert caught.value.rank == who


@functools.cache
def exact(name, n, dtype, seed, columns):
    """The solution of a system for the right-hand side of Case.y(seed, columns)."""
    b = random((n,) if columns is None else (n, columns), dtype, seed)
    return np.linalg.solve(SYSTEMS[name](n, dtype).astype(np.result_type(dtype, "float64")), b)
