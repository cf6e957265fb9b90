"""base.array_<T>: made of sizes, arrays, lists and each other; read, written, seen as buffers."""

import numpy as np
import pytest
from local_types import COMPLEX, INDICES, VALUES, OnDevice

import pyGinkgo as pg
from pyGinkgo import pyGinkgoBindings as pgb

EXEC = pgb.ReferenceExecutor()
TYPES = VALUES | INDICES | COMPLEX


@pytest.fixture(params=TYPES)
def kind(request):
    """(the class, its NumPy dtype)"""
    return getattr(pgb.base, f"array_{request.param}"), np.dtype(TYPES[request.param])


def test_of_a_size(kind):
    cls, dtype = kind
    a = cls(EXEC, 4)
    assert a.shape == (4,) and len(a) == 4
    a.fill(3)
    assert [a.at(i) for i in range(4)] == [3] * 4
    assert cls(EXEC, np.int64(2)).shape == (2,)
    assert cls(EXEC, 0).shape == (0,)


def test_of_an_array_copies(kind):
    cls, dtype = kind
    source = np.arange(5).astype(dtype)
    a = cls(EXEC, source)
    source[0] = 9
    assert a.at(0) == 0 and a.at(4) == 4
    b = cls(EXEC, a)
    a.fill(7)
    assert b.at(4) == 4
    assert b.get_executor() is EXEC


def test_of_what_is_converted(kind):
    cls, dtype = kind
    for source in [1, 2, 3], np.array([1, 2, 3], np.int16), np.arange(1, 7)[::1][:3]:
        assert np.array_equal(np.asarray(cls(EXEC, source)), [1, 2, 3])
    assert np.array_equal(np.asarray(cls(EXEC, np.arange(6).astype(dtype)[::2])), [0, 2, 4])


def test_elements(kind):
    cls, dtype = kind
    a = cls(EXEC, np.arange(4).astype(dtype))
    assert a[2] == 2 and list(a) == [0, 1, 2, 3]
    a[1] = 8
    assert a.at(1) == 8
    for i in 4, -1:
        with pytest.raises(IndexError, match="out of range for 4 elements"):
            a.at(i)


def test_its_memory_is_seen(kind):
    cls, dtype = kind
    a = cls(EXEC, np.arange(3).astype(dtype))
    view = memoryview(a)
    assert view.shape == (3,) and view.itemsize == dtype.itemsize and not view.readonly
    array = np.asarray(a)
    assert array.dtype == dtype
    array[0] = 5
    assert a.at(0) == 5
    assert np.from_dlpack(a)[0] == 5 and np.shares_memory(np.from_dlpack(a), array)
    copy = np.array(a)
    copy[0] = 6
    assert a.at(0) == 5
    del a
    assert array[0] == 5


def test_size_is_deprecated(kind):
    a = kind[0](EXEC, 3)
    with pytest.deprecated_call():
        assert a.size == 3
    with pytest.deprecated_call():
        assert a.get_size() == 3
    for name in "size", "shape":
        with pytest.raises(AttributeError):
            setattr(a, name, 4)


def test_refused(kind):
    cls, dtype = kind
    with pytest.raises(RuntimeError, match="Only 1D"):
        cls(EXEC, np.zeros((2, 2), dtype))
    with pytest.raises(ValueError, match="Only 1D"):
        cls(EXEC, np.zeros((2, 2), dtype))
    with pytest.raises(TypeError, match="numbers"):
        cls(EXEC, ["a"])
    with pytest.raises(TypeError, match="memory of a GPU.*copy it to the host"):
        cls(EXEC, OnDevice())
    with pytest.raises(TypeError, match="Executor"):
        cls("cpu", 3)
    if dtype.kind != "c":
        with pytest.raises(TypeError, match="complex128"):
            cls(EXEC, np.ones(2, complex))


def test_reduce_add(kind):
    cls, dtype = kind
    assert pgb.base.reduce_add(cls(EXEC, [1, 2, 3]), 0) == 6
    assert pgb.base.reduce_add(cls(EXEC, [1, 2, 3]), 4) == 10
    with pytest.raises(TypeError):
        pgb.base.reduce_add([1, 2], 0)
    with pytest.raises(TypeError, match="no number"):
        pgb.base.reduce_add(cls(EXEC, 2), "1")


def test_numbers_of_their_kind(kind):
    cls, dtype = kind
    a = cls(EXEC, 2)
    a.fill(2.0)
    assert a.at(0) == 2
    element = type(a.at(0))
    assert (
        element is {"i": int, "f": float, "c": complex}[dtype.kind]
        or dtype == np.float16 == element
    )
    assert type(pgb.base.reduce_add(a, 0)) is element
    refused = {"i": ["1", None, 2.5, 1j, np.nan], "f": ["1", None, 1j], "c": ["1", None]}[
        dtype.kind
    ]
    for value in refused:
        with pytest.raises(TypeError, match="no number"):
            a.fill(value)
    assert a.at(1) == 2


def test_names():
    for name in TYPES:
        cls = getattr(pgb.base, f"array_{name}")
        assert cls.__name__ == f"array_{name}" and name in repr(cls(EXEC, 2))


def test_shown():
    show = {name: repr(getattr(pgb.base, f"array_{name}")(EXEC, [1, 2])) for name in TYPES}
    assert show["int32"] == "pygko.base.array_int32 object of size 2 on host [ 1 2  ]"
    assert (
        show["double"] == "pygko.base.array_double object of size 2 on host [ 1.000000 2.000000  ]"
    )
    assert (
        repr(pgb.base.array_float(EXEC, 10)) == "pygko.base.array_float object of size 10 on host"
    )


def test_integers_that_the_type_has_not(kind):
    cls, dtype = kind
    if dtype.kind != "i":
        return
    large = [2.0**80, np.nan, np.inf] + ([2**40 + 7, -(2**31) - 1] if dtype.itemsize == 4 else [])
    for value in large:
        with pytest.raises(ValueError, match=f"no {dtype} is"):
            cls(EXEC, np.array([value]))
    assert cls(EXEC, [2.75, -2.75]).at(1) == -2  # as NumPy converts
    assert cls(EXEC, np.array([True, False])).at(0) == 1


class GivesMasked:
    """Is masked only once it is asked for an array."""

    def __array__(self, dtype=None, copy=None):
        return np.ma.masked_equal([1.0, 2.0, 3.0], 2)


MASKED = np.ma.masked_equal([1.0, 2.0, 3.0], 2)
NO_NUMBERS = [
    MASKED,
    np.ma.array([1.0, 2.0, 3.0]),
    [MASKED, MASKED],
    (1.0, np.ma.masked),
    GivesMasked(),
    b"123",
    bytearray(b"123"),
    [b"1", b"2"],
    np.array([b"1", b"2"]),
    ["1", "2"],
]


@pytest.mark.parametrize("given", NO_NUMBERS, ids=lambda given: type(given).__name__)
def test_masks_and_bytes_are_refused(kind, given):
    cls, dtype = kind
    name = cls.__name__.removeprefix("array_")
    makers = [lambda: cls(EXEC, given)]
    if name not in COMPLEX:  # which the package's functions do not know
        makers += [lambda: pg.as_array(given, dtype=name), lambda: pg.array(given, dtype=name)]
    if name not in INDICES:
        dense = getattr(pgb.matrix, f"dense_{name}")
        csr = getattr(pgb.matrix, f"Csr_{name}_int32")
        columns, starts = np.arange(3, dtype=np.int32), np.arange(4, dtype=np.int32)
        makers += [
            lambda: dense(EXEC, given),
            lambda: dense(given),
            lambda: dense(EXEC, (3, 1), given, 1),
            lambda: csr(EXEC, (3, 3), given, columns, starts),
        ]
    if name in VALUES:
        parts = {"dim": (3, 3), "data": given, "cols": columns, "rows": starts, "itype": "int32"}
        makers += [
            lambda: pg.as_tensor(given, dtype=name),
            lambda: pg.dense(given, dtype=name),
            lambda: pg.dense(given, (3, 1), dtype=name, stride=1),
            lambda: pg.Csr(dtype=name, **parts),
        ]
    for make in makers:
        with pytest.raises(TypeError):
            make()


@pytest.mark.parametrize("given", (np.ma.masked, np.ma.array(2.0, mask=True), b"2", "2"))
def test_numbers_that_are_none(kind, given):
    cls, dtype = kind
    a = cls(EXEC, 3)
    with pytest.raises(TypeError):
        a.fill(given)
    with pytest.raises(TypeError):
        a[0] = given
    assert list(a) == [0, 0, 0]
    with pytest.raises(TypeError):
        pgb.base.reduce_add(a, given)
    if cls.__name__.removeprefix("array_") in INDICES:
        return
    d = getattr(pgb.matrix, cls.__name__.replace("array", "dense"))(EXEC, (3, 1))
    for change in d.fill, d.scale, d.inv_scale:
        with pytest.raises(TypeError):
            change(given)


def test_bytes_that_are_seen_as_numbers(kind):
    cls, dtype = kind
    given = np.arange(3).astype(dtype).tobytes()
    assert np.asarray(cls(EXEC, np.frombuffer(given, dtype))).tolist() == [0, 1, 2]
