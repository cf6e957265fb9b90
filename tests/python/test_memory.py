"""Nothing leaks: not on success, not on failure, not in a cycle."""

import ctypes
import gc
import sys
import weakref

import numpy as np
import pytest

import petiole as pt


def rss_pages():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])


class Op(pt.LinOp):
    def __init__(self, A, fail_at=None):
        super().__init__(A.shape)
        self.A, self.calls, self.fail_at = A, 0, fail_at

    def apply_impl(self, b, x):
        self.A.apply(b, x)
        self.calls += 1
        if self.calls == self.fail_at:
            raise KeyError("as asked")

    def apply_transpose_impl(self, b, x):
        self.A.T.apply(b, x)


def everything(alone):
    A, b, _ = alone
    data = np.arange(4.0)
    v = pt.Vector.view(None, data)
    w = 2 * v - v / 3
    w += v
    v.dot(w), w.norm(), w.gather(), w.allgather(), v.local, repr(v), v.comm, v.exec, v.real
    np.asarray(v), np.from_dlpack(v), v.astype("complex64").conj().local
    p = pt.Partition.from_mapping([0, 1, 0, 1], 2)
    p.ranges, p == pt.Partition.uniform(2, 4)
    pt.IndexMap(p, 0, [1, 3]).to_local([0, 1, 2])
    C = pt.Csr.from_scipy(A.to_scipy(), copy=False)
    C.values, C.indices, C.to_scipy(), C @ b
    A.local, A.ghost, A.ghosts, A.partition, A.index_map, A.diagonal(), A.nnz
    A.update_values(A.to_scipy().data)
    seen = []
    x, log = pt.cg(A, b, M=pt.Jacobi(), callback=lambda e: seen.append((e, e.x, e.r.local)))
    str(log), log.history, log.reasons
    pt.cg(Op(A), b, stop=pt.stop.Iteration(3) | pt.stop.Residual(1e-3))
    asked = pt.stop.Predicate(lambda event: event.x.local[0] > 1e9)
    pt.cg(A, b, stop=(asked & pt.stop.Time(0)) | pt.stop.Residual(1e-3))
    pt.cg(A, b, true_residual=False, stop=pt.stop.Stagnation(3, 2.0) | pt.stop.Divergence(2.0))
    pt.Communicator(None).allreduce(data)
    formats(A, b)


def formats(A, b):
    S = A.to_scipy()
    for format in (pt.Csr, pt.Coo, pt.Ell, pt.Sellp, pt.Dense):
        F = format(S, dtype="float32")
        (F.T @ b).local, F.T.T, F.copy().astype("complex64").transpose(True).to_scipy()
        F.to_ell(), F.to_sellp(), F.to_coo(), format(F, exec=pt.Executor.Reference())
    E, P = pt.Ell(S), pt.Sellp(S)
    V = pt.Ell.from_arrays(E.shape, E.indices, E.values, copy=False)
    W = pt.Sellp.from_arrays(P.shape, P.slice_sets, P.indices, P.values, P.slice_size, copy=False)
    D = pt.Dense.view(S.toarray())
    np.asarray(D), D.array, V.values, W.indices
    L = 2 * (A @ A.T) - Op(A).H + pt.Identity(A.shape) - pt.Diagonal(b) @ pt.Diagonal(b.local)
    (L @ b).local, L.T @ b, L.coefs, L.operators, L.operators[0].operators, A.to_format("ell").local


def failures(alone):
    A, b, _ = alone
    for call in (
        lambda: pt.Vector.view(None, np.zeros(3, np.longdouble)),
        lambda: pt.Vector.from_local(None, np.zeros((2, 2, 2))),
        lambda: pt.Matrix.from_coo(None, pt.Partition.uniform(1, 4), [0, 1], [0], [1.0]),
        lambda: pt.Matrix.from_coo(None, pt.Partition.uniform(1, 4), [9], [0], [1.0]),
        lambda: pt.Csr.from_arrays((1, 1), np.array([0, 1]), np.array([3]), np.ones(1), copy=False),
        lambda: pt.Cg(rtol=-1.0),
        lambda: pt.Cg(unknown=1),
        lambda: A.apply(b, b),
        lambda: A.apply(np.ones(3), b, 0, b.copy()),
        lambda: pt.cg(Op(A, fail_at=3), b),
        lambda: pt.cg(A, b, callback=lambda e: 1 / (1 - e.iteration)),
        lambda: pt.cg(A, b, stop=pt.stop.Predicate(lambda e: 1 / (1 - e.iteration) > 2)),
        lambda: pt.stop.Predicate(3),
        lambda: pt.stop.Time(-1),
        lambda: pt.Jacobi(0),
        lambda: pt.LinOp((-1, 3)),
        lambda: pt.LinOp("square"),
        lambda: pt.Matrix.read("/nothing/here.mtx"),
        lambda: b.norm(3),
        lambda: pt.Coo.from_arrays((1, 1), [0], [2], [1.0]),
        lambda: pt.Ell.from_arrays((1, 1), np.array([[3]]), np.ones((1, 1)), copy=False),
        lambda: pt.Sellp.from_arrays((1, 1), [0, 1], [0], [1.0], 2),
        lambda: pt.Dense.view(np.ones((2, 2), int)),
        lambda: pt.Dense(A),
        lambda: pt.Diagonal(np.ones((2, 2))),
        lambda: pt.Identity((2, 3)),
        lambda: A @ pt.Identity(1),
        lambda: A + pt.Identity(1),
        lambda: pt.Combination([1, "2"], [A, A]),
        lambda: 1j * A,
        lambda: (Op(A, fail_at=1) @ A) @ b,
        lambda: pt.Jacobi().generate(A).T,
    ):
        with pytest.raises((pt.Error, TypeError, KeyError, ZeroDivisionError)):
            call()


@pytest.mark.parametrize("work", [everything, failures])
def test_repetition_takes_no_memory(alone, work):
    """A leak adds a block at every repetition; NumPy's caches fill up, and then add none."""
    pytest.importorskip("scipy")
    growth = []
    for _ in range(15):
        blocks = sys.getallocatedblocks()
        for _ in range(100):
            work(alone)
        gc.collect()
        growth.append(sys.getallocatedblocks() - blocks)
        if growth[-1] < 80:
            return
    pytest.fail(f"allocated blocks grow by {growth} in rounds of 100")


def test_large_objects_give_their_memory_back():
    def once():
        v = pt.Vector.zeros(None, 1_000_000)
        w = v.copy()
        np.asarray(w)[0] = 1
        i = np.arange(200_000)
        pt.Matrix.from_coo(None, pt.Partition.uniform(1, i.size), i, i, np.ones(i.size)).to_scipy()

    pytest.importorskip("scipy")
    for _ in range(3):
        once()
    before = rss_pages()
    for _ in range(12):
        once()
    assert (rss_pages() - before) * 4096 < 30e6


def test_reference_counts(alone):
    A, b, _ = alone
    for thing in (A, b, None, pt.Vector, pt.Executor.default, pt.LinOp):
        before = sys.getrefcount(thing)
        for _ in range(50):
            (
                A @ b,
                b.copy(),
                b.norm(),
                pt.Jacobi().generate(A),
                pt.Cg(M=A).generate(A).apply(b, b.copy()),
            )
        assert abs(sys.getrefcount(thing) - before) < 20


def test_cycles_are_collected(alone):
    A, b, _ = alone

    class Holding(Op):
        def on_event(self, event):
            self.last = event.iteration

    op = Holding(A)
    op.itself = op
    op.asked = pt.stop.Predicate(op.on_event) | (pt.stop.Time(9) & pt.stop.Predicate(op.on_event))
    op.solver = pt.Cg(M=op, callback=op.on_event, stop=op.asked).generate(op)
    op.solver.apply(b, b.zeros_like())
    op.lazy = 2 * op.T + op @ op
    op.lazy.apply(b, b.zeros_like())
    alive = weakref.ref(op)
    del op
    gc.collect()
    assert alive() is None


def test_operators_among_a_factory_s_parameters(alone):
    """They live as long as what is made with them, and cycles through them are collected."""
    A, b, _ = alone
    local, restriction = Op(A), pt.Csr.from_arrays((1, 12), [0, 12], range(12), np.ones(12))
    alive = weakref.ref(local)
    M = pt.Schwarz(local=local, coarse=pt.Direct(), restriction=restriction).generate(A)
    expected = (M @ b).local.copy()
    del local, restriction
    gc.collect()
    np.testing.assert_array_equal((M @ b).local, expected)
    alive().itself = M
    del M
    gc.collect()
    assert alive() is None


def test_a_predicate_is_kept_by_what_asks_it(alone):
    A, b, _ = alone

    class Asked:
        def __call__(self, event):
            return event.iteration == 2

    fn = Asked()
    alive = weakref.ref(fn)
    criterion = pt.stop.Time(1e9) | (pt.stop.Predicate(fn) & pt.stop.Iteration(1))
    solver = pt.Cg(rtol=0, stop=criterion).generate(A)
    del fn, criterion
    gc.collect()
    assert solver.apply(b, b.zeros_like()).iterations == 2
    assert alive() is not None
    del solver
    gc.collect()
    assert alive() is None


def test_objects_are_kept_by_what_is_made_of_them(alone):
    A, b, solution = alone
    op = Op(A)
    alive = weakref.ref(op)
    solver = pt.Cg(M=pt.Jacobi().generate(A), callback=lambda event: None, rtol=1e-12).generate(op)
    block = pt.Matrix.from_local(None, op)
    lazy = (op + op.T @ op) @ pt.Identity(op.shape)
    del op
    gc.collect()
    x = b.zeros_like()
    assert solver.apply(b, x).converged
    np.testing.assert_allclose(x.local, solution)
    assert block.local is alive()
    np.testing.assert_array_equal((block @ b).local, (A @ b).local)
    del solver, block
    gc.collect()
    expected = (A @ b + A @ (A @ b)).local  # A is symmetric
    np.testing.assert_allclose((lazy @ b).local, expected)
    del lazy
    gc.collect()
    assert alive() is None


def identity(comm, rows=4):
    """The matrix of `rows` rows on each rank, and a vector of ones."""
    b = pt.Vector.from_local(comm, np.ones(rows))
    mine = np.arange(rows) + rows * b.comm.rank
    part = pt.Partition.uniform(b.comm.size, b.shape[0])
    return pt.Matrix.from_coo(comm, part, mine, mine, np.ones(rows)), b


def test_persistent_sums_are_used_again(comm):
    """Open MPI gives what one takes back with the communicator alone: half a kilobyte a solver."""
    malloc = ctypes.CDLL(None)
    if not hasattr(malloc, "mallinfo2"):
        pytest.skip("needs glibc's mallinfo2")

    class Info(ctypes.Structure):
        _fields_ = [(f"field{i}", ctypes.c_size_t) for i in range(7)]
        _fields_ += [("in_use", ctypes.c_size_t), ("rest", ctypes.c_size_t * 2)]

    malloc.mallinfo2.restype = Info
    A, b = identity(comm)

    def generations(count):
        for _ in range(count):
            pt.pipecg(A, b)
        gc.collect()
        return malloc.mallinfo2().in_use

    before = generations(50)
    assert generations(400) - before < 40_000


def test_solvers_that_end_at_different_times_on_the_ranks(comm):
    """Persistent sums that are free here may be taken elsewhere: more of them than one word has bits."""
    A, b = identity(comm)
    kept = []
    for i in range(100):
        solver = pt.PipeCg().generate(A)
        assert (solver @ b).local.tolist() == [1] * 4
        kept += [solver] * ((i + b.comm.rank) % 3 > 0)
    del kept[b.comm.rank :: 2]
    for _ in range(100):
        kept.append(pt.PipeCg().generate(A))
        assert (kept[-1] @ b).local.tolist() == [1] * 4
        del kept[(7 * b.comm.rank) % len(kept)]
