"""User code as an operator: what its methods return, and an attribute of its own called raw."""

import numpy as np
import pytest
from ranks_and_rows import EXEC, OWNERS, assembled, csr, local, tridiagonal, vector

import petiole as pt
import pyGinkgo as pg
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

N = 12
dense = pgb.matrix.dense_double


class Times(gkd.PyLinOp):
    """x = factor b."""

    def __init__(self, size, factor):
        super().__init__(EXEC, size)
        self.factor = factor

    def apply_impl(self, b, x):
        x.fill(0)
        x.add_scaled(self.factor, b)


@pytest.mark.parametrize(
    "what", (lambda b: 2 * np.asarray(b), lambda b: b, lambda b: 0, lambda b: False)
)
def test_a_product_that_is_returned_is_an_error(comm, what):
    class Returns(gkd.PyLinOp):
        def apply_impl(self, b, x):
            return what(b)

    owners = OWNERS["even"](N, comm.size)
    b, x = (vector(comm, owners, np.full(N, value)) for value in (1.0, 3.0))
    A = Returns(EXEC, (N, N))
    for apply in (
        lambda: A.apply(b, x),
        lambda: A.apply(2.0, b, 1.0, x),
        lambda: pgb.solver.cg_double(EXEC, A, 5, 1e-9).apply(b, x),
    ):
        with pytest.raises(
            TypeError, match=r"Returns.apply_impl returned .* write the product to x"
        ):
            apply()
    d, y = dense(EXEC, np.ones(N)), dense(EXEC, np.zeros(N))
    with pytest.raises(TypeError, match="write the product to x"):
        pgb.solver.gmres_double(EXEC, A, 5, 5, 1e-9).apply(d, y)


def test_a_scaled_product_that_is_returned_is_an_error():
    class Returns(Times):
        def apply_impl_scaled(self, alpha, b, beta, x):
            return x if beta.at(0) == 1 else beta

    b, x = dense(EXEC, np.ones(N)), dense(EXEC, np.ones(N))
    Returns((N, N), 2).apply(1.0, b, 1.0, x)
    with pytest.raises(TypeError, match="Returns.apply_impl_scaled returned dense_double"):
        Returns((N, N), 2).apply(1.0, b, 2.0, x)


def test_x_may_be_returned(comm):
    class Returns(Times):
        def apply_impl(self, b, x):
            super().apply_impl(b, x)
            return x

    owners = OWNERS["even"](N, comm.size)
    b, x = (vector(comm, owners, np.full(N, value)) for value in (1.0, 0.0))
    Returns((N, N), 2).apply(b, x)
    assert (x.local == 2).all()


def test_one_rank_returns_its_product(comm):
    class Returns(Times):
        def apply_impl(self, b, x):
            super().apply_impl(b, x)
            return b if comm.rank == comm.size - 1 else None

    owners = OWNERS["even"](N, comm.size)
    b, x = (vector(comm, owners, np.full(N, value)) for value in (1.0, 0.0))
    with pytest.raises((TypeError, pt.RemoteError), match="write the product to x"):
        Returns((N, N), 2).apply(b, x)


class Shifted(gkd.PyLinOp):
    """A + 2; its attribute `raw` is that of A, and of no facade."""

    def __init__(self, A, raw):
        super().__init__(EXEC, A.shape)
        self.A, self.raw = A, raw

    def apply_impl(self, b, x):
        self.A.apply(b, x)
        x.add_scaled(2.0, b)


@pytest.mark.parametrize("carried", ("bound", "petiole", "array"))
def test_an_attribute_of_the_name_raw(comm, carried):
    """It is the program's own wherever an operator is taken."""
    owners = OWNERS["even"](N, comm.size)
    array = tridiagonal(N) + tridiagonal(N).T
    A = assembled(comm, owners, array)
    raw = {"bound": A, "petiole": A._operator(), "array": array}[carried]
    S = Shifted(gkd.DistributedMatrix(A).raw, raw)
    want = np.linalg.solve(array + 2 * np.eye(N), np.ones(N))[owners == comm.rank]
    b = vector(comm, owners, np.ones(N))
    config = {"type": "solver::Cg", "criteria": {"iteration": 100, "relative_residual_norm": 1e-12}}

    def solved(solve):
        x = vector(comm, owners, np.zeros(N))
        solve(x)
        np.testing.assert_allclose(local(x), want, rtol=1e-9)

    solved(lambda x: pgb.solver.cg_double(EXEC, S, 100, 1e-12).apply(b, x))
    solved(lambda x: pgb.solver.bicgstab_double(EXEC, S, 100, 1e-12).apply(b, x))
    solved(lambda x: pgb.solver.config_solve_double(EXEC, S, b, x, config))
    solved(lambda x: pg.solve(S, b, x, config))
    solved(lambda x: pg.generate_solver(S, config).apply(b, x))
    solved(lambda x: pg.solver.gmres("cpu", S, 100, 50, 1e-12, True).apply(b, x))
    exact = pgb.solver.cg_double(EXEC, S, 100, 1e-13)
    solved(lambda x: exact.apply(b, x))
    x = vector(comm, owners, np.zeros(N))
    log, _ = pgb.solver.cg_double(EXEC, S, exact, 3, 1e-9).apply(b, x)
    assert log.has_converged() and log.get_num_iterations() <= 2
    for refused in (
        lambda: pgb.preconditioner.Jacobi_double_int32(EXEC, S).apply(b, x),
        lambda: pg.factor(S),
        lambda: gkd.DistributedMatrix(S),
        lambda: gkd.DistributedVector(S),
        lambda: pgb.matrix.Csr_double_int32(EXEC, S),
        lambda: S.apply(S, x),
        lambda: S.apply(b, S),
    ):
        with pytest.raises((TypeError, ValueError, NotImplementedError)):
            refused()


def test_a_local_block_with_an_attribute_raw(comm):
    block = Shifted(csr(np.eye(3)), csr(np.zeros((3, 3))))
    n = 3 * comm.size
    A = gkd.DistributedMatrix.from_local_linop(EXEC, comm, (n, n), block)
    assert A.get_local_matrix() is block
    b, x = (
        gkd.DistributedVector.from_local_array(EXEC, comm, (n, 1), np.full(3, value))
        for value in (1.0, 0.0)
    )
    A.raw.apply(b.raw, x.raw)
    assert (x.local == 3).all()
    eye = assembled(comm, np.repeat(np.arange(comm.size), 3), np.eye(n))
    pgb.preconditioner.Schwarz_double_int32_int64(EXEC, eye, block).apply(b, x)
    assert (x.local == 3).all()


def test_an_operator_of_petiole_with_an_attribute_raw(comm):
    class Halved(pt.LinOp):
        raw = "its own"

        def apply_impl(self, b, x):
            x.local[:] = b.local / 2

    owners = OWNERS["even"](N, comm.size)
    b, x = (vector(comm, owners, np.full(N, value)) for value in (1.0, 0.0))
    A = Halved(N, comm)
    pgb.solver.cg_double(EXEC, A, 5, 1e-9).apply(b, x)
    np.testing.assert_allclose(local(x), 2)


def test_an_array_with_an_attribute_raw(comm):
    class Array(np.ndarray):
        raw = np.full(3, 7.0)

    given = np.arange(3.0).view(Array)
    v = gkd.DistributedVector.from_local_array(EXEC, comm, (3 * comm.size, 1), given)
    assert local(v).tolist() == [0, 1, 2]


def test_any_facade_is_looked_through(comm):
    class Mine:
        def __init__(self, raw):
            self.raw = raw

        def __getattr__(self, name):
            return getattr(self.__dict__["raw"], name)

    owners = OWNERS["even"](N, comm.size)
    A, b, x = (
        assembled(comm, owners, tridiagonal(N)),
        *(vector(comm, owners, np.full(N, value)) for value in (1.0, 0.0)),
    )
    pgb.solver.gmres_double(EXEC, Mine(A), 50, 50, 1e-12).apply(Mine(b), Mine(x))
    want = np.linalg.solve(tridiagonal(N), np.ones(N))[owners == comm.rank]
    np.testing.assert_allclose(local(x), want, rtol=1e-9)
