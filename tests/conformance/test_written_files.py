"""Matrices and vectors that are written, in either format, and read again by other ranks."""

import glob
import os

import numpy as np
import pytest
from files import DEALT, SUFFIXES, assert_matrix, owned, same_bits, small, together
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import DTYPES, FORMATS, FULL, OPERATORS, PARTITIONS, owners, partition, random, sparse

import petiole as pt

# ---- what is written and read again -----------------------------------------------------------


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
        with together(comm, pt.FileError, "created by rank 0"):
            write(folder / ("a" if comm.rank < comm.size - 1 else "b"), "mtx")
    comm.barrier()
    assert not glob.glob(f"{folder}/*.part")
    assert {p.name for p in folder.iterdir()} == {"a.dat", "a.ptl"}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", FORMATS)
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
        with together(comm, pt.NotSupported, "not a local format"):
            A.write(folder / f"a.{suffix}")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["a.mtx", "a.ptl"])
def test_a_path_that_is_none_on_one_rank_fails_on_all(comm, folder, name):
    part = pt.Partition.uniform(comm.size, 5)
    v = pt.Vector.from_global(comm, part, np.arange(5), np.ones(5))
    A = pt.Matrix.from_coo(comm, part, [], [], np.zeros(0))
    for write in v.write, A.write:
        with pytest.raises(TypeError if comm.rank == 0 else pt.RemoteError):
            write(3 if comm.rank == 0 else folder / name)
        comm.barrier()
        assert list(folder.glob("*")) == []
