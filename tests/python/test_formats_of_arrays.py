"""Arrays of every spelling, wherever indices and values enter: told apart by kind and size."""

import array
import ctypes
import types

import numpy as np
import pytest

import petiole as pt

SPELLINGS = {
    "numpy int64": lambda v: np.array(v, np.int64),
    "numpy int_": lambda v: np.array(v, np.int_),
    "numpy longlong": lambda v: np.array(v, np.longlong),
    "numpy intc": lambda v: np.array(v, np.intc),
    "numpy int8": lambda v: np.array(v, np.int8),
    "numpy uint64": lambda v: np.array(v, np.uint64),
    "numpy ulonglong": lambda v: np.array(v, np.ulonglong),
    "numpy intp": lambda v: np.array(v, np.intp),
    "numpy, every second": lambda v: np.repeat(np.array(v, np.int64), 2)[::2],
    "array l": lambda v: array.array("l", v),
    "array q": lambda v: array.array("q", v),
    "array i": lambda v: array.array("i", v),
    "array L": lambda v: array.array("L", v),
    "ctypes int64": lambda v: (ctypes.c_int64 * len(v))(*v),
    "ctypes longlong": lambda v: (ctypes.c_longlong * len(v))(*v),
    "ctypes long": lambda v: (ctypes.c_long * len(v))(*v),
    "ctypes int": lambda v: (ctypes.c_int * len(v))(*v),
    "cast to q": lambda v: memoryview(np.array(v, np.int64)).cast("B").cast("q"),
    "cast to l": lambda v: memoryview(np.array(v, np.int64)).cast("B").cast("l"),
    "cast to n": lambda v: memoryview(np.array(v, np.int64)).cast("B").cast("n"),
    "cast to i": lambda v: memoryview(np.array(v, np.intc)).cast("B").cast("i"),
    "list": list,
    "tuple": tuple,
    "range": lambda v: v if isinstance(v, range) else tuple(v),
}


class Array:
    """An object that is an array where it is asked."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class Interface:
    """The array interface of an array, with a mask beside it."""

    def __init__(self, array, mask):
        self.__array_interface__ = {**array.__array_interface__, "mask": mask}
        self.array = array


class Masked(np.ndarray):
    """Another library's masked arrays: NumPy's, with a mask."""

    mask = (True, False, False)


def masked(v):
    return np.ma.array(np.array(v), mask=np.arange(len(v)) == 0)


# What has elements, but not numbers in all of them, of any numbers: and what is said of it.
NO_NUMBERS = {
    "masked": (masked, "is masked"),
    "masked nowhere": (lambda v: np.ma.array(np.array(v)), "is masked"),
    "masked, by __array__": (lambda v: Array(masked(v)), "is masked"),
    "masked, in a list": (lambda v: [*v[:-1], masked(v)[0]], "is masked"),
    "masked, by its interface": (
        lambda v: Interface(np.array(v), np.array([True] * len(v))), "is masked"),
    "masked, a class of others": (lambda v: np.array(v).view(Masked), "is masked"),
    "bytes": (bytes, "is bytes, not numbers"),
    "bytearray": (bytearray, "is bytes, not numbers"),
    "memoryview of bytes": (lambda v: memoryview(bytes(v)), "is bytes, not numbers"),
    "bytes in a list": (lambda v: [bytearray(v)], "is bytes, not numbers"),
}  # fmt: skip

REFUSED = NO_NUMBERS | {
    "big-endian": (lambda v: np.array(v, ">i8"), "format '>[ql]' .*in the other byte order"),
    "ctypes big-endian": (
        lambda v: (ctypes.c_int64.__ctype_be__ * len(v))(*v),
        "in the other byte order",
    ),
    "bool": (lambda v: np.array(v, bool), r"format '\?'"),
    "float": (lambda v: np.array(v, float), "format 'd'"),
    "complex": (lambda v: np.array(v, complex), "format 'Zd'"),
    "datetime": (lambda v: np.array(v, "M8[s]"), "array of numbers: .*'M'"),
    "timedelta": (lambda v: np.array(v, "m8[s]"), "array of numbers: .*'m'"),
    "text": (lambda v: np.array(v, "U1"), "format '.*w'"),
    "object": (lambda v: np.array(v, object), "format 'O'"),
    "record": (lambda v: np.array([(i,) for i in v], "i8,"), "format 'T"),
}

ONES = np.ones(3)
PART = pt.Partition.uniform(1, 3)


def dense_of(A):
    return A.to_scipy().toarray()


# Each gets [0, 1, 2] in some spelling, and what it makes is compared with what lists give.
ENTRIES = {
    "from_coo rows": lambda v: dense_of(pt.Matrix.from_coo(None, PART, v, [0, 1, 2], ONES)),
    "from_coo cols": lambda v: dense_of(pt.Matrix.from_coo(None, PART, [0, 1, 2], v, ONES)),
    "from_csr indptr": lambda v: dense_of(
        pt.Matrix.from_csr(None, v, [0, 1], ONES[:2], partition=pt.Partition.uniform(1, 2))
    ),
    "from_csr indices": lambda v: dense_of(pt.Matrix.from_csr(None, [0, 1, 2, 3], v, ONES)),
    "Csr indptr": lambda v: dense_of(pt.Csr.from_arrays((2, 2), v, [0, 1], ONES[:2])),
    "Csr indices": lambda v: dense_of(pt.Csr.from_arrays((3, 3), [0, 1, 2, 3], v, ONES)),
    "Coo rows": lambda v: dense_of(pt.Coo.from_arrays((3, 3), v, [0, 1, 2], ONES)),
    "Coo cols": lambda v: dense_of(pt.Coo.from_arrays((3, 3), [0, 1, 2], v, ONES)),
    "from_ranges bounds": lambda v: pt.Partition.from_ranges(v).ranges,
    "from_ranges part_ids": lambda v: pt.Partition.from_ranges([0, 1, 2, 3], v).ranges,
    "from_mapping": lambda v: pt.Partition.from_mapping(v, 3).ranges,
    "IndexMap ghosts": lambda v: pt.IndexMap(pt.Partition.uniform(2, 6), 1, v).ghosts,
    "IndexMap globals": lambda v: pt.IndexMap(PART, 0, []).to_local(v),
    "IndexMap locals": lambda v: pt.IndexMap(PART, 0, []).to_global(v, "combined"),
    "from_global": lambda v: pt.Vector.from_global(None, PART, v, ONES * [1, 2, 3]).local,
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_indices_enter_as_what_they_are(entry, spelling):
    expected = ENTRIES[entry]([0, 1, 2])
    np.testing.assert_array_equal(ENTRIES[entry](SPELLINGS[spelling](range(3))), expected)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_index_is_refused_with_the_reason(entry, kind):
    make, reason = REFUSED[kind]
    with pytest.raises(pt.DtypeError, match=reason):
        ENTRIES[entry](make(range(3)))


@pytest.mark.parametrize("spelling", [s for s in SPELLINGS if "cast" in s or "ctypes" in s])
def test_indices_are_viewed_as_what_they_are(spelling):
    indptr, indices = (SPELLINGS[spelling](range(3)) for _ in range(2))
    A = pt.Csr.from_arrays((2, 2), indptr, memoryview(indices)[:2], ONES[:2], copy=False)
    assert np.shares_memory(A.indptr, np.asarray(indptr))
    assert A.indptr.itemsize == memoryview(indptr).itemsize


VALUES = {
    "f4": [lambda v: np.array(v, "f4"), lambda v: array.array("f", v),
           lambda v: (ctypes.c_float * len(v))(*v),
           lambda v: memoryview(np.array(v, "f4")).cast("B").cast("f")],
    "f8": [lambda v: np.array(v, "f8"), lambda v: array.array("d", v),
           lambda v: (ctypes.c_double * len(v))(*v),
           lambda v: memoryview(np.array(v, "f8")).cast("B").cast("d"),
           lambda v: np.array(v, np.intc), lambda v: array.array("q", v)],  # integers become float64
    "f2": [lambda v: np.array(v, "f2"), lambda v: memoryview(np.array(v, "f2"))],
    "c8": [lambda v: np.array(v, "c8")],
    "c16": [lambda v: np.array(v, "c16"), lambda v: np.array(v, np.cdouble)],
}  # fmt: skip

TAKERS = {
    "from_local": lambda v: pt.Vector.from_local(None, v),
    "from_global": lambda v: pt.Vector.from_global(None, PART, [0, 1, 2], v),
    "from_coo": lambda v: pt.Matrix.from_coo(None, PART, [0, 1, 2], [0, 1, 2], v),
    "from_csr": lambda v: pt.Matrix.from_csr(None, [0, 1, 2, 3], [0, 1, 2], v),
    "Csr": lambda v: pt.Csr.from_arrays((3, 3), [0, 1, 2, 3], [0, 1, 2], v),
    "Coo": lambda v: pt.Coo.from_arrays((3, 3), [0, 1, 2], [0, 1, 2], v),
    "Dense": lambda v: pt.Dense(np.reshape(v, (3, 1)) if isinstance(v, np.ndarray) else [[1], [2], [3]]),
}  # fmt: skip


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("dtype", VALUES)
def test_values_enter_as_what_they_are(taker, dtype):
    for make in VALUES[dtype]:
        given = make([1, 2, 3])
        made = TAKERS[taker](given)
        if taker != "Dense" or isinstance(given, np.ndarray):
            assert made.dtype == np.dtype(dtype)


def three():
    """A vector and a matrix to do something to."""
    v = pt.Vector.from_local(None, ONES)
    return v, pt.Matrix.from_coo(None, PART, [0, 1, 2], [0, 1, 2], ONES)


# The other ways in, of values.
WAYS = TAKERS | {
    "Dense": pt.Dense,
    "Csr of a dense": pt.Csr,
    "view": lambda v: pt.Vector.view(None, v),
    "Csr, no copy": lambda v: pt.Csr.from_arrays(
        (3, 3), np.arange(4), np.arange(3), v, copy=False),
    "from_scipy": lambda v: pt.Csr.from_scipy(sparse_with(v)),
    "Diagonal": pt.Diagonal,
    "local": lambda v: setattr(three()[0], "local", v),
    "fill": lambda v: three()[0].fill(v),
    "scale": lambda v: three()[0].scale(v),
    "multiply": lambda v: three()[0] * v,
    "add_scaled": lambda v: three()[0].add_scaled(v, three()[0]),
    "apply": lambda v: three()[1].apply(v, three()[0], 0.0, three()[0]),
    "update_values": lambda v: three()[1].update_values(v),
    "row_scale": lambda v: three()[1].row_scale(v),
    "allreduce": lambda v: pt.Communicator.self().allreduce(v),
    "solve": lambda v: pt.factorization.lu(pt.Csr(np.eye(3))).solve(v),
}  # fmt: skip


VIEWS = ("view", "Csr, no copy")


def sparse_with(values):
    """Anything that gives the arrays of a CSR matrix, as SciPy's do."""
    made = types.SimpleNamespace(
        shape=(3, 3), indptr=np.arange(4), indices=np.arange(3), data=values
    )
    made.tocsr = lambda: made
    return made


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_what_is_masked_and_bytes_are_no_numbers(way, kind):
    make, reason = NO_NUMBERS[kind]
    if way in VIEWS and ("__array__" in kind or "list" in kind):
        pytest.skip("has no memory to look at")
    with pytest.raises(pt.DtypeError, match=reason):
        WAYS[way](make([1, 2, 3]))


def test_single_numbers_are_not_masked_and_not_bytes():
    one = np.ma.array(3, mask=True)
    for call in (
        lambda: pt.Vector.zeros(None, one),
        lambda: pt.Cg(rtol=np.ma.masked),
        lambda: three()[1] * np.ma.masked,
        lambda: pt.Chebyshev(bounds=b"ab"),
        lambda: pt.Identity(b"ab"),
    ):
        with pytest.raises(TypeError, match="must be a"):
            call()


def test_a_tuple_is_one_argument():
    """NumPy gets it as it is, not as its own arguments."""
    assert pt.Partition.from_ranges((0, 5, 10)).size == 10
    np.testing.assert_array_equal(pt.Vector.from_local(None, (1.9, 2.9)).local, [1.9, 2.9])
    with pytest.raises(ValueError):
        pt.Vector.from_local(None, ([1.9, 2.9], int))
    with pytest.raises(pt.DtypeError):
        pt.Vector.zeros(None, 3, dtype=("f8", (3,)))
    assert pt.Vector.from_local(None, np.ones((1, 2)).view(np.matrix)).shape == (1, 2)


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize(
    "kind, reason",
    [
        (">f8", "in the other byte order"),
        (">c16", "in the other byte order"),
        ("?", r"format '\?'"),
        ("g", "format 'g'"),
        ("M8[s]", "array of numbers: .*'M'"),
        ("O", "format 'O'"),
        ("S1", "format '.*s'"),
    ],
)
def test_what_is_no_number_of_ours_is_refused_with_the_reason(taker, kind, reason):
    with pytest.raises(pt.DtypeError, match=reason):
        TAKERS[taker](np.array([1, 2, 3]).astype(kind))
