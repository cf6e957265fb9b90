"""MatrixMarket files that are read: small ones of every kind, malformed ones, real ones."""

import os
import pathlib

import numpy as np
import pytest
from files import assert_matrix, owned, owned_range, together
from problems import DTYPES, FULL, PARTITIONS, mine, owners, partition, random

import petiole as pt

SPD = ("fv1.mtx", "1138_bus.mtx")
REAL = (*SPD, "cryg2500.mtx", "watt_2.mtx", "west0479.mtx", "young1c.mtx", "jagmesh7.mtx")


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
    z = pt.Vector.from_global(comm, B.partition, owned_range(part, comm), np.array(x.local))
    np.testing.assert_allclose((B @ z).local, y[np.flatnonzero(
        owners("scattered", n, comm.size) == comm.rank)], rtol=1e-12, atol=1e-12)  # fmt: skip
    line = comm.bcast(spoil_line(path, 2 * n // 3) if comm.rank == 0 else None)
    with together(comm, pt.FormatError, f":{line}: expected a number: "):
        pt.Matrix.read(path, comm, exec=exec_)


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
        with together(comm, pt.FileError, r"/\\xff.mtx: No such file"):
            read(b"/nothing/\xff.mtx", comm)
        with together(comm, pt.FileError, "not a regular file"):
            read("/dev/zero", comm)
        with pytest.raises((TypeError, pt.RemoteError)):
            read(None if comm.rank == last else path, comm)
        with pytest.raises(ValueError, match="null byte"):
            read("a\0b", comm)
    other = put(HEAD + "1 1 1\n1 1 1.5\n", "other.mtx")
    if comm.size > 1:
        with together(comm, pt.FileError, "different files"):
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
