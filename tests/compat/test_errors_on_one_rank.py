"""What is wrong on one rank alone is an error on all of them, and the next call works."""

import json

import numpy as np
import pytest
from ranks_and_rows import EXEC, OWNERS, assembled, row, tridiagonal, vector

import petiole as pt
import pyGinkgo as pg
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

N = 8
S, P = pgb.solver, pgb.preconditioner
CG = {"type": "solver::Cg", "criteria": {"iteration": 50, "relative_residual_norm": 1e-9}}


class Identity(gkd.PyLinOp):
    def apply_impl(self, b, x):
        x.local[:] = b.local


class System:
    def __init__(self, comm, path):
        owners = OWNERS["even"](N, comm.size)
        array = tridiagonal(N) + tridiagonal(N).T
        self.comm, self.path = comm, path
        self.A = assembled(comm, owners, array)
        self.b, self.x = (vector(comm, owners, values) for values in (np.ones(N), np.zeros(N)))
        self.user = Identity(EXEC, (N, N))

    def config(self, description):
        return S.config_solve_double(EXEC, self.A, self.b, self.x, json.dumps(description))


# By name: what is called with a value that is right on most ranks and wrong on one, right, and wrong.
CALLS = {
    "alpha of a matrix": (lambda s, v: s.A.apply(v, s.b, 0.0, s.x), 1.0, np.zeros((2, 1))),
    "a dense alpha": (
        lambda s, v: s.A.apply(v, s.b, 0.0, s.x),
        row(),
        pgb.matrix.dense_double(EXEC, (2, 1)),
    ),
    "alpha of a preconditioner": (
        lambda s, v: P.Jacobi_double_int32(EXEC, s.A).apply(1.0, s.b, v, s.x),
        row(),
        pgb.matrix.dense_double(EXEC, (2, 1)),
    ),
    "beta of a solver": (
        lambda s, v: S.cg_double(EXEC, s.A, 50, 1e-9).apply(1.0, s.b, v, s.x),
        row(),
        pgb.matrix.dense_double(EXEC, (2, 1)),
    ),
    "a vector for user code": (
        lambda s, v: S.cg_double(EXEC, s.user, 50, 1e-9).apply(s.b if v else "b", s.x),
        True,
        False,
    ),
    "a configuration": (lambda s, v: s.config(v), CG, {"type": "Ilx"}),
    "a configuration of the facade": (
        lambda s, v: pg.solve(s.A, s.b, solver_args=v),
        CG,
        "no object",
    ),
    "an executor": (lambda s, v: S.cg_double(v, s.A, 50, 1e-9), EXEC, "cpu"),
    "an option": (lambda s, v: S.cg_double(EXEC, s.A, *v), (50, 1e-9), (50, 1e-9, True, 1, 2)),
    "a factorization": (lambda s, v: S.direct_double_int32(EXEC, s.A, v), "LU", "QR"),
    "a local solver": (
        lambda s, v: P.Schwarz_double_int32_int64(EXEC, s.A, v),
        {"type": "Ilu"},
        {"type": "Ilx"},
    ),
    "the executor of a file": (
        lambda s, v: gkd.DistributedMatrix.read(v, s.comm, s.path),
        EXEC,
        "cpu",
    ),
    "a result": (lambda s, v: s.b.compute_norm2(v), row(), row(values=(0, 0))),
}


@pytest.fixture(scope="session")
def path(comm, tmp_path_factory):
    path = None
    if comm.rank == 0:
        path = tmp_path_factory.mktemp("errors") / "a.mtx"
        path.write_text("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n2 2 1\n")
    return comm.bcast(path)


@pytest.mark.parametrize("name", CALLS)
def test_an_error_on_one_rank(comm, path, name):
    call, right, wrong = CALLS[name]
    system = System(comm, path)
    with pytest.raises((TypeError, ValueError, pt.RemoteError)):
        call(system, wrong if comm.rank == comm.size - 1 else right)
    call(system, right)


def test_x_is_left_alone_where_beta_is_wrong(comm, path):
    system = System(comm, path)
    system.x.fill(2.0)
    with pytest.raises((ValueError, pt.RemoteError)):
        S.cg_double(EXEC, system.A, 50, 1e-9).apply(
            1.0, system.b, pgb.matrix.dense_double(EXEC, (2, 1)), system.x
        )
    assert (system.x.local == 2.0).all()


def test_an_empty_matrix_is_made_by_each_rank_alone(comm):
    """So is the error of one that cannot be."""
    if comm.rank == 0:
        with pytest.raises(TypeError):
            gkd.DistributedMatrix.empty(EXEC, comm, np.float64, np.float64)
    else:
        assert gkd.DistributedMatrix.empty(EXEC, comm).shape == (0, 0)
