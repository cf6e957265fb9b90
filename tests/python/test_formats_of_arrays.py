"""Arrays of every spelling, wherever indices and values enter: told apart by kind and size."""

import array
import ctypes

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
    "bytes": bytes,
    "list": list,
    "range": lambda v: v if isinstance(v, range) else tuple(v),
}

REFUSED = {
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
