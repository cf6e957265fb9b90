"""PyLinOp: user code as an operator, on local and on distributed vectors."""

import gc
import weakref

import numpy as np
import pytest
from ranks_and_rows import EXEC, NUMBERS, OWNERS, csr, local, tridiagonal, vector

import petiole as pt
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

N = 12


class Times(gkd.PyLinOp):
    """x = factor b; keeps what it was given."""

    def __init__(self, size, factor, exec=EXEC):
        super().__init__(exec, size)
        self.factor, self.calls = factor, 0

    def apply_impl(self, b, x):
        self.calls += 1
        self.b, self.x = b, x
        self.view = np.asarray(b)
        x.fill(0)
        x.add_scaled(self.factor, b)


class TimesScaled(Times):
    def apply_impl_scaled(self, alpha, b, beta, x):
        self.scaled = (alpha, beta)
        x.scale(beta)
        alpha.scale(self.factor)
        x.add_scaled(alpha, b)


def dense(values, dtype="double"):
    return getattr(pgb.matrix, f"dense_{dtype}")(EXEC, np.asarray(values, NUMBERS[dtype]))


def both(comm, values, dtype="double"):
    """(rows, b, x): the values as a dense object, and distributed."""
    values = np.asarray(values, NUMBERS[dtype])
    zeros = np.zeros_like(values)
    yield len(values), dense(values, dtype), dense(zeros, dtype)
    Vector = getattr(pgb.distributed, f"Vector_{dtype}")
    make = Vector.from_local_array_deduce_size
    yield len(values) * comm.size, make(EXEC, comm, values), make(EXEC, comm, zeros)


def computed(name):
    """The class or type name of what is computed in: half is storage, and computed with as float."""
    return name.replace("half", "float")


def array_of(x):
    return np.array(x).reshape(getattr(x, "local_shape", x.shape))


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_it_gets_what_it_is_applied_to(comm, dtype, columns):
    values = np.arange(4.0 * columns).reshape(4, columns)
    for n, b, x in both(comm, values, dtype):
        op = Times((n, n), 3)
        op.apply(b, x)
        assert op.calls == 1 and op.shape == (n, n)
        assert type(op.b).__name__ == type(op.x).__name__ == computed(type(b).__name__)
        np.testing.assert_array_equal(array_of(x), 3 * values)


def test_one_operator_for_all_that_comes(comm):
    op = Times(None, 2)
    half = comm.Split(comm.rank % 2, comm.rank)
    for dtype in NUMBERS:
        for on in comm, half:
            for _, b, x in both(on, [1, 2, 3], dtype):
                op.apply(b, x)
                assert array_of(x)[:, 0].tolist() == [2, 4, 6]
    half.Free()


@pytest.mark.parametrize("cls", [Times, TimesScaled])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_the_scaled_form_is_derived_or_the_programs_own(comm, dtype, cls):
    for n, b, x in both(comm, np.arange(3), dtype):
        op = cls((n, n), 3)
        x.fill(1)
        op.apply(dense([[2]], dtype), b, dense([[-1]], dtype), x)
        np.testing.assert_array_equal(array_of(x)[:, 0], 6 * np.arange(3) - 1)
        op.apply(0.5, b, 2, x)
        np.testing.assert_array_equal(array_of(x)[:, 0], 13.5 * np.arange(3) - 2)
        if cls is TimesScaled:
            assert op.calls == 0
            alpha, beta = op.scaled
            assert type(alpha).__name__ == f"dense_{computed(dtype)}" and alpha.shape == (1, 1)
            assert beta.at(0, 0) == 2


def test_without_the_method(comm):
    for n, b, x in both(comm, np.ones(3)):
        for cls in gkd.PyLinOp, pgb.distributed.PyLinOp_double, pgb.distributed.PyLinOp_float:
            with pytest.raises(RuntimeError, match="apply_impl"):
                cls(EXEC, (n, n)).apply(b, x)
            with pytest.raises(RuntimeError, match="apply_impl"):
                cls(EXEC, (n, n)).apply(1.0, b, 0.0, x)


def test_without_the_base_classs_init(comm):
    class Forgets(gkd.PyLinOp):
        def __init__(self):
            pass

    for _, b, x in both(comm, np.ones(3)):
        with pytest.raises(RuntimeError, match="super"):
            Forgets().apply(b, x)


def test_sizes_that_do_not_fit(comm):
    for n, b, x in both(comm, np.ones(3)):
        op = Times((n + 1, n + 1), 1)
        with pytest.raises(ValueError):
            op.apply(b, x)
        assert op.calls == 0


def test_what_it_gets_ends_with_the_call(comm):
    for n, b, x in both(comm, np.arange(3.0)):
        op = Times((n, n), 1)
        op.apply(b, x)
        for use in (
            lambda op=op: op.b.shape,
            lambda op=op: np.asarray(op.b),
            lambda op=op: op.x.fill(1),
            lambda op=op: op.x.scale(2),
            lambda op=op, b=b: op.apply(op.b, b),
        ):
            with pytest.raises(RuntimeError, match="lent"):
                use()
        before = op.view.copy()
        b.fill(8)
        del b
        gc.collect()
        assert (op.view == 8).all() or (op.view == before).all()
        assert op.view.size == 3


def test_the_input_is_not_to_be_written(comm):
    class Writes(gkd.PyLinOp):
        def apply_impl(self, b, x):
            b.fill(1)

    for n, b, x in both(comm, np.arange(3.0)):
        with pytest.raises(ValueError, match="read"):
            Writes(EXEC, (n, n)).apply(b, x)
        assert array_of(b)[:, 0].tolist() == [0, 1, 2]


def test_an_exception_on_one_rank(comm):
    last = comm.rank == comm.size - 1

    class Raises(gkd.PyLinOp):
        def apply_impl(self, b, x):
            if last:
                raise KeyError("on purpose")

    *_, (n, b, x) = both(comm, np.ones(3))
    op = Raises(EXEC, (n, n))
    for _ in range(2):
        with pytest.raises(KeyError if last else pt.RemoteError, match="on purpose"):
            op.apply(b, x)
    solver = pgb.solver.cg_double(EXEC, op, 10, 1e-3)
    with pytest.raises(KeyError if last else pt.RemoteError, match="on purpose"):
        solver.apply(b, x)
    alone = Raises(EXEC, (3, 3))
    if last:
        with pytest.raises(KeyError):
            alone.apply(dense(np.ones(3)), dense(np.ones(3)))


def test_attributes_of_the_programs_own(comm):
    """Names that a program may well use are its own."""

    class Busy(gkd.PyLinOp):
        def __init__(self, exec, n):
            super().__init__(exec, (n, n))
            self.size = self.shape = self.n = n
            self._exec, self._operator, self._vector, self._alpha = exec, None, None, 2.0

        def apply_impl(self, b, x):
            np.copyto(
                x.local if hasattr(x, "local") else np.asarray(x), self._alpha * np.asarray(b)
            )

    for n, b, x in both(comm, np.ones(3)):
        op = Busy(EXEC, n)
        op.apply(b, x)
        assert (array_of(x) == 2).all()
        assert op.size == op.n


def test_it_is_collected(comm):
    op = Times((3, 3), 2)
    op.apply(dense(np.ones(3)), dense(np.ones(3)))
    gone = weakref.ref(op)
    del op
    gc.collect()
    assert gone() is None


class Tridiagonal(gkd.PyLinOp):
    """The tridiagonal matrix, its rows by all ranks from the whole vector."""

    def __init__(self, comm, owners, n):
        super().__init__(EXEC, (n, n))
        self.comm, self.rows = comm, owners == comm.rank
        self.array = tridiagonal(n) + tridiagonal(n).T

    def apply_impl(self, b, x):
        whole = np.zeros(len(self.array))
        whole[self.rows] = b.local[:, 0]
        x.local[:, 0] = (self.array @ self.comm.allreduce(whole))[self.rows]


@pytest.mark.parametrize("ownership", OWNERS)
@pytest.mark.parametrize(
    "name, more", [("cg", ()), ("bicgstab", ()), ("gmres", (N,))], ids=lambda given: str(given)
)
def test_in_a_solver(comm, name, more, ownership):
    owners = OWNERS[ownership](N, comm.size)
    op = Tridiagonal(comm, owners, N)
    solver = getattr(pgb.solver, f"{name}_double")(EXEC, op, 200, *more, 1e-10)
    exact = np.cos(np.arange(N))
    b, x = vector(comm, owners, op.array @ exact), vector(comm, owners, np.zeros(N))
    logger, solved = solver.apply(b, x)
    assert solved is x and logger.has_converged()
    np.testing.assert_allclose(local(x), exact[owners == comm.rank], atol=1e-7)


def test_as_a_preconditioner(comm):
    owners = OWNERS["even"](N, comm.size)
    op, exact = Tridiagonal(comm, owners, N), np.cos(np.arange(N))
    jacobi = Times((N, N), 1 / 8)
    solver = pgb.solver.cg_double(EXEC, op, jacobi, 200, 1e-10)
    b, x = vector(comm, owners, op.array @ exact), vector(comm, owners, np.zeros(N))
    logger, _ = solver.apply(b, x)
    assert logger.has_converged() and jacobi.calls > 1
    np.testing.assert_allclose(local(x), exact[owners == comm.rank], atol=1e-7)


def test_in_a_solver_on_one_process(comm):
    array = tridiagonal(N) + tridiagonal(N).T

    class Local(gkd.PyLinOp):
        def apply_impl(self, b, x):
            np.copyto(np.asarray(x), array @ np.asarray(b))

    solver = pgb.solver.cg_double(EXEC, Local(EXEC, (N, N)), Times((N, N), 0.1), 100, 1e-10)
    exact = np.cos(np.arange(N))
    b, x = dense(array @ exact), dense(np.zeros(N))
    logger, _ = solver.apply(b, x)
    assert logger.has_converged()
    np.testing.assert_allclose(np.asarray(x), exact, atol=1e-7)
    other = csr(array)
    logger, _ = pgb.solver.cg_double(EXEC, other, Times((N, N), 0.1), 100, 1e-10).apply(b, x)
    assert logger.has_converged()


def test_the_module_of_its_own(comm):
    from pyGinkgo import pyGinkgoExtensions

    class Double(pyGinkgoExtensions.PyLinOp):
        def apply_impl(self, b, x):
            x.fill(0)
            x.add_scaled(2, b)

    for n, b, x in both(comm, np.arange(3.0)):
        for op in Double(EXEC), Double(EXEC, (n, n)):
            pyGinkgoExtensions.call_apply(op, b, x)
            assert array_of(x)[:, 0].tolist() == [0, 2, 4]


def test_the_classes(comm):
    assert gkd.PyLinOp is gkd.linop.PyLinOp is pgb.distributed.PyLinOp
    for dtype in NUMBERS:
        cls = getattr(pgb.distributed, f"PyLinOp_{dtype}")
        assert issubclass(cls, gkd.PyLinOp) and issubclass(cls, pgb.LinOp)
    assert gkd.PyLinOp(EXEC, (2, 3)).shape == gkd.PyLinOp(EXEC, (2, 3)).size == (2, 3)
    assert gkd.PyLinOp(EXEC, (2, 3)).get_executor() is EXEC
    with pytest.raises(TypeError, match="Executor"):
        gkd.PyLinOp("cpu", (2, 2))


def test_what_an_operator_keeps_is_bounded(comm):
    A = Times(None, 2)
    for n in range(30):
        b, x = (pgb.matrix.dense_double(EXEC, np.full(n + 1, value)) for value in (1.0, 0.0))
        A.apply(b, x)
        assert np.asarray(x).tolist() == [2] * (n + 1)
    assert [len(made) for made in A._PyLinOp__made.values()] == [8]


@pytest.mark.parametrize("types", (("float", "double"), ("double", "float")))
def test_vectors_of_two_types(comm, types):
    b, x = (
        getattr(pgb.matrix, f"dense_{name}")(EXEC, np.full(N, value))
        for name, value in zip(types, (1.0, 0.0))
    )
    Times((N, N), 2).apply(b, x)
    assert np.asarray(x).tolist() == [2] * N


def test_what_an_operator_keeps_for_other_ranks(comm):
    """Those of this rank alone take no room from those of all."""
    owners = OWNERS["even"](N, comm.size)
    b, x = (vector(comm, owners, np.full(N, value)) for value in (1.0, 0.0))
    A = Times(None, 2)
    A.apply(b, x)
    if comm.rank == 0:
        for n in range(9):
            A.apply(dense(np.ones(n + 1)), dense(np.zeros(n + 1)))
    A.apply(b, x)
    assert (x.local == 2).all()
