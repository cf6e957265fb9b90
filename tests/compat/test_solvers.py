"""The bindings' solvers on every form of a system, beside NumPy; what they are told and what they refuse."""

import numpy as np
import pytest
from linear_systems import DTYPES, EXEC, TOLERANCE, System, dense, matrix, rhs, values_of

import petiole as pt
from pyGinkgo import pyGinkgoBindings as pgb

ITERATIVE = {"cg": (200,), "bicgstab": (200,), "gmres": (200, 20)}


def make(name, value_type, A, *args, tolerance=None):
    """A solver of the bindings, with arguments for its kind."""
    tolerance = tolerance or TOLERANCE[value_type] / 10
    return getattr(pgb.solver, f"{name}_{value_type}")(EXEC, A, *args, *ITERATIVE[name], tolerance)


@pytest.mark.parametrize("kind", System.KINDS)
@pytest.mark.parametrize("name", ITERATIVE)
def test_every_form_of_a_system(comm, name, kind):
    system = System(comm, kind, matrix(skew=0.0 if name == "cg" else 0.3), rhs())
    solver = make(name, "double", system.A)
    logger, x = solver.apply(system.b, system.x)
    assert x is system.x
    assert logger.has_converged()
    assert system.residual() < TOLERANCE["double"]
    assert solver.shape == (30, 30)
    again, _ = solver.apply(system.b, system.x)
    assert again.get_num_iterations() == 0


@pytest.mark.parametrize("kind", ["csr", "distributed"])
@pytest.mark.parametrize("name", ITERATIVE)
@pytest.mark.parametrize("value_type", DTYPES)
def test_every_value_type(comm, value_type, name, kind):
    dtype = DTYPES[value_type]
    system = System(comm, kind, matrix(dtype), rhs(dtype))
    logger, x = make(name, value_type, system.A).apply(system.b, system.x)
    assert logger.has_converged()
    assert type(logger).__name__ == f"convergence_logger_{value_type}"
    assert system.residual() < TOLERANCE[value_type]


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("name", ["direct", "LowerTrs", "UpperTrs"])
@pytest.mark.parametrize("value_type", DTYPES)
@pytest.mark.parametrize("kind", ["csr", "dense", "distributed"])
def test_exact_solvers(comm, kind, value_type, name, columns):
    array = matrix(DTYPES[value_type], skew=0.2)
    array = {"LowerTrs": np.tril, "UpperTrs": np.triu}.get(name, np.array)(array)
    system = System(comm, kind, array, rhs(DTYPES[value_type], columns))
    args = ("LU",) if name == "direct" else ()
    solver = getattr(pgb.solver, f"{name}_{value_type}_int32")(EXEC, system.A, *args)
    system.x = system.vector(np.full_like(system.values, np.nan))  # is written alone
    logger, _ = solver.apply(system.b, system.x)
    assert logger.has_converged()
    assert system.residual() < TOLERANCE[value_type]


def test_cholesky_is_a_factorization_too():
    b = dense(rhs())
    x = dense(np.zeros_like(rhs()))
    for index_type in "int32", "int64":
        cls = getattr(pgb.solver, f"direct_double_{index_type}")
        cls(exec=EXEC, system_matrix=dense(matrix()), factorization="Cholesky").apply(b, x)
        np.testing.assert_allclose(matrix() @ values_of(x), rhs(), rtol=1e-12)
    with pytest.raises(ValueError, match='factorization is \'QR\': expected "LU" or "Cholesky"'):
        pgb.solver.direct_double_int32(EXEC, dense(matrix()), "QR")


def test_relative_means_relative_to_the_right_hand_side():
    A, values = dense(matrix()), 1e6 * rhs()
    norm = np.linalg.norm(values)
    for relative, bound in (True, 1e-4 * norm), (False, 1e-4):
        x = dense(np.zeros_like(values))
        solver = pgb.solver.cg_double(
            EXEC, A, max_iters=100, reduction_factor=1e-4, relative_stop_mode=relative
        )
        logger, _ = solver.apply(dense(values), x)
        assert logger.has_converged()
        history = logger.history
        assert history[-1] <= bound < history[-2]


@pytest.mark.parametrize("name", ITERATIVE)
def test_overloads(name):
    A, b = dense(matrix()), dense(rhs())
    M = pgb.preconditioner.Jacobi_double_int32(EXEC, A)
    cls = getattr(pgb.solver, f"{name}_double")
    krylov = {"krylov_dim": 20} if name == "gmres" else {}
    options = {"max_iters": 200, **krylov, "reduction_factor": 1e-9}
    ways = [
        cls(EXEC, A, M, *options.values(), True),
        cls(EXEC, A, M, *options.values()),
        cls(EXEC, A, *options.values(), preconditioner=M),
        cls(relative_stop_mode=True, preconditioner=M, system_matrix=A, exec=EXEC, **options),
        cls(EXEC, A, M, relative_stop_mode=True, **options),
    ]
    counts = set()
    for solver in ways:
        logger, _ = solver.apply(b=b, x=dense(np.zeros_like(rhs())))
        assert logger.has_converged()
        counts.add(logger.get_num_iterations())
    plain, _ = cls(EXEC, A, None, *options.values(), True).apply(b, dense(np.zeros_like(rhs())))
    assert len(counts) == 1 and counts != {plain.get_num_iterations()}


def test_krylov_dim_is_the_restart():
    A = dense(np.diag(np.arange(1.0, 31)) + np.diag(np.ones(29), 1))
    counts = []
    for krylov_dim in 4, 30:
        solver = pgb.solver.gmres_double(EXEC, A, 500, krylov_dim, 1e-9)
        logger, _ = solver.apply(dense(rhs()), dense(np.zeros_like(rhs())))
        counts.append(logger.get_num_iterations())
    assert counts[1] <= 30 < counts[0]


@pytest.mark.parametrize("bad, error, text", [
    (lambda A: pgb.solver.cg_double(EXEC, A), TypeError, "max_iters.*relative_stop_mode=True"),
    (lambda A: pgb.solver.cg_double(EXEC, A, 9, 1e-3, foo=1), TypeError, "foo.*expected .exec, sys"),
    (lambda A: pgb.solver.cg_double(EXEC, A, 9, 9, 1e-3, True), TypeError, "too many"),
    (lambda A: pgb.solver.gmres_double(EXEC, A, 9, 1e-3), TypeError, "reduction_factor"),
    (lambda A: pgb.solver.cg_double("omp", A, 9, 1e-3), TypeError, "expected an Executor, not str"),
    (lambda A: pgb.solver.cg_double(EXEC, "A", 9, 1e-3), TypeError, "expected a LinOp, not str"),
    (lambda A: pgb.solver.cg_double(EXEC, A, "M", 9, 1e-3), TypeError, "expected a LinOp, not str"),
    (lambda A: pgb.solver.cg_double(EXEC, A, A, 9, 1e-3, preconditioner=A), TypeError, "twice"),
    (lambda A: pgb.solver.cg_double(EXEC, A, -9, 1e-3), ValueError, "maxiter is -9"),
    (lambda A: pgb.solver.cg_double(EXEC, A, 9, -1e-3), ValueError, "factor is -0.001"),
    (lambda A: pgb.solver.gmres_double(EXEC, A, 9, 0, 1e-3), ValueError, "restart is 0"),
    (lambda A: pgb.solver.cg_double(EXEC, dense(np.ones((3, 2))), 9, 1e-3), ValueError, "3 x 2"),
    (lambda A: pgb.solver.LowerTrs_double_int32(EXEC, A), ValueError, "not lower triangular"),
])  # fmt: skip
def test_what_is_refused(bad, error, text):
    with pytest.raises(error, match=text):
        bad(dense(matrix()))


def test_what_apply_refuses():
    solver = make("cg", "double", dense(matrix()))
    b, x = dense(rhs()), dense(np.zeros_like(rhs()))
    with pytest.raises(TypeError, match="takes .b, x. or .alpha, b, beta, x., not 1 arguments"):
        solver.apply(b)
    with pytest.raises(TypeError, match="not 1 arguments, y="):
        solver.apply(b, y=x)
    with pytest.raises(ValueError, match="x has 7 rows"):
        solver.apply(b, dense(np.zeros((7, 1))))
    with pytest.raises(TypeError, match="expected a dense or a distributed vector, not ndarray"):
        solver.apply(rhs(), x)
    assert solver.apply(b, x)[0].has_converged()


@pytest.mark.parametrize("kind", ["csr", "distributed", "lazy"])
def test_apply_of_four_arguments(comm, kind):
    system = System(comm, kind, matrix(), rhs())
    solver = make("cg", "double", system.A)
    listener = solver.initialize_logger()
    system.x = system.vector(rhs())
    logger, x = solver.apply(dense(np.array([[2.0]])), system.b, -1.0, system.x)
    expected = 2 * np.linalg.solve(matrix(), rhs()) - rhs()
    np.testing.assert_allclose(system.solution(), expected, atol=1e-7)
    assert x is system.x and listener.get_num_iterations() == logger.get_num_iterations() > 0


@pytest.mark.parametrize("kind", ["csr", "distributed", "lazy"])
def test_a_solver_preconditions_another(comm, kind):
    system = System(comm, kind, matrix(), rhs())
    plain, _ = make("gmres", "double", system.A).apply(system.b, system.x)
    inner = pgb.solver.cg_double(EXEC, system.A, 100, 1e-13)
    system.x = system.vector(np.zeros_like(rhs()))
    logger, _ = make("gmres", "double", system.A, inner).apply(system.b, system.x)
    assert logger.get_num_iterations() < plain.get_num_iterations() / 3
    assert system.residual() < 1e-8


def test_user_code_preconditions(comm):
    diagonal = np.diag(1 / np.diag(matrix()))
    system = System(comm, "distributed", matrix(), rhs())
    M = System(comm, "lazy", diagonal, rhs()).A
    logger, _ = make("cg", "double", system.A, M).apply(system.b, system.x)
    jacobi = pgb.preconditioner.Jacobi_double_int32(EXEC, system.A)
    expected, _ = make("cg", "double", system.A, jacobi).apply(
        system.b, system.vector(np.zeros_like(rhs()))
    )
    assert logger.get_num_iterations() == expected.get_num_iterations()
    assert system.residual() < 1e-8


def test_types_are_converted():
    """A solver of one type takes matrices and vectors of others, and computes in its own."""
    for value_type, bound in ("float", 1e-4), ("double", 1e-9):
        solver = make("cg", value_type, dense(matrix("float32")))
        b, x = dense(rhs("float64")), dense(np.zeros_like(rhs("float64")))
        logger, result = solver.apply(b, x)
        assert result is x and logger.has_converged()
        error = np.abs(matrix() @ values_of(x) - rhs()).max()
        assert error < bound and (value_type == "double" or error > 1e-9)


def test_an_exception_in_user_code_comes_out(comm):
    class Failing(pt.LinOp):
        def apply_impl(self, b, x):
            if comm.rank == comm.size - 1:
                raise KeyError("lost")

    system = System(comm, "distributed", matrix(), rhs())
    operator = Failing((30, 30), comm)
    solver = make("gmres", "double", operator)
    logger = solver.initialize_logger()
    with pytest.raises((KeyError, pt.RemoteError), match="lost"):
        solver.apply(system.b, system.x)
    assert not logger.has_converged()
    logger, _ = make("cg", "double", system.A).apply(system.b, system.x)
    assert logger.has_converged()


def test_loggers_may_differ_between_ranks(comm):
    system = System(comm, "distributed", matrix(), rhs())
    solver = make("cg", "double", system.A)
    heard = []
    if comm.rank == 0:
        solver.initialize_logger(lambda event: heard.append(event.iteration))
    logger, _ = solver.apply(system.b, system.x)
    expected = list(range(logger.get_num_iterations() + 1)) if comm.rank == 0 else []
    assert heard == expected


def test_nothing_to_solve(comm):
    A, b, x = pt.Csr(np.zeros((0, 0))), dense(np.zeros((0, 1))), dense(np.zeros((0, 1)))
    logger, _ = make("cg", "double", A).apply(b, x)
    assert logger.has_converged() and logger.get_num_iterations() == 0
    system = System(comm, "distributed", matrix(), 0 * rhs())
    logger, _ = make("gmres", "double", system.A).apply(system.b, system.x)
    assert logger.has_converged() and logger.get_residual_norm() == 0
