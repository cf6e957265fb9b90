"""Numbers whose squares are no doubles: norms, and solves of systems whose right-hand sides are so small or
large, alone and beside usual ones."""

import numpy as np
import pytest
from problems import FULL, random
from systems import SOLVERS, generated, home, matrix, method, system

import petiole as pt

# Of the columns of one right-hand side, powers of two; None: zero.
SCALES = (0, -660, None, 660, 0, -300, 480)
USUAL = (0, 0, None, 0, 0, 0, 0)
DOUBLES = ("float64", "complex128")
POWERS = (-660, 660) if FULL else (660,)


def times(values, exponents):
    """values times powers of two, which may be no numbers themselves."""
    if np.iscomplexobj(values):
        return np.ldexp(values.real, exponents) + 1j * np.ldexp(values.imag, exponents)
    return np.ldexp(values, exponents)


def back(values, scales=SCALES):
    """On the scale of the columns with 0."""
    return times(values, [0 if scale is None else -scale for scale in scales])


def same_columns(case, seed, scales):
    """One right-hand side, each column with its scale."""
    one, _ = case.y(seed, None)
    columns = [
        np.zeros_like(one.local)
        if scale is None
        else times(one.local, scale).astype(case.dense.dtype)
        for scale in scales
    ]
    return pt.Vector.from_local(case.comm, np.stack(columns, axis=1))


# ---- norms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DOUBLES)
def test_norms_are_as_careful_as_nrm2(comm, dtype):
    """More columns than are looked at together; squares that vanish, that lose digits, and that overflow."""
    scales = np.resize([0, -664, 664, -1070, 1010, -538, -500, 511], 70)
    usual = np.rint(random((5, 70), dtype, 3) * 64) / 64 + 1
    v = pt.Vector.from_local(comm, times(usual, scales))
    expected = np.sqrt(float(comm.size)) * np.linalg.norm(
        times(v.local, -scales), axis=0
    )  # of what is stored: subnormal numbers are rounded
    np.testing.assert_allclose(
        times(v.norm(), -scales)[scales > -1070], expected[scales > -1070], 4e-16
    )
    np.testing.assert_allclose(v.norm(), times(expected, scales), rtol=1e-15, atol=5e-324)


def test_norms_of_nothing_and_of_no_numbers(comm):
    v = pt.Vector.from_local(comm, np.full((4, 5), 1e-200))
    v.local[:, 0] = 0
    last = comm.size - 1
    if comm.rank == last:
        v.local[3, 1:4] = [np.inf, np.nan, -np.inf]
        v.local[2, 3] = np.nan
    found = v.norm()
    np.testing.assert_allclose(
        found, [0, np.inf, np.nan, np.nan, 2e-200 * np.sqrt(comm.size)], 1e-15
    )
    part = pt.Vector.from_local(comm, np.full(4 if comm.rank == last else 0, 1e200))
    assert part.norm() == pytest.approx(2e200, rel=1e-15)


# ---- solves --------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", DOUBLES)
def test_scale_changes_no_bit(comm, solver, dtype):
    case = home(comm, solver, dtype, "empty")
    solutions, logs = [], []
    for scales in (SCALES, USUAL):
        b = same_columns(case, 51, scales)
        before, x = b.copy(), b.zeros_like()
        logs.append(generated(solver, case, rtol=1e-10, maxiter=3000).apply(b, x))
        solutions.append(back(x.local, scales))
        assert logs[-1].converged, str(logs[-1])
        np.testing.assert_array_equal(b.local, before.local)
    log, usual = logs
    np.testing.assert_array_equal(solutions[0], solutions[1])
    assert log.reasons == usual.reasons and log.rhs_norm[2] == 0
    np.testing.assert_array_equal(log.column_iterations, usual.column_iterations)
    for name in ("history", "rhs_norm", "residual_norm", "true_residual_norm"):
        np.testing.assert_array_equal(back(getattr(log, name)), getattr(usual, name))


@pytest.mark.parametrize("solver", SOLVERS)
def test_floats_near_the_ends_of_their_range(comm, solver):
    case = home(comm, solver, "float32")
    solutions = []
    for scales in ((0, -100, 110), (0, 0, 0)):
        b = same_columns(case, 52, scales)
        x = b.zeros_like()
        log = generated(solver, case, rtol=1e-5).apply(b, x)
        assert log.converged, str(log)
        solutions.append(back(x.local, scales))
    np.testing.assert_array_equal(*solutions)


@pytest.mark.parametrize("solver", SOLVERS)
def test_callbacks_see_the_users_scale(comm, solver):
    case = home(comm, solver)
    told = []
    for scales in (SCALES, USUAL):
        b = same_columns(case, 53, scales)
        seen, asked = [], []

        def look(event, seen=seen):
            seen.append([event.residual_norm.copy(), event.x.local.copy(), event.r.local.copy()])

        def ask(event, asked=asked):
            asked.append([event.residual_norm.copy(), event.r.local.copy(), event.x.local.copy()])
            return False

        stop = pt.stop.Residual(1e-10) | pt.stop.Iteration(3000) | pt.stop.Predicate(ask)
        log = generated(solver, case, stop=stop, callback=look).apply(b, b.zeros_like())
        assert log.converged, str(log)
        assert len(seen) == len(asked) == log.iterations + 1
        for (norms, x, r), (norms_too, r_too, x_too), row in zip(seen, asked, log.history):
            np.testing.assert_array_equal([norms, norms_too], [row, row])
            np.testing.assert_array_equal([x, r], [x_too, r_too])
        told.append([[back(values, scales) for values in event] for event in seen])
    assert len(told[0]) == len(told[1])
    for scaled, usual in zip(*told):
        for one, other in zip(scaled, usual):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("solver", SOLVERS)
def test_absolute_tolerances_and_guesses_are_on_the_users_scale(comm, solver):
    case = home(comm, solver)
    solutions, logs = [], []
    for scale in (0, -700, 700):
        b = same_columns(case, 54, (scale,))
        x = b.zeros_like()
        x.local[:] = np.ldexp(1.0, scale)
        logs.append(generated(solver, case, rtol=0, atol=np.ldexp(1e-3, scale)).apply(b, x))
        solutions.append(times(x.local, -scale))
        assert logs[-1].converged and logs[-1].reason == logs[0].reason, str(logs[-1])
        assert logs[-1].iterations == logs[0].iterations
        np.testing.assert_array_equal(solutions[-1], solutions[0])


def test_a_guess_out_of_all_proportion_is_none(comm):
    case = system(comm, "hpd")
    solutions = []
    for guess in (0, 1):
        b = same_columns(case, 55, (-900, 900))
        x = b.zeros_like()
        x.local[:] = guess
        assert generated("cg", case, rtol=1e-10).apply(b, x).converged
        solutions.append(x.local)
    np.testing.assert_array_equal(*solutions)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_guess_whose_residual_has_no_square_is_none_either(comm, solver):
    """Of a usual right-hand side, beside columns with usual guesses; what is no number stays none."""
    case = home(comm, solver)
    b = same_columns(case, 59, (0, 0, 0, 0))
    alone, x = b.zeros_like(), b.zeros_like()
    x.local[:, :3] = [0, 1e200, -1e300]
    x.local[-1:, 3] = np.nan
    usual = generated(solver, case, rtol=1e-10, maxiter=3000).apply(b, alone)
    log = generated(solver, case, rtol=1e-10, maxiter=3000).apply(b, x)
    assert usual.converged and log.reasons == ("rtol", "rtol", "rtol", "non_finite"), str(log)
    np.testing.assert_array_equal(x.local[:, 0], alone.local[:, 0])
    assert np.all((x - alone).norm()[:3] <= 1e-6 * alone.norm()[:3])


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("dtype, power", [("float64", 700), ("float32", 100)])
def test_a_solution_that_is_no_number_is_not_converged(comm, dtype, power, checked):
    rows = 3 if comm.rank == 0 else 1
    d = pt.Vector.from_local(comm, np.full(rows, np.ldexp(1, -power), dtype))
    b = pt.Vector.from_local(comm, np.full((rows, 2), np.ldexp(1, power), dtype))
    b.local[:, 1] = 1
    x = b.zeros_like()
    log = pt.Cg(rtol=1e-5, true_residual=checked).generate(pt.Diagonal(d)).apply(b, x)
    assert log.reasons == ("non_finite", "rtol"), str(log)
    np.testing.assert_array_equal(x.local[:, 1], np.ldexp(1, power).astype(dtype))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("power", POWERS)
def test_matrices_of_extreme_numbers_give_no_wrong_solution(comm, solver, power):
    """Iterative methods need squares of A's norm, and may say that they fail; a factorization does not."""
    case = home(comm, solver)
    scaled = matrix(comm, np.ldexp(case.dense, power))
    usual, _ = case.y(56, None)
    expected = usual.zeros_like()
    generated(solver, case, rtol=1e-12).apply(usual, expected)
    for of_b in (0, power):
        b = pt.Vector.from_local(comm, np.ldexp(usual.local, of_b))
        x = b.zeros_like()
        log = generated(solver, scaled, rtol=1e-6).apply(b, x)
        assert log.converged or method(solver).iterative, str(log)
        if log.converged:
            x = pt.Vector.from_local(comm, np.ldexp(x.local, power - of_b))
            assert (x - expected).norm() <= 1e-4 * expected.norm(), str(log)


def test_a_solver_as_an_operator_and_as_a_preconditioner(comm):
    case = system(comm, "hpd")
    inner = pt.Cg(rtol=1e-2)
    found = []
    for scales in (SCALES, USUAL):
        b = same_columns(case, 57, scales)
        x = b.zeros_like()
        assert pt.Fgmres(rtol=1e-10, M=inner).generate(case.op).apply(b, x).converged
        found.append([back(y.local, scales) for y in (x, inner.generate(case.op) @ b)])
    np.testing.assert_array_equal(*found)


def test_usual_right_hand_sides_cost_nothing(comm):
    """Only a column that is zero or extreme asks for a reduction more."""
    case = system(comm, "hpd")
    counts = []
    for scales in ((0, 40), (0, -40), (0, -660)):
        b, heard = same_columns(case, 58, scales), []
        with pt.trace(heard.append, kinds=("reduction",)):
            log = generated("cg", case, rtol=1e-10).apply(b, b.zeros_like())
        counts.append(sum(e.phase == "begin" for e in heard))
        assert counts[0] == 2 * log.iterations + 3
    assert counts[0] == counts[1] < counts[2]
