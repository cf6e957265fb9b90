"""Csr and Coo of what others have: by what an object says its format is."""

import types

import numpy as np
import pytest
import scipy.sparse

import petiole as pt
import pyGinkgo as pg
from pyGinkgo import pyGinkgoBindings as pgb

EXEC = pgb.ReferenceExecutor()
A = np.array([[4.0, 0, 1, 7], [0, 3, 0, 0]])  # neither square nor symmetric
FORMATS = "csr csc coo bsr dia lil dok".split()
TARGETS = pgb.matrix.Csr_double_int32, pgb.matrix.Coo_float_int64


def dense_of(matrix):
    return np.asarray(matrix.convert_to_dense())


@pytest.fixture(params=TARGETS, ids=lambda cls: cls.__name__)
def target(request):
    return request.param


def by_columns(**named):
    """The arrays of A by columns, columns not sorted, an entry in two parts."""
    return {
        "shape": A.shape, "data": np.array([4.0, 3, 1, 5, 2]),
        "indices": np.array([0, 1, 0, 0, 0]), "indptr": np.array([0, 1, 2, 3, 5]),
    } | named  # fmt: skip


def by_rows(**named):
    return {
        "shape": A.shape, "data": np.array([7.0, 1, 4, 3]),
        "indices": np.array([3, 2, 0, 1]), "indptr": np.array([0, 3, 4]),
    } | named  # fmt: skip


def by_triplets(**named):
    return {
        "shape": A.shape, "data": np.array([3.0, 7, 1, 1, 3]),
        "col": np.array([1, 3, 2, 0, 0]), "row": np.array([1, 0, 0, 0, 0]),
    } | named  # fmt: skip


@pytest.mark.parametrize("kind", ("array", "matrix"))
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_scipy(target, name, kind):
    source = getattr(scipy.sparse, f"{name}_{kind}")(A)
    assert np.array_equal(dense_of(target(EXEC, source)), A)
    assert np.array_equal(dense_of(target(EXEC, source.T)), A.T)
    facade = pg.Csr if "Csr" in target.__name__ else pg.Coo
    made = facade(source)
    assert made.shape == A.shape and np.array_equal(dense_of(made), A)
    assert type(made).__name__.split("_")[1:] == ["double", "int32"]


def test_what_is_not_sorted_or_there_twice(target):
    for kind, parts in (("csr", by_rows()), ("csc", by_columns())):
        source = getattr(scipy.sparse, f"{kind}_matrix")(
            (parts["data"], parts["indices"], parts["indptr"]), parts["shape"]
        )
        assert np.array_equal(dense_of(target(EXEC, source)), A)
    triplets = by_triplets()
    source = scipy.sparse.coo_matrix(
        (triplets["data"], (triplets["row"], triplets["col"])), A.shape
    )
    assert np.array_equal(dense_of(target(EXEC, source)), A)


class CSC:
    """Arrays by columns, known by the name of the class alone."""

    def __init__(self, **parts):
        self.__dict__.update(parts)


class MyCscMatrix(CSC):
    pass


class BSRMatrix(CSC):
    pass


class Discsorted(types.SimpleNamespace):
    """No word of its name is that of a format."""


@pytest.mark.parametrize(
    "source",
    [
        types.SimpleNamespace(format="csc", **by_columns()),
        types.SimpleNamespace(format="CSC", **by_columns()),
        types.SimpleNamespace(getformat=lambda: "csc", **by_columns()),
        types.SimpleNamespace(compressed_axes=(1,), **by_columns()),
        types.SimpleNamespace(compressed_axes=(0,), **by_rows()),
        types.SimpleNamespace(format="csr", **by_rows()),
        types.SimpleNamespace(format="coo", **by_triplets()),
        CSC(**by_columns()),
        MyCscMatrix(**by_columns()),
    ],
    ids=lambda source: f"{type(source).__name__} {getattr(source, 'format', '')}",
)
def test_what_cannot_convert_itself(target, source):
    assert np.array_equal(dense_of(target(EXEC, source)), A)


def test_what_says_nothing_has_the_arrays_of_the_class():
    assert np.array_equal(dense_of(TARGETS[0](EXEC, types.SimpleNamespace(**by_rows()))), A)
    assert np.array_equal(dense_of(TARGETS[0](EXEC, Discsorted(**by_rows()))), A)
    said = by_rows(format=lambda: "csc")  # a method is no name
    assert np.array_equal(dense_of(TARGETS[0](EXEC, types.SimpleNamespace(**said))), A)
    assert np.array_equal(dense_of(TARGETS[1](EXEC, types.SimpleNamespace(**by_triplets()))), A)


def test_matrices_of_the_bindings_and_of_petiole(target):
    csr = pt.Csr(scipy.sparse.csr_array(A))
    for source in (
        csr, csr.to_coo(), csr.to_ell(), csr.to_dense(), pt.Matrix.from_local(None, csr),
        pgb.matrix.dense_double(EXEC, A), pgb.matrix.Csr_half_int64(EXEC, scipy.sparse.csr_array(A)),
        pgb.matrix.Coo_float_int32(EXEC, scipy.sparse.coo_array(A)),
    ):  # fmt: skip
        assert np.array_equal(dense_of(target(EXEC, source)), A)


@pytest.mark.parametrize(
    "source",
    [
        types.SimpleNamespace(format="bsr", **by_rows()),
        BSRMatrix(**by_rows()),
        types.SimpleNamespace(format="csc", **by_columns(indptr=np.array([0, 1, 2, 3]))),
        types.SimpleNamespace(format="csc", **by_columns(indptr=np.array([0, 2, 1, 3, 5]))),
        types.SimpleNamespace(format="csc", **by_columns(indptr=np.array([1, 1, 2, 3, 5]))),
        types.SimpleNamespace(format="csc", **by_columns(indices=np.array([0, 2, 0, 0, 0]))),
        types.SimpleNamespace(format="csc", **by_columns(indices=np.array([0, -1, 0, 0, 0]))),
        types.SimpleNamespace(format="csc", **by_columns(data=np.ones(4))),
        types.SimpleNamespace(format="csc", **by_columns(indices=np.array([0, 2**40, 0, 0, 0]))),
        types.SimpleNamespace(format="csc", **by_columns(indices=np.array([0, 0.5, 0, 0, 0]))),
        types.SimpleNamespace(format="csc", **by_columns(indices=np.zeros((5, 1), int))),
        types.SimpleNamespace(format="csc", shape=A.shape, data=np.ones(2)),
        types.SimpleNamespace(format="csc", **by_columns(data=np.ma.masked_equal(np.ones(5), 1))),
        types.SimpleNamespace(**by_rows(data=np.ma.masked_equal(np.ones(4), 1))),
        scipy.sparse.coo_array(np.ones(3)),
        scipy.sparse.coo_array(np.ones((2, 2, 2))),
        A,
        "csr",
        None,
    ],
    ids=lambda source: type(source).__name__,
)
def test_refused(target, source):
    with pytest.raises((TypeError, ValueError, IndexError)):
        target(EXEC, source)


def test_the_mask_of_a_matrix_that_converts_itself(target):
    source = scipy.sparse.csc_matrix(A)
    source.data = np.ma.masked_equal(source.data, 7)
    with pytest.raises(TypeError, match="masked"):
        target(EXEC, source)
