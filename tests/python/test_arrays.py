"""Arrays in and out: what is aliased, what is copied, and how long memory lives."""

import array
import gc
import weakref

import numpy as np
import pytest

import petiole as pt


class Owner(np.ndarray):
    """An array that can be watched."""


def watched(*shape, dtype="float64"):
    return np.zeros(shape, dtype).view(Owner)


def test_a_view_keeps_its_array_and_a_numpy_view_keeps_the_vector():
    data = watched(4)
    alive = weakref.ref(data)
    v = pt.Vector.view(None, data)
    local = v.local
    del data, v
    gc.collect()
    assert alive() is not None
    local[2] = 5
    assert alive()[2] == 5
    del local
    gc.collect()
    assert alive() is None


def test_a_view_that_is_refused_lets_its_array_go():
    data = watched(4)
    alive = weakref.ref(data)
    with pytest.raises(pt.DimensionError):
        pt.Vector.view(None, data, global_size=5)
    data.flags.writeable = False
    with pytest.raises(pt.InvalidArgument, match="read-only"):
        pt.Vector.view(None, data)
    del data
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("code", "fd")
def test_anything_with_the_buffer_protocol(code):
    data = array.array(code, [1, 2, 3])
    v = pt.Vector.view(None, data)
    v.scale(2)
    assert list(data) == [2, 4, 6]
    assert v.dtype.kind == "f" and v.dtype.itemsize == data.itemsize


def test_other_protocols():
    class Interface:
        def __init__(self, data):
            self.data, self.__array_interface__ = data, data.__array_interface__

    class Dlpack:
        def __init__(self, data):
            self.__dlpack__, self.__dlpack_device__ = data.__dlpack__, data.__dlpack_device__

    for wrapper in (Interface, Dlpack):
        data = np.arange(3.0)
        v = pt.Vector.view(None, wrapper(data))
        v.scale(2)
        assert data.tolist() == [0, 2, 4]


def test_a_gpu_array_is_refused_with_the_cure():
    class Device:
        __cuda_array_interface__ = {
            "shape": (3,),
            "typestr": "<f8",
            "data": (0, False),
            "version": 3,
        }

    for make in (pt.Vector.view, pt.Vector.from_local):
        with pytest.raises(pt.NotSupported, match="copy it to the host"):
            make(None, Device())


def test_formats_are_compared_by_kind_and_size():
    for index in (np.int_, np.longlong, np.int64, "l", "q"):
        p = pt.Partition.from_ranges(np.array([0, 2, 5], index))
        assert p.size == 5
    for dtype in ("d", np.double, "float64", float, np.dtype("f8")):
        assert pt.Vector.zeros(None, 1, dtype=dtype).dtype == np.float64
    assert pt.Vector.zeros(None, 1, dtype=complex).dtype == np.complex128
    with pytest.raises(pt.DtypeError, match="float128"):
        pt.Vector.zeros(None, 1, dtype="longdouble")


def test_a_list_is_copied_never_viewed():
    assert pt.Vector.from_local(None, [1, 2, 3]).local.tolist() == [1, 2, 3]
    with pytest.raises(TypeError, match="from_local"):
        pt.Vector.view(None, [1.0, 2.0])


def test_indices_that_do_not_fit_are_named():
    with pytest.raises(pt.IndexOutOfRange, match=r"owner\[1\] is 4294967296"):
        pt.Partition.from_mapping(np.array([0, 2**32]), 2)


def test_the_array_protocols_of_a_vector():
    v = pt.Vector.from_local(None, [1.0, 2.0])
    assert np.shares_memory(np.asarray(v), v.local)
    assert np.asarray(v, dtype="float32").dtype == np.float32
    assert not np.shares_memory(v.__array__(copy=True), v.local)
    with pytest.raises(ValueError):
        v.__array__("float32", copy=False)
    assert np.shares_memory(np.from_dlpack(v), v.local)


def test_numpy_leaves_operators_to_the_vector():
    v = pt.Vector.from_local(None, [1.0, 2.0])
    for factor in (2, 2.0, np.float64(2), np.float32(2), np.int8(2), np.array(2.0)):
        assert (factor * v).local.tolist() == [2, 4]
        assert (v * factor).local.tolist() == [2, 4]
    with pytest.raises(pt.DtypeError):
        v * 1j
    with pytest.raises(TypeError):
        v + 1
    with pytest.raises(TypeError):
        np.ones(2) + v
    with pytest.raises(TypeError):
        v.scale("2")


def test_local_can_be_assigned():
    v = pt.Vector.zeros(None, 3)
    memory = v.local
    v.local += 1
    v.local = 2 * v.local
    assert memory.tolist() == [2, 2, 2] and np.shares_memory(memory, v.local)
    v.local = 5
    assert memory.tolist() == [5, 5, 5]
    with pytest.raises(ValueError):
        v.local = np.zeros(4)
    with pytest.raises(AttributeError):
        del v.local
    assert memory.tolist() == [5, 5, 5]


def test_an_array_of_one_row_or_none():
    strange = np.lib.stride_tricks.as_strided(np.arange(3.0), (1, 3), (-7, 8))
    assert pt.Vector.from_local(None, strange).local.tolist() == [[0, 1, 2]]
    assert pt.Vector.from_local(None, np.zeros((0, 2))).local_shape == (0, 2)
    with pytest.raises(pt.DimensionError, match="no columns"):
        pt.Vector.from_local(None, np.zeros((2, 0)))


def test_what_is_not_aligned_is_copied_never_viewed():
    raw = bytearray(81)
    values, numbers = (np.frombuffer(raw, kind, 10, offset=1) for kind in ("f8", "i8"))
    values[:] = np.arange(10)
    with pytest.raises(pt.InvalidArgument, match="aligned"):
        pt.Vector.view(None, values)
    for given in (values, values.reshape(5, 2)):
        assert np.array_equal(pt.Vector.from_local(None, given).local, given)
    A = pt.Csr.from_arrays((1, 10), [0, 10], np.arange(10), values)
    assert np.array_equal(A.values, values)
    with pytest.raises(pt.InvalidArgument, match="aligned"):
        pt.Csr.from_arrays((1, 10), np.array([0, 10]), np.arange(10), values, copy=False)
    numbers[:] = np.arange(10) % 2
    assert pt.Partition.from_mapping(numbers, 2).part_size(1) == 5


def test_integers_by_dlpack_become_what_is_needed():
    class Dlpack:
        def __init__(self, data):
            self.__dlpack__, self.__dlpack_device__ = data.__dlpack__, data.__dlpack_device__

    assert pt.Vector.from_local(None, Dlpack(np.arange(3))).local.tolist() == [0, 1, 2]
    assert pt.Partition.from_mapping(Dlpack(np.array([0, 1])), 2).num_parts == 2


def test_shapes():
    values = [0, 1], [0], [1.0]
    for shape in (1, (1, 1), [1, 1], np.int64(1), np.array([1, 1])):
        assert pt.Csr.from_arrays(shape, *values).shape == (1, 1)
        assert pt.LinOp(shape).shape == (1, 1)
    C = pt.Csr.from_arrays(1, *values)
    for shape, error in (
        ((1, 2**70), pt.InvalidArgument),
        ((1, -1), pt.InvalidArgument),
        ((1, 1, 1), TypeError),
        ((1.0, 1), TypeError),
        ("11", TypeError),
    ):
        for make in (pt.LinOp, lambda s: pt.Csr.from_arrays(s, *values),
                     lambda s: pt.Matrix.from_local(None, C, s)):  # fmt: skip
            with pytest.raises(error):
                make(shape)


def test_csr_by_view_and_by_copy():
    indptr, indices, values = np.array([0, 1, 3]), np.array([1, 0, 1]), np.array([1.0, 2.0, 3.0])
    A = pt.Csr.from_arrays((2, 2), indptr, indices, values, copy=False)
    assert np.shares_memory(A.values, values) and np.shares_memory(A.indptr, indptr)
    values[0] = 7
    x = pt.Vector.from_local(None, [1.0, 1.0])
    assert (A @ x).local.tolist() == [7, 5]
    with pytest.raises(ValueError, match="read-only"):
        A.indices[0] = 0
    B = pt.Csr.from_arrays((2, 2), indptr, indices, values)
    assert not np.shares_memory(B.values, values)
    with pytest.raises(pt.DtypeError):
        pt.Csr.from_arrays((2, 2), indptr.astype("i4"), indices, values, copy=False)
    with pytest.raises(pt.InvalidArgument):
        pt.Csr.from_arrays((2, 2), indptr, indices, np.ones(6)[::2], copy=False)
    values.flags.writeable = False
    C = pt.Csr.from_arrays((2, 2), indptr, indices, values, copy=False)
    assert not C.values.flags.writeable


@pytest.mark.parametrize(
    "shape, indptr, indices, values, error",
    [
        ((2, 2), [0, 1], [0], [1.0], pt.DimensionError),
        ((1, 2), [0, 2], [0], [1.0], pt.DimensionError),
        ((1, 2), [0, 1], [0], [1.0, 2.0], pt.DimensionError),
        ((1, 2), [1, 1], [0], [1.0], pt.InvalidArgument),
        ((2, 2), [0, 1, 0], [0], [1.0], pt.InvalidArgument),
        ((1, 2), [0, 1], [2], [1.0], pt.IndexOutOfRange),
        ((1, 2), [0, 1], [-1], [1.0], pt.IndexOutOfRange),
        ((0, 2), [], [], [], pt.DimensionError),
    ],
)
def test_csr_that_cannot_be(shape, indptr, indices, values, error):
    parts = np.array(indptr, "i8"), np.array(indices, "i8"), np.array(values, "f8")
    for copy in (True, False):
        with pytest.raises(error):
            pt.Csr.from_arrays(shape, *parts, copy=copy)
