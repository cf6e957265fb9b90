"""Ranks that mean different objects in one collective call all learn it, before anything is done: though the
other object has the same class, shape, dtype and partition, and the more so where it has not."""

import numpy as np
import pytest
from problems import partition, random

import petiole as pt

N = 12


def matrix(comm, part, n=N, dtype="float64", shift=0.0):
    """Tridiagonal and positive definite, each rank giving its own rows."""
    i = np.concatenate([np.arange(a, b) for a, b, owner in part.ranges if owner == comm.rank] + [[]]).astype(int)
    rows = np.r_[i, i[i > 0], i[i < n - 1]]
    cols = np.r_[i, i[i > 0] - 1, i[i < n - 1] + 1]
    values = np.r_[np.full(i.size, 2.5 + shift), np.full(rows.size - i.size, -1.0)]
    return pt.Matrix.from_coo(comm, part, rows, cols, values.astype(dtype))


class Twice(pt.LinOp):
    def apply_impl(self, b, x):
        x.local[:] = 2 * b.local


class World:
    """Two objects of each kind that can only be told apart by which they are; and such that differ."""

    def __init__(self, comm):
        part = partition("uniform", N, comm)
        other = partition("scattered" if comm.size > 1 else "uniform", N, comm)

        def vector(part, dtype="float64", columns=None, seed=1):
            values = random((N,) if columns is None else (N, columns), dtype, seed)
            return pt.Vector.from_global(comm, part, np.arange(N), values / comm.size)

        self.comm, self.part = comm, part
        self.A, self.A2 = matrix(comm, part), matrix(comm, part)
        self.v, self.v2 = vector(part), vector(part)
        self.w = self.v.copy()
        self.wide, self.single = vector(part, columns=3), vector(part, "float32")
        self.elsewhere = vector(other)
        self.half = matrix(comm, part, dtype="float16")
        self.F, self.F2 = Twice((N, N), comm=comm), Twice((N, N), comm=comm)
        self.M, self.M2 = pt.Jacobi().generate(self.A), pt.Jacobi().generate(self.A)
        self.solver, self.solver2 = pt.Cg().generate(self.A), pt.Cg().generate(self.A)
        self.X, self.X2 = vector(part, columns=2, seed=5), vector(part, columns=2, seed=5)


# name: the call, of the world and one operand; the operand; what one rank passes in its place.
CALLS = {
    "dot, left": (lambda w, v: v.dot(w.v), "v", ["v2", "wide", "single", "elsewhere"]),
    "dot, right": (lambda w, v: w.v.dot(v), "v", ["v2", "w"]),
    "conj_dot": (lambda w, v: w.v.conj_dot(v), "v", ["v2"]),
    "norm": (lambda w, v: v.norm(), "v", ["v2", "w", "wide", "single", "elsewhere"]),
    "norm, inf": (lambda w, v: v.norm(np.inf), "v", ["v2", "wide"]),
    "sum": (lambda w, v: v.sum(), "v", ["v2", "wide", "single"]),
    "mean": (lambda w, v: v.mean(), "wide", ["v", "single"]),
    "gather": (lambda w, v: v.gather(), "v", ["v2", "wide", "single", "elsewhere"]),
    "allgather": (lambda w, v: v.allgather(), "wide", ["v", "v2", "single"]),
    "redistribute": (lambda w, v: v.redistribute(w.part), "v", ["v2", "wide", "elsewhere"]),
    "apply, A": (lambda w, A: A.apply(w.v, w.w), "A", ["A2", "F", "M"]),
    "apply, x": (lambda w, x: w.A.apply(x, w.w), "v", ["v2"]),
    "apply, y": (lambda w, y: w.A.apply(w.v2, y), "w", ["v"]),
    "apply, scaled": (lambda w, A: A.apply(2.0, w.v, 1.0, w.w), "A", ["A2"]),
    "A @ x": (lambda w, A: A @ w.v, "A", ["A2", "F", "half"]),
    "A.T @ x": (lambda w, A: A.T @ w.v, "A", ["A2"]),
    "(A @ F) @ x": (lambda w, F: pt.Composition(w.A, F) @ w.v, "F", ["F2"]),
    "(A + F) @ x": (lambda w, F: pt.Combination([1, 2], [w.A, F]) @ w.v, "F", ["F2"]),
    "A @ A": (lambda w, A: A @ w.A, "A", ["A2"]),
    "A + A": (lambda w, A: w.A + A, "A", ["A2"]),
    "transpose": (lambda w, A: A.transpose(), "A", ["A2", "half"]),
    "copy": (lambda w, A: A.copy(), "A", ["A2", "half"]),
    "to_format": (lambda w, A: A.to_format("ell"), "A", ["A2"]),
    "astype": (lambda w, A: A.astype("float32"), "A", ["A2"]),
    "nnz": (lambda w, A: A.nnz, "A", ["A2"]),
    "submatrix": (lambda w, A: A.submatrix([], []), "A", ["A2"]),
    "row_scale, v": (lambda w, v: w.A.row_scale(v), "v", ["v2"]),
    "col_scale, A": (lambda w, A: A.col_scale(w.v), "A", ["A2"]),
    "update_values": (lambda w, A: A.update_values(np.zeros(0)), "A", ["A2"]),
    "generate": (lambda w, A: pt.Cg().generate(A), "A", ["A2", "F", "half"]),
    "generate, precond": (lambda w, A: pt.Jacobi().generate(A), "A", ["A2", "half"]),
    "generate, M": (lambda w, M: pt.Cg(M=M).generate(w.A), "M", ["M2"]),
    "refresh": (lambda w, A: w.M.refresh(A), "A", ["A2", "half"]),
    "ilu": (lambda w, A: pt.factorization.ilu(A), "A", ["A2", "half"]),
    "solve, b": (lambda w, b: w.solver.apply(b, w.w), "v", ["v2"]),
    "solve, solver": (lambda w, s: s.apply(w.v, w.w), "solver", ["solver2"]),
    "cg": (lambda w, A: pt.cg(A, w.v), "A", ["A2", "half"]),
    "lobpcg, A": (lambda w, A: pt.lobpcg(A, w.X), "A", ["A2"]),
    "lobpcg, X": (lambda w, X: pt.lobpcg(w.A, X), "X", ["X2"]),
    "lobpcg, B": (lambda w, B: pt.lobpcg(w.A, w.X, B=B), "A", ["A2"]),
    "lobpcg, Y": (lambda w, Y: pt.lobpcg(w.A, w.X, Y=Y), "X", ["X2"]),
    "lobpcg, M": (lambda w, M: pt.lobpcg(w.A, w.X, M=M), "M", ["M2"]),
    "rayleigh_ritz": (lambda w, X: pt.rayleigh_ritz(w.A, X), "X", ["X2"]),
}
PAIRS = [(name, other) for name, (_, _, others) in CALLS.items() for other in others]


@pytest.fixture(scope="module")
def world(comm):
    if comm.size == 1:
        pytest.skip("one rank cannot differ from another")
    return World(comm)


@pytest.mark.parametrize("name, other", PAIRS)
def test_ranks_that_pass_different_objects_all_learn_it(world, name, other):
    call, operand, _ = CALLS[name]
    mine = other if world.comm.rank == world.comm.size - 1 else operand
    try:
        result = call(world, getattr(world, mine))
    except pt.Error as error:
        assert isinstance(error, (pt.DimensionError, pt.DtypeError, pt.NotSupported, pt.InvalidArgument))
        assert error.rank is not None
    else:
        pytest.fail(f"{name} took {other} for {operand}: {result}")


def write(world, path, thing):
    thing.write(path)


@pytest.mark.parametrize("suffix", ["mtx", "bin"])
@pytest.mark.parametrize(
    "name, other",
    [("A", "A2"), ("A", "half"), ("A", "v"), ("v", "v2"), ("v", "single"), ("v", "wide"), ("v", "A"),
     ("v", "elsewhere"), ("half", "A")])  # fmt: skip
def test_what_ranks_do_not_agree_on_overwrites_no_file(world, folder, suffix, name, other):
    path = folder / f"good.{suffix}"
    format = None if suffix == "mtx" else "binary"
    (world.v2 if name == "v" else world.A2).write(path, **({"format": format} if format else {}))
    before = path.read_bytes()
    mine = other if world.comm.rank == world.comm.size - 1 else name
    with pytest.raises(pt.Error):
        getattr(world, mine).write(path, **({"format": format} if format else {}))
    world.comm.barrier()
    assert path.read_bytes() == before
    assert [p.name for p in folder.iterdir()] == [path.name]


def test_different_local_operations_are_told_apart(world):
    v, rank = world.v, world.comm.rank
    made = [v.copy(), v.zeros_like(), 2 * v, v + world.w, v.abs(), v.conj(), world.A.diagonal(), v]
    for i in range(len(made) - 1):
        with pytest.raises(pt.DimensionError, match="rank"):
            made[i if rank == 0 else i + 1].norm()


def test_a_rank_may_copy_alone(world):
    """What is made locally has its number from what it is made of, not from how much was made before."""
    v = world.v
    if world.comm.rank == 0:
        for _ in range(3):
            v.copy().scale(2)
        assert (2 * v + v).shape == v.shape
        assert world.A.T.shape == (N, N)
        pt.Vector.from_local(None, np.ones(3)).norm()
    assert v.copy().dot(2 * v) == pytest.approx(2 * v.norm() ** 2)
    w = world.A.T @ v.copy()
    assert w.norm() > 0


def test_ranks_may_hold_views_and_copies_of_the_same(world):
    """One collective call makes one object, in whichever way a rank has its part of it."""
    mine = world.v.local.copy()
    make = pt.Vector.view if world.comm.rank == 0 else pt.Vector.from_local
    v = make(world.comm, mine)
    assert v.norm() == pytest.approx(world.v.norm())


def test_ranks_that_make_different_calls_learn_it(world):
    calls = [world.v.norm, world.v.sum, world.v.gather, lambda: world.A @ world.v, world.A.copy,
             lambda: pt.Cg().generate(world.A), lambda: world.v.dot(world.w)]  # fmt: skip
    for i in range(len(calls) - 1):
        with pytest.raises(pt.DimensionError, match="rank"):
            calls[i if world.comm.rank == 0 else i + 1]()
