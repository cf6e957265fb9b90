"""Partitions: the bindings' classes, the facade, and those of the functions over global indices."""

import numpy as np
import pytest
from ranks_and_rows import EXEC, OWNERS

from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

PAIRS = [("int32", "int64"), ("int64", "int64"), ("int32", "int32")]
N = 23


@pytest.fixture(autouse=True)
def _mpi(comm):
    """Partitions need none, but are of no use without."""


def bound(pair):
    return getattr(pgb.distributed, "Partition_" + "_".join(pair))


@pytest.mark.parametrize("pair", PAIRS, ids="_".join)
def test_the_bindings_classes(comm, pair):
    size = comm.size
    even = bound(pair).build_from_global_size_uniform(EXEC, size, N)
    sizes = [even.get_part_size(part) for part in range(size)]
    assert (even.get_size(), even.get_num_parts(), even.get_num_ranges()) == (N, size, size)
    assert sizes == [N // size + (part < N % size) for part in range(size)]
    assert bound(pair).build_from_contiguous(EXEC, np.cumsum([0, *sizes])) == even
    assert bound(pair).build_from_contiguous(EXEC, np.cumsum([0, *sizes]).tolist()) == even
    dealt = bound(pair).build_from_mapping(EXEC, (np.arange(N) % size).astype(np.int32), size)
    assert [dealt.get_part_size(part) for part in range(size)] == sizes
    assert dealt.get_num_ranges() == (N if size > 1 else 1)
    assert (dealt == even) is (size == 1)
    assert isinstance(dealt, pgb.distributed.Partition)
    assert dealt.get_executor() is EXEC
    with pytest.raises(IndexError):
        even.get_part_size(size)


def test_parts_of_ranges_in_any_order(comm):
    ranges, parts = np.array([0, 3, 5, 9]), [1, 0, 1]
    p = pgb.distributed.Partition_int32_int64.build_from_contiguous(EXEC, ranges, parts)
    assert (p.get_num_parts(), p.get_num_ranges(), p.get_part_size(1)) == (2, 3, 7)


def test_the_facade(comm):
    size = comm.size
    even = gkd.Partition.uniform(EXEC, size, N)
    same = gkd.Partition.from_contiguous(EXEC, np.cumsum([0, *map(even.part_size, range(size))]))
    dealt = gkd.Partition.from_mapping(EXEC, np.arange(N) % size, size)
    for p in even, same, dealt:
        assert (p.size, p.num_parts, p.get_num_parts()) == (N, size, size)
        assert sum(p.part_size(part) for part in range(size)) == N
        assert type(p.raw) is gkd.partition._resolve(np.int32, np.int64)
        assert "Partition" in repr(p)
    assert even.raw == same.raw
    for local, globals in PAIRS:
        p = gkd.Partition.uniform(EXEC, size, N, np.dtype(local), np.dtype(globals))
        assert type(p.raw).__name__ == f"Partition_{local}_{globals}"
    assert gkd.partition._resolve("int64", "int64") is pgb.distributed.Partition_int64_int64
    assert gkd.partition._resolve(np.intc, np.longlong) is pgb.distributed.Partition_int32_int64


@pytest.mark.parametrize(
    "pair", [(np.int64, np.int32), (np.float32, np.int64), (np.int32, np.uint64), (np.int8, "i1")]
)
def test_index_types_that_there_are_not(comm, pair):
    with pytest.raises(TypeError, match="no distributed Partition"):
        gkd.partition._resolve(*pair)
    for make in (
        lambda: gkd.Partition.uniform(EXEC, 1, N, *pair),
        lambda: gkd.Partition.from_contiguous(EXEC, np.array([0, N]), *pair),
        lambda: gkd.Partition.from_mapping(EXEC, np.zeros(N, int), 1, *pair),
    ):
        with pytest.raises(TypeError, match="no distributed Partition"):
            make()


def test_empty_parts_and_nothing_at_all(comm):
    p = gkd.Partition.uniform(EXEC, 4, 2)
    assert [p.part_size(part) for part in range(4)] == [1, 1, 0, 0]
    nothing = gkd.Partition.uniform(EXEC, comm.size, 0)
    assert (nothing.size, nothing.num_parts) == (0, comm.size)
    last = gkd.Partition.from_mapping(EXEC, OWNERS["last"](N, comm.size), comm.size)
    assert last.part_size(comm.size - 1) == N


def test_what_is_wrong(comm):
    Partition = pgb.distributed.Partition_int32_int64
    with pytest.raises(ValueError):
        Partition.build_from_global_size_uniform(EXEC, 0, N)
    with pytest.raises(ValueError):
        Partition.build_from_global_size_uniform(EXEC, 1, -1)
    with pytest.raises(ValueError):
        Partition.build_from_contiguous(EXEC, np.array([0, 5, 3]))
    with pytest.raises(IndexError):
        Partition.build_from_mapping(EXEC, np.array([0, 2]), 2)
    with pytest.raises(TypeError, match="whole numbers"):
        Partition.build_from_mapping(EXEC, np.array([0, 0.5]), 2)
    with pytest.raises(ValueError, match="1-D"):
        Partition.build_from_mapping(EXEC, np.zeros((2, 2), int), 2)
    with pytest.raises(TypeError, match="Executor"):
        Partition.build_from_global_size_uniform("cpu", 1, N)


def test_owners(comm):
    for owners in OWNERS.values():
        p = gkd.build_partition(EXEC, owners(N, comm.size).astype(np.int32), comm.size)
        assert (p.size, p.num_parts, p.get_num_parts()) == (N, comm.size, comm.size)
        assert "Partition" in repr(p)
        assert isinstance(p, gkd.Partition)
    raw = gkd._distributed.build_partition(EXEC, [0, 0, 1], 2)
    assert isinstance(raw, gkd._distributed.Partition) and raw.size == 3


@pytest.mark.parametrize(
    "owners, num_parts, message",
    [
        ([0, 0], 0, "num_parts must be positive"),
        ([0, 0], -3, "num_parts must be positive"),
        ([], 1, "owners must not be empty"),
        ([0, 1, 5, 0], 2, "invalid part id"),
        ([0, -1], 2, "invalid part id"),
        ([[0, 1]], 2, "1-D"),
    ],
)
def test_owners_that_cannot_be(comm, owners, num_parts, message):
    for build in gkd.build_partition, gkd._distributed.build_partition:
        with pytest.raises(ValueError, match=message):
            build(EXEC, np.array(owners, np.int32), num_parts)
