"""Communicators that the caller made, split, freed and passed wrongly."""

import gc

import numpy as np
import pytest
from problems import DTYPES

import petiole as pt


def laplace(comm, n=12):
    """A 1-D Laplacian of n rows, uniform over comm."""
    part = pt.Partition.uniform(comm.size, n)
    start = sum(part.part_size(r) for r in range(comm.rank))
    i = np.arange(start, start + part.part_size(comm.rank))
    rows, cols = np.concatenate((i, i, i)), np.concatenate((i, i - 1, i + 1))
    values = np.concatenate((2 * np.ones(i.size), -np.ones(2 * i.size)))
    keep = (cols >= 0) & (cols < n)
    return pt.Matrix.from_coo(comm, part, rows[keep], cols[keep], values[keep])


def test_rank_size_and_library(comm):
    c = pt.Communicator(comm)
    assert (c.rank, c.size) == (comm.rank, comm.size)
    assert 0 <= c.node_rank < c.node_size == comm.size
    assert "MPI" in c.mpi_library
    c.barrier()
    world = pt.Communicator.world()
    assert (world.rank, world.size) == (comm.rank, comm.size)
    alone = pt.Communicator.self()
    assert (alone.rank, alone.size) == (0, 1)


@pytest.mark.parametrize("dtype", [*DTYPES, "int32", "int64"])
def test_allreduce(comm, dtype):
    c = pt.Communicator(comm)
    values = np.arange(5).astype(dtype) + comm.rank
    every = np.array([np.arange(5) + r for r in range(comm.size)]).astype(dtype)
    np.testing.assert_array_equal(c.allreduce(values, "sum"), every.sum(axis=0))
    np.testing.assert_array_equal(c.allreduce(values, "prod"), every.prod(axis=0))
    if np.dtype(dtype).kind == "c":
        with pytest.raises(ValueError):
            c.allreduce(values, "max")
    else:
        np.testing.assert_array_equal(c.allreduce(values, "min"), every.min(axis=0))
        np.testing.assert_array_equal(c.allreduce(values, "max"), every.max(axis=0))
    with pytest.raises(ValueError):
        c.allreduce(values, "median")


def test_ranks_that_pass_different_lengths(comm):
    if comm.size < 2:
        pytest.skip("one rank agrees with itself")
    with pytest.raises(pt.DimensionError):
        pt.Communicator(comm).allreduce(np.zeros(3 + (comm.rank == 1)), "sum")


def test_equal_communicators(comm):
    a, b, world = pt.Communicator(comm), pt.Communicator(comm), pt.Communicator.world()
    assert a == b == world and hash(a) == hash(b) == hash(world)
    assert pt.Communicator(None) == pt.Communicator.self()
    half = comm.Split(comm.rank % 2, comm.rank)
    others = {pt.Communicator(half), pt.Communicator.self()}
    assert len(others) == 2 and a not in others
    assert a != "a communicator"
    before = pt.Communicator(half)
    half.Free()
    again = comm.Split(comm.rank % 2, comm.rank)  # may well have the handle of the one before
    assert pt.Communicator(again) != before
    again.Free()


def test_split(comm):
    """Every half solves its own system, at its own pace."""
    half = comm.Split(comm.rank % 2, -comm.rank)
    A = laplace(half, 8 + comm.rank % 2)
    b = A @ pt.Vector.from_global(half, A.partition, [0], np.ones(1))
    x, log = pt.cg(A, b, rtol=1e-12)
    assert log.converged
    r = b - A @ x
    assert r.norm() <= 1e-10
    half.Free()


def test_objects_that_outlive_their_communicator_say_so(comm):
    own = comm.Dup()
    A = laplace(own)
    x = pt.Vector.from_local(own, np.ones(A.local_shape[1]))
    y = A @ x
    solver = pt.Cg().generate(A)
    own.Free()
    uses = ((A.apply, x, y), (x.norm,), (solver.apply, x, y), (A.__matmul__, x))
    for function, *arguments in uses:
        with pytest.raises(pt.MpiError, match="freed"):
            function(*arguments)
    assert y.local.shape == A.local_shape[:1]  # what is local still works
    x.scale(2.0)
    A = x = y = solver = uses = function = arguments = None
    gc.collect()


def test_freed_before_any_use(comm):
    own = comm.Dup()
    c = pt.Communicator(own)
    own.Free()
    with pytest.raises(pt.MpiError, match="freed"):
        c.barrier()
    with pytest.raises(pt.MpiError):
        pt.Communicator(own)


def test_null_and_inter_communicators_are_refused(comm):
    from mpi4py import MPI

    with pytest.raises(pt.MpiError):
        pt.Communicator(MPI.COMM_NULL)
    if comm.size > 1:
        local = comm.Split(comm.rank % 2, comm.rank)
        inter = local.Create_intercomm(0, comm, 1 - comm.rank % 2, 7)
        with pytest.raises(pt.MpiError):
            pt.Communicator(inter)
        inter.Free()
        local.Free()
    for wrong in (3, "world", object()):
        with pytest.raises(TypeError):
            pt.Communicator(wrong)


def test_many_communicators_leave_nothing_behind(comm):
    """MPICH has a few thousand communicators to give: ours must go with the caller's."""
    for _ in range(300):
        own = comm.Dup()
        pt.Communicator(own).barrier()
        v = pt.Vector.zeros(own, 2)
        own.Free()
        del v


def test_the_callers_communicator_keeps_its_messages(comm):
    """Petiole talks on a duplicate: a receive that the caller has posted is not disturbed."""
    from mpi4py import MPI

    if comm.size < 2:
        pytest.skip("needs a neighbour")
    got = np.zeros(1)
    request = comm.Irecv(got, source=MPI.ANY_SOURCE, tag=MPI.ANY_TAG)
    A = laplace(comm)
    x, log = pt.cg(A, pt.Vector.from_local(comm, np.ones(A.local_shape[0])), rtol=1e-10)
    assert log.converged
    comm.Send(np.array([float(comm.rank)]), dest=(comm.rank + 1) % comm.size, tag=3)
    request.Wait()
    assert got[0] == (comm.rank - 1) % comm.size


def test_destruction_is_local(comm):
    """Rank by rank, at different times, while the others are in a collective call of their own."""
    things = [laplace(comm) for _ in range(3)]
    solvers = [pt.Cg(M=pt.Jacobi()).generate(A) for A in things]
    b = pt.Vector.from_local(comm, np.ones(things[0].local_shape[0]))
    for s in solvers:
        assert s.apply(b, b.zeros_like()).converged
    for turn in range(comm.size):
        if comm.rank == turn:
            things, solvers = None, None
            gc.collect()
        comm.barrier()
    assert pt.cg(laplace(comm), b)[1].converged


def test_a_freed_communicator_on_one_rank_is_told_over_another_operands(comm):
    if comm.size == 1:
        pytest.skip("one rank cannot differ from another")

    def make(on):
        part = pt.Partition.uniform(comm.size, 2 * comm.size)
        return pt.Matrix.from_coo(on, part, [], [], []), pt.Vector.from_local(on, np.ones(2))

    gone = comm.Dup()
    (A, v), (freed_A, freed_v) = make(comm), make(gone)
    gone.Free()
    last = comm.rank == comm.size - 1
    w = v.copy()
    for call in (lambda A, x: A @ v, lambda A, x: A.apply(v, w), lambda A, x: A.T @ v, lambda A, x: x.dot(w)):
        with pytest.raises(pt.Error):
            call(freed_A if last else A, freed_v if last else v)
    assert v.norm() > 0
