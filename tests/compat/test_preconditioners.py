"""The bindings' preconditioners, of local matrices and of distributed ones."""

import numpy as np
import pytest
from linear_systems import DTYPES, EXEC, TOLERANCE, System, dense, matrix, rhs, values_of

import petiole as pt
from pyGinkgo import pyGinkgoBindings as pgb

P, S = pgb.preconditioner, pgb.solver


def own_blocks(system):
    """The matrix without what couples the ranks' rows, inverted."""
    blocks = np.zeros_like(system.array)
    for start, stop in zip(system.starts, system.starts[1:]):
        blocks[start:stop, start:stop] = system.array[start:stop, start:stop]
    return np.linalg.inv(blocks)


@pytest.mark.parametrize("value_type", DTYPES)
@pytest.mark.parametrize("kind", ["csr", "dense", "distributed"])
@pytest.mark.parametrize("name", ["Jacobi", "Ilu", "Ic", "Schwarz"])
def test_apply(comm, name, kind, value_type):
    """Of a tridiagonal matrix ILU and IC of a rank's rows are exact."""
    dtype = DTYPES[value_type]
    system = System(comm, kind, matrix(dtype), rhs(dtype, 2))
    types = (value_type, "int32", "int64") if name == "Schwarz" else (value_type, "int32")
    args = (P.Ilu_double_int32,) if name == "Schwarz" else ()
    M = getattr(P, "_".join((name, *types)))(EXEC, system.A, *args)
    assert M.apply(system.b, system.x) is None
    wide = system.values.astype(np.result_type(dtype, np.float64))
    array = system.array.astype(wide.dtype)
    system.array = array
    inverse = np.diag(1 / np.diag(array)) if name == "Jacobi" else own_blocks(system)
    np.testing.assert_allclose(system.solution(), inverse @ wide, rtol=TOLERANCE[value_type])
    M.apply(2.0, system.b, -1.0, system.x)
    np.testing.assert_allclose(system.solution(), inverse @ wide, rtol=3 * TOLERANCE[value_type])
    assert M.shape == (30, 30) and M.get_executor() is EXEC


def test_blocks_of_jacobi():
    A = matrix()
    M = P.Jacobi_double_int64(EXEC, dense(A), max_block_size=4)
    x = dense(np.zeros_like(rhs()))
    M.apply(dense(rhs()), x)
    expected = np.concatenate(
        [np.linalg.solve(A[i : i + 4, i : i + 4], rhs()[i : i + 4]) for i in range(0, 30, 4)]
    )
    np.testing.assert_allclose(values_of(x), expected, rtol=1e-12)


@pytest.mark.parametrize("kind", ["csr", "distributed"])
@pytest.mark.parametrize("local", [
    P.Ilu_double_int32,
    P.Jacobi_double_int32,
    S.direct_double_int32,
    {"type": "preconditioner::Ic"},
    {"type": "solver::Cg", "criteria": {"iteration": 60, "relative_residual_norm": 1e-14}},
    '{"type": "solver::Direct"}',
    pt.Ilu(),
    None,
], ids=str)  # fmt: skip
def test_local_solvers_of_schwarz(comm, kind, local):
    system = System(comm, kind, matrix(), rhs())
    M = P.Schwarz_double_int32_int64(EXEC, system.A, local)
    M.apply(system.b, system.x)
    exact = own_blocks(system) @ rhs()
    if local is P.Jacobi_double_int32:
        exact = rhs() / np.diag(matrix())[:, None]
    np.testing.assert_allclose(system.solution(), exact, rtol=1e-10)


def test_an_operator_as_local_solver(comm):
    system = System(comm, "distributed", matrix(), rhs())
    own = np.diag(1 / np.diag(matrix())[system.rows])
    M = P.Schwarz_double_int32_int64(EXEC, system.A, pt.Csr(own))
    M.apply(system.b, system.x)
    np.testing.assert_allclose(system.solution(), rhs() / np.diag(matrix())[:, None], rtol=1e-12)


def test_user_code_as_local_solver(comm):
    """It is given the rank's own block, as dense objects."""
    system = System(comm, "distributed", matrix(), rhs())
    own, seen = np.diag(matrix())[system.rows], []

    class Local(pgb.distributed.PyLinOp):
        def apply_impl(self, b, x):
            seen.append(type(b).__name__)
            np.asarray(x).T[...] = np.asarray(b).T / own

    local = Local(EXEC, (own.size, own.size))
    P.Schwarz_double_int32_int64(EXEC, system.A, local).apply(system.b, system.x)
    np.testing.assert_allclose(system.solution(), rhs() / np.diag(matrix())[:, None], rtol=1e-12)
    assert set(seen) == {"dense_double"}


def test_overlap_of_schwarz_pays(comm):
    residuals = []
    for overlap in 0, 2:
        system = System(comm, "distributed", matrix(), rhs())
        M = P.Schwarz_double_int32_int64(EXEC, system.A, S.direct_double_int32, overlap=overlap)
        logger, _ = S.gmres_double(EXEC, system.A, M, 100, 50, 1e-10).apply(system.b, system.x)
        assert system.residual() < 1e-9
        residuals.append(logger.history[1])
    assert comm.size <= 2 or residuals[1] < residuals[0]


def test_an_error_on_one_rank_is_one_on_all(comm):
    system = System(comm, "distributed", matrix(), rhs())
    local = dense(np.eye(3)) if comm.rank == 0 else pt.Csr(np.eye(system.b.local_shape[0]))
    with pytest.raises(ValueError):
        P.Schwarz_double_int32_int64(EXEC, system.A, local)
    solver = S.cg_double(EXEC, system.A, 100, 1e-9)
    with pytest.raises(
        (TypeError, pt.RemoteError), match="expected a dense or a distributed vector"
    ):
        solver.apply(system.b, None if comm.rank == 0 else system.x)
    preconditioner = "wrong" if comm.rank == 0 else None
    with pytest.raises((TypeError, pt.RemoteError), match="expected a LinOp, not str"):
        S.cg_double(EXEC, system.A, 100, 1e-9, preconditioner=preconditioner)
    assert solver.apply(system.b, system.x)[0].has_converged()


def test_what_is_refused():
    A = dense(matrix())
    with pytest.raises(TypeError, match="local_solver is .*cg_double.*needs no more parameters"):
        P.Schwarz_double_int32_int64(EXEC, A, S.cg_double)
    with pytest.raises(ValueError, match="unknown type; known: solver::Cg, .*preconditioner::Ilu"):
        P.Schwarz_double_int32_int64(EXEC, A, {"type": "Ilx"})
    with pytest.raises(TypeError, match="overlapp"):
        P.Schwarz_double_int32_int64(EXEC, A, P.Ilu_double_int32, overlapp=1)
    with pytest.raises(ValueError, match="row 2"):
        P.Jacobi_double_int32(EXEC, dense(np.diag([1.0, 2, 0, 3])))
    with pytest.raises(ValueError, match="3 x 2"):
        P.Ilu_double_int32(EXEC, dense(np.ones((3, 2))))
    with pytest.raises(TypeError, match="expected a LinOp, not list"):
        P.Ilu_double_int32(EXEC, [1.0])
