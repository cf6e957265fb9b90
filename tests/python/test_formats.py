"""Local formats and the operators beside them, on one process: what is aliased, copied, refused."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import petiole as pt

scipy_sparse = pytest.importorskip("scipy.sparse")

FORMATS = [pt.Csr, pt.Coo, pt.Ell, pt.Sellp, pt.Dense]
DTYPES = ["float32", "float64", "complex64", "complex128"]

every_format = pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.__name__)


def sparse(rows, cols, dtype="float64", seed=0, density=0.4):
    rng = np.random.default_rng(seed)
    dense = rng.standard_normal((rows, cols))
    if np.dtype(dtype).kind == "c":
        dense = dense + 1j * rng.standard_normal((rows, cols))
    dense[rng.random((rows, cols)) > density] = 0
    return dense.astype(dtype)


class Watched(np.ndarray):
    """An array that can be watched."""


# A 3 x 4 matrix [[1, 0, 2, 0], [0, 0, 0, 0], [0, 3, 0, 4]] in each format's arrays.
DENSE = np.array([[1, 0, 2, 0], [0, 0, 0, 0], [0, 3, 0, 4.0]])


def arrays_of(format, itype="int64", dtype="float64"):
    """The constructor's arrays, and what follows them."""
    parts = {
        pt.Csr: ([0, 2, 2, 4], [0, 2, 1, 3], [1, 2, 3, 4]),
        pt.Coo: ([0, 0, 2, 2], [0, 2, 1, 3], [1, 2, 3, 4]),
        pt.Ell: ([[0, -1, 1], [2, -1, 3]], [[1, 0, 3], [2, 0, 4]]),
        pt.Sellp: ([0, 2, 4], [0, -1, 2, -1, 1, -1, 3, -1], [1, 0, 2, 0, 3, 0, 4, 0]),
    }[format]
    *indices, values = parts
    arrays = [np.array(part, itype) for part in indices]
    if format is pt.Sellp:
        arrays[0] = arrays[0].astype("int64")
    arrays = [a.view(Watched) for a in (*arrays, np.array(values, dtype))]
    return arrays, [2] if format is pt.Sellp else []


NAMES = {
    pt.Csr: ("indptr", "indices", "values"),
    pt.Coo: ("row_indices", "col_indices", "values"),
    pt.Ell: ("indices", "values"),
    pt.Sellp: ("slice_sets", "indices", "values"),
}

of_arrays = pytest.mark.parametrize("format", NAMES, ids=lambda f: f.__name__)


@of_arrays
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("itype", ("int32", "int64"))
def test_from_arrays(format, itype, dtype):
    arrays, more = arrays_of(format, itype, dtype)
    for copy in (True, False):
        A = format.from_arrays((3, 4), *arrays, *more, copy=copy)
        assert A.shape == (3, 4) and A.dtype == dtype and A.nnz == 4
        assert A.format == format.__name__.lower()
        np.testing.assert_array_equal(A.to_dense().array, DENSE.astype(dtype))
        for name, array in zip(NAMES[format], arrays):
            out = getattr(A, name)
            np.testing.assert_array_equal(out, array)
            assert np.shares_memory(out, array) != copy
            assert out.dtype == array.dtype
            assert out.flags.writeable == (name == "values")


@of_arrays
def test_a_view_sees_what_is_written_to_its_array(format):
    arrays, more = arrays_of(format)
    A = format.from_arrays((3, 4), *arrays, *more, copy=False)
    arrays[-1] *= 2
    x = pt.Vector.from_local(None, np.ones(4))
    assert (A @ x).local.tolist() == [6, 0, 14]
    A.values[...] = 1
    assert (A @ x).local.tolist() == [2, 0, 2]
    assert arrays[-1].min() == 1


@of_arrays
def test_memory_lives_as_long_as_it_is_looked_at(format):
    arrays, more = arrays_of(format)
    alive = [weakref.ref(array) for array in arrays]
    A = format.from_arrays((3, 4), *arrays, *more, copy=False)
    values, lazy = A.values, A.T
    del A, arrays
    gc.collect()
    assert all(ref() is not None for ref in alive)
    y = lazy @ pt.Vector.from_local(None, np.ones(3))
    assert y.local.tolist() == [1, 3, 2, 4]
    del lazy
    assert values.sum() == 10
    del values
    gc.collect()
    assert all(ref() is None for ref in alive)


@of_arrays
def test_what_cannot_be_viewed_is_refused_and_let_go(format):
    good, more = arrays_of(format)
    names = NAMES[format]

    def refused(error, match, at, array, good=good):
        arrays = [*good]
        arrays[at] = array
        with pytest.raises(error, match=match):
            format.from_arrays((3, 4), *arrays, *more, copy=False)

    refused(TypeError, "values must be an array", -1, good[-1].tolist())
    refused(pt.DtypeError, "values", -1, good[-1].astype("longdouble"))
    refused(pt.DtypeError, "values", -1, good[-1].astype("int64"))
    refused(pt.DtypeError, "indices", names.index(names[-2]), good[-2].astype("int16"))
    strided = np.repeat(good[-1], 2, axis=-1)[..., ::2]
    assert np.array_equal(strided, good[-1])
    refused(pt.InvalidArgument, "values cannot be viewed", -1, strided)
    raw = np.zeros(good[-1].nbytes + 1, "u1")[1:].view("float64").reshape(good[-1].shape)
    refused(pt.InvalidArgument, "align", -1, raw)
    refused(pt.DimensionError, "dimension", -1, good[-1][None])
    # a copy takes all of them but the wrong shape
    for values in (good[-1].tolist(), strided, raw, good[-1].astype("int64")):
        format.from_arrays((3, 4), *good[:-1], values, *more)
    alive = weakref.ref(good[-1])
    del good, refused
    gc.collect()
    assert alive() is None


@of_arrays
def test_a_read_only_array_gives_a_read_only_view(format):
    arrays, more = arrays_of(format)
    for array in arrays:
        array.flags.writeable = False
    A = format.from_arrays((3, 4), *arrays, *more, copy=False)
    assert not A.values.flags.writeable
    with pytest.raises(ValueError):
        A.values[...] = 1
    assert format.from_arrays((3, 4), *arrays, *more).values.flags.writeable


@of_arrays
@pytest.mark.parametrize("copy", (True, False))
def test_indices_out_of_range(format, copy):
    at = NAMES[format].index("col_indices" if format is pt.Coo else "indices")
    for wrong in (4, -2, 2**31 - 1):
        arrays, more = arrays_of(format)
        arrays[at].flat[0] = wrong
        with pytest.raises(pt.IndexOutOfRange, match=str(wrong)):
            format.from_arrays((3, 4), *arrays, *more, copy=copy)
    arrays, more = arrays_of(format)
    if format is pt.Coo:
        arrays[0][3] = 3
        with pytest.raises(pt.IndexOutOfRange):
            format.from_arrays((3, 4), *arrays, copy=copy)


@of_arrays
@pytest.mark.parametrize("copy", (True, False))
def test_lengths_that_do_not_fit(format, copy):
    arrays, more = arrays_of(format)
    for at in range(len(arrays)):
        shorter = [*arrays]
        shorter[at] = np.ascontiguousarray(arrays[at][..., :-1])
        with pytest.raises(pt.DimensionError):
            format.from_arrays((3, 4), *shorter, *more, copy=copy)
    if format is not pt.Coo:
        with pytest.raises(pt.DimensionError):
            format.from_arrays((5, 4), *arrays, *more, copy=copy)


@of_arrays
@pytest.mark.parametrize("shape", [(-1, 4), (0, -1)])
def test_negative_sizes(format, shape):
    """Of no row, no end of indptr is read."""
    arrays, more = arrays_of(format)
    empty = [np.zeros((0,) * array.ndim, array.dtype) for array in arrays]
    for copy in (True, False):
        with pytest.raises(ValueError, match=r"shape is \(.*-1.*expected sizes of 0 or more"):
            format.from_arrays(shape, *empty, *more, copy=copy)


def test_sellp_slices():
    (sets, indices, values), _ = arrays_of(pt.Sellp)
    for size in (0, -1):
        with pytest.raises(pt.InvalidArgument, match="slice_size"):
            pt.Sellp.from_arrays((3, 4), sets, indices, values, size)
    for size in (1, 3, 2**62):
        with pytest.raises(pt.DimensionError):
            pt.Sellp.from_arrays((3, 4), sets, indices, values, size)
    with pytest.raises(pt.InvalidArgument):
        pt.Sellp.from_arrays((5, 4), np.array([0, 2, 1, 2]), indices, values, 2)
    with pytest.raises(pt.DtypeError, match="int64"):
        pt.Sellp.from_arrays((3, 4), sets.astype("int32"), indices, values, 2, copy=False)
    A = pt.Sellp.from_arrays((3, 4), sets.tolist(), indices, values, slice_size=2)
    assert A.slice_size == 2


def test_ell_rows_may_lie_apart():
    indices, values = np.full((2, 5), -1), np.full((2, 5), np.nan)
    indices[:, :3], values[:, :3] = arrays_of(pt.Ell)[0]
    A = pt.Ell.from_arrays((3, 4), indices[:, :3], values[:, :3], copy=False)
    assert np.shares_memory(A.values, values) and A.values.shape == (2, 3)
    np.testing.assert_array_equal(A.to_dense().array, DENSE)
    with pytest.raises(pt.InvalidArgument, match="apart"):
        pt.Ell.from_arrays((3, 4), indices[:, :3].copy(), values[:, :3], copy=False)
    B = pt.Ell.from_arrays((3, 4), indices[:, :3].copy(), values[:, :3])
    np.testing.assert_array_equal(B.to_dense().array, DENSE)


def test_padding_is_not_read():
    (indices, values), _ = arrays_of(pt.Ell)
    values[indices < 0] = np.nan
    A = pt.Ell.from_arrays((3, 4), indices, values)
    np.testing.assert_array_equal((A @ pt.Vector.from_local(None, np.ones(4))).local, [3, 0, 7])
    assert A.to_csr().nnz == 4


# ---- Dense --------------------------------------------------------------------------------------


def test_dense_copies_and_views():
    data = np.arange(12.0).reshape(3, 4)
    A, V = pt.Dense(data), pt.Dense.view(data)
    assert not np.shares_memory(A.array, data) and np.shares_memory(V.array, data)
    assert np.shares_memory(np.asarray(V), data)
    assert np.asarray(V, dtype="float32").dtype == np.float32
    assert not np.shares_memory(V.__array__(copy=True), data)
    data[0] = 7
    assert (V @ pt.Vector.from_local(None, np.ones(4))).local[0] == 28
    V.array[0, 0] = 0
    assert data[0, 0] == 0 and A.nnz == 12


def test_dense_views_what_has_rows_of_neighbours():
    data = np.arange(24.0).reshape(4, 6)
    V = pt.Dense.view(data[::2, 1:5])
    np.testing.assert_array_equal(V.array, data[::2, 1:5])
    x = pt.Vector.from_local(None, np.arange(4.0))
    np.testing.assert_allclose((V @ x).local, data[::2, 1:5] @ np.arange(4.0))
    for refused in (data[:, ::2], data.T, data[::-1]):
        with pytest.raises(pt.InvalidArgument, match="cannot be viewed"):
            pt.Dense.view(refused)
        np.testing.assert_array_equal(pt.Dense(refused).array, refused)
    with pytest.raises(TypeError, match="Dense"):
        pt.Dense.view([[1.0]])
    with pytest.raises(pt.DimensionError):
        pt.Dense.view(data[0])
    with pytest.raises(pt.DimensionError):
        pt.Dense(3.0)
    with pytest.raises(pt.DtypeError):
        pt.Dense.view(np.arange(4).reshape(2, 2))
    assert pt.Dense([[1, 2]]).array.tolist() == [[1, 2]]


def test_a_dense_view_of_a_read_only_array():
    data = np.eye(2)
    data.flags.writeable = False
    V = pt.Dense.view(data)
    assert not V.array.flags.writeable
    assert (V @ pt.Vector.from_local(None, [1.0, 2.0])).local.tolist() == [1, 2]


def test_a_dense_view_keeps_its_array():
    data = np.ones((2, 2)).view(Watched)
    alive = weakref.ref(data)
    array = pt.Dense.view(data).array
    del data
    gc.collect()
    assert alive() is not None
    del array
    gc.collect()
    assert alive() is None


# ---- conversions --------------------------------------------------------------------------------


@every_format
@pytest.mark.parametrize("dtype", DTYPES)
def test_from_and_to_scipy(format, dtype):
    dense = sparse(7, 5, dtype)
    for make in (scipy_sparse.csr_array, scipy_sparse.coo_array, scipy_sparse.csc_matrix):
        for A in (format.from_scipy(make(dense)), format(make(dense))):
            assert A.dtype == dtype
            back = A.to_scipy()
            assert back.format == ("coo" if format is pt.Coo else "csr")
            np.testing.assert_array_equal(back.toarray(), dense)
            before = A.to_dense().array.copy()
            back.data[:] = 0  # it is a copy
            np.testing.assert_array_equal(A.to_dense().array, before)


@pytest.mark.parametrize("format, make", [(pt.Csr, "csr_array"), (pt.Coo, "coo_array")])
def test_scipy_can_be_looked_at(format, make):
    given = getattr(scipy_sparse, make)(DENSE)
    A = format.from_scipy(given, copy=False)
    assert np.shares_memory(A.values, given.data)
    assert not np.shares_memory(format.from_scipy(given).values, given.data)
    assert not np.shares_memory(format(given).values, given.data)


def test_scipy_that_cannot_be_looked_at():
    for format in (pt.Ell, pt.Sellp, pt.Dense):
        with pytest.raises(pt.InvalidArgument, match="copy"):
            format.from_scipy(scipy_sparse.csr_array(DENSE), copy=False)
    for format in FORMATS:
        with pytest.raises(TypeError, match="SciPy"):
            format.from_scipy(DENSE)


@every_format
def test_conversions(format):
    dense = sparse(9, 6)
    A = format(dense)
    for name, target in zip(("csr", "coo", "ell", "sellp", "dense"), FORMATS):
        for B in (getattr(A, f"to_{name}")(), target(A)):
            assert type(B) is target and B is not A and B.format == name
            np.testing.assert_array_equal(B.to_dense().array, dense)
    copy = A.copy()
    assert type(copy) is format
    values = copy.array if format is pt.Dense else copy.values
    values[...] = 0
    np.testing.assert_array_equal(A.to_dense().array, dense)


@every_format
def test_transpose_and_astype(format):
    dense = sparse(9, 6, "complex128")
    A = format(dense)
    for conjugate, expected in ((False, dense.T), (True, dense.T.conj())):
        B = A.transpose(conjugate)
        assert type(B) is format
        np.testing.assert_array_equal(B.to_dense().array, expected)
    narrow = A.astype("complex64")
    assert type(narrow) is format and narrow.dtype == np.complex64
    np.testing.assert_array_equal(narrow.to_dense().array, dense.astype("complex64"))
    for real in ("float32", "float64"):
        with pytest.raises(pt.DtypeError):
            A.astype(real)
        with pytest.raises(pt.DtypeError):
            format(A, dtype=real)
    with pytest.raises(pt.DtypeError):
        A.astype("longdouble")
    assert format(sparse(3, 3), dtype="complex64").dtype == np.complex64
    assert format([[1, 2], [3, 4]], dtype="float32").dtype == np.float32


@every_format
def test_executors(format):
    one, other = pt.Executor.Reference(), pt.Executor.OpenMP(2)
    A = format(DENSE, exec=one)
    B = format(A, exec=other)
    assert A.exec.name == "reference" and B.exec.name == "openmp" and type(B) is format
    np.testing.assert_array_equal(B.to_dense().array, DENSE)
    assert format(scipy_sparse.csr_array(DENSE), exec=other).exec.threads == 2
    assert A.to_ell().exec.name == "reference"


@every_format
def test_duplicates_count_twice(format):
    A = pt.Coo.from_arrays((2, 2), [0, 0, 1], [1, 1, 0], [1.0, 2.0, 4.0])
    B = format(A)
    x = pt.Vector.from_local(None, [1.0, 10.0])
    assert (B @ x).local.tolist() == [30, 4]
    assert B.nnz == (4 if format is pt.Dense else 3)
    np.testing.assert_array_equal(B.to_scipy().toarray(), [[0, 3], [4, 0]])


def test_what_is_no_matrix():
    A = pt.Csr(DENSE)
    line = scipy_sparse.coo_array(np.arange(3.0))  # SciPy has sparse arrays of one dimension
    for make in (*FORMATS, pt.Csr.from_scipy, lambda line: pt.Matrix.from_scipy(None, line)):
        with pytest.raises(pt.DimensionError, match="1 dimensions, expected 2"):
            make(line)
    for wrong in (A.T, pt.Identity(3), "text", None):
        with pytest.raises((TypeError, ValueError)):
            pt.Csr(wrong)
    with pytest.raises(TypeError, match="use Csr"):
        pt.Format(DENSE)
    with pytest.raises(TypeError):
        pt.Csr()
    with pytest.raises(TypeError):
        pt.Csr(DENSE, exec="openmp")
    assert isinstance(A, pt.Format) and isinstance(A, pt.LinOp)


@every_format
@given(rows=st.integers(0, 40), cols=st.integers(0, 40), seed=st.integers(0, 99))
def test_any_shape(format, rows, cols, seed):
    dense = sparse(rows, cols, seed=seed, density=0.1 + 0.8 * (seed % 3 == 0))
    A = format(dense)
    x, z = (pt.Vector.from_local(None, np.linspace(1, 2, n)) for n in (cols, rows))
    close = {"rtol": 0, "atol": 1e-12}
    assert A.shape == dense.shape
    np.testing.assert_allclose((A @ x).local, dense @ x.local, **close)
    np.testing.assert_allclose((A.T @ z).local, dense.T @ z.local, **close)
    np.testing.assert_array_equal(A.transpose().to_scipy().toarray(), dense.T)
    for other in FORMATS:
        np.testing.assert_array_equal(other(A).to_dense().array, dense)


# ---- Diagonal, Identity, Composition, Combination -------------------------------------------------


def vector(*values):
    return pt.Vector.from_local(None, np.array(values, "float64"))


def test_diagonal():
    d = vector(1, 2, 3)
    D = pt.Diagonal(d)
    assert D.vector is d and D.shape == (3, 3)
    d.local[1] = 5
    assert (D @ vector(1, 1, 1)).local.tolist() == [1, 5, 3]
    values = np.array([2.0, 4.0])
    E = pt.Diagonal(values)
    values[0] = 0
    assert (E @ vector(1, 1)).local.tolist() == [2, 4]
    assert pt.Diagonal([1, 2], exec=pt.Executor.Reference()).exec.name == "reference"
    with pytest.raises(pt.DimensionError):
        pt.Diagonal(np.ones((2, 2)))
    with pytest.raises(pt.InvalidArgument, match="exec"):
        pt.Diagonal(d, exec=pt.Executor.Reference())
    with pytest.raises(pt.DtypeError):
        pt.Diagonal("text")


def test_identity():
    x = vector(1, 2, 3)
    for shape in (3, (3, 3), np.int64(3)):
        assert (pt.Identity(shape) @ x).local.tolist() == [1, 2, 3]
    assert pt.Identity(0).shape == (0, 0)
    assert pt.Identity(2, dtype="complex64").dtype == np.complex64
    for shape in ((2, 3), -1, (-1, -1), None):
        with pytest.raises(pt.InvalidArgument):
            pt.Identity(shape)
    with pytest.raises(pt.DimensionError):
        pt.Identity(3, local_size=2)
    with pytest.raises(TypeError):
        pt.Identity("three")


def test_products_and_sums_know_what_they_are_made_of():
    A, B = pt.Csr(np.diag([1.0, 2.0])), pt.Dense([[0.0, 1.0], [1.0, 0.0]])
    P = A @ B @ A
    assert isinstance(P, pt.Composition) and P.operators == (A, B, A)
    assert pt.Composition(A, B).operators == (A, B)
    S = 2 * A - B + B * 0.5 - 2 * (A + B)
    assert isinstance(S, pt.Combination)
    assert S.coefs == (2, -1, 0.5, -2, -2) and S.operators == (A, B, B, A, B)
    assert (-A).coefs == (-1,) and (np.float32(2) * A).coefs == (2,)
    assert (3 * P).operators == (P,)
    x = vector(1, 10)
    assert (P @ x).local.tolist() == [20, 2]
    assert (S @ x).local.tolist() == [-25, -2.5]


def test_what_cannot_be_combined():
    A, wide = pt.Csr(np.eye(2)), pt.Csr(np.ones((2, 3)))
    for foreign in (1, "text", None, np.eye(2), vector(1, 2), [A]):
        for combine in (lambda f: A + f, lambda f: f + A, lambda f: A - f, lambda f: f - A):
            with pytest.raises(TypeError):
                combine(foreign)
    for foreign in ("text", None, np.eye(2), vector(1, 2), A):
        for combine in (lambda f: A * f, lambda f: f * A):
            with pytest.raises(TypeError):
                combine(foreign)
    with pytest.raises(pt.DimensionError):
        A + wide
    with pytest.raises(pt.DimensionError):
        wide @ A
    with pytest.raises(pt.DtypeError):
        A * 1j
    with pytest.raises(pt.DtypeError):
        A + A.astype("float32")
    assert (pt.Csr(np.eye(2), dtype="complex64") * 1j).coefs == (1j,)
    with pytest.raises(pt.InvalidArgument):
        pt.Composition()
    with pytest.raises(TypeError):
        pt.Composition(A, 3)
    with pytest.raises(TypeError):
        pt.Composition(operators=A)
    with pytest.raises(pt.DimensionError, match="coefs"):
        pt.Combination([1, 2], [A])
    with pytest.raises((TypeError, pt.DtypeError)):
        pt.Combination(["one"], [A])
    with pytest.raises(pt.InvalidArgument):
        pt.Combination([], [])


# ---- transposes of Python operators ---------------------------------------------------------------


def python_operator(dense, **methods):
    """An operator with apply_impl and the transposed products named."""

    def product(matrix):
        def impl(self, b, x):
            x.local = matrix @ b.local

        return impl

    forms = {"apply_transpose_impl": dense.T, "apply_hermitian_impl": dense.T.conj()}
    body = {"apply_impl": product(dense)}
    body |= {name: product(forms[name]) for name in methods}
    return type("Op", (pt.LinOp,), body)(dense.shape, dtype=dense.dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "methods",
    [
        ["apply_transpose_impl"],
        ["apply_hermitian_impl"],
        ["apply_transpose_impl", "apply_hermitian_impl"],
    ],
)
def test_transposed_python_operators(dtype, methods):
    dense = sparse(4, 4, dtype, seed=3)
    op = python_operator(dense, **dict.fromkeys(methods))
    assert op.T.T is op and op.H.H is op
    values = sparse(4, 2, dtype, seed=4, density=1)
    x = pt.Vector.from_local(None, values)
    close = {"rtol": 0, "atol": 100 * np.finfo(dtype).eps}
    np.testing.assert_allclose((op.T @ x).local, dense.T @ values, **close)
    np.testing.assert_allclose((op.H @ x).local, dense.T.conj() @ values, **close)
    y = pt.Vector.from_local(None, values)
    op.H.apply(2.0, x, -1.0, y)
    np.testing.assert_allclose(y.local, 2 * dense.T.conj() @ values - values, **close)


def test_a_rectangular_python_operator():
    op = python_operator(sparse(3, 5), apply_transpose_impl=None)
    x, y = pt.Vector.zeros(None, 3), pt.Vector.zeros(None, 5)
    op.T.apply(x, y)
    with pytest.raises(pt.DimensionError):
        op.T.apply(y, x)
    with pytest.raises(pt.NotSupported, match="apply"):
        op.T @ x


def test_an_operator_without_transposed_products():
    class Plain(pt.LinOp):
        def apply_impl(self, b, x):
            x.local = b.local

    for form in "TH":
        with pytest.raises(pt.NotSupported, match="callback"):
            getattr(Plain(3), form)
    with pytest.raises(RuntimeError, match="__init__"):
        repr(Plain.__new__(Plain).T)


def test_real_transposes_undo_each_other():
    A = pt.Csr(DENSE)
    assert A.T.H is A and A.H.T is A
    C = pt.Csr(DENSE, dtype="complex64")
    assert C.T.T is C and C.H.H is C
    with pytest.raises(pt.NotSupported):
        repr(C.T.H)
