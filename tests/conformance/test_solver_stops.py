"""Why every solver of the list stops, what it tells on the way, and what its log says."""

import numpy as np
import pytest
from problems import owners
from systems import (
    SOLVERS,
    check_honest,
    diagonal_precond,
    exact,
    generated,
    home,
    method,
    solve,
)

import petiole as pt

HONEST = {"accuracy_limit", "stagnation", "maxiter", "breakdown", "divergence", "non_finite"}


@pytest.fixture(params=list(SOLVERS))
def solver(request):
    return request.param


@pytest.fixture(params=["float64", "complex64"])
def case(request, comm, solver):
    return home(comm, solver, request.param, "empty")


@pytest.mark.parametrize("maxiter", [0, 1, 2])
def test_maxiter_is_no_error(case, solver, maxiter):
    b, _ = case.y(28, 2)
    x = b.zeros_like()
    log = solve(solver, case, b, x, rtol=0, maxiter=maxiter)
    assert log.iterations <= maxiter and log.history.shape == (log.iterations + 1, 2)
    np.testing.assert_allclose(log.history[0], b.norm(), rtol=1e-5)
    if method(solver).iterative or maxiter == 0:
        assert not log.converged and log.reason == "maxiter" and log.iterations == maxiter
    if maxiter == 0:
        assert np.all(x.local == 0)


def test_nan_in_b_stops_with_the_reason(case, solver):
    b, _ = case.y(29, 2)
    if 0 in case.rows:
        b.local[list(case.rows).index(0), 1] = np.nan
    x = b.zeros_like()
    log = generated(solver, case, rtol=1e-3, maxiter=3000).apply(b, x)
    assert not log.converged and log.reasons == ("rtol", "non_finite")
    assert np.all(np.isfinite(x.local))  # the other column is solved


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_more_than_the_dtype_can_give(comm, solver, dtype):
    """rtol is out of reach, and the log says so."""
    case = home(comm, solver, dtype)
    b, _ = case.y(40, 2)
    x = b.zeros_like()
    log = solve(solver, case, b, x, rtol=1e-12, maxiter=300)
    assert not log.converged and set(log.reasons) <= HONEST, str(log)
    assert np.all(log.true_residual_norm <= 1e-3 * b.norm())


def test_without_the_true_residual(case, solver):
    b, _ = case.y(41, None)
    x = b.zeros_like()
    log = generated(solver, case, rtol=1e-3, maxiter=3000, true_residual=False).apply(b, x)
    assert log.converged and np.isnan(log.true_residual_norm)
    assert (b - case.op @ x).norm() <= 1e-2 * b.norm()


# ---- criteria ------------------------------------------------------------------------------------


def stopped(solver, case, stop, columns=None, **options):
    b, _ = case.y(34, columns)
    x = b.zeros_like()
    log = generated(solver, case, stop=stop, **options).apply(b, x)
    check_honest(case.op, b, x, log, options.get("rtol", np.inf))
    return log


def test_residuals(comm, solver):
    case = home(comm, solver)
    log = stopped(solver, case, None, rtol=0, atol=1e-3, maxiter=3000)
    assert log.converged and log.reason == "atol" and log.true_residual_norm <= 1e-3
    log = stopped(solver, case, pt.stop.Residual(1e-2, "initial"), maxiter=3000)
    assert log.converged and log.residual_norm <= 1e-2 * log.history[0]
    log = stopped(solver, case, pt.stop.Residual(1e-4, baseline="absolute"), maxiter=3000)
    assert log.reason == "atol" and log.residual_norm <= 1e-4
    log = stopped(solver, case, pt.stop.ImplicitResidual(1e-3), maxiter=3000)
    assert log.converged and log.reason == "implicit"


def test_combinations(comm, solver):
    case = home(comm, solver)
    log = stopped(solver, case, pt.stop.Residual(1e-14) | pt.stop.Iteration(1))
    assert log.iterations <= 1
    both = pt.stop.Residual(0.9) & pt.stop.Iteration(3)
    log = stopped(solver, case, both, maxiter=3000)
    assert log.iterations >= 3 or log.residual_norm == 0 or not method(solver).iterative
    log = stopped(solver, case, (pt.stop.Iteration(2) & pt.stop.Iteration(1)) | pt.stop.Time(1e9))
    assert log.iterations <= 2


def test_time_is_one_decision(comm, solver):
    case = home(comm, solver)
    log = stopped(solver, case, pt.stop.Time(0))
    assert not log.converged and log.reason == "time"
    assert len(set(comm.allgather(log.iterations))) == 1
    assert stopped(solver, case, pt.stop.Residual(1e-3) | pt.stop.Time(1e9)).converged


def test_divergence_and_stagnation(comm, solver):
    case = home(comm, solver)
    log = stopped(solver, case, pt.stop.Divergence(1e-300) | pt.stop.Residual(0))
    assert log.reason == "divergence" and log.iterations == 0
    if not method(solver).iterative:
        return
    log = stopped(solver, case, pt.stop.Stagnation(2, 1e-300) | pt.stop.Residual(0))
    assert log.reason == "stagnation" and log.iterations == 2


@pytest.mark.parametrize("columns", [None, 2])
def test_a_predicate_of_one_rank_stops_all(comm, solver, columns):
    case = home(comm, solver)
    who = comm.size - 1
    asked = []

    def fn(event):
        asked.append(event.iteration)
        return comm.rank == who and event.iteration == 1

    log = stopped(solver, case, pt.stop.Predicate(fn) | pt.stop.Residual(0), columns)
    assert log.converged and log.reason == "predicate" and log.iterations == 1
    assert asked == [0, 1]


def test_predicates_are_told_apart(comm, solver):
    """Two of them, one inside the other's combination: the votes keep their places."""
    case = home(comm, solver)
    first = pt.stop.Predicate(lambda event: True) & pt.stop.Iteration(10**6)
    second = pt.stop.Predicate(lambda event: event.iteration >= 1)
    log = stopped(solver, case, first | second)
    assert log.iterations == 1 and log.reason == "predicate"


def test_criteria_that_cannot_be():
    s = pt.stop
    for make in (
        lambda: s.Iteration(-1),
        lambda: s.Residual(float("nan")),
        lambda: s.Residual(-1.0),
        lambda: s.ImplicitResidual(-1.0),
        lambda: s.Residual(1.0, "first"),
        lambda: s.Time(-1),
        lambda: s.Time(float("nan")),
        lambda: s.Divergence(0),
        lambda: s.Stagnation(0, 1.0),
        lambda: s.Stagnation(3, -1.0),
    ):
        with pytest.raises(pt.InvalidArgument):
            make()
    for wrong in (lambda: s.Predicate(3), lambda: s.Iteration(1) & 2, lambda: s.Time("long")):
        with pytest.raises(TypeError):
            wrong()


# ---- events --------------------------------------------------------------------------------------


def test_callback_sees_every_iteration(case, solver):
    b, _ = case.y(32, 2)
    seen = []
    x = b.zeros_like()
    log = generated(
        solver, case, rtol=1e-4, maxiter=3000,
        callback=lambda e: seen.append((e.iteration, e.residual_norm, e.x.local.copy())),
    ).apply(b, x)  # fmt: skip
    assert [s[0] for s in seen] == list(range(log.iterations + 1))
    np.testing.assert_array_equal([s[1] for s in seen], log.history)
    np.testing.assert_array_equal(seen[-1][2], x.local)


@pytest.mark.parametrize("precond", [False, True], ids=["plain", "jacobi"])
def test_events_have_the_iterate_and_its_residual(comm, solver, precond):
    """x and r belong together, whenever they are looked at; looking changes nothing."""
    case = home(comm, solver)
    if precond and not method(solver).iterative:
        pytest.skip("takes no preconditioner")
    M = diagonal_precond(case) if precond else None
    b, whole = case.y(42, 3)
    guess = np.zeros(whole.shape)
    guess[:, 1] = exact(method(solver).systems[0], len(guess), "float64", 42, 3)[:, 1]
    start = pt.Vector.from_local(comm, guess[case.cols])
    size = np.max(b.norm())

    def look(event):
        if event.iteration % 3 == 2:
            return  # unseen iterations between the others
        r = b - case.op @ event.x
        np.testing.assert_allclose(event.r.local, r.local, rtol=0, atol=1e-8 * size)
        np.testing.assert_allclose(event.residual_norm, r.norm(), rtol=0, atol=1e-8 * size)

    x, y = start.copy(), start.copy()
    options = dict(rtol=1e-8, maxiter=3000, M=M)
    seen = solve(solver, case, b, x, callback=look, **options)
    unseen = solve(solver, case, b, y, **options)
    assert seen.converged and seen.iterations == unseen.iterations
    np.testing.assert_array_equal(x.local, y.local)


def test_numbers_of_rows_that_differ(comm, solver):
    """A right-hand side that lies otherwise than the matrix is an error on every rank."""
    case = home(comm, solver)
    n = len(case.dense)
    mine = np.count_nonzero(owners("empty", n + 1, comm.size) == comm.rank)
    b = pt.Vector.zeros(comm, mine)
    with pytest.raises(pt.DimensionError):
        generated(solver, case).apply(b, b.zeros_like())
