"""Loggers: what they say before a solve, after one, and while it runs."""

import gc
import weakref

import numpy as np
import pytest

import petiole as pt
from pyGinkgo import pyGinkgoBindings as pgb

N = 40
EXEC = pgb.ReferenceExecutor()


def system():
    """A local tridiagonal matrix, a right-hand side of ones, and a vector of zeros."""
    row = np.arange(N)
    rows, cols = np.repeat(row, 3), (np.repeat(row, 3) + np.tile([-1, 0, 1], N)) % N
    A = pt.Csr(pt.Coo.from_arrays((N, N), rows, cols, np.tile([-1.0, 2.5, -1.0], N)))
    b, x = (pgb.matrix.dense_double(EXEC, (N, 1)) for _ in range(2))
    b.fill(1.0)
    b._vector().local[: N // 2] = 2.0
    x.fill(0.0)
    return A, b, x


def test_a_logger_before_a_solve():
    solver = pgb.solver.cg_double(EXEC, system()[0], 100, 1e-8)
    for logger in solver.initialize_logger(), pgb.logger.convergence_logger_double():
        assert logger.has_converged() is False
        assert logger.get_num_iterations() == 0
        assert logger.reason is None
        with pytest.raises(RuntimeError, match="seen no solve"):
            logger.get_residual_norm()
        with pytest.raises(RuntimeError, match="seen no solve"):
            len(logger.history)


def test_initialized_loggers_tell_of_the_latest_apply():
    A, b, x = system()
    solver = pgb.solver.cg_double(EXEC, A, 100, 1e-8)
    logger = solver.initialize_logger()
    first, result = solver.apply(b, x)
    assert result is x
    iterations = logger.get_num_iterations()
    assert logger.has_converged() and iterations > 5
    assert logger.get_residual_norm() == first.get_residual_norm()
    second, _ = solver.apply(b, x)
    assert logger.get_num_iterations() == second.get_num_iterations() == 0
    assert first.get_num_iterations() == iterations


def test_history_begins_with_the_first_residual():
    A, b, x = system()
    logger, _ = pgb.solver.gmres_double(EXEC, A, 100, 30, 1e-8).apply(b, x)
    assert logger.history.shape == (logger.get_num_iterations() + 1,)
    assert logger.history[0] == pytest.approx(np.linalg.norm(b._vector().local))
    assert logger.history[-1] == logger.get_residual_norm() <= 1e-8 * logger.history[0]
    assert type(logger.get_residual_norm()) is float
    assert logger.reason == "rtol"


def test_not_converging_is_no_error():
    A, b, x = system()
    logger, _ = pgb.solver.cg_double(EXEC, A, 3, 1e-8).apply(b, x)
    assert not logger.has_converged()
    assert (logger.get_num_iterations(), logger.reason) == (3, "maxiter")


@pytest.mark.parametrize("name", ["cg_double", "bicgstab_double"])
def test_nan_does_not_converge(name):
    A, b, x = system()
    b._vector().local[3] = np.nan
    logger, _ = getattr(pgb.solver, name)(EXEC, A, 100, 1e-8).apply(b, x)
    assert not logger.has_converged()
    assert logger.reason == "non_finite"


def test_several_columns():
    A = system()[0]
    b, x = (pgb.matrix.dense_double(EXEC, (N, 3)) for _ in range(2))
    b._vector().local[:] = np.random.default_rng(1).random((N, 3))
    x.fill(0.0)
    logger, _ = pgb.solver.cg_double(EXEC, A, 100, 1e-8).apply(b, x)
    assert logger.has_converged()
    assert logger.residual_norms.shape == (3,)
    assert logger.get_residual_norm() == logger.residual_norms[0]
    assert logger.history.shape == (logger.get_num_iterations() + 1, 3)


def test_a_callback_hears_of_every_iteration():
    A, b, x = system()
    solver = pgb.solver.cg_double(EXEC, A, 100, 1e-8)
    heard, last = [], []

    def listen(event):
        heard.append((event.iteration, float(np.ravel(event.residual_norm)[0])))
        last[:] = [event.x.local.copy()]

    logger = solver.initialize_logger(callback=listen)
    solver.initialize_logger()
    solver.apply(b, x)
    assert [iteration for iteration, _ in heard] == list(range(logger.get_num_iterations() + 1))
    assert [norm for _, norm in heard] == logger.history.tolist()
    np.testing.assert_array_equal(last[0], x._vector().local)


def test_an_exception_in_a_callback_comes_out():
    A, b, x = system()
    solver = pgb.solver.cg_double(EXEC, A, 100, 1e-8)

    def stop(event):
        if event.iteration == 2:
            raise KeyError("enough")

    logger = solver.initialize_logger(stop)
    with pytest.raises(KeyError, match="enough"):
        solver.apply(b, x)
    assert not logger.has_converged()
    with pytest.raises(TypeError, match="callback must be callable, not int"):
        solver.initialize_logger(3)


def test_a_logger_that_nobody_keeps_is_not_kept():
    A, b, x = system()
    solver, seen = pgb.solver.cg_double(EXEC, A, 100, 1e-8), []
    kept = solver.initialize_logger()
    ends = weakref.ref(solver.initialize_logger())
    solver.initialize_logger(lambda event: seen.append(event.iteration))
    gc.collect()
    assert ends() is None
    solver.apply(b, x)
    assert kept.has_converged() and seen[:2] == [0, 1]
