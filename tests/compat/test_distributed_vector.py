"""Vector_<T> and DistributedVector, beside NumPy."""

import gc
import weakref

import numpy as np
import pytest
from local_types import OnDevice
from ranks_and_rows import EXEC, NUMBERS, local, row

import petiole as pt
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

TOLERANCE = {"half": 2e-2, "float": 1e-5, "complex_float": 1e-5}


def rows_of(rank):
    """How many rows a rank has; rank 1 has none."""
    return 0 if rank == 1 else 3 + rank


def whole(size, columns=1, dtype="double"):
    """The blocks of all ranks, one after another."""
    n = sum(map(rows_of, range(size)))
    values = (np.arange(n * columns).reshape(n, columns) % 5 - 1.5).astype(NUMBERS[dtype])
    return values + 0.5j * values if np.dtype(NUMBERS[dtype]).kind == "c" else values


def mine(comm, values):
    start = sum(map(rows_of, range(comm.rank)))
    return values[start : start + rows_of(comm.rank)]


def made(comm, columns=1, dtype="double", factor=1):
    """(vector, the array of all its rows)"""
    values = factor * whole(comm.size, columns, dtype)
    cls = getattr(pgb.distributed, f"Vector_{dtype}")
    return cls.from_local_array(EXEC, comm, values.shape, mine(comm, values)), values


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_shapes_and_local_blocks(comm, dtype, columns):
    v, values = made(comm, columns, dtype)
    assert type(v).__name__ == f"Vector_{dtype}"
    assert v.shape == v.size == values.shape
    assert v.local_shape == (rows_of(comm.rank), columns)
    assert type(v.shape) is type(v.local_shape) is tuple
    assert v.local.dtype == np.asarray(v).dtype == NUMBERS[dtype]
    np.testing.assert_array_equal(v.local, mine(comm, values))
    np.testing.assert_array_equal(np.asarray(v), mine(comm, values))
    assert v.get_executor() is EXEC
    v.local = 7
    v.local[:1] += 1
    assert (np.asarray(v)[1:] == 7).all() and (np.asarray(v)[:1] == 8).all()


@pytest.mark.parametrize("dtype", NUMBERS)
def test_create_and_fill(comm, dtype):
    n = sum(map(rows_of, range(comm.size)))
    cls = getattr(pgb.distributed, f"Vector_{dtype}")
    v = cls.create(EXEC, comm, (n, 2), (rows_of(comm.rank), 2))
    assert v.shape == (n, 2) and not v.local.any()
    v.fill(2.5)
    assert (v.local == 2.5).all()
    facade = gkd.DistributedVector.empty(
        EXEC, comm, [n, 1], [rows_of(comm.rank), 1], NUMBERS[dtype]
    )
    assert type(facade.raw) is cls and facade.shape == (n, 1)
    facade.fill(1.5)
    assert (facade.local == 1.5).all()
    facade.local = 3
    assert (facade.raw.local == 3).all()


def test_nothing_at_all(comm):
    v = pgb.distributed.Vector_double.from_local_array(EXEC, comm, (0, 1), np.zeros(0))
    assert v.shape == v.local_shape == (0, 1)
    norm = row(values=(1,))
    v.compute_norm2(norm)
    assert norm.at(0, 0) == 0
    gathered = v.gather_on_root()
    assert gathered is None if comm.rank else gathered.shape == (0, 1)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_global_sizes_are_summed_where_none_is_given(comm, dtype):
    values = whole(comm.size, dtype=dtype)[:, 0]
    cls = getattr(pgb.distributed, f"Vector_{dtype}")
    v = cls.from_local_array_deduce_size(EXEC, comm, mine(comm, values))
    assert v.shape == (len(values), 1)
    np.testing.assert_array_equal(local(v), mine(comm, values))
    facade = gkd.DistributedVector.from_local_array_deduce_size(EXEC, comm, mine(comm, values))
    assert type(facade.raw) is cls and facade.shape == (len(values), 1)
    assert facade.local_shape == (rows_of(comm.rank), 1)


def test_arrays_are_copied_and_converted(comm):
    array = np.arange(4, dtype=np.float32)
    v = pgb.distributed.Vector_double.from_local_array(EXEC, comm, (4 * comm.size, 1), array)
    array[:] = -1
    assert local(v).tolist() == [0, 1, 2, 3]
    for source in (
        [0, 1, 2, 3],
        np.arange(4),
        np.arange(8.0)[::2] / 2,
        np.array([0, 1, 2, 3.0], ">f8"),
    ):
        v = pgb.distributed.Vector_double.from_local_array_deduce_size(EXEC, comm, source)
        assert local(v).tolist() == [0, 1, 2, 3]
    for of_bindings in (
        pgb.base.array_double(EXEC, np.arange(4.0)),
        pgb.matrix.dense_double(EXEC, np.arange(4.0)[:, None]),
    ):
        v = pgb.distributed.Vector_double.from_local_array_deduce_size(EXEC, comm, of_bindings)
        assert local(v).tolist() == [0, 1, 2, 3]
    facade = gkd.DistributedVector.from_local_array(
        EXEC, comm, (4 * comm.size, 1), np.ones(4), "f4"
    )
    assert type(facade.raw).__name__ == "Vector_float"


@pytest.mark.parametrize("dtype", NUMBERS)
def test_views_share_the_memory_of_arrays(comm, dtype):
    cls = getattr(pgb.distributed, f"Vector_{dtype}")
    for array in np.zeros(5, NUMBERS[dtype]), np.zeros((5, 2), NUMBERS[dtype]):
        columns = 1 if array.ndim == 1 else 2
        v = cls.from_local_array_view(EXEC, comm, (5 * comm.size, columns), array)
        assert np.shares_memory(v.local, array)
        array[2] = 3
        assert (v.local[2] == 3).all()
        v.scale(2)
        assert (array[2] == 6).all()
        before = v.get_local_vector()
        v.fill(1)
        assert (array == 1).all()
        assert np.asarray(before).reshape(5, columns)[2, 0] == 6


def test_a_view_keeps_its_array(comm):
    class Array(np.ndarray):
        """An array that can be referred to weakly."""

    array = np.zeros(3).view(Array)
    alive = weakref.ref(array)
    v = pgb.distributed.Vector_double.from_local_array_view(EXEC, comm, (3 * comm.size, 1), array)
    block = v.local
    del array
    gc.collect()
    v.fill(4)
    assert block.tolist() == [[4], [4], [4]]
    del v
    gc.collect()
    assert alive() is not None and block.tolist() == [[4], [4], [4]]
    del block
    gc.collect()
    assert alive() is None


def test_what_cannot_be_viewed(comm):
    view = pgb.distributed.Vector_double.from_local_array_view
    readonly = np.zeros(4)
    readonly.flags.writeable = False
    for array, error, message in (
        (np.zeros(8)[::2], ValueError, "not contiguous"),
        (np.zeros((2, 4)).T, ValueError, "not contiguous"),
        (np.zeros((4, 3))[:, 0], ValueError, "not contiguous"),
        (readonly, ValueError, "read-only"),
        (np.zeros(4, np.float32), TypeError, "float32"),
        (np.zeros(4, ">f8"), TypeError, ">f8"),
        ([0.0] * 4, TypeError, "list"),
    ):
        with pytest.raises(error, match=message):
            view(
                EXEC,
                comm,
                (len(array) * comm.size, np.asarray(array).reshape(4, -1).shape[1]),
                array,
            )
    shared = bytearray(32)
    v = view(EXEC, comm, (4 * comm.size, 1), np.frombuffer(shared))
    v.fill(1)
    assert shared == np.ones(4).tobytes()
    array = pgb.base.array_double(EXEC, np.arange(4.0))
    v = view(EXEC, comm, (4 * comm.size, 1), array)
    v.fill(8)
    assert array[3] == 8


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_arithmetic(comm, dtype, columns):
    v, x = made(comm, columns, dtype)
    w, y = made(comm, columns, dtype, factor=2)
    rtol = TOLERANCE.get(dtype, 1e-12)
    v.scale(row(dtype, (3,)))
    np.testing.assert_allclose(v.local, mine(comm, 3 * x), rtol)
    v.inv_scale(1.5)
    np.testing.assert_allclose(v.local, mine(comm, 2 * x), rtol)
    v.add_scaled(row(dtype, (0.5,)), w)
    np.testing.assert_allclose(v.local, mine(comm, 2 * x + 0.5 * y), rtol)
    v.sub_scaled(2, w)
    np.testing.assert_allclose(v.local, mine(comm, 2 * x - 1.5 * y), rtol, atol=rtol)
    each = 1 + np.arange(columns)
    w.scale(row(dtype, each))
    np.testing.assert_allclose(w.local, mine(comm, y * each.astype(y.dtype)), rtol)


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_reductions_into_a_dense_row(comm, dtype, columns):
    v, x = made(comm, columns, dtype)
    w, y = made(comm, columns, dtype, factor=2)
    x, y = x.astype(np.result_type(x, np.float32)), y.astype(np.result_type(y, np.float32))
    rtol = TOLERANCE.get(dtype, 1e-12)

    def result(compute, *args):
        into = row(dtype, np.full(columns, 9))
        compute(*args, into)
        return np.asarray(into).reshape(-1)

    np.testing.assert_allclose(result(v.compute_dot, w), (x * y).sum(axis=0), rtol)
    np.testing.assert_allclose(result(v.compute_conj_dot, w), (x.conj() * y).sum(axis=0), rtol)
    np.testing.assert_allclose(result(v.compute_norm2), np.linalg.norm(x, axis=0), rtol)
    np.testing.assert_allclose(result(v.compute_norm1), np.abs(x).sum(axis=0), rtol)


def test_facades_are_taken_where_vectors_are(comm):
    v, x = made(comm)
    w = gkd.DistributedVector(made(comm, factor=2)[0])
    into = row()
    v.compute_dot(w, into)
    assert into.at(0, 0) == pytest.approx(2 * (x * x).sum())
    v.add_scaled(1.0, w)
    np.testing.assert_allclose(v.local, mine(comm, 3 * x))


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_gathering(comm, dtype, columns):
    v, values = made(comm, columns, dtype)
    for root in range(comm.size):
        gathered = v.gather_on_root(root)
        if comm.rank == root:
            assert gathered.shape == values.shape and gathered.dtype == NUMBERS[dtype]
            np.testing.assert_array_equal(gathered, values)
        else:
            assert gathered is None
    assert (v.gather_on_root() is None) is (comm.rank > 0)
    with pytest.raises(IndexError):
        v.gather_on_root(comm.size)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_local_vectors_are_clones(comm, dtype):
    v, values = made(comm, 2, dtype)
    clone = v.get_local_vector()
    assert type(clone).__name__ == f"dense_{dtype}"
    assert clone.shape == v.local_shape and clone.get_executor() is EXEC
    v.fill(0)
    np.testing.assert_array_equal(np.asarray(clone.copy_to_host()), mine(comm, values))
    clone.fill(1)
    assert not v.local.any()


def test_sizes_that_do_not_fit(comm):
    Vector, last = pgb.distributed.Vector_double, comm.rank == comm.size - 1
    n = 3 * comm.size
    for make in (
        lambda: Vector.from_local_array(EXEC, comm, (n + 1, 1), np.ones(3)),
        lambda: Vector.from_local_array(EXEC, comm, (n, 1), np.ones(4 if last else 3)),
        lambda: Vector.from_local_array(EXEC, comm, (n, 2), np.ones(3)),
        lambda: Vector.from_local_array(EXEC, comm, (n, 1 + last), np.ones((3, 1))),
        lambda: Vector.from_local_array_view(EXEC, comm, (n + 1, 1), np.ones(3)),
        lambda: Vector.create(EXEC, comm, (n, 1), (4, 1)),
        lambda: Vector.create(EXEC, comm, (n, 1), (3, 2)),
        lambda: Vector.create(EXEC, comm, (n, 1), (-3 if last else 3, 1)),
        lambda: Vector.create(EXEC, comm, (n, 1, 1), (3, 1)),
        lambda: Vector.from_local_array(EXEC, comm, (n, 1), np.ones((3, 1, 1))),
    ):
        with pytest.raises(ValueError):
            make()
    v = Vector.from_local_array(EXEC, comm, n, np.ones(3))  # a number of rows will do
    assert v.shape == (n, 1)


def test_what_is_wrong_on_one_rank_fails_on_all(comm):
    Vector, last = pgb.distributed.Vector_double, comm.rank == comm.size - 1
    n = 3 * comm.size
    for array in np.ones(3, complex), np.array(["a"] * 3):
        with pytest.raises(TypeError, match="local_array"):
            Vector.from_local_array(EXEC, comm, (n, 1), array if last else np.ones(3))
    with pytest.raises(ValueError, match="contiguous"):
        array = np.ones(6)[::2] if last else np.ones(3)
        Vector.from_local_array_view(EXEC, comm, (n, 1), array)
    with pytest.raises(TypeError if last else pt.RemoteError, match="Executor"):
        Vector.from_local_array("cpu" if last else EXEC, comm, (n, 1), np.ones(3))
    with pytest.raises(TypeError, match="no distributed Vector for"):
        gkd.DistributedVector.from_local_array(
            EXEC, comm, (n, 1), np.ones(3, int if last else float)
        )
    v = Vector.from_local_array(EXEC, comm, (n, 1), np.ones(3))
    with pytest.raises(ValueError, match="one number per column"):
        v.compute_norm2(row(values=(0, 0) if last else (0,)))
    with pytest.raises(
        TypeError if last else pt.RemoteError, match="dense or a distributed vector"
    ):
        v.compute_dot(7 if last else v, row())
    v.compute_norm1(into := row())
    assert into.at(0, 0) == n


def test_dtypes_that_there_are_not(comm):
    for dtype in np.int32, np.longdouble, "U3":
        with pytest.raises(TypeError, match="no distributed Vector for"):
            gkd.DistributedVector.empty(EXEC, comm, (comm.size, 1), (1, 1), dtype)
    assert gkd.vector._resolve(np.float16) is pgb.distributed.Vector_half


def test_reading_a_file(comm, tmp_path_factory):
    path = comm.bcast(str(tmp_path_factory.mktemp("vector") / "b.mtx") if comm.rank == 0 else None)
    n = 2 * comm.size + 1
    if comm.rank == 0:
        numbers = "\n".join(map(str, range(n)))
        with open(path, "w") as file:
            file.write(f"%%MatrixMarket matrix array real general\n{n} 1\n{numbers}\n")
    comm.Barrier()
    v = gkd.DistributedVector.read(EXEC, comm, path)
    assert type(v.raw).__name__ == "Vector_double" and v.shape == (n, 1)
    part = gkd.Partition.from_mapping(EXEC, np.arange(n) % comm.size, comm.size)
    v = pgb.distributed.Vector_float.read(EXEC, comm, path, part)
    assert local(v).tolist() == list(range(comm.rank, n, comm.size))
    with pytest.raises(OSError):
        gkd.DistributedVector.read(EXEC, comm, path + "x" if comm.rank == 0 else path)


def test_complex_sums_have_no_room_in_real_ones(comm):
    v, values = made(comm, dtype="complex_double")
    for product in v.compute_dot, v.compute_conj_dot:
        with pytest.raises(pt.DtypeError, match="no complex numbers"):
            product(v, row())
    norm = row()
    v.compute_norm2(norm)
    np.testing.assert_allclose(norm.at(0), np.linalg.norm(values))


def test_an_array_of_a_gpu_is_refused_with_the_cure(comm):
    for value_dtype in None, np.float64:
        with pytest.raises(ValueError, match="memory of a GPU.*copy it to the host"):
            gkd.DistributedVector.from_local_array(
                EXEC, comm, (2 * comm.size, 1), OnDevice(2), value_dtype
            )


def test_sizes_that_are_none(comm):
    with pytest.raises(ValueError, match="local_size is None"):
        pgb.distributed.Vector_double.create(EXEC, comm, (3, 1), None)


@pytest.mark.parametrize(
    "given", (np.ma.masked_equal(np.ones(2), 1), b"12", bytearray(16), [np.ma.masked, 1.0])
)
def test_masks_and_bytes_are_refused(comm, given):
    size = (2 * comm.size, 1)
    part = gkd.Partition.uniform(EXEC, comm.size, 2 * comm.size)
    rows = 2 * comm.rank + np.arange(2)
    v = gkd.DistributedVector.from_local_array(EXEC, comm, size, np.zeros(2))
    for make in (
        lambda: gkd.DistributedVector.from_local_array(EXEC, comm, size, given),
        lambda: gkd.DistributedVector.from_local_array(EXEC, comm, size, given, np.float64),
        lambda: gkd.Vector_double.from_local_array_view(EXEC, comm, size, given),
        lambda: gkd.vector(EXEC, comm, part, rows, given, 2 * comm.size),
        lambda: gkd.vector(EXEC, comm, part, given, np.ones(2), 2 * comm.size),
        lambda: gkd.matrix(EXEC, comm, part, rows, given, np.ones(2), 2 * comm.size),
        lambda: gkd.matrix(EXEC, comm, part, rows, rows, given, 2 * comm.size),
        lambda: gkd.vector_set_local(v.raw, given),
        lambda: setattr(v, "local", given),
        lambda: gkd.build_partition(EXEC, given, 2),
    ):
        with pytest.raises(TypeError):
            make()
    assert (v.local == 0).all()
