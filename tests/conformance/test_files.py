"""Files, MatrixMarket and binary: small ones of every kind, malformed ones, real ones, and what is
written and read again by other ranks."""

import contextlib
import glob
import os
import pathlib
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import DTYPES, FULL, OPERATORS, PARTITIONS, mine, owners, partition, random, sparse

import petiole as pt

SPD = ("fv1.mtx", "1138_bus.mtx")
REAL = (*SPD, "cryg2500.mtx", "watt_2.mtx", "west0479.mtx", "young1c.mtx", "jagmesh7.mtx")
SUFFIXES = ("mtx", "ptl")
DEALT = PARTITIONS if FULL else ("scattered",)


@pytest.fixture
def folder(comm, tmp_path):
    """A folder that all ranks share."""
    return pathlib.Path(comm.bcast(str(tmp_path)))


@pytest.fixture
def put(comm, folder):
    """Writes a file on rank 0 and gives its path on every rank."""

    def write(text, name="file.mtx"):
        if comm.rank == 0:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        comm.barrier()
        return str(folder / name)

    return write


def owned(part, comm):
    """The global indices of this rank, in its local order."""
    return np.array([i for i in range(part.size) if part.owner(i) == comm.rank], np.int64)


def assert_matrix(comm, A, dense):
    assert A.shape == dense.shape
    np.testing.assert_array_equal(A.to_scipy().toarray(), dense[owned(A.partition, comm)])


def together(comm, error, match=None):
    """The call fails on every rank, with the same words and the same rank at fault."""

    @contextlib.contextmanager
    def check():
        with pytest.raises(error, match=match) as caught:
            yield caught
        mine = (type(caught.value).__name__, str(caught.value), caught.value.rank)
        assert set(comm.allgather(mine)) == {mine}

    return check()


# ---- MatrixMarket: what is read ---------------------------------------------------------------

# The text, and the matrix.
GOOD = {
    "comments": (
        "coordinate real general\n% a comment\n\n3 4 3\n1 1 1.5\n%x\n \n3 4 -2e-3\n2 1 7\n",
        [[1.5, 0, 0, 0], [7, 0, 0, 0], [0, 0, 0, -2e-3]],
    ),
    "crlf": ("coordinate real general\r\n2 2 1\r\n1 2 3.25\r\n", [[0, 3.25], [0, 0]]),
    "no end": ("coordinate real general\n2 2 2\n1 2 3.25\n2 1 -4", [[0, 3.25], [-4, 0]]),
    "duplicates": ("coordinate real general\n2 2 3\n1 2 3.25\n1 2 1\n2 2 1\n", [[0, 4.25], [0, 1]]),
    "spaces": ("coordinate real general\n  2 2 1  \n \t1   2\t 3.25  \n\n\n", [[0, 3.25], [0, 0]]),
    "words": ("Coordinate DOUBLE General\n1 2 2\n1 1 +1.E+02\n1 2 .5\n", [[100, 0.5]]),
    "lower": ("coordinate integer symmetric\n2 2 2\n1 1 4\n2 1 -2\n", [[4, -2], [-2, 0]]),
    "upper": ("coordinate real symmetric\n2 2 1\n1 2 -2.5\n", [[0, -2.5], [-2.5, 0]]),
    "array": ("array real general\n3 2\n1\n0\n3\n%x\n\n-4\n5\n6\n", [[1, -4], [0, 5], [3, 6]]),
    "no-entries": ("coordinate real general\n3 3 0\n", np.zeros((3, 3))),
    "no-rows": ("coordinate real general\n0 0 0\n", np.zeros((0, 0))),
    "no-columns": ("array real general\n3 0\n", np.zeros((3, 0))),
}


@pytest.mark.parametrize("name", GOOD)
def test_small_files(comm, put, name):
    text, expected = GOOD[name]
    A = pt.Matrix.read(put("%%MatrixMarket matrix " + text), comm)
    assert A.partition == pt.Partition.uniform(comm.size, len(expected))
    assert A.dtype == np.float64
    assert_matrix(comm, A, np.array(expected, float))
    if name == "array":
        assert A.nnz == 5  # a zero is no entry


def mirrored(lower, symmetry):
    """The whole matrix of which the lower triangle is given."""
    strict = np.tril(lower, -1)
    if symmetry == "skew-symmetric":
        return strict - strict.T
    other = strict.conj().T if symmetry == "hermitian" else strict.T
    whole = np.tril(lower) + other
    if symmetry == "hermitian":
        np.fill_diagonal(whole, whole.diagonal().real)
    return whole


def numbers(field, shape, seed):
    rng = np.random.default_rng(seed)
    if field == "pattern":
        return np.ones(shape)
    if field == "integer":
        return rng.integers(-9, 10, shape).astype(float)
    return random(shape, "complex128" if field == "complex" else "float64", seed)


def show(field, value):
    if field == "pattern":
        return ""
    if field == "integer":
        return str(int(value))
    parts = (value.real, value.imag) if field == "complex" else (value,)
    return " ".join(repr(float(part)) for part in parts)


def text_of(whole, form, field, symmetry, present):
    """A file of the matrix, of one triangle where it is symmetric; `present` says which entries."""
    n, m = whole.shape
    places = [(i, j) for j in range(m) for i in range(n)]
    if symmetry != "general":
        places = [(i, j) for i, j in places if i > j or (i == j and symmetry[0] != "k")]
        places = [(i, j) for i, j in places if i != j or symmetry != "skew-symmetric"]
    if form == "coordinate":
        places = [(i, j) for i, j in places if present[i, j]]
        lines = [f"{i + 1} {j + 1} {show(field, whole[i, j])}" for i, j in places]
        sizes = f"{n} {m} {len(lines)}"
    else:
        lines, sizes = [show(field, whole[i, j]) for i, j in places], f"{n} {m}"
    return "\n".join([f"%%MatrixMarket matrix {form} {field} {symmetry}", sizes, *lines, ""])


KINDS = [
    (form, field, symmetry)
    for form in ("coordinate", "array")
    for field in ("real", "integer", "complex", "pattern")
    for symmetry in ("general", "symmetric", "skew-symmetric", "hermitian")
    if not (field == "pattern" and (form == "array" or symmetry[0] == "h" or symmetry[1] == "k"))
    and (symmetry != "hermitian" or field == "complex")
]


@pytest.mark.parametrize("kind", PARTITIONS if FULL else ("empty",))
@pytest.mark.parametrize("form, field, symmetry", KINDS)
def test_every_kind(comm, put, form, field, symmetry, kind):
    n, m = (11, 11) if symmetry != "general" else (11, 7)
    whole = numbers(field, (n, m), 3)
    present = np.random.default_rng(4).random((n, m)) < 0.4
    if form == "coordinate":
        whole[~present] = 0
    if symmetry != "general":
        whole = mirrored(whole, symmetry)
    path = put(text_of(whole, form, field, symmetry, present))
    A = pt.Matrix.read(path, comm, partition(kind, n, comm))
    assert A.dtype == (np.complex128 if field == "complex" else np.float64)
    assert A.partition == partition(kind, n, comm)
    assert_matrix(comm, A, whole)
    v = pt.Vector.read(path, comm, partition(kind, n, comm))
    assert v.shape == (n, m)
    np.testing.assert_array_equal(v.local, whole[owned(A.partition, comm)])
    for dtype in DTYPES:
        if field == "complex" and np.dtype(dtype).kind != "c":
            with together(comm, pt.DtypeError):
                pt.Matrix.read(path, comm, dtype=dtype)
        else:
            assert_matrix(comm, pt.Matrix.read(path, comm, dtype=dtype), whole.astype(dtype))


def test_column_partitions(comm, put):
    whole = numbers("real", (11, 7), 5)
    path = put(text_of(whole, "coordinate", "real", "general", whole > 0))
    rows, cols = partition("scattered", 11, comm), partition("empty", 7, comm)
    A = pt.Matrix.read(path, comm, rows, col_partition=cols)
    assert A.partition == rows and A.col_partition == cols
    assert_matrix(comm, A, np.where(whole > 0, whole, 0))
    assert pt.Matrix.read(path, comm).col_partition == pt.Partition.uniform(comm.size, 7)
    with together(comm, pt.DimensionError, "col_partition has size 11, but the file has 7 columns"):
        pt.Matrix.read(path, comm, rows, col_partition=rows)
    with together(comm, pt.DimensionError, "partition has size 7, but the file has 11 rows"):
        pt.Matrix.read(path, comm, cols)


def test_vectors_of_coordinates(comm, put):
    path = put(
        "%%MatrixMarket matrix coordinate real general\n5 1 4\n5 1 2\n1 1 3\n5 1 0.5\n2 1 1\n"
    )
    v = pt.Vector.read(path, comm)
    assert v.shape == (5,)
    np.testing.assert_array_equal(v.allgather(), [3, 1, 0, 0, 2.5])
    with together(comm, pt.DimensionError, "0 columns"):
        pt.Vector.read(put("%%MatrixMarket matrix array real general\n3 0\n"), comm)


@pytest.mark.parametrize("spell", [str, os.fsencode, pathlib.Path])
def test_paths_of_every_kind(comm, put, spell):
    path = put("%%MatrixMarket matrix array real general\n2 1\n1\n2\n", "größe.mtx")
    np.testing.assert_array_equal(pt.Vector.read(spell(path), comm).allgather(), [1, 2])


def test_large_numbers_of_lines(comm, folder):
    """Several pieces per rank, on several threads."""
    n, per_row = 10000 * comm.size, 20
    part = pt.Partition.uniform(comm.size, n)
    row = np.repeat(owned_range(part, comm), per_row)
    col = (row * 37 + np.tile(np.arange(per_row), row.size // per_row) * 1009) % n
    values = np.sin(row + 0.1 * col)
    exec_ = pt.Executor.OpenMP(3)
    A = pt.Matrix.from_coo(comm, part, row, col, values, exec=exec_)
    path = folder / "large.mtx"
    A.write(path)
    assert path.stat().st_size > (5 << 20) * comm.size
    B = pt.Matrix.read(path, comm, partition("scattered", n, comm), exec=exec_)
    assert B.nnz == A.nnz
    x = pt.Vector.from_local(comm, np.cos(owned_range(part, comm)))
    y = (A @ x).allgather()
    z = pt.Vector.from_global(comm, B.partition, owned_range(part, comm), np.asarray(x.local))
    np.testing.assert_allclose((B @ z).local, y[np.flatnonzero(
        owners("scattered", n, comm.size) == comm.rank)], rtol=1e-12, atol=1e-12)  # fmt: skip
    line = comm.bcast(spoil_line(path, 2 * n // 3) if comm.rank == 0 else None)
    with together(comm, pt.FormatError, f":{line}: expected a number: "):
        pt.Matrix.read(path, comm, exec=exec_)


def owned_range(part, comm):
    start = sum(part.part_size(r) for r in range(comm.rank))
    return np.arange(start, start + part.part_size(comm.rank))


def spoil_line(path, line):
    """Makes the value of the line after the next end of line no number; its number."""
    text = bytearray(path.read_bytes())
    at = text.index(b"\n", len(text) // 2) + 1
    end = text.index(b"\n", at)
    text[text.rindex(b" ", at, end) + 1] = ord("x")
    path.write_bytes(text)
    return text[:at].count(b"\n") + 1


# ---- MatrixMarket: what is refused ------------------------------------------------------------

HEAD = "%%MatrixMarket matrix coordinate real general\n"

# The text, the line that must be named, and words.
BAD = {
    "no banner": ("%%NotMarket\n1 1 1\n1 1 1\n", 1, "banner"),
    "empty": ("", 1, "empty"),
    "unknown field": ("%%MatrixMarket matrix coordinate quaternion general\n1 1 1\n", 1, "field"),
    "no sizes": (HEAD + "% only this\n", 2, "size line"),
    "bad sizes": (HEAD + "2 x 1\n1 1 1\n", 2, 'sizes "rows columns entries": "2 x 1"'),
    "negative": (HEAD + "2 -2 1\n1 1 1\n", 2, "sizes"),
    "row 0": (HEAD + "2 2 2\n1 1 1\n0 1 1\n", 4, 'outside the 2 x 2 matrix: "0 1 1"'),
    "column 3": (HEAD + "2 2 1\n% c\n1 3 1\n", 4, "outside"),
    "no value": (HEAD + "2 2 1\n1 1\n", 3, "expected a number"),
    "bad value": (HEAD + "2 2 1\n1 1 1.x\n", 3, "unexpected text"),
    "word": (HEAD + "2 2 2\n1 1 1\n\n2 2 many\r\n", 5, 'expected a number: "2 2 many"'),
    "comma": (HEAD + "2 2 1\n1 1 1,5\n", 3, "unexpected text"),
    "bytes": (HEAD.encode() + b"2 2 1\n1 \xff\x00 1\n", 3, 'row and a column: "1 ?? 1"'),
    "too few": (HEAD + "2 2 2\n1 1 1\n", 3, "after 1 of 2 entries"),
    "too few, no end": (HEAD + "2 2 2\n1 1 1", 3, "after 1 of 2 entries"),
    "none": (HEAD + "2 2 2\n", 2, "after 0 of 2 entries"),
    "too many": (HEAD + "2 2 1\n1 1 1\n\n2 2 1\n", 5, "more than the 1 entries"),
    "array, few": ("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n", 5, "3 of 4"),
    "array, many": (
        "%%MatrixMarket matrix array real general\n1 2\n1\n2\n3\n",
        5,
        "more than the 2",
    ),
    "array, word": ("%%MatrixMarket matrix array real general\n2 1\n1\nx\n", 4, "number"),
    "first": (HEAD + "9 9 4\n" + 2 * "1 1 1\n" + "1 1 a\n1 1 b\n", 5, '"1 1 a"'),
    "endless": (HEAD + "9 9 4\n1 1 " + "1" * (1 << 17), 3, ""),
}


@pytest.mark.parametrize("name", BAD)
def test_malformed_files(comm, put, name):
    text, line, words = BAD[name]
    path = put(text)
    for read in (pt.Matrix.read, pt.Vector.read):
        with together(comm, pt.FormatError) as caught:
            read(path, comm)
        assert str(caught.value).startswith(f"{path}:{line}: ") and words in str(caught.value)


def test_files_that_cannot_be_read(comm, put, folder):
    path = put(HEAD + "1 1 1\n1 1 1\n")
    last = comm.size - 1
    for read in (pt.Matrix.read, pt.Vector.read):
        with together(comm, pt.FileError, "No such file") as caught:
            read(folder / "absent.mtx" if comm.rank == last else path, comm)
        assert caught.value.rank == last
        with together(comm, pt.FileError, "directory"):
            read(folder, comm)
        with together(comm, pt.FileError, "/\ufffd.mtx: No such file"):
            read(b"/nothing/\xff.mtx", comm)
        with together(comm, pt.FileError, "not a regular file"):
            read("/dev/zero", comm)
        with pytest.raises((TypeError, pt.RemoteError)):
            read(None if comm.rank == last else path, comm)
        with pytest.raises(ValueError, match="null byte"):
            read("a\0b", comm)
    other = put(HEAD + "1 1 1\n1 1 1.5\n", "other.mtx")
    if comm.size > 1:
        with together(comm, pt.DimensionError, "different files"):
            pt.Matrix.read(other if comm.rank == last else path, comm)
        with together(comm, pt.DimensionError, "dtypes"):
            pt.Matrix.read(path, comm, dtype="float32" if comm.rank == last else None)
    assert pt.Matrix.read(path, comm).nnz == 1  # the communicator is as good as before


def test_what_is_read_cannot_be_updated(comm, put):
    A = pt.Matrix.read(put(HEAD + "1 1 1\n1 1 1\n"), comm)
    with together(comm, pt.NotSupported):
        A.update_values(np.ones(1))


# ---- real matrices ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("kind", PARTITIONS)
def test_real_matrices_read_correctly(comm, data, folder, name, kind):
    from scipy.io import mmread

    expected = mmread(data / name).tocsr()
    n = expected.shape[0]
    A = pt.Matrix.read(data / name, comm, partition(kind, n, comm))
    own = mine(owners(kind, n, comm.size), comm.rank)
    assert (A.to_scipy() != expected[own].astype(A.dtype)).nnz == 0
    rng = np.random.default_rng(1)
    x = rng.standard_normal(n).astype(A.dtype)
    y = A @ pt.Vector.from_local(comm, x[own])
    np.testing.assert_allclose(
        y.local, (expected @ x)[own], atol=1e-12 * abs(expected).max() * n**0.5
    )
    A.write(folder / "again.ptl")
    B = pt.Matrix.read(folder / "again.ptl", comm)
    own = owned_range(B.partition, comm)
    assert (B.to_scipy() != expected[own].astype(A.dtype)).nnz == 0


@pytest.mark.parametrize("name", SPD)
@pytest.mark.parametrize("kind", PARTITIONS)
def test_cg_on_real_matrices(comm, data, name, kind):
    from scipy.io import mmread

    whole = mmread(data / name).tocsr()
    n = whole.shape[0]
    A = pt.Matrix.read(data / name, comm, partition(kind, n, comm))
    own = mine(owners(kind, n, comm.size), comm.rank)
    rhs = whole @ np.sin(np.arange(n))
    b = pt.Vector.from_local(comm, rhs[own])
    x, log = pt.cg(A, b, rtol=5e-9, M=pt.Jacobi())
    assert log.converged, str(log)
    # The true residual by SciPy, apart from everything of ours.
    values = np.empty(n)
    for indices, part in zip(comm.allgather(own), comm.allgather(np.asarray(x.local))):
        values[indices] = part
    assert np.linalg.norm(rhs - whole @ values) <= 1e-8 * np.linalg.norm(rhs)


# ---- what is written and read again -----------------------------------------------------------


@pytest.fixture(scope="session")
def fewer(comm):
    """A communicator of the first half of the ranks; None on the others."""
    few = comm.Split(0 if comm.rank < (comm.size + 1) // 2 else 1)
    yield few if comm.rank < (comm.size + 1) // 2 else None
    few.Free()


def same_bits(actual, expected):
    assert np.asarray(actual).dtype == expected.dtype and np.shape(actual) == expected.shape
    assert np.asarray(actual).tobytes() == np.ascontiguousarray(expected).tobytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", DEALT)
@pytest.mark.parametrize("name", [k for k in OPERATORS if k.startswith(("from_", "rectangular"))])
def test_matrices_come_back(comm, fewer, folder, name, kind, dtype, suffix):
    case = OPERATORS[name](comm, kind, dtype, None)
    if name == "from_coo":
        case.dense = whole_of(comm, case)  # with the roundings of its sums
    path = folder / f"matrix.{suffix}"
    case.op.write(path)
    n = case.dense.shape[0]
    for other in PARTITIONS:
        A = pt.Matrix.read(path, comm, partition(other, n, comm), dtype=dtype)
        assert A.dtype == dtype and A.nnz == case.op.nnz
        assert_matrix(comm, A, case.dense)
    if suffix == "ptl":
        assert pt.Matrix.read(path, comm).dtype == dtype
    if fewer is not None:
        assert_matrix(fewer, pt.Matrix.read(path, fewer, dtype=dtype), case.dense)
    if comm.rank == 0:
        assert [p.name for p in folder.iterdir()] == [path.name]
        if suffix == "mtx":
            from scipy.io import mmread

            np.testing.assert_array_equal(mmread(path).toarray().astype(dtype), case.dense)
    comm.barrier()


def whole_of(comm, case):
    dense = np.zeros_like(case.dense)
    for own, rows in comm.allgather((case.rows, case.op.to_scipy().toarray())):
        dense[own] = rows
    return dense


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", DEALT)
@pytest.mark.parametrize("columns", [None, 1, 3])
def test_vectors_come_back(comm, fewer, folder, kind, dtype, columns, suffix):
    n, path = 23, folder / f"vector.{suffix}"
    values = random((n,) if columns is None else (n, columns), dtype, 9)
    values.flat[:3] = [0.1, -0.0, 1e-30]
    part = partition(kind, n, comm)
    own = owned(part, comm)
    v = pt.Vector.from_global(comm, part, own, values[own])
    v.local = values[own]  # a sum with 0 has no -0
    v.write(path)
    if suffix == "mtx" and columns == 1:
        values = values[:, 0]
    for other in PARTITIONS:
        part = partition(other, n, comm)
        w = pt.Vector.read(path, comm, part, dtype=dtype)
        assert w.shape == values.shape
        same_bits(w.local, values[owned(part, comm)])
    same_bits(pt.Vector.read(path, comm, dtype=dtype).allgather(), values)
    if suffix == "ptl":
        same_bits(pt.Vector.read(path, comm).allgather(), values)
        wide = values.astype("complex128")
        same_bits(pt.Vector.read(path, comm, dtype="complex128").allgather(), wide)
    if fewer is not None:
        same_bits(pt.Vector.read(path, fewer, dtype=dtype).allgather(), values)
    if comm.rank == 0 and suffix == "mtx":
        from scipy.io import mmread

        np.testing.assert_array_equal(mmread(path).astype(dtype).reshape(values.shape), values)
    comm.barrier()


def test_vectors_in_rank_order(comm, folder):
    values = random((comm.rank + 1, 2), "float64", comm.rank)
    v = pt.Vector.from_local(comm, values)
    for suffix in SUFFIXES:
        v.write(folder / f"v.{suffix}")
        same_bits(pt.Vector.read(folder / f"v.{suffix}", comm).allgather(), v.allgather())


EXTREME = [
    0.0,
    -0.0,
    5e-324,
    -1.7976931348623157e308,
    np.inf,
    -np.inf,
    1e22,
    1e23,
    0.1 + 0.2,
    2**53,
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_extreme_numbers(comm, folder, dtype):
    with np.errstate(over="ignore", under="ignore"):
        values = np.array(EXTREME).astype(dtype)
    for suffix in SUFFIXES:
        pt.Vector.from_local(comm, values).write(folder / f"v.{suffix}")
        v = pt.Vector.read(folder / f"v.{suffix}", comm, dtype=dtype)
        same_bits(v.allgather(), np.tile(values, comm.size))
    pt.Vector.from_local(comm, values * np.nan).write(folder / "nan.mtx")
    assert np.isnan(pt.Vector.read(folder / "nan.mtx", comm, dtype=dtype).allgather()).all()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_at_all(comm, folder, suffix):
    path = folder / f"none.{suffix}"
    none = np.zeros(0, np.int64)
    A = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, 0), none, none, np.zeros(0))
    A.write(path)
    assert pt.Matrix.read(path, comm).shape == (0, 0)
    pt.Vector.zeros(comm, 0, 2).write(path)
    assert pt.Vector.read(path, comm).shape == (0, 2)


shapes = st.tuples(st.integers(0, 40), st.integers(1, 40))


@settings(max_examples=200 if FULL else 30)
@given(data=st.data(), shape=shapes, dtype=st.sampled_from(DTYPES), seed=st.integers(0, 999))
def test_any_matrix_comes_back(comm, tmp_path_factory, data, shape, dtype, seed):
    folder = comm.bcast(tmp_path_factory.mktemp("any") if comm.rank == 0 else None)
    suffix = data.draw(st.sampled_from(SUFFIXES))
    kinds = [data.draw(st.sampled_from(PARTITIONS)) for _ in range(4)]
    rows, cols, new_rows, new_cols = (
        partition(kind, n, comm) for kind, n in zip(kinds, 2 * shape, strict=True)
    )
    dense = sparse(*shape, dtype, seed, data.draw(st.floats(0, 1)))
    i, j = np.nonzero(dense)
    mine = np.isin(i, owned(rows, comm))
    A = pt.Matrix.from_coo(comm, rows, i[mine], j[mine], dense[i, j][mine], col_partition=cols)
    path = folder / f"any.{suffix}"
    A.write(path)
    B = pt.Matrix.read(path, comm, new_rows, col_partition=new_cols, dtype=dtype)
    assert_matrix(comm, B, dense)
    comm.barrier()
    if comm.rank == 0:
        path.unlink()


# ---- writing that cannot be -------------------------------------------------------------------


def small(comm):
    n = 3 * comm.size
    i = np.arange(n)
    part = pt.Partition.uniform(comm.size, n)
    own = owned_range(part, comm)
    return pt.Matrix.from_coo(comm, part, own, own, i[own] + 1.5), n


@pytest.mark.parametrize("what", ["matrix", "vector"])
def test_formats_are_chosen(comm, folder, what):
    A, n = small(comm)
    write = A.write if what == "matrix" else pt.Vector.from_local(comm, np.ones(3)).write
    read = pt.Matrix.read if what == "matrix" else pt.Vector.read
    with pytest.raises(ValueError, match=r"\.mtx .* or \.ptl"):
        write(folder / "a.dat")
    with pytest.raises(ValueError, match='format is \'csv\', expected one of "mtx", "binary"'):
        write(folder / "a.mtx", format="csv")
    write(folder / "a.dat", format="binary")
    assert (folder / "a.dat").read_bytes()[:4] == b"\x89PTL"
    assert read(folder / "a.dat", comm).shape[0] == n
    write(str(folder / "a.ptl"), "mtx")  # over what is there
    write(os.fsencode(folder / "a.ptl"), "mtx")
    assert (folder / "a.ptl").read_bytes().startswith(b"%%MatrixMarket matrix ")
    assert read(folder / "a.ptl", comm).shape[0] == n
    if comm.size > 1:
        with together(comm, pt.DimensionError, "different formats"):
            write(folder / "b.mtx", "mtx" if comm.rank == 0 else "binary")
    with together(comm, pt.FileError, "No such file"):
        write(folder / "absent" / "a.mtx")
    with together(comm, pt.FileError, "irectory"):
        write(folder, "mtx")
    with together(comm, pt.FileError, "not a regular file"):
        write("/dev/null", "binary")
    if comm.size > 1:
        with together(comm, pt.FileError, "rank 0 has made"):
            write(folder / ("a" if comm.rank < comm.size - 1 else "b"), "mtx")
    comm.barrier()
    assert not glob.glob(f"{folder}/*.part")
    assert {p.name for p in folder.iterdir()} == {"a.dat", "a.ptl"}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", ["coo", "ell", "sellp", "dense"])
def test_every_format_is_written(comm, folder, name, suffix):
    dense = sparse(13, 9, "float64", 4)
    rows, cols = (owners(kind, n, comm.size) for kind, n in (("empty", 13), ("scattered", 9)))
    i, j = (k[comm.rank :: comm.size] for k in np.nonzero(dense))
    parts = [pt.Partition.from_mapping(o, comm.size) for o in (rows, cols)]
    A = pt.Matrix.from_coo(comm, parts[0], i, j, dense[i, j], col_partition=parts[1])
    path = folder / f"matrix.{suffix}"
    A.to_format(name).write(path)
    assert_matrix(comm, pt.Matrix.read(path, comm), dense)


def test_operators_without_entries_are_not_written(comm, folder):
    class Same(pt.LinOp):
        def apply_impl(self, b, x):
            x.copy_from(b)

    A = pt.Matrix.from_local(comm, Same(3))
    for suffix in SUFFIXES:
        with together(comm, pt.NotSupported, "no local format"):
            A.write(folder / f"a.{suffix}")
    assert not list(folder.iterdir())


# ---- the binary format ------------------------------------------------------------------------


@pytest.fixture
def binary(comm, folder):
    """A matrix of 3000 rows as a binary file: its bytes."""
    n = 3000
    part = pt.Partition.uniform(comm.size, n)
    row = np.repeat(owned_range(part, comm), 9)
    col = (row + np.tile(np.arange(9) * 300, row.size // 9)) % n
    pt.Matrix.from_coo(comm, part, row, col, np.sin(row + col)).write(folder / "whole.ptl")
    return (folder / "whole.ptl").read_bytes()


def crc32c(data):
    """Bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def test_the_layout_is_the_documented_one(comm, folder):
    """docs/binary-format.md, without Petiole."""
    dense = sparse(40, 50, "float32", 3)
    rows = partition("scattered", 40, comm)
    i, j = np.nonzero(dense)
    mine = np.isin(i, owned(rows, comm))
    pt.Matrix.from_coo(
        comm, rows, i[mine], j[mine], dense[i, j][mine],
        col_partition=partition("empty", 50, comm),
    ).write(folder / "a.ptl")  # fmt: skip
    data = (folder / "a.ptl").read_bytes()
    assert crc32c(b"123456789") == 0xE3069283
    magic, version, order, kind, dtype, width, ndim = struct.unpack_from("<8s6I", data)
    assert (magic, version, order, kind, dtype) == (b"\x89PTL\r\n\x1a\n", 1, 0x01020304, 1, 0)
    n, m, nnz, chunk, indptr, indices, values, sums, size = struct.unpack_from("<9q", data, 32)
    assert (n, m, nnz, width, size) == (40, 50, i.size, 4, len(data))
    assert struct.unpack_from("<I", data, 124) == (crc32c(data[:124]),)
    np.testing.assert_array_equal(
        np.frombuffer(data, "<i8", 41, indptr), np.r_[0, np.cumsum((dense != 0).sum(1))]
    )
    np.testing.assert_array_equal(np.frombuffer(data, "<i4", nnz, indices), j)
    np.testing.assert_array_equal(np.frombuffer(data, "<f4", nnz, values), dense[i, j])
    table = [crc32c(data[k : min(k + chunk, sums)]) for k in range(128, sums, chunk)]
    assert data[sums:] == struct.pack(f"<{len(table)}I", *table)


def test_damage_is_found(comm, put, binary):
    rng = np.random.default_rng(1)
    for at in [0, 9, 13, 40, 100, 127, 128, len(binary) - 1, *rng.integers(128, len(binary), 12)]:
        damaged = bytearray(binary)
        damaged[at] ^= 1 << int(rng.integers(8))
        with together(comm, pt.FormatError, "file.ptl"):
            pt.Matrix.read(put(bytes(damaged), "file.ptl"), comm)
    for end in (0, 5, 8, 100, 128, 5000, len(binary) // 2, len(binary) - 1):
        with together(comm, pt.FormatError, "file.ptl"):
            pt.Matrix.read(put(binary[:end], "file.ptl"), comm)
    with together(comm, pt.FormatError, "bytes, but its header says"):
        pt.Matrix.read(put(binary + b"x", "file.ptl"), comm)
    assert pt.Matrix.read(put(binary, "file.ptl"), comm).nnz == 27000


def test_other_headers_are_refused(comm, put, folder, binary):
    def changed(at, form, value):
        header = bytearray(binary[:124])
        struct.pack_into(form, header, at, value)
        return put(bytes(header) + struct.pack("<I", crc32c(header)) + binary[128:], "file.ptl")

    for at, form, value, words in [
        (8, "<I", 2, "version 2 of the format, expected 1"),
        (12, "<I", 0x04030201, "the other byte order"),
        (16, "<I", 2, "holds a vector, expected a matrix"),
        (20, "<I", 9, "contradicts itself"),
        (32, "<q", 3100, "contradicts itself"),
        (40, "<q", -1, "contradicts itself"),
        (48, "<q", 1 << 60, "contradicts itself"),
        (72, "<q", 1, "contradicts itself"),
    ]:
        with together(comm, pt.FormatError, words):
            pt.Matrix.read(changed(at, form, value), comm)
    with together(comm, pt.FormatError, "holds a matrix, expected a vector"):
        pt.Vector.read(folder / "whole.ptl", comm)


def test_contents_that_contradict_themselves(comm, put, binary):
    """Sections whose checksums are right, and whose numbers are not."""

    def changed(at, form, value):
        data = bytearray(binary)
        struct.pack_into(form, data, at, value)
        for k in range(128, sums, chunk):
            if k <= at < k + chunk:
                crc = crc32c(data[k : min(k + chunk, sums)])
                struct.pack_into("<I", data, sums + 4 * ((k - 128) // chunk), crc)
        return put(bytes(data), "file.ptl")

    chunk, indptr, indices, _, sums = struct.unpack_from("<5q", binary, 56)
    for at, form, value, words in [
        (indptr, "<q", 9, "not there"),
        (indptr + 8 * 1500, "<q", 1 << 40, "row|not there"),
        (indptr + 8 * 1500, "<q", 0, "ends before it begins"),
        (indptr + 8 * 3000, "<q", 26999, "not there"),
        (indices + 4 * 10000, "<i", 3000, "entry 10000 has column 3000"),
        (indices + 4 * 10000, "<i", -1, "entry 10000 has column -1"),
    ]:
        with together(comm, pt.FormatError, words):
            pt.Matrix.read(changed(at, form, value), comm)


def test_binary_dtypes(comm, folder, binary):
    path = folder / "whole.ptl"
    A = pt.Matrix.read(path, comm)
    for dtype in DTYPES:
        B = pt.Matrix.read(path, comm, dtype=dtype)
        assert B.dtype == dtype
        assert (B.to_scipy() != A.to_scipy().astype(dtype)).nnz == 0
    B.write(folder / "complex.ptl")
    with together(comm, pt.DtypeError, "complex128, and cannot be read as float64"):
        pt.Matrix.read(folder / "complex.ptl", comm, dtype="float64")
    with together(comm, pt.DimensionError, "partition has size 7, but the file has 3000 rows"):
        pt.Matrix.read(path, comm, partition("uniform", 7, comm))
