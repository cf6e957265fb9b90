"""The names of the first generation of programs."""

import warnings

import numpy as np
import pytest
from ranks_and_rows import EXEC, NUMBERS, local, tridiagonal

from pyGinkgo import pyGinkgoBindings as pgb

N = 10


@pytest.fixture
def world(comm):
    return pgb.distributed.Communicator(False)


def test_the_world(comm, world):
    assert (world.size, world.rank) == (comm.size, comm.rank)
    assert pgb.distributed.Communicator(True).size == comm.size
    assert f"of {comm.size}" in repr(world)
    assert pgb.mpi.Communicator(world).size() == comm.size


def test_partitions(world):
    partition = pgb.distributed.partition_from_global_size(EXEC, world.size, N)
    assert partition.size == N and partition.get_num_parts() == world.size
    assert "Partition" in repr(partition)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_vectors_of_dense_blocks(comm, world, dtype):
    partition = pgb.distributed.partition_from_global_size(EXEC, world.size, N)
    here = partition.get_part_size(comm.rank)
    block = np.arange(here).astype(NUMBERS[dtype])
    make = getattr(pgb.distributed, f"vector_{dtype}")
    for given in getattr(pgb.matrix, f"dense_{dtype}")(block), block:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            v = make(EXEC, world, partition, given)
        assert type(v).__name__ == f"Vector_{dtype}" and v.shape == (N, 1)
        np.testing.assert_array_equal(local(v), block)
    block[:] = 7
    assert not (local(v) == 7).any() or here > 7  # a copy


@pytest.mark.parametrize("n", (0, 3))
def test_a_rank_without_rows(comm, world, n):
    here = n if comm.rank == 0 else 0
    partition = pgb.distributed.partition_from_global_size(EXEC, world.size, n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        v = pgb.distributed.vector_float(EXEC, world, partition, np.ones(here, np.float32))
    assert v.shape == (n, 1) and local(v).tolist() == [1] * here


def test_blocks_that_are_not_the_partitions(world):
    partition = pgb.distributed.partition_from_global_size(EXEC, world.size, N)
    dense = pgb.matrix.dense_float(np.array([1, 2], np.float32))
    make = pgb.distributed.vector_float
    if 2 * world.size == N:
        assert make(EXEC, world, partition, dense).shape == (N, 1)
        return
    with pytest.warns(UserWarning, match="partition has 10 rows"):
        v = make(EXEC, world, partition, dense)
    assert v.shape == (2 * world.size, 1) and local(v).tolist() == [1, 2]


def test_the_same_function_by_global_rows(comm, world):
    partition = pgb.distributed.partition_from_global_size(EXEC, world.size, N)
    rows = np.arange(N)[comm.rank :: comm.size]
    for comm_or_handle in world, comm, comm.py2f():
        v = pgb.distributed.vector_float(EXEC, comm_or_handle, partition, rows, rows, N)
        start = sum(map(partition.get_part_size, range(comm.rank)))
        assert local(v).tolist() == list(range(start, start + len(local(v))))


def test_a_matrix_that_one_rank_has(comm, world):
    partition = pgb.distributed.partition_from_global_size(EXEC, world.size, N)
    array = tridiagonal(N, np.float32)
    Coo = pgb.matrix.Coo_float_int32
    whole, none = pgb.matrix.dense_float(EXEC, array).convert_to_coo(), Coo(EXEC)
    make = pgb.distributed.dist_matrix_object_float_int
    A = make(EXEC, world, partition, whole if comm.rank == 0 else none)
    here = partition.get_part_size(comm.rank)
    b = pgb.distributed.vector_float(EXEC, world, partition, np.ones(here, np.float32))
    x = pgb.distributed.vector_float(EXEC, world, partition, np.zeros(here, np.float32))
    A.apply(b, x)
    start = sum(map(partition.get_part_size, range(comm.rank)))
    np.testing.assert_allclose(local(x), array.sum(axis=1)[start : start + here])
