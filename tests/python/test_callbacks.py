"""Python code that the library calls: operators and solvers' callbacks."""

import threading

import numpy as np
import pytest

import petiole as pt


class Doubling(pt.LinOp):
    def __init__(self, n=4, **options):
        super().__init__(n, **options)
        self.seen = []

    def apply_impl(self, b, x):
        self.seen.append((b, x))
        x.local[:] = 2 * b.local


def test_an_operator_in_python():
    op = Doubling()
    assert op.shape == (4, 4) and op.dtype == np.float64 and op.comm.size == 1
    x = pt.Vector.from_local(None, np.arange(4.0))
    assert (op @ x).local.tolist() == [0, 2, 4, 6]
    y = pt.Vector.from_local(None, np.ones(4))
    op.apply(3, x, -1, y)
    assert y.local.tolist() == [-1, 5, 11, 17]


def test_vectors_are_lent_for_the_time_of_the_call():
    op = Doubling()
    x = pt.Vector.from_local(None, np.ones(4))
    op @ x
    uses = (
        lambda v: v.local,
        lambda v: v.norm(),
        lambda v: v.shape,
        lambda v: v.comm,
        lambda v: v + x,
        lambda v: v.fill(0),
        lambda v: x.copy_from(v),
        lambda v: x.dot(v),
        lambda v: v.gather(),
        lambda v: np.asarray(v),
        lambda v: np.from_dlpack(v),
        lambda v: setattr(v, "local", 1),
        lambda v: v.copy(),
        lambda v: op @ v,
        lambda v: pt.cg(op, v),
        lambda v: pt.Diagonal(v),
    )
    for dead in op.seen[0]:
        for use in uses:
            with pytest.raises(pt.Expired, match="copy") as caught:
                use(dead)
            assert isinstance(caught.value, RuntimeError)
        assert "ended" in repr(dead)


def test_a_numpy_view_of_a_lent_vector_keeps_its_memory():
    class Keeping(Doubling):
        def apply_impl(self, b, x):
            super().apply_impl(b, x)
            self.kept = x.local

    op = Keeping()
    y = op @ pt.Vector.from_local(None, np.ones(4))
    kept = op.kept
    del y, op
    assert kept.tolist() == [2, 2, 2, 2]


def test_the_input_of_an_operator_is_to_be_read():
    class Writing(Doubling):
        def apply_impl(self, b, x):
            with pytest.raises(ValueError):
                b.local[0] = 1
            with pytest.raises(pt.InvalidArgument, match="read"):
                b.fill(1)
            super().apply_impl(b, x)

    Writing() @ pt.Vector.from_local(None, np.ones(4))


def test_apply_scaled_impl_gets_numbers_or_arrays():
    class Scaled(Doubling):
        def apply_scaled_impl(self, alpha, b, beta, x):
            self.seen.append((alpha, beta))
            x.local[:] = alpha * 2 * b.local + beta * x.local

    for shape, kind in (((4,), float), ((4, 3), np.ndarray)):
        op = Scaled()
        x, y = (pt.Vector.from_local(None, np.ones(shape)) for _ in range(2))
        op.apply(2, x, 0.5, y)
        assert np.all(y.local == 4.5)
        assert isinstance(op.seen[0][0], kind) and isinstance(op.seen[0][1], kind)


def test_what_a_subclass_forgot():
    class NoInit(pt.LinOp):
        def __init__(self):
            pass

    class NoImpl(pt.LinOp):
        pass

    x = pt.Vector.zeros(None, 2)
    for use in (lambda: NoInit() @ x, lambda: NoInit().shape, lambda: pt.Cg().generate(NoInit())):
        with pytest.raises(RuntimeError, match="super"):
            use()
    with pytest.raises(NotImplementedError, match="apply_impl"):
        NoImpl(2) @ x
    with pytest.raises(RuntimeError):
        op = Doubling()
        op.__init__()


@pytest.mark.parametrize("error", [KeyError("here"), SystemExit(3), KeyboardInterrupt()])
def test_an_exception_comes_out_as_itself(error):
    class Raising(Doubling):
        def apply_impl(self, b, x):
            raise error

    op = Raising()
    x = pt.Vector.from_local(None, np.ones(4))
    for use in (lambda: op @ x, lambda: pt.cg(op, x)):
        with pytest.raises(type(error)) as caught:
            use()
        assert caught.value is error
        assert any(entry.name == "apply_impl" for entry in caught.traceback)


def test_an_inner_call_does_not_lose_the_outer_exception(alone):
    """The callback fails first; the operator that is applied after it calls Petiole and succeeds."""
    A, b, _ = alone

    class Through(pt.LinOp):
        def apply_impl(self, b, x):
            A.apply(b, x)
            b.norm()

    def callback(event):
        raise KeyError("the first")

    with pytest.raises(KeyError, match="the first"):
        pt.cg(Through(A.shape[0]), b, callback=callback)


def test_events(alone):
    A, b, _ = alone
    kept = []

    def callback(event):
        assert event.x is event.x
        with pytest.raises(ValueError):
            event.x.local[0] = 0
        kept.append((event, event.x, event.r.local, event.residual_norm))

    x, log = pt.cg(A, b, callback=callback)
    assert len(kept) == log.iterations + 1
    event, vector, residual, norm = kept[0]
    assert event.iteration == 0 and event.residual_norm == norm == log.history[0]
    assert residual.shape == b.local_shape
    for use in (lambda: event.x, lambda: event.r, lambda: vector.local):
        with pytest.raises(pt.Expired, match="copy"):
            use()


def test_logs_of_one_and_of_many_columns(alone):
    A, b, solution = alone
    x, log = pt.cg(A, b, rtol=1e-12)
    np.testing.assert_allclose(x.local, solution)
    for number in (log.residual_norm, log.true_residual_norm, log.rhs_norm, log.time):
        assert isinstance(number, float)
    assert log.history.shape == (log.iterations + 1,) and log.reasons == ("rtol",)
    assert str(log).startswith("converged") and "\n" not in str(log)

    many = pt.Vector.from_local(None, np.stack((b.local, 2 * b.local, 0 * b.local), axis=1))
    norms = []
    x, log = pt.cg(A, many, rtol=1e-12, callback=lambda e: norms.append(e.residual_norm))
    np.testing.assert_allclose(x.local, np.outer(solution, [1, 2, 0]))
    for numbers in (log.residual_norm, log.true_residual_norm, log.rhs_norm, norms[0]):
        assert numbers.shape == (3,)
    assert log.history.shape == (log.iterations + 1, 3) and len(log.reasons) == 3
    assert log.column_iterations[2] == 0


def test_a_solver_for_an_operator_of_any_size():
    size = 2**62
    assert pt.Cg().generate(pt.LinOp(size)).shape == (size, size)


def test_guess_and_options(alone):
    A, b, solution = alone
    guess = pt.Vector.from_local(None, solution)
    x, log = pt.cg(A, b, guess)
    assert log.iterations == 0 and x is not guess
    x, log = pt.cg(A, b, rtol=0, maxiter=3)
    assert log.iterations == 3 and log.reason == "maxiter" and not log.converged
    x, log = pt.cg(A, b, M=pt.Jacobi().generate(A), stop=pt.stop.Iteration(1))
    assert log.iterations == 1
    for options, error in (
        ({"M": "jacobi"}, TypeError),
        ({"callback": 3}, TypeError),
        ({"stop": 3}, TypeError),
        ({"rtol": "small"}, TypeError),
        ({"atol": -1.0}, pt.InvalidArgument),
        ({"maxiter": -1}, pt.InvalidArgument),
        ({"tolerance": 1}, TypeError),
    ):
        with pytest.raises(error):
            pt.Cg(**options)
    with pytest.raises(pt.InvalidArgument, match="block_size is 65, expected 1 to 64"):
        pt.Jacobi(block_size=65)
    with pytest.raises(ValueError):
        pt.stop.Residual(1e-3, "first")


def test_messages_call_vectors_as_the_caller_does(alone):
    A, b, _ = alone
    long = pt.Vector.zeros(None, 13)
    for call, text in (
        (lambda: pt.cg(A, long), "b has 13 rows"),
        (lambda: pt.cg(A, b, long), "x has 13 rows"),
        (lambda: pt.cg(A, b, pt.Vector.zeros(None, 12, 2)), "b has 1 columns, x has 2"),
        (lambda: A.apply(b, long), "y has 13 rows"),
    ):
        with pytest.raises(pt.DimensionError, match=text):
            call()
    with pytest.raises(pt.InvalidArgument, match="b and x share memory"):
        pt.Cg().generate(A).apply(b, b)


def test_how_objects_look(alone):
    A, b, _ = alone
    events = []
    pt.cg(A, b, callback=events.append)
    assert repr(A.index_map) == "<petiole.IndexMap of rank 0, 12 here, 0 ghosts>"
    norm = events[0].residual_norm
    assert repr(events[0]) == f"<petiole.Event iteration 0, residual norm {norm!r}>"


def test_progress_says_how_it_ended(alone, capfd, comm, monkeypatch):
    monkeypatch.setattr("petiole._progress.Progress.SECONDS", np.inf)  # no lines on the way
    A, b, _ = alone
    x, log = pt.cg(A, b, progress=True)
    assert capfd.readouterr().err == f"cg: {log}\n"


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals")
def test_ctrl_c_ends_a_solve(alone, ctrl_c):
    A, b, _ = alone
    with ctrl_c(after=0.2):
        # One column that never meets the criterion of another: nothing stops it but the signal.
        while True:
            pt.cg(A, b, rtol=0, maxiter=10**9, stop=None)


def test_other_threads_run_during_a_solve():
    """The GIL is free while the library works: a solve that only another thread can end does end."""
    n = 100
    values = np.ones(n)
    A = pt.Csr.from_arrays((n, n), np.arange(n + 1), np.arange(n), values, copy=False)
    b = pt.Vector.from_local(None, np.ones(n))
    spoil = threading.Timer(0.1, values.fill, (np.nan,))
    spoil.start()
    log = pt.ir(A, b, rtol=1e-9, relaxation=1e-12, maxiter=10**9)[1]
    spoil.join()
    assert log.reason == "non_finite"


class Returns(pt.LinOp):
    """Twice its argument, which each of its methods returns in some way of its own."""

    def __init__(self, how, comm, n):
        super().__init__(n, comm)
        self.how = how

    def apply_impl(self, b, x):
        return self.how(b, x)

    def apply_scaled_impl(self, alpha, b, beta, x):
        return self.how(b, x)

    def apply_transpose_impl(self, b, x):
        return self.how(b, x)

    def apply_hermitian_impl(self, b, x):
        return self.how(b, x)


def product_of(b, x):
    return 2 * b.local


def written(b, x):
    x.local[:] = 2 * b.local


def written_and_returned(b, x):
    x.local[:] = 2 * b.local
    return x


async def awaited(b, x):
    x.local[:] = 2 * b.local


USES = {
    "apply_impl": lambda A, b, x: A @ b,
    "apply_scaled_impl": lambda A, b, x: A.apply(1.0, b, 1.0, x),
    "apply_transpose_impl": lambda A, b, x: A.T @ b,
    "apply_hermitian_impl": lambda A, b, x: A.H @ b,
}


@pytest.mark.parametrize("method", USES)
def test_what_an_operator_returns_is_its_product_or_nothing(comm, method):
    """A product that is returned is not written: on whichever rank, that is an error on all."""
    last = comm.size - 1
    b = pt.Vector.from_local(comm, np.ones(2))
    for how in (written, written_and_returned):
        x = b.zeros_like()
        y = USES[method](Returns(how, comm, b.shape[0]), b, x) or x
        np.testing.assert_array_equal(y.local, [2, 2])
    others = (product_of, lambda b, x: b, lambda b, x: x.local, lambda b, x: 0, lambda b, x: NotImplemented)
    for wrong in others:
        A = Returns(wrong if comm.rank == last else written, comm, b.shape[0])
        kind = TypeError if comm.rank == last else pt.RemoteError
        with pytest.raises(kind, match=rf"{method} returned a .*x\.local\[:\] ="):
            USES[method](A, b, b.zeros_like())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # it was never awaited
def test_solvers_use_no_product_that_is_returned(comm):
    b = pt.Vector.from_local(comm, np.ones(2))
    for how in (product_of, awaited):
        for solve in (pt.cg, pt.gmres, pt.bicgstab, pt.ir):
            with pytest.raises((TypeError, pt.RemoteError), match="apply(_scaled)?_impl returned a"):
                solve(Returns(how, comm, b.shape[0]), b)
