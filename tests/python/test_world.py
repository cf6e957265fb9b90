"""All processes without mpi4py: `Communicator.world()` starts MPI itself where there is one, and is one
process where there is none. Under mpirun these tests run on every rank."""

import numpy as np
import pytest

import petiole as pt

N = 40


@pytest.fixture(scope="module")
def world():
    return pt.Communicator.world()


def laplace(world, **options):
    """The 1-D Laplacian; every rank gives each third row of the whole, whoever owns it."""
    i = np.arange(N)[world.rank :: world.size]
    rows, cols = np.concatenate((i, i, i)), np.concatenate((i, i - 1, i + 1))
    values = np.concatenate((np.full(i.size, 2.5), np.full(2 * i.size, -1.0)))
    keep = (cols >= 0) & (cols < N)
    part = pt.Partition.uniform(world.size, N)
    return pt.Matrix.from_coo(world, part, rows[keep], cols[keep], values[keep], **options)


def test_rank_and_size(world, ranks):
    assert (world.rank, world.size) == ranks
    total = world.allreduce(np.array([1.0, world.rank]), "sum")
    assert total.tolist() == [world.size, world.size * (world.size - 1) / 2]


def test_solve(world):
    A = laplace(world)
    dense = 2.5 * np.eye(N) - np.eye(N, k=1) - np.eye(N, k=-1)
    b = pt.Vector.from_global(
        world,
        A.partition,
        np.arange(N)[world.rank :: world.size],
        np.arange(N)[world.rank :: world.size].astype(float),
    )
    x, log = pt.cg(A, b, rtol=1e-12, M=pt.Jacobi())
    assert log.converged
    np.testing.assert_allclose(x.allgather(), np.linalg.solve(dense, np.arange(N)), rtol=1e-9)


def test_an_operator_that_raises_on_one_rank(world):
    A, last = laplace(world), world.size - 1

    class Raising(pt.LinOp):
        calls = 0

        def apply_impl(self, b, x):
            A.apply(b, x)
            self.calls += 1
            if world.rank == last and self.calls == 3:
                raise KeyError("on purpose")

    b = pt.Vector.from_local(world, np.ones(A.local_shape[0]))
    with pytest.raises(KeyError if world.rank == last else pt.RemoteError, match="on purpose"):
        pt.cg(Raising(A.shape, comm=world), b)
    assert pt.cg(A, b)[1].converged


def test_an_error_on_one_rank_is_one_on_all(world):
    last = world.size - 1
    with pytest.raises(pt.IndexOutOfRange) as caught:
        index = np.array([N if world.rank == last else 0])
        pt.Matrix.from_coo(world, pt.Partition.uniform(world.size, N), index, index, np.ones(1))
    assert caught.value.rank == last
