"""Every solver of the list, on matrices and Python operators: right answers, honest logs, and an
error on one rank ends the solve on all of them."""

import numpy as np
import pytest
from problems import (
    COLUMNS,
    DTYPES,
    EXECUTORS,
    FULL,
    PARTITIONS,
    SOLVERS,
    Forwarding,
    owners,
    spd_matrix,
)

import petiole as pt


def rtol_of(dtype):
    return 2e-5 if np.finfo(dtype).bits == 32 else 1e-10


@pytest.fixture(params=list(SOLVERS))
def solver(request):
    return SOLVERS[request.param]


@pytest.fixture(params=[(k, d) for k in PARTITIONS for d in DTYPES], ids="-".join)
def case(request, comm):
    kind, dtype = request.param
    name = "openmp" if FULL or DTYPES.index(dtype) % 2 else "reference"
    return spd_matrix(comm, kind, dtype, EXECUTORS[name]())


@pytest.mark.parametrize("precond", [None, "factory", "linop"])
@pytest.mark.parametrize("columns", COLUMNS)
def test_solves(case, solver, columns, precond):
    dtype = case.dense.dtype
    M = None
    if precond:
        M = pt.Jacobi() if precond == "factory" else pt.Jacobi().generate(case.op)
    b, whole = case.y(21, columns)
    x, _ = case.x(22, columns)
    log = solver(rtol=rtol_of(dtype), M=M).generate(case.op).apply(b, x)
    assert log.converged and log.reason == "rtol", str(log)
    r = b - case.op @ x
    assert np.all(r.norm() <= 20 * rtol_of(dtype) * b.norm())
    np.testing.assert_allclose(log.true_residual_norm, r.norm(), rtol=1e-2, atol=1e-12)
    exact = np.linalg.solve(case.dense.astype("complex128"), whole)[case.rows]
    assert np.linalg.norm(x.local - exact) <= 1e4 * rtol_of(dtype) * np.linalg.norm(exact) + 1e-30


def test_a_python_operator_is_solved_like_its_matrix(case, solver, comm):
    rtol = rtol_of(case.dense.dtype)
    b, _ = case.y(23, None)
    x, y = b.zeros_like(), b.zeros_like()
    one = solver(rtol=rtol).generate(case.op).apply(b, x)
    two = solver(rtol=rtol).generate(Forwarding(comm, case.op)).apply(b, y)
    assert one.converged and two.converged
    assert (b - case.op @ y).norm() <= 20 * rtol * b.norm()
    # The fused product sums in another order than product and dot apart: equal but for rounding.
    assert abs(one.iterations - two.iterations) <= 2


def test_repeats_bit_for_bit(case, solver):
    b, _ = case.y(24, None)
    runs = []
    for _ in range(2):
        x = b.zeros_like()
        log = solver(rtol=1e-6).generate(case.op).apply(b, x)
        runs.append((x.local.copy(), np.array(log.history)))
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    np.testing.assert_array_equal(runs[0][1], runs[1][1])


def test_exact_guess_takes_no_iteration(case, solver):
    x, _ = case.x(25, None)
    b = case.op @ x
    log = solver(rtol=1e-3).generate(case.op).apply(b, x)
    assert log.converged and log.iterations == 0


def test_zero_right_hand_side_gives_zero(case, solver):
    x, _ = case.x(26, 2)
    b = x.zeros_like()
    log = solver().generate(case.op).apply(b, x)
    assert log.converged and log.iterations == 0
    assert np.all(x.local == 0)


def test_columns_stop_one_by_one(case, solver):
    """An easy column beside a hard one: it stops changing when it has converged."""
    b, whole = case.y(27, 2)
    guess = np.zeros(whole.shape, case.dense.dtype)
    guess[:, 0] = np.linalg.solve(case.dense, whole[:, 0])
    x = pt.Vector.from_local(case.comm, guess[case.cols], exec=case.exec)
    before = x.local[:, 0].copy()
    log = solver(rtol=1e-3).generate(case.op).apply(b, x)
    assert log.converged and log.iterations > 0
    np.testing.assert_array_equal(x.local[:, 0], before)


def test_maxiter_is_no_error(case, solver):
    b, _ = case.y(28, None)
    x = b.zeros_like()
    log = solver(rtol=0, maxiter=2).generate(case.op).apply(b, x)
    assert not log.converged and log.reason == "maxiter" and log.iterations == 2
    assert len(log.history) == 3


def test_nan_stops_with_the_reason(case, solver):
    b, _ = case.y(29, None)
    if case.comm.rank == 0 and len(case.rows):
        b.local[0] = np.nan
    x = b.zeros_like()
    log = solver().generate(case.op).apply(b, x)
    assert not log.converged and log.reason == "non_finite"


def test_indefinite_stops_with_the_reason(comm, solver):
    dense = np.diag(np.array([1.0, -1.0, 2.0, -3.0, 1.5]))
    who = owners("uniform", 5, comm.size)
    part = pt.Partition.from_mapping(who, comm.size)
    i = np.flatnonzero(who == comm.rank)
    A = pt.Matrix.from_coo(comm, part, i, i, dense[i, i])
    b = pt.Vector.from_local(comm, np.array([1.0, 3.0, 1.0, 1.0, 1.0])[i])
    log = solver().generate(A).apply(b, b.zeros_like())
    assert not log.converged and log.reason == "indefinite"


def test_nothing_at_all(comm, solver):
    """N = 0."""
    part = pt.Partition.uniform(comm.size, 0)
    none = np.zeros(0, np.int64)
    A = pt.Matrix.from_coo(comm, part, none, none, np.zeros(0))
    b = pt.Vector.zeros(comm, 0)
    log = solver(M=pt.Jacobi()).generate(A).apply(b, b.zeros_like())
    assert log.converged and log.iterations == 0


class Raising(Forwarding):
    """Raises on one rank at its call number `at`; after its collective work, as user code must."""

    def __init__(self, comm, matrix, rank, at):
        super().__init__(comm, matrix)
        self.who, self.at, self.calls, self.me = rank, at, 0, comm.rank

    def apply_impl(self, b, x):
        super().apply_impl(b, x)
        self.calls += 1
        if self.me == self.who and self.calls == self.at:
            raise KeyError(f"call {self.at}")


def check_raises(comm, who, run):
    expected = KeyError if comm.rank == who else pt.RemoteError
    with pytest.raises(expected) as caught:
        run()
    assert "call" in str(caught.value)
    if expected is pt.RemoteError:
        assert caught.value.rank == who


@pytest.mark.parametrize("at", range(1, 8))
@pytest.mark.parametrize("place", ["operator", "preconditioner"])
def test_an_operator_that_raises_on_one_rank_ends_the_solve_on_all(comm, solver, place, at):
    case = spd_matrix(comm, "uniform", "float64", None)
    who = comm.size - 1
    raising = Raising(comm, case.op if place == "operator" else identity(case), who, at)
    make = solver(rtol=0, maxiter=20, M=raising if place == "preconditioner" else None)
    generated = make.generate(raising if place == "operator" else case.op)
    b, _ = case.y(30, None)
    x = b.zeros_like()
    check_raises(comm, who, lambda: generated.apply(b, x))
    # Everything is as usable as before.
    assert solver(rtol=1e-8).generate(case.op).apply(b, b.zeros_like()).converged


def identity(case):
    n = case.dense.shape[0]
    i = case.rows
    part = pt.Partition.from_mapping(owners("uniform", n, case.comm.size), case.comm.size)
    return pt.Matrix.from_coo(case.comm, part, i, i, np.ones(len(i)))


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_callback_that_raises_on_one_rank_ends_the_solve_on_all(comm, solver, at):
    case = spd_matrix(comm, "uniform", "float64", None)
    who = comm.size // 2

    def callback(event):
        if comm.rank == who and event.iteration == at:
            raise KeyError(f"call {at}")

    generated = solver(rtol=0, maxiter=5, callback=callback).generate(case.op)
    b, _ = case.y(31, None)
    check_raises(comm, who, lambda: generated.apply(b, b.zeros_like()))


def test_callback_sees_every_iteration(comm, solver):
    case = spd_matrix(comm, "empty", "float64", None)
    b, _ = case.y(32, None)
    seen = []
    x = b.zeros_like()
    log = solver(
        rtol=1e-8, callback=lambda e: seen.append((e.iteration, e.residual_norm, e.x.local.copy()))
    ).generate(case.op).apply(b, x)
    assert [s[0] for s in seen] == list(range(log.iterations + 1))
    np.testing.assert_array_equal([s[1] for s in seen], log.history)
    np.testing.assert_array_equal(seen[-1][2], x.local)


def test_a_solver_is_an_operator(comm, solver):
    """Applied as an operator it starts from zero, and can precondition another solver."""
    case = spd_matrix(comm, "uniform", "float64", None)
    inner = solver(rtol=1e-12).generate(case.op)
    b, whole = case.y(33, None)
    np.testing.assert_allclose(
        (inner @ b).local, np.linalg.solve(case.dense, whole)[case.rows], rtol=1e-6, atol=1e-9
    )
    x = b.zeros_like()
    log = solver(rtol=1e-8, M=inner).generate(case.op).apply(b, x)
    assert log.converged and log.iterations <= 2


def test_stopping_criteria(comm, solver):
    case = spd_matrix(comm, "uniform", "float64", None)
    b, _ = case.y(34, None)

    def run(**options):
        return solver(**options).generate(case.op).apply(b, b.zeros_like())

    log = run(rtol=0, atol=1e-3)
    assert log.converged and log.reason == "atol" and log.residual_norm <= 1e-3
    log = run(stop=pt.stop.Residual(1e-2, baseline="initial") | pt.stop.Iteration(1))
    assert log.iterations <= 1
    log = run(stop=pt.stop.Residual(1e-4, baseline="absolute"))
    assert log.reason == "atol" and log.residual_norm <= 1e-4
    with pytest.raises(ValueError):
        pt.stop.Iteration(-1)
    with pytest.raises(ValueError):
        pt.stop.Residual(float("nan"))


def test_options_that_cannot_be(comm, solver):
    case = spd_matrix(comm, "uniform", "float64", None)
    with pytest.raises(TypeError):
        solver(M="jacobi")
    with pytest.raises(ValueError):
        solver(rtol=-1.0)
    other = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, 3), [], [], np.zeros(0))
    with pytest.raises(pt.DimensionError):
        solver(M=other).generate(case.op)
    rectangular = pt.Matrix.from_coo(
        comm,
        pt.Partition.uniform(comm.size, 3),
        [],
        [],
        np.zeros(0),
        col_partition=pt.Partition.uniform(comm.size, 4),
    )
    with pytest.raises(pt.DimensionError):
        solver().generate(rectangular)


def test_jacobi_refuses_a_zero_diagonal(comm):
    n = 5
    who = owners("uniform", n, comm.size)
    i = np.flatnonzero(who == comm.rank)
    values = np.where(i == 3, 0.0, 1.0)
    A = pt.Matrix.from_coo(comm, pt.Partition.from_mapping(who, comm.size), i, i, values)
    with pytest.raises(ValueError, match="row 3") as caught:
        pt.Jacobi().generate(A)
    assert caught.value.rank == who[3]
