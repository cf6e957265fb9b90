"""Partitions and index maps against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import petiole as pt


@given(parts=st.integers(1, 9), owners=st.lists(st.integers(0, 8), max_size=60))
def test_from_mapping(parts, owners):
    owners = [o % parts for o in owners]
    p = pt.Partition.from_mapping(np.array(owners, np.int32), parts)
    assert (p.size, p.num_parts) == (len(owners), parts)
    assert [p.part_size(i) for i in range(parts)] == [owners.count(i) for i in range(parts)]
    assert [p.owner(i) for i in range(len(owners))] == owners
    changes = sum(a != b for a, b in zip(owners, owners[1:]))
    assert p.num_ranges == (changes + 1 if owners else 0)
    assert p.num_empty_parts == sum(i not in owners for i in range(parts))
    present = sorted(set(owners), key=owners.index)
    connected = changes + 1 == len(present) or not owners
    assert p.has_connected_parts == connected
    assert p.has_ordered_parts == (owners == sorted(owners))


@given(parts=st.integers(1, 12), size=st.integers(0, 50))
def test_uniform(parts, size):
    p = pt.Partition.uniform(parts, size)
    sizes = [p.part_size(i) for i in range(parts)]
    assert sum(sizes) == size and max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)
    assert p.has_ordered_parts and p.has_connected_parts
    assert p == pt.Partition.from_mapping(np.repeat(np.arange(parts), sizes), parts)


def test_huge():
    """Sizes far above 2^31 cost nothing."""
    n = 3 * 10**12 + 1
    p = pt.Partition.uniform(3, n)
    assert p.size == n and p.part_size(0) == 10**12 + 1 and p.owner(n - 1) == 2
    m = pt.IndexMap(p, 1, [n - 1, 0, n - 1])
    assert m.to_global(m.to_local([0, n - 1]), "combined").tolist() == [0, n - 1]


def test_from_ranges():
    p = pt.Partition.from_ranges([0, 5, 5, 9, 12], [1, 0, 1, 0])
    assert p.size == 12 and p.part_size(0) == 3 and p.part_size(1) == 9
    assert p == pt.Partition.from_mapping([1] * 9 + [0] * 3, 2)
    assert p != pt.Partition.from_mapping([1] * 9 + [0] * 2, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: pt.Partition.uniform(0, 5),
        lambda: pt.Partition.uniform(2, -1),
        lambda: pt.Partition.from_mapping([0, 3], 3),
        lambda: pt.Partition.from_mapping([0, -1], 3),
        lambda: pt.Partition.from_ranges([0, 5, 3]),
        lambda: pt.Partition.from_ranges([1, 5]),
        lambda: pt.Partition.from_ranges([0, 5], [-1]),
        lambda: pt.Partition.uniform(2, 4).owner(4),
        lambda: pt.Partition.uniform(2, 4).part_size(2),
        lambda: pt.IndexMap(pt.Partition.uniform(2, 4), 2, []),
        lambda: pt.IndexMap(pt.Partition.uniform(2, 4), 0, [4]),
    ],
)
def test_bad_arguments(make):
    with pytest.raises((ValueError, IndexError)) as caught:
        make()
    assert isinstance(caught.value, pt.Error)


def test_from_local_size(comm):
    p = pt.Partition.from_local_size(comm, 2 * comm.rank)
    assert p == pt.Partition.from_mapping(
        np.repeat(range(comm.size), range(0, 2 * comm.size, 2)), comm.size
    )
    bad = -1 if comm.rank == comm.size - 1 else 3
    with pytest.raises(pt.Error) as caught:
        pt.Partition.from_local_size(comm, bad)
    assert caught.value.rank == comm.size - 1


def test_from_local_range(comm):
    # In reversed order of ranks, and the first rank owns nothing.
    bounds = [3 * (comm.size - 1 - r) for r in range(comm.size + 1)]
    start, stop = bounds[comm.rank], bounds[comm.rank - 1] if comm.rank else bounds[0]
    p = pt.Partition.from_local_range(comm, start, stop)
    assert p.size == 3 * (comm.size - 1)
    for i in range(p.size):
        assert p.owner(i) == comm.size - 1 - i // 3
    with pytest.raises(ValueError):
        pt.Partition.from_local_range(comm, 5, 2)
    with pytest.raises(ValueError):  # a gap at the front, or between
        pt.Partition.from_local_range(comm, 4 * comm.rank + 1, 4 * comm.rank + 4)
    if comm.size > 1:
        with pytest.raises(ValueError):  # overlaps
            pt.Partition.from_local_range(comm, 3 * comm.rank, 3 * comm.rank + 4)


@given(
    owners=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    rank=st.integers(0, 3),
    wanted=st.lists(st.integers(0, 39), max_size=30),
)
def test_index_map(owners, rank, wanted):
    n = len(owners)
    wanted = [w % n for w in wanted]
    m = pt.IndexMap(pt.Partition.from_mapping(owners, 4), rank, wanted)
    own = [i for i in range(n) if owners[i] == rank]
    ghosts = sorted({w for w in wanted if owners[w] != rank}, key=lambda g: (owners[g], g))
    everything = np.arange(n)
    expected_local = [own.index(i) if i in own else -1 for i in everything]
    expected_ghost = [ghosts.index(i) if i in ghosts else -1 for i in everything]
    both = [
        a if a >= 0 else (b + len(own) if b >= 0 else -1)
        for a, b in zip(expected_local, expected_ghost)
    ]
    assert m.to_local(everything, "local").tolist() == expected_local
    assert m.to_local(everything, "ghost").tolist() == expected_ghost
    assert m.to_local(everything).tolist() == both
    assert m.to_local([-5, n, n + 7]).tolist() == [-1, -1, -1]
    assert m.to_global(np.arange(len(own)), "local").tolist() == own
    assert m.to_global(np.arange(len(ghosts)), "ghost").tolist() == ghosts
    assert m.to_global(np.arange(len(own) + len(ghosts)), "combined").tolist() == own + ghosts
    assert m.to_global([-1, len(own) + len(ghosts)], "combined").tolist() == [-1, -1]


@given(parts=st.integers(1, 9), owners=st.lists(st.integers(0, 8), min_size=1, max_size=60))
def test_equal_partitions_have_equal_hashes(parts, owners):
    owners = [o % parts for o in owners]
    mapped = pt.Partition.from_mapping(owners, parts)
    starts, stops, ids = mapped.ranges.T
    same = pt.Partition.from_ranges([*starts, stops[-1]], ids, num_parts=parts)
    assert same == mapped and hash(same) == hash(mapped) and len({same, mapped}) == 1
    assert len({mapped, pt.Partition.from_mapping([*owners, 0], parts)}) == 2
