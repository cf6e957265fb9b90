"""What is wrong on one rank alone is an error on all of them, and the next call works."""

import json

import numpy as np
import pytest
from ranks_and_rows import EXEC, OWNERS, assembled, csr, owned, row, tridiagonal, triplets, vector

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


class NoInit(gkd.PyLinOp):
    """Is no operator yet."""

    def __init__(self):
        pass

    apply_impl = Identity.apply_impl


class Interrupted:
    """An array, a number, a path, whose conversion the user interrupts."""

    def __interrupted(self, *args, **named):
        raise KeyboardInterrupt

    __array__ = __index__ = __float__ = __len__ = __fspath__ = __getitem__ = __interrupted


class System:
    def __init__(self, comm, path):
        owners = OWNERS["even"](N, comm.size)
        array = tridiagonal(N) + tridiagonal(N).T
        self.owners, self.rows = owners, owned(owners, comm)
        self.entries = triplets(array, self.rows)
        self.partition = gkd.build_partition(EXEC, owners, comm.size)
        self.comm, self.path = comm, path
        self.A = assembled(comm, owners, array)
        self.b, self.x = (vector(comm, owners, values) for values in (np.ones(N), np.zeros(N)))
        self.user = Identity(EXEC, (N, N))

    def vector(self, dtype="double"):
        return vector(self.comm, self.owners, np.ones(N), dtype)

    def config(self, description):
        return S.config_solve_double(EXEC, self.A, self.b, self.x, json.dumps(description))


# By name: what is called with a value that is right on most ranks and wrong on one, right, and wrong.
CALLS = {
    "alpha of a matrix": (lambda s, v: s.A.apply(v, s.b, 0.0, s.x), 1.0, np.zeros((2, 1))),
    "a number of operands": (lambda s, v: s.A.apply(s.b, s.x, *v), (), (1.0,)),
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
    "the dtype of a matrix": (
        lambda s, v: gkd.matrix(EXEC, s.comm, s.partition, *s.entries, N, v),
        "double",
        "float128",
    ),
    "the dtype of a vector": (
        lambda s, v: gkd.vector(EXEC, s.comm, s.partition, s.rows, np.ones(len(s.rows)), N, v),
        "double",
        np.int8,
    ),
    "the dtype of a file": (
        lambda s, v: gkd.read(s.path, EXEC, s.comm, None, v),
        "double",
        "long double",
    ),
    "the dtype of pg.read": (
        lambda s, v: pg.read(s.path, comm=s.comm, dtype=v),
        "double",
        "complex_double",
    ),
    "the device of a file": (
        lambda s, v: pg.read(s.path, comm=s.comm, device=v),
        "cpu",
        "abacus",
    ),
    "the dtype of a facade": (
        lambda s, v: gkd.DistributedVector.from_local_array(
            EXEC, s.comm, None, np.ones(len(s.rows)), v
        ),
        np.float64,
        np.int8,
    ),
    "values that are masked": (
        lambda s, v: gkd.DistributedVector.from_local_array(EXEC, s.comm, None, v, np.float64),
        np.ones(3),
        np.ma.masked_equal(np.ones(3), 1),
    ),
    "values that are interrupted": (
        lambda s, v: gkd.vector(EXEC, s.comm, s.partition, s.rows, v(s), N),
        lambda s: np.ones(len(s.rows)),
        lambda s: Interrupted(),
    ),
    "columns that are interrupted": (
        lambda s, v: gkd.matrix(EXEC, s.comm, s.partition, s.rows, v(s), np.ones(len(s.rows)), N),
        lambda s: s.rows,
        lambda s: Interrupted(),
    ),
    "a size that is interrupted": (
        lambda s, v: gkd.DistributedVector.empty(EXEC, s.comm, v, (len(s.rows), 1)),
        (N, 1),
        Interrupted(),
    ),
    "a factor that is interrupted": (
        lambda s, v: s.A.apply(v, s.b, 1.0, s.x),
        2.0,
        Interrupted(),
    ),
    "a factor that is complex": (lambda s, v: s.A.apply(1.0, s.b, v, s.x), 2.0, 2j),
    "a factor of a solve that is none": (
        lambda s, v: S.cg_double(EXEC, s.A, 50, 1e-9).apply(v, s.b, 1.0, s.x),
        2.0,
        "2",
    ),
    "a complex right-hand side": (
        lambda s, v: pg.solve(s.A, s.vector(v), solver_args=CG),
        "double",
        "complex_double",
    ),
    "a complex b": (
        lambda s, v: S.cg_double(EXEC, s.A, 50, 1e-9).apply(s.vector(v), s.x),
        "double",
        "complex_double",
    ),
    "an x for complex numbers": (
        lambda s, v: P.Jacobi_complex_double_int32(
            EXEC, assembled(s.comm, s.owners, np.eye(N), "complex_double")
        ).apply(s.vector("complex_double"), s.vector(v)),
        "complex_double",
        "double",
    ),
    "a local b": (
        lambda s, v: Identity(EXEC, (N, N)).apply(v(s), s.x),
        lambda s: s.b,
        lambda s: pgb.matrix.dense_double(EXEC, np.ones(N)),
    ),
    "an operator that is none yet": (
        lambda s, v: S.cg_double(EXEC, v(), 50, 1e-9).apply(s.b, s.x),
        lambda: Identity(EXEC, (N, N)),
        NoInit,
    ),
    "a preconditioner that is none": (
        lambda s, v: S.cg_double(EXEC, s.A, 50, 1e-9, preconditioner=v).apply(s.b, s.x),
        Identity(EXEC, (N, N)),
        "jacobi",
    ),
    "a system that is an array": (
        lambda s, v: S.cg_double(EXEC, v(s), P.Jacobi_double_int32(EXEC, s.A), 50, 1e-9),
        lambda s: s.A,
        lambda s: np.eye(N),
    ),
    "a preconditioner that is none yet": (
        lambda s, v: S.cg_double(EXEC, s.user, v(), 50, 1e-9).apply(s.b, s.x),
        lambda: Identity(EXEC, (N, N)),
        NoInit,
    ),
    "a local block that is none": (
        lambda s, v: gkd.DistributedMatrix.from_local_linop(EXEC, s.comm, 2 * s.comm.size, v),
        csr(np.eye(2)),
        "csr",
    ),
    "the device of a solver": (
        lambda s, v: pg.solver.gmres(v, s.A, 50, 5, 1e-9),
        "cpu",
        "cpu:x",
    ),
    "the device of a preconditioner": (lambda s, v: pg.preconditioner.Ilu(v, s.A), "cpu", 3),
    "the kind of a triangle": (
        lambda s, v: pg.triangular_solve(
            assembled(s.comm, s.owners, np.eye(N)), s.b, s.x, {"type": v}
        ),
        "Lower",
        "Middle",
    ),
    "the kind of a factor": (lambda s, v: pg.factor(s.A, v), "Upper", "Middle"),
    "the pairs of lobpcg": (
        lambda s, v: pg.solver.lobpcg(s.A, s.b, v, itmax=2),
        1,
        2,
    ),
    "the method of lobpcg": (
        lambda s, v: pg.solver.lobpcg(s.A, s.b, 1, itmax=2, method=v),
        "BLOPEX",
        "Basic",
    ),
    "a number of devices": (
        lambda s, v: gkd.communicator.map_rank_to_device_id(s.comm, v),
        1,
        "1",
    ),
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
    errors = (TypeError, ValueError, RuntimeError, NotImplementedError, KeyboardInterrupt)
    with pytest.raises(errors):  # a RemoteError is a RuntimeError
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
