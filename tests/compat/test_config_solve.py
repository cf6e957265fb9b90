"""Solvers by configuration: the bindings' config_solve_<T> and config_solver_<T>, and the package's solve,
config_solve, generate_solver and triangular_solve."""

import copy
import json

import numpy as np
import pytest
from linear_systems import DTYPES, EXEC, TOLERANCE, System, dense, matrix, rhs, values_of

import petiole as pt
from pyGinkgo import pyGinkgoBindings as pgb
from pyGinkgo import solving

CG = {
    "type": "solver::Cg",
    "preconditioner": {"type": "preconditioner::Jacobi", "max_block_size": 1},
    "criteria": [
        {"type": "Iteration", "max_iters": 200},
        {"type": "ResidualNorm", "baseline": "rhs_norm", "reduction_factor": 1e-10},
    ],
}
TWO = {"type": "solver::Cg", "criteria": [{"type": "Iteration", "max_iters": 2}]}


def zeros():
    return dense(np.zeros_like(rhs()))


@pytest.mark.parametrize("kind", ["csr", "distributed", "lazy"])
def test_config_solve(comm, kind):
    config = {key: value for key, value in CG.items() if kind != "lazy" or key != "preconditioner"}
    system = System(comm, kind, matrix(), rhs())
    logger = pgb.solver.config_solve_double(EXEC, system.A, system.b, system.x, json.dumps(config))
    assert isinstance(logger, pgb.logger.convergence_logger_double)
    assert logger.has_converged() and 0 < logger.get_num_iterations() <= 30
    assert system.residual() < 1e-9


@pytest.mark.parametrize("value_type", DTYPES)
def test_every_value_type(value_type):
    dtype, config = DTYPES[value_type], copy.deepcopy(CG)
    config["criteria"][1]["reduction_factor"] = TOLERANCE[value_type] / 10
    b, x = dense(rhs(dtype)), dense(np.zeros_like(rhs(dtype)))
    A = pt.Csr(matrix(dtype))
    logger, result = solving.config_solve(A, b, x, config)
    assert result is x and logger.has_converged()
    assert type(logger).__name__ == f"convergence_logger_{value_type}"


@pytest.mark.parametrize("type_, cls", [
    ("solver::Cg", "cg_double"),
    ("solver::Gmres", "gmres_double"),
    ("solver::Bicgstab", "bicgstab_double"),
    ("solver::Cgs", "solver_double"),
    ("solver::Direct", "direct_double_int32"),
    ("solver::LowerTrs", "LowerTrs_double_int32"),
    ("preconditioner::Jacobi", "Jacobi_double_int32"),
    ("preconditioner::Ilu", "Ilu_double_int32"),
    ("preconditioner::Ic", "Ic_double_int32"),
    ("preconditioner::Isai", "preconditioner_double"),
    ("preconditioner::Schwarz", "Schwarz_double_int32_int64"),
])  # fmt: skip
def test_classes_of_what_is_generated(type_, cls):
    A = pt.Csr(np.tril(matrix()) if "Lower" in type_ else matrix())
    made = pgb.solver.config_solver_double(EXEC, A, json.dumps({"type": type_}))
    assert type(made).__name__ == cls
    x = zeros()
    result = made.apply(dense(rhs()), x)
    assert np.isfinite(values_of(x)).all() and values_of(x).any()
    if hasattr(made, "initialize_logger"):
        logger, same = result
        assert same is x and logger.has_converged()
        listener = made.initialize_logger()
        made.apply(dense(rhs()), zeros())
        assert listener.get_num_iterations() == logger.get_num_iterations() > 0
    else:
        assert result is None


def test_a_configured_solver_preconditions():
    A = pt.Csr(matrix())
    M = pgb.solver.config_solver_double(EXEC, A, '{"type": "preconditioner::Ilu"}')
    logger, _ = pgb.solver.cg_double(EXEC, A, M, 100, 1e-10).apply(dense(rhs()), zeros())
    assert logger.has_converged() and logger.get_num_iterations() <= 2


def test_solve_with_what_is_the_default():
    default = solving.get_solver_default_config()
    assert default["type"] == "solver::Gmres" and default is not solving.get_solver_default_config()
    for arguments in {}, {"solver_args": {}}, {"solver_args": None}, {"solver_args": default}:
        logger, x = solving.solve(pt.Csr(matrix(skew=0.3)), dense(rhs()), **arguments)
        assert logger.has_converged() and logger.get_num_iterations() <= 2
        assert isinstance(x, pgb.matrix.dense_double) and x.shape == (30, 1)
        np.testing.assert_allclose(matrix(skew=0.3) @ values_of(x), rhs(), rtol=1e-5)


@pytest.mark.parametrize("solver_args", [CG, json.dumps(CG)], ids=type)
@pytest.mark.parametrize("kind", ["csr", "distributed"])
def test_solve(comm, kind, solver_args):
    system = System(comm, kind, matrix(), rhs())
    before = copy.deepcopy(solver_args)
    logger, x = solving.solve(system.A, system.b, solver_args=solver_args)
    assert logger.has_converged() and x is not system.x
    np.testing.assert_allclose(matrix() @ system.solution(x), rhs(), atol=1e-8)
    _, same = solving.solve(system.A, system.b, system.x, solver_args=solver_args)
    assert same is system.x
    assert system.residual() < 1e-9
    again, _ = solving.solve(system.A, system.b, system.x, solver_args)
    assert again.get_num_iterations() == 0
    assert solver_args == before


def test_generate_solver_is_what_solve_does():
    A, x, y = pt.Csr(matrix()), zeros(), zeros()
    logger, _ = solving.solve(A, dense(rhs()), x, solver_args=TWO)
    solving.generate_solver(A, TWO).apply(dense(rhs()), y)
    assert logger.get_num_iterations() == 2 and not logger.has_converged()
    np.testing.assert_array_equal(values_of(x), values_of(y))


def test_arrays_as_right_hand_sides():
    for b in rhs()[:, 0], rhs(columns=2), rhs().tolist():
        _, x = solving.solve(pt.Csr(matrix()), b, solver_args=CG)
        np.testing.assert_allclose(matrix() @ values_of(x), np.reshape(b, (30, -1)), atol=1e-7)


@pytest.mark.parametrize("kind", ["csr", "distributed"])
def test_triangular_solve(comm, kind):
    for name, half in ("Lower", np.tril), ("Upper", np.triu):
        system = System(comm, kind, half(matrix()), rhs(columns=2))
        logger, x = solving.triangular_solve(system.A, system.b, system.x, {"type": name})
        assert logger is None and x is system.x
        assert system.residual() < 1e-14
        _, y = solving.solve(system.A, system.b, kind="triangular", solver_args={"type": name})
        np.testing.assert_array_equal(system.solution(), system.solution(y))


def test_criteria():
    A, b = pt.Csr(matrix()), dense(rhs())
    norm = np.linalg.norm(rhs())
    for criteria, bound in [
        ({"iteration": 200, "relative_residual_norm": 1e-3}, 1e-3 * norm),
        ({"type": "ResidualNorm", "baseline": "absolute", "reduction_factor": 1e-3}, 1e-3),
        ([{"type": "ResidualNorm", "baseline": "initial_resnorm", "reduction_factor": 0.1}], 0.1 * norm),
    ]:  # fmt: skip
        logger, _ = solving.solve(A, b, solver_args={"type": "solver::Cg", "criteria": criteria})
        assert logger.has_converged() and logger.history[-1] <= bound < logger.history[-2]


def test_a_growing_residual_ends_no_solve():
    """Ginkgo has no criterion of divergence; Petiole has one by default."""
    config = {"type": "solver::Ir", "criteria": {"iteration": 50}}
    logger, _ = solving.solve(pt.Csr(10 * matrix()), dense(rhs()), solver_args=config)
    assert logger.get_num_iterations() == 50 and logger.get_residual_norm() > 1e50


@pytest.mark.parametrize("config, text", [
    ({"type": "solver::Foo"}, "type: unknown type; known: solver::Cg, .*preconditioner::Jacobi"),
    (TWO | {"foo": 1}, "foo: unknown key; known: type, .*criteria"),
    (TWO | {"criteria": {"max_iters": 3}}, "criteria.max_iters: unknown key; known: .*iteration"),
    (TWO | {"criteria": [{"type": "Foo"}]}, r"criteria\[0\].type: unknown.*Iteration"),
    (TWO | {"preconditioner": {"type": "preconditioner::Foo"}}, "preconditioner.type: unknown type"),
    ({"criteria": TWO["criteria"]}, "type: is missing"),
])  # fmt: skip
def test_what_is_refused_with_what_is_known(config, text):
    A = pt.Csr(matrix())
    for solve in (
        lambda: pgb.solver.config_solve_double(EXEC, A, dense(rhs()), zeros(), json.dumps(config)),
        lambda: pgb.solver.config_solver_double(EXEC, A, config),
        lambda: solving.solve(A, dense(rhs()), solver_args=config),
        lambda: solving.generate_solver(A, config),
    ):
        with pytest.raises(pt.FormatError, match=text):
            solve()


def test_what_is_refused():
    A = pt.Csr(matrix())
    with pytest.raises(pt.FormatError, match="line 1, column"):
        pgb.solver.config_solver_double(EXEC, A, '{"type": ')
    for wrong in "no dictionary", ["solver::Cg"], 3:
        with pytest.raises(TypeError, match="solver_args must be a dictionary"):
            solving.solve(A, dense(rhs()), solver_args=wrong)
        with pytest.raises(TypeError, match="solver_args must be a dictionary"):
            solving.config_solve(A, dense(rhs()), zeros(), wrong)
        with pytest.raises(TypeError, match="solver_args must be a dictionary"):
            solving.generate_solver(A, wrong)
        with pytest.raises(TypeError, match="solver_args must be a dictionary"):
            solving.triangular_solve(A, dense(rhs()), zeros(), wrong)
    with pytest.raises(ValueError, match="kind is 'direct': expected 'config' or 'triangular'"):
        solving.solve(A, dense(rhs()), kind="direct")
    with pytest.raises(ValueError, match='is \'Left\': expected "Lower" or "Upper"'):
        solving.solve(A, dense(rhs()), kind="triangular", solver_args={"type": "Left"})
    with pytest.raises(ValueError, match="needs 30"):
        solving.solve(A, dense(np.ones((7, 1))), zeros(), CG)
