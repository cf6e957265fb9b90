"""matrix.Csr_<T>_<I> and matrix.Coo_<T>_<I>: made in every way, multiplied, converted, read."""

import types

import numpy as np
import pytest
import scipy.sparse
from local_types import COLUMNS, INDICES, NUMBERS, ROW_PTRS, ROWS, VALUES_OF_A, A, OnDevice

from pyGinkgo import pyGinkgoBindings as pgb

EXEC = pgb.ReferenceExecutor()
PARTS = {"Csr": ("data", "indices", "indptr"), "Coo": ("data", "col", "row")}


class Kind:
    """A class, its types, and the arrays of A for it."""

    def __init__(self, stem, value_type, index_type):
        self.stem, self.value_type, self.index_type = stem, value_type, index_type
        self.cls = getattr(pgb.matrix, f"{stem}_{value_type}_{index_type}")
        self.dense = getattr(pgb.matrix, f"dense_{value_type}")
        self.dtype, self.itype = np.dtype(NUMBERS[value_type]), np.dtype(INDICES[index_type])
        rows = ROW_PTRS if stem == "Csr" else ROWS
        self.arrays = (
            np.array(VALUES_OF_A, self.dtype), np.array(COLUMNS, self.itype),
            np.array(rows, self.itype),
        )  # fmt: skip

    def make(self):
        return self.cls(EXEC, (3, 3), *self.arrays)


@pytest.fixture(params=[(s, v, i) for s in PARTS for v in NUMBERS for i in INDICES], ids="_".join)
def kind(request):
    return Kind(*request.param)


def dense_of(matrix):
    return np.asarray(matrix.convert_to_dense())


def test_made_empty(kind):
    matrix = kind.cls(EXEC)
    assert matrix.shape == (0, 0) and matrix == matrix and matrix.get_num_stored_elements() == 0
    assert matrix.T().shape == matrix.convert_to_dense().shape == (0, 0)


def test_made_of_arrays_copies(kind):
    matrix = kind.make()
    kind.arrays[0][0] = 9
    assert matrix.shape == (3, 3) and matrix.get_num_stored_elements() == 5
    assert np.array_equal(dense_of(matrix), A) and matrix.get_executor() is EXEC


def test_made_of_ginkgo_arrays(kind):
    names = kind.value_type, kind.index_type, kind.index_type
    arrays = (getattr(pgb.base, f"array_{n}")(EXEC, a) for n, a in zip(names, kind.arrays))
    assert kind.cls(EXEC, (3, 3), *arrays) == kind.make()


@pytest.mark.parametrize("same_types", [True, False])
def test_made_of_objects(kind, same_types):
    """Anything that has the parts, of any types."""
    names = PARTS[kind.stem]
    arrays = kind.arrays
    if not same_types:
        arrays = arrays[0].real.astype(np.float32), *(a.astype(np.int16) for a in arrays[1:])
    source = types.SimpleNamespace(shape=(3, 3), **dict(zip(names, arrays)))
    assert kind.cls(EXEC, source) == kind.make()
    assert kind.cls(EXEC, kind.make()) == kind.make()
    del source.data
    with pytest.raises(TypeError, match="no data"):
        kind.cls(EXEC, source)


def test_made_of_scipys(kind):
    source = getattr(scipy.sparse, f"{kind.stem.lower()}_matrix")(A.astype(np.float64))
    assert np.array_equal(dense_of(kind.cls(EXEC, source)), A)


def test_its_arrays_share_its_memory(kind):
    matrix = kind.make()
    names = PARTS[kind.stem]
    arrays = [getattr(matrix, name) for name in names]
    classes = kind.value_type, kind.index_type, kind.index_type
    for array, name, given in zip(arrays, classes, kind.arrays):
        assert type(array).__name__ == f"array_{name}"
        assert np.array_equal(np.asarray(array), given)
    arrays[0].fill(7)
    assert set(np.asarray(matrix.data)) == {7}
    assert np.array_equal(np.asarray(matrix.convert_to_dense()), 7 * (A != 0))
    del matrix
    assert arrays[0].at(4) == 7


def test_products(kind):
    matrix = kind.make()
    b, x = kind.dense(EXEC, np.arange(6).reshape(3, 2)), kind.dense(EXEC, (3, 2))
    matrix.apply(b, x)
    assert np.array_equal(np.asarray(x), A @ np.arange(6).reshape(3, 2))
    matrix.apply(kind.dense(EXEC, [[2]]), b, kind.dense(EXEC, [[-1]]), x)
    assert np.array_equal(np.asarray(x), A @ np.arange(6).reshape(3, 2))
    with pytest.raises(ValueError):
        matrix.apply(kind.dense(EXEC, (2, 2)), x)
    with pytest.raises(TypeError):
        matrix.apply(b, None)


def test_products_of_other_types(kind):
    matrix = kind.make()
    b, x = pgb.matrix.dense_double(EXEC, np.ones(3)), pgb.matrix.dense_double(EXEC, (3, 1))
    if kind.dtype.kind == "c":
        b, x = (pgb.matrix.dense_complex_double(EXEC, d) for d in (b, x))
    matrix.apply(b, x)
    assert np.array_equal(np.asarray(x), A.sum(1))


def test_products_with_sparse_matrices(kind):
    matrix, x = kind.make(), kind.cls(EXEC)
    matrix.apply(matrix, x)
    assert type(x.data).__name__ == f"array_{kind.value_type}"
    assert np.array_equal(dense_of(x), A @ A)
    matrix.apply(2, matrix, 3, x)
    assert np.array_equal(dense_of(x), 5 * A @ A)


def test_transposed(kind):
    t = kind.make().T()
    assert type(t) is kind.cls and np.array_equal(dense_of(t), A.T)
    assert t.T() == kind.make()


def test_conversions(kind):
    matrix = kind.make()
    for other in matrix.convert_to_csr(), matrix.convert_to_coo():
        assert type(other).__name__.split("_", 1)[1] == type(matrix).__name__.split("_", 1)[1]
        assert np.array_equal(dense_of(other), A)
    assert type(matrix.convert_to_dense()) is kind.dense


def test_equality(kind):
    matrix, other = kind.make(), kind.make()
    assert matrix == other and matrix != 3
    other.data.fill(1)
    assert matrix != other
    assert len({matrix, matrix, kind.make()}) == 2


def test_sizes(kind):
    matrix = kind.make()
    with pytest.deprecated_call():
        assert (matrix.size[0], matrix.size[1]) == (3, 3)
    with pytest.deprecated_call():
        assert tuple(matrix.get_size()) == (3, 3)
    for name in "size", "shape":
        with pytest.raises(AttributeError):
            setattr(matrix, name, (1, 1))


def test_refused(kind):
    values, cols, rows = kind.arrays
    wrong = np.int64 if kind.index_type == "int32" else np.int32
    for parts in (
        (values.real.astype(np.int8), cols, rows), (values, cols.astype(wrong), rows),
        (values, cols, rows.astype(wrong)),
    ):  # fmt: skip
        with pytest.raises(TypeError, match="Incompatible dtypes"):
            kind.cls(EXEC, (3, 3), *parts)
    with pytest.raises(IndexError):
        kind.cls(EXEC, (3, 3), values, cols + 2, rows)
    with pytest.raises(ValueError):
        kind.cls(EXEC, (3, 3), values[:4], cols, rows)
    with pytest.raises(ValueError, match="negative"):
        kind.cls(EXEC, (-3, 3), values, cols, rows)
    with pytest.raises(ValueError, match="Only 1D"):
        kind.cls(EXEC, (3, 3), values[:, None], cols, rows)
    with pytest.raises(TypeError, match="memory of a GPU.*copy it to the host"):
        kind.cls(EXEC, (3, 3), OnDevice(5), cols, rows)
    for parts in (), ((3, 3),), ((3, 3), values, cols):
        with pytest.raises(TypeError):
            kind.cls(*parts) if not parts else kind.cls(EXEC, *parts)


def test_read(kind, tmp_path):
    reader = getattr(pgb.matrix, f"read_{kind.cls.__name__}")
    path = str(tmp_path / "A.mtx")
    with open(path, "w") as file:
        file.write("%%MatrixMarket matrix coordinate real general\n3 3 5\n")
        for i, j, value in zip(ROWS, COLUMNS, VALUES_OF_A):
            file.write(f"{i + 1} {j + 1} {value}\n")
    matrix = reader(path, EXEC)
    assert type(matrix) is kind.cls and matrix == kind.make()
    with open(path, "w") as file:
        file.write("%%MatrixMarket matrix coordinate pattern symmetric\n2 2 1\n2 1\n")
    assert np.array_equal(dense_of(reader(path, EXEC)), [[0, 1], [1, 0]])
    with pytest.raises(OSError, match="none.mtx"):
        reader(str(tmp_path / "none.mtx"), EXEC)


def test_objects_without_the_parts(kind):
    class Half:
        shape, data = (3, 3), VALUES_OF_A

    for error in TypeError, RuntimeError:
        with pytest.raises(error, match="Half has no ind|Half has no col"):
            kind.cls(EXEC, Half())


def test_indices_that_are_none(kind):
    """They are not converted to others that would be right."""
    names = ("indices", "indptr") if "Csr" in kind.cls.__name__ else ("col", "row")
    for wrong in ([2**32, 2**32 + 1], [0.7, 1.2], [np.nan, 1]):
        rows = [0, 1, 2] if names[1] == "indptr" else [0, 1]
        given = types.SimpleNamespace(
            shape=(2, 2), data=np.ones(2), **dict(zip(names, (np.array(wrong), np.array(rows))))
        )
        with pytest.raises((ValueError, IndexError)):
            kind.cls(EXEC, given)


def test_products_with_what_is_no_matrix(kind):
    with pytest.raises(TypeError, match="expected a LinOp, not str"):
        kind.make().apply("a", kind.cls(EXEC))
