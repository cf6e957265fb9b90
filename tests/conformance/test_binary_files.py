"""Binary files: their layout, and what is damaged, forged or of another dtype."""

import struct

import numpy as np
import pytest
from files import owned, owned_range, together
from problems import DTYPES, partition, sparse

import petiole as pt

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
        (indptr, "<q", 9, "outside the entries"),
        (indptr + 8 * 1500, "<q", 1 << 40, "row|outside the entries"),
        (indptr + 8 * 1500, "<q", 0, "ends before it begins"),
        (indptr + 8 * 3000, "<q", 26999, "outside the entries"),
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
