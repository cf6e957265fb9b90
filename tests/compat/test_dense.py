"""matrix.dense_<T>: made in every way, changed, multiplied, seen as a buffer, read from files."""

import itertools

import numpy as np
import pytest
from local_types import NUMBERS, A, OnDevice

from pyGinkgo import pyGinkgoBindings as pgb

EXEC = pgb.ReferenceExecutor()


@pytest.fixture(params=NUMBERS)
def kind(request):
    """(the class, its NumPy dtype)"""
    return getattr(pgb.matrix, f"dense_{request.param}"), np.dtype(NUMBERS[request.param])


def test_made_empty(kind):
    d = kind[0](EXEC)
    assert d.shape == (0, 0) and d == d and d.get_num_stored_elements() == 0
    assert kind[0](EXEC, (3, 0)).shape == (3, 0)
    assert kind[0](EXEC, (0, 2)).shape == (0, 2)


def test_made_by_shape(kind):
    d = kind[0](EXEC, (3, 2))
    d.fill(4)
    assert d.shape == (3, 2) and d.at(2, 1) == 4 and d.get_num_stored_elements() == 6
    assert d.get_executor() is EXEC
    wide = kind[0](EXEC, (3, 2), 5)
    assert wide.shape == (3, 2) and wide.get_num_stored_elements() == 15
    assert kind[0](EXEC, pgb.dim2(2, 1)).shape in ((2, 1),)


def test_made_of_arrays_copies(kind):
    cls, dtype = kind
    source = A.astype(dtype)
    for d in cls(source), cls(EXEC, source), cls(EXEC, cls(source)):
        assert d.shape == (3, 3) and np.array_equal(np.asarray(d), A)
    d = cls(EXEC, source)
    source[0, 0] = 9
    assert d.at(0, 0) == 4


def test_one_dimension_is_a_column(kind):
    cls, dtype = kind
    d = cls(EXEC, np.arange(3).astype(dtype))
    assert d.shape == (3, 1) and d.at(2) == 2 == d.at(2, 0)
    assert cls(EXEC, [1.0, 2.0]).shape == (2, 1)
    assert cls(np.arange(3).astype(dtype)) == d


@pytest.mark.parametrize("layout", [lambda a: a[:, ::2], lambda a: a.T, np.asfortranarray])
def test_any_layout(kind, layout):
    cls, dtype = kind
    source = layout(np.arange(12).reshape(3, 4).astype(dtype))
    for d in cls(source), cls(EXEC, source):
        assert np.array_equal(np.asarray(d), source)


def test_elements_with_a_stride(kind):
    cls, dtype = kind
    flat = np.arange(6).astype(dtype)
    value_type = cls.__name__.removeprefix("dense_")
    for source in flat, flat.reshape(1, 6), getattr(pgb.base, f"array_{value_type}")(EXEC, flat):
        d = cls(EXEC, (2, 2), source, 3)
        assert np.array_equal(np.asarray(d), [[0, 1], [3, 4]])
        assert d.get_num_stored_elements() == 6
    flat[0] = 9
    assert cls(EXEC, (2, 3), flat, 3).at(0, 0) == 9 != d.at(0, 0)
    with pytest.raises(ValueError, match="3 elements"):
        cls(EXEC, (2, 2), flat[:3], 2)
    with pytest.raises(ValueError, match="stride"):
        cls(EXEC, (2, 2), flat, 1)


def test_conversions_and_refusals(kind):
    cls, dtype = kind
    other = np.float32 if dtype != np.float32 else np.float64
    assert np.array_equal(np.asarray(cls(EXEC, A.astype(other))), A)
    for make in lambda a: cls(a), lambda a: cls(EXEC, (3, 3), a, 3):
        with pytest.raises(TypeError, match="Incompatible dtypes"):
            make(A.astype(other))
    with pytest.raises(ValueError, match="3 dimensions"):
        cls(EXEC, np.zeros((2, 2, 2), dtype))
    with pytest.raises(ValueError, match="negative"):
        cls(EXEC, (-1, 2))
    with pytest.raises(TypeError, match="memory of a GPU.*copy it to the host"):
        cls(EXEC, OnDevice())
    with pytest.raises(TypeError):
        cls()


def test_elements(kind):
    d = kind[0](EXEC, A)
    assert d.at(0, 2) == 1 == d.at(2) and d.at(2, 0) == 2 == d.at(6)
    assert d.at(0, 3) == 0 and d.at(1, 4) == 0 and d.at(0, 8) == 5  # it reads on, as there
    for place in (9,), (-1,), (3, 0), (0, 9), (1, 6), (2, 3), (0, -1), (1, -1), (-1, 5):
        with pytest.raises(IndexError, match="out of range"):
            d.at(*place)


def test_its_memory_is_seen(kind):
    cls, dtype = kind
    d = cls(EXEC, A)
    view = memoryview(d)
    assert view.shape == (3, 3) and view.itemsize == dtype.itemsize and not view.readonly
    assert view.format == {"f2": "e", "f4": "f", "f8": "d", "c8": "Zf", "c16": "Zd"}[dtype.str[1:]]
    array = np.asarray(d)
    array[1, 1] = 8
    assert d.at(1, 1) == 8
    assert np.shares_memory(np.from_dlpack(d), array)
    assert np.asarray(cls(EXEC, (4, 1))).shape == (4,)
    assert np.asarray(cls(EXEC, (2, 2), 3)).strides == (3 * dtype.itemsize, dtype.itemsize)
    del d
    assert array[1, 1] == 8


def test_scaling(kind):
    cls, dtype = kind
    d, two = cls(EXEC, A), cls(EXEC, [[2]])
    d.scale(5)
    assert np.array_equal(np.asarray(d), 5 * A)
    d.inv_scale(5)
    d.scale(two)
    assert np.array_equal(np.asarray(d), 2 * A)
    d.inv_scale(two)
    d.scale(cls(EXEC, [[1, 2, 3]]))
    assert np.array_equal(np.asarray(d), A * [1, 2, 3])


def test_sums(kind):
    cls, dtype = kind
    d, b, two = cls(EXEC, A), cls(EXEC, np.ones((3, 3))), cls(EXEC, [[2]])
    d.add_scaled(two, b)
    assert np.array_equal(np.asarray(d), A + 2)
    d.sub_scaled(alpha=two, b=b)
    d.add_scaled(3, b)
    assert np.array_equal(np.asarray(d), A + 3)
    d.add_scaled(two, d)
    assert np.array_equal(np.asarray(d), 3 * (A + 3))
    with pytest.raises(ValueError):
        d.add_scaled(two, cls(EXEC, (2, 3)))
    with pytest.raises(ValueError, match="scalar"):
        d.scale(cls(EXEC, (3, 3)))


def test_inner_products(kind):
    cls, dtype = kind
    d, result = cls(EXEC, A), cls(EXEC, (1, 3))
    d.compute_dot(d, result)
    assert np.allclose(np.asarray(result), (A * A).sum(0))
    d.compute_norm1(result)
    assert np.allclose(np.asarray(result), A.sum(0))
    d.compute_norm2(result)
    assert np.allclose(np.asarray(result), np.linalg.norm(A, axis=0), rtol=1e-3)
    for shape in (1, 1), (3, 1), (2, 3):
        with pytest.raises(ValueError, match=r"expected \(1, 3\)"):
            d.compute_norm2(cls(EXEC, shape))


def test_products(kind):
    cls, dtype = kind
    d, x = cls(EXEC, A), cls(EXEC, (3, 3))
    d.apply(d, x)
    assert np.array_equal(np.asarray(x), A @ A)
    d.apply(cls(EXEC, [[2]]), d, cls(EXEC, [[1]]), x)
    assert np.array_equal(np.asarray(x), 3 * A @ A)
    row, out = cls(EXEC, np.ones((1, 3))), cls(EXEC, (1, 1))
    row.apply(cls(EXEC, np.ones((3, 1))), out)
    assert out.at(0) == 3
    with pytest.raises(ValueError):
        d.apply(row, x)
    with pytest.raises(ValueError, match="another object"):
        d.apply(d, d)


def test_transposed(kind):
    cls, dtype = kind
    wide = cls(EXEC, np.arange(6).reshape(2, 3))
    t = wide.T()
    assert type(t) is cls and np.array_equal(np.asarray(t), np.arange(6).reshape(2, 3).T)
    t.fill(0)
    assert wide.at(1, 2) == 5


def test_blocks_of_the_same_kind(kind):
    cls, dtype = kind
    wide = cls(EXEC, np.arange(6).reshape(2, 3))
    clone = wide.clone()
    assert type(clone) is cls and clone == wide and clone.get_executor() is EXEC
    clone.fill(0)
    assert wide.at(1, 2) == 5
    like = wide.create_with_config_of()
    assert type(like) is cls and like == clone
    strided = cls(EXEC, (2, 3), 4).create_with_config_of()
    assert strided.get_num_stored_elements() == 8
    other = wide.create_with_type_of((3, 2))
    assert type(other) is cls and other.shape == (3, 2) and other.get_executor() is EXEC
    wide.transpose_into(other)
    assert np.array_equal(np.asarray(other), np.arange(6).reshape(2, 3).T)
    with pytest.raises(ValueError, match=r"\(2, 3\): expected \(3, 2\)"):
        wide.transpose_into(like)
    with pytest.raises(TypeError, match="dense"):
        wide.transpose_into(np.zeros((3, 2)))


def test_copied_from(kind):
    cls, dtype = kind
    d = cls(EXEC, (2, 3))
    array = np.asarray(d)
    d.copy_from(pgb.matrix.dense_float(EXEC, np.arange(6).reshape(2, 3)))
    assert np.array_equal(array, np.arange(6).reshape(2, 3))
    d.copy_from(cls(EXEC, A))
    assert d.shape == (3, 3) and d == cls(EXEC, A)
    imaginary = [pgb.matrix.dense_complex_float(EXEC, shape) for shape in ((3, 3), (1, 1))]
    for z in imaginary if dtype.kind != "c" else ():
        with pytest.raises(TypeError, match="complex64"):
            d.copy_from(z)
    with pytest.raises(TypeError, match="ndarray"):
        d.copy_from(A)


@pytest.mark.parametrize("types", list(itertools.product(NUMBERS, repeat=2)))
def test_products_of_other_types(kind, types):
    cls, dtype = kind
    b, x = (getattr(pgb.matrix, f"dense_{name}") for name in types)
    b, x = b(EXEC, np.ones((3, 2))), x(EXEC, (3, 2))
    d = cls(EXEC, A)
    if x.dtype.kind != "c" and "c" in (dtype.kind, b.dtype.kind):
        with pytest.raises(TypeError, match="complex"):
            d.apply(b, x)
        return
    d.apply(b, x)
    assert np.array_equal(np.asarray(x), A @ np.ones((3, 2)))
    d.apply(2, b, -1.0, x)
    assert np.array_equal(np.asarray(x), A @ np.ones((3, 2)))


def test_what_is_no_number(kind):
    d = kind[0](EXEC, (2, 2))
    for value in "1", None, [1], 1j:
        if value == 1j and kind[1].kind == "c":
            continue
        with pytest.raises(TypeError, match="no number"):
            d.fill(value)
    kind[0](EXEC).fill(1)


def test_shown():
    d = pgb.matrix.dense_double(EXEC, [[1, 2.5]])
    assert repr(d) == "pygko.matrix.dense_double object of size 2 on host [ 1.000000 2.500000  ]"
    d = pgb.matrix.dense_half(EXEC, (5, 2))
    assert repr(d) == "pygko.matrix.dense_half object of size 10 on host"


def test_conversions(kind):
    d = kind[0](EXEC, A)
    value_type = kind[0].__name__.removeprefix("dense_")
    csr, coo = d.convert_to_csr(), d.convert_to_coo()
    assert type(csr).__name__ == f"Csr_{value_type}_int32" and csr.get_num_stored_elements() == 5
    assert csr.convert_to_dense() == d == coo.convert_to_dense()
    host = d.copy_to_host()
    host.fill(0)
    assert d.at(0, 0) == 4


def test_equality(kind):
    cls, dtype = kind
    d = cls(EXEC, A)
    assert d == d.copy_to_host() and d != cls(EXEC, A + 1) and d != 3 and d != cls(EXEC, (3, 2))
    assert len({d, d, cls(EXEC, A)}) == 2


def test_sizes(kind):
    d = kind[0](EXEC, (3, 2))
    with pytest.deprecated_call():
        assert (d.size[0], d.size[1]) == (3, 2)
    with pytest.deprecated_call():
        assert tuple(d.get_size()) == (3, 2)
    for name in "size", "shape":
        with pytest.raises(AttributeError):
            setattr(d, name, (1, 1))


def test_read(kind, tmp_path):
    cls, dtype = kind
    reader = getattr(pgb.matrix, f"read_{cls.__name__}")
    path = str(tmp_path / "dense.mtx")
    with open(path, "w") as file:
        file.write("%%MatrixMarket matrix array real general\n2 3\n1\n4\n2\n5\n3\n6\n")
    d = reader(path, EXEC)
    assert type(d) is cls and np.array_equal(np.asarray(d), [[1, 2, 3], [4, 5, 6]])
    with open(path, "w") as file:
        file.write("%%MatrixMarket matrix coordinate real general\n2 2 1\n2 1 7\n")
    assert np.array_equal(np.asarray(reader(path, EXEC)), [[0, 0], [7, 0]])
    with pytest.raises(OSError, match="none.mtx"):
        reader(str(tmp_path / "none.mtx"), EXEC)
    with open(path, "a") as file:
        file.write("1 1 1\n")
    with pytest.raises(ValueError, match="4"):
        reader(path, EXEC)


def test_the_oldest_names():
    assert pgb.matrix.dense is pgb.matrix.dense_double
    assert pgb.matrix.read_dense is pgb.matrix.read_dense_double


def test_a_size_is_a_shape(kind):
    cls = kind[0]
    assert cls(EXEC, pgb.dim2(2, 3)).shape == (2, 3)
    d = cls(EXEC, (2, 3), 5)
    with pytest.warns(DeprecationWarning):
        assert cls(EXEC, d.get_size()).shape == (2, 3)
    assert pgb.dim2(2, 2) != None and pgb.dim2(2, 2) != 5  # noqa: E711


def test_strides_of_few_elements(kind):
    cls = kind[0]
    assert cls(EXEC, (1, 3), 5).get_num_stored_elements() == 5
    d = cls(EXEC, (3, 0), 2)
    assert d.shape == (3, 0) and d.get_num_stored_elements() == 6


def test_as_an_array_of_another_type(kind):
    d = kind[0](EXEC, np.ones((2, 2)))
    assert d.__array__(np.complex128).dtype == np.complex128


def test_complex_numbers_have_no_room_in_real_ones(kind):
    cls, dtype = kind
    d, real = cls(EXEC, np.ones(3)), pgb.matrix.dense_double(EXEC, (1, 1))
    if dtype.kind == "c":
        with pytest.raises(TypeError, match="no complex numbers"):
            d.compute_dot(d, real)
    d.compute_norm2(real)
    assert abs(real.at(0) - 3**0.5) < 1e-3


def test_elements_beyond_the_columns(kind):
    """at(i, j) is element i stride + j of the memory, as far as there is any."""
    cls, dtype = kind
    d = cls(EXEC, (2, 2), np.arange(1, 8).astype(dtype), 3)
    assert [d.at(0, j) for j in range(6)] == [1, 2, 0, 4, 5, 0]  # what is between rows is 0
    assert d.at(1, 2) == 0 and d.at(3) == 5
    for place in (0, 6), (1, 3), (2, 0), (0, -1), (-1, 4), (2**70, 0), (4,), (-1,):
        with pytest.raises(IndexError, match="out of range"):
            d.at(*place)
    column = cls(EXEC, np.arange(3).astype(dtype))
    assert [column.at(0, j) for j in range(3)] == [0, 1, 2]
    for empty in cls(EXEC), cls(EXEC, (3, 0)), cls(EXEC, (3, 0), 2), cls(EXEC, (0, 3)):
        for place in (0,), (0, 0), (1, 0):
            with pytest.raises(IndexError, match="out of range"):
                empty.at(*place)
    for other in d.clone(), d.T(), d.convert_to_csr().convert_to_dense():
        assert other.at(other.shape[0] - 1, other.shape[1] - 1) == 5
        with pytest.raises(IndexError):
            other.at(1, 3)
