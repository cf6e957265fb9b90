"""Distributed vectors against NumPy, on every type, executor and number of columns."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import COLUMNS, DTYPES, EXECUTORS, FULL, mine, owners, partition, random, tolerance

import petiole as pt

N = 31


@pytest.fixture(params=DTYPES)
def dtype(request):
    return np.dtype(request.param)


@pytest.fixture(params=list(EXECUTORS))
def exec_(request):
    return EXECUTORS[request.param]()


def make(comm, dtype, columns, seed, exec_=None, n=N, kind="empty"):
    """A vector whose global order is rank order, one rank owning nothing, and the whole of it."""
    own = mine(np.sort(owners(kind, n, comm.size)), comm.rank)
    whole = random((n,) if columns is None else (n, columns), dtype, seed)
    return pt.Vector.from_local(comm, whole[own], exec=exec_), whole, own


def close(actual, expected, dtype, size=N):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance(dtype, size))


@pytest.mark.parametrize("columns", COLUMNS)
def test_reductions(comm, dtype, exec_, columns):
    u, a, _ = make(comm, dtype, columns, 1, exec_)
    v, b, _ = make(comm, dtype, columns, 2, exec_)
    wide = np.complex128 if dtype.kind == "c" else np.float64
    a, b = a.astype(wide), b.astype(wide)
    close(u.dot(v), (a * b).sum(axis=0), "float64")
    close(u.conj_dot(v), (a.conj() * b).sum(axis=0), "float64")
    close(u.sum(), a.sum(axis=0), "float64")
    close(u.mean(), a.mean(axis=0), "float64")
    close(u.norm(), np.linalg.norm(a, axis=0), "float64")
    close(u.norm(1), np.abs(a).sum(axis=0), "float64")
    close(u.norm(np.inf), np.abs(a).max(axis=0), dtype)
    assert np.shape(u.norm()) == (() if columns is None else (columns,))


@pytest.mark.parametrize("columns", COLUMNS)
def test_arithmetic(comm, dtype, exec_, columns):
    u, a, own = make(comm, dtype, columns, 3, exec_)
    v, b, _ = make(comm, dtype, columns, 4, exec_)
    a, b = a[own], b[own]
    close((u + v).local, a + b, dtype)
    close((u - v).local, a - b, dtype)
    close((2 * u).local, 2 * a, dtype)
    close((u / 4).local, a / 4, dtype)
    close((-u).local, -a, dtype)
    w = u.copy()
    w += v
    w *= 3
    w -= u
    w /= 2
    close(w.local, ((a + b) * 3 - a) / 2, dtype)
    w = u.copy()
    w.scale(2.0)
    w.add_scaled(0.5, v)
    w.sub_scaled(-1.5, v)
    w.inv_scale(4.0)
    close(w.local, (2 * a + 0.5 * b + 1.5 * b) / 4, dtype)
    close(u.local, a, dtype)
    close(u.abs().local, np.abs(a), dtype)
    close(u.real.local, a.real, dtype)
    close(u.imag.local, a.imag, dtype)
    close(u.conj().local, a.conj(), dtype)
    assert u.abs().dtype == u.real.dtype == np.zeros(1, dtype).real.dtype
    w.copy_from(u)
    close(w.local, a, dtype)
    w.fill(1.5)
    assert np.all(w.local == 1.5)
    assert np.all(u.zeros_like().local == 0)


def test_one_coefficient_per_column(comm, dtype, exec_):
    u, a, own = make(comm, dtype, 3, 5, exec_)
    factors = np.array([2.0, 0.0, -1.0])
    u.scale(factors)
    close(u.local, a[own] * factors, dtype)
    v = u.copy()
    v.add_scaled(factors, u)
    close(v.local, a[own] * factors * (1 + factors), dtype)
    with pytest.raises(ValueError):
        u.scale(np.array([1.0, 2.0]))


def test_astype(comm, dtype):
    u, a, own = make(comm, dtype, 2, 6)
    for other in DTYPES:
        if dtype.kind == "c" and np.dtype(other).kind != "c":
            with pytest.raises(pt.DtypeError):
                u.astype(other)
        else:
            converted = u.astype(other)
            assert converted.dtype == other
            np.testing.assert_array_equal(converted.local, a[own].astype(other))


@pytest.mark.parametrize("columns", (None, 3))
@pytest.mark.parametrize("kind", ("uniform", "empty", "scattered"))
def test_values_travel_to_their_owners_and_back(comm, dtype, columns, kind):
    shape = (N,) if columns is None else (N, columns)
    whole = random(shape, dtype, 7)
    give = np.random.default_rng(8).integers(0, comm.size, N) == comm.rank
    indices = np.flatnonzero(give)[::-1]
    v = pt.Vector.from_global(comm, partition(kind, N, comm), indices, whole[indices])
    np.testing.assert_array_equal(v.local, whole[mine(owners(kind, N, comm.size), comm.rank)])
    np.testing.assert_array_equal(v.allgather(), whole)
    for root in range(comm.size):
        gathered = v.gather(root)
        if comm.rank == root:
            np.testing.assert_array_equal(gathered, whole)
        else:
            assert gathered is None
    with pytest.raises(pt.IndexOutOfRange):
        v.gather(comm.size)


def test_what_arrives_twice_is_summed(comm):
    v = pt.Vector.from_global(
        comm, pt.Partition.uniform(comm.size, 4), [1, 3], np.array([1.0, 2.0])
    )
    np.testing.assert_array_equal(v.allgather(), [0, comm.size, 0, 2 * comm.size])


def test_zeros_and_shapes(comm, dtype, exec_):
    n = comm.rank  # rank 0 owns nothing
    total = sum(range(comm.size))
    v = pt.Vector.zeros(comm, n, dtype=dtype, exec=exec_)
    assert v.shape == (total,) and v.local_shape == (n,) and v.local.shape == (n,)
    assert v.dtype == dtype and not v.local.any()
    w = pt.Vector.zeros(comm, n, columns=4, dtype=dtype, exec=exec_)
    assert w.shape == (total, 4) and w.local_shape == (n, 4) and w.local.shape == (n, 4)


def test_view_is_the_same_memory(comm, dtype):
    own = np.arange(comm.rank + 1).astype(dtype)
    v = pt.Vector.view(comm, own)
    v.scale(2.0)
    np.testing.assert_array_equal(own, 2 * np.arange(comm.rank + 1))
    own[0] = 7
    assert v.local[0] == 7
    assert np.shares_memory(v.local, own)
    copied = pt.Vector.from_local(comm, own)
    assert not np.shares_memory(copied.local, own)
    local = v.local
    del v
    assert local[0] == 7


def test_view_of_rows_with_a_stride(comm, dtype):
    whole = np.arange(24).reshape(4, 6).astype(dtype)
    v = pt.Vector.view(comm, whole[:, :2])
    v.scale(-1.0)
    np.testing.assert_array_equal(whole[:, :2], -np.arange(24).reshape(4, 6)[:, :2])
    assert np.all(whole[:, 2:] == np.arange(24).reshape(4, 6)[:, 2:])
    np.testing.assert_array_equal(v.local, whole[:, :2])


@pytest.mark.parametrize(
    "bad, error, reason",
    [
        (np.zeros((3, 4))[:, ::2], pt.InvalidArgument, "must be neighbours.*strides are 16"),
        (np.zeros(6)[::2], pt.InvalidArgument, "must be neighbours.*strides are 16"),
        (np.zeros(6)[::-1], pt.InvalidArgument, "must be neighbours.*strides are -8"),
        (np.zeros((3, 4)).T, pt.InvalidArgument, "must be neighbours.*strides are 32"),
        (np.zeros(3, np.int32), pt.DtypeError, "format 'i' .*expected native float32, float64"),
        (np.zeros(3, bool), pt.DtypeError, r"format '\?'"),
        (np.zeros(3, ">f8"), pt.DtypeError, "format '>d' .*in the other byte order"),
        (np.zeros(3, ">c16"), pt.DtypeError, "in the other byte order"),
        (np.zeros(3, "g"), pt.DtypeError, "format 'g'"),
        (np.zeros(3, "M8[s]"), pt.DtypeError, "as an array of numbers: .*dtype 'M'"),
        (np.zeros(3, "O"), pt.DtypeError, "format 'O'"),
        (np.broadcast_to(np.zeros(1), (4,)), pt.InvalidArgument, "read-only"),
        (np.zeros((2, 2, 2)), pt.DimensionError, "3 dimensions"),
        (np.zeros(()), pt.DimensionError, "0 dimensions"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_viewed_is_refused_with_the_reason(comm, bad, error, reason):
    with pytest.raises(error, match=reason):
        pt.Vector.view(comm, bad)


def test_an_array_lives_as_long_as_the_vector_over_it(comm, dtype):
    class Owner(np.ndarray):
        """An array that can be watched."""

    own = np.full(comm.rank + 1, 2).astype(dtype).view(Owner)
    alive = weakref.ref(own)
    v = pt.Vector.view(comm, own)
    del own
    gc.collect()
    assert alive() is not None
    assert v.norm(1) == comm.size * (comm.size + 1)
    alive()[0] = 4  # seen by the vector, and what it writes by the array
    v.scale(2.0)
    assert v.local[0] == 8 and alive()[0] == 8
    del v
    gc.collect()
    assert alive() is None


def test_a_copy_is_memory_of_its_own(comm, dtype):
    v = pt.Vector.from_local(comm, np.ones(3, dtype))
    view, clone, other = v.local, v.local.copy(), v.copy()
    v.fill(5)
    assert view[0] == 5 and clone[0] == 1 and other.local[0] == 1


def test_a_rank_with_a_bad_array_fails_everywhere(comm):
    last = comm.size - 1
    array = np.zeros((2, 3) if comm.rank == last else 2)
    if comm.size > 1:
        with pytest.raises(pt.DimensionError):
            pt.Vector.from_local(comm, array)
    array = np.zeros(6)[::2] if comm.rank == last else np.zeros(3)
    with pytest.raises(pt.Error) as caught:
        pt.Vector.view(comm, array)
    assert caught.value.rank == last
    size = -1 if comm.rank == last else 2
    with pytest.raises(pt.Error) as caught:
        pt.Vector.zeros(comm, size)
    assert caught.value.rank == last


def test_global_size_is_checked(comm):
    assert pt.Vector.from_local(comm, np.zeros(2), global_size=2 * comm.size).shape == (
        2 * comm.size,
    )
    with pytest.raises(pt.DimensionError):
        pt.Vector.from_local(comm, np.zeros(2), global_size=2 * comm.size + 1)


def test_two_vectors_must_match(comm):
    u = pt.Vector.zeros(comm, 3)
    with pytest.raises(pt.DimensionError):
        u.dot(pt.Vector.zeros(comm, 4))
    with pytest.raises(pt.DtypeError):
        u.dot(pt.Vector.zeros(comm, 3, dtype="float32"))
    with pytest.raises(pt.DimensionError):
        u.add_scaled(1.0, pt.Vector.zeros(comm, 4))
    if comm.size > 1:
        with pytest.raises(ValueError):
            pt.Vector.zeros(None, 3).dot(u)


def test_one_rank_with_another_vector_fails_everywhere(comm):
    """One rank alone passes a vector of another dtype to a reduction."""
    u, other = pt.Vector.zeros(comm, 3), pt.Vector.zeros(comm, 3, dtype="complex64")
    with pytest.raises(pt.DtypeError) as caught:
        u.dot(other if comm.rank == comm.size - 1 else u)
    assert caught.value.rank == comm.size - 1


def test_nan_survives_every_norm(comm, dtype):
    v = pt.Vector.zeros(comm, 3, dtype=dtype)
    if comm.rank == comm.size - 1:
        v.local[1] = np.nan
    for order in (1, 2, np.inf):
        assert np.isnan(v.norm(order))


def test_nobody_owns_anything(comm, dtype):
    v = pt.Vector.zeros(comm, 0, dtype=dtype)
    assert v.shape == (0,) and v.norm() == 0 and v.sum() == 0 and v.norm(np.inf) == 0
    assert np.isnan(v.mean()) and v.allgather().shape == (0,)


def test_float_sums_accumulate_in_double(comm):
    n = 20000
    v = pt.Vector.from_local(comm, np.full(n, 0.1, np.float32))
    exact = float(np.float32(0.1)) * n * comm.size
    assert abs(v.sum() - exact) <= 1e-9 * exact


@given(
    sizes=st.lists(st.integers(0, 40), min_size=4, max_size=4),
    columns=st.sampled_from((None, 1, 3)),
    dtype=st.sampled_from(DTYPES),
)
def test_any_sizes(comm, sizes, columns, dtype):
    sizes = sizes[: comm.size]
    shape = (sum(sizes),) if columns is None else (sum(sizes), columns)
    whole = random(shape, dtype, 9)
    start = sum(sizes[: comm.rank])
    v = pt.Vector.from_local(comm, whole[start : start + sizes[comm.rank]])
    assert v.shape == shape
    np.testing.assert_array_equal(v.allgather(), whole)
    wide = whole.astype("complex128")
    close(v.conj_dot(v), (wide.conj() * wide).sum(axis=0), "float64", max(shape[0], 1))


def test_threads_do_not_change_the_sums(comm):
    if not FULL and comm.size > 2:
        pytest.skip("two ranks say it all")
    values = random((50_000,), "float64", 10)
    sums = {
        pt.Vector.from_local(comm, values, exec=pt.Executor.OpenMP(t)).conj_dot(
            pt.Vector.from_local(comm, values, exec=pt.Executor.OpenMP(t))
        )
        for t in (1, 2, 3, 5)
    }
    assert len(sums) == 1
