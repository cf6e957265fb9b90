"""Files that declare more than they hold, or than memory does."""

import os
import struct
import subprocess
import sys

import pytest
from files import together

import petiole as pt

COORDINATE = "%%MatrixMarket matrix coordinate real general\n"
ARRAY = "%%MatrixMarket matrix array real general\n"


@pytest.mark.parametrize("rows", [10**15, 2**63 - 1])
def test_more_rows_than_memory(comm, put, rows):
    path = put(f"{COORDINATE}{rows} 2 1\n1 1 1.5\n")
    for read in pt.Matrix.read, pt.Vector.read:
        with together(comm, pt.OutOfMemory, r"need at least \d{14,} bytes .* \d+ are left of"):
            read(path, comm)
    assert pt.Matrix.read(put(f"{COORDINATE}2 {rows} 1\n2 {rows} 1.5\n"), comm).nnz == 1


def test_products_that_overflow(comm, put):
    big = 2**62
    with together(comm, pt.OutOfMemory, "need at least"):
        pt.Vector.read(put(f"{COORDINATE}{big} {big} 1\n1 1 1.5\n"), comm)
    with together(comm, pt.FormatError, "too large"):
        pt.Vector.read(put(f"{ARRAY}{big} {big}\n1.5\n"), comm)


def test_more_entries_than_bytes(comm, put):
    for text in (
        f"{COORDINATE}{10**15} {10**15} 2000000000\n1 1 1.5\n",
        f"{ARRAY}1000000000 2\n1.5\n",
    ):
        for read in pt.Matrix.read, pt.Vector.read:
            with together(comm, pt.FormatError, ":3: the file ends after 1 of 2000000000 entries"):
                read(put(text), comm)
    with together(comm, pt.FormatError, ":2: a line of more than 1023 bytes"):
        pt.Matrix.read(put(COORDINATE + 1020 * " " + "10 10 12\n"), comm)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize("kind", [1, 2])
def test_a_binary_file_of_holes(comm, folder, kind):
    """Its header is right, and so is its size, 8 TB of which the disk has nothing."""
    path, rows, align = folder / "holes.ptl", 2**40 - 1, lambda at: (at + 63) // 64 * 64
    entries = 0 if kind == 1 else rows
    indptr = 128 if kind == 1 else 0
    indices = align(128 + 8 * (rows + 1)) if kind == 1 else 0
    values = align(indices) if kind == 1 else 128
    sums = align(values + 8 * entries)
    size = sums + 4 * ((sums - 128 + 65535) // 65536)
    head = struct.pack("<8s6I9q20x", b"\x89PTL\r\n\x1a\n", 1, 0x01020304, kind, 1,
                       4 if kind == 1 else 0, kind - 1, rows, 1, entries, 65536, indptr, indices,
                       values, sums, size)  # fmt: skip
    made = True
    if comm.rank == 0:
        path.write_bytes(head + struct.pack("<I", crc32c(head)))
        try:
            os.truncate(path, size)
        except OSError:
            made = False
    if not comm.bcast(made):
        pytest.skip("the file system has no files of this size")
    with together(comm, pt.OutOfMemory, r"need at least \d{13} bytes"):
        (pt.Matrix if kind == 1 else pt.Vector).read(path, comm)
    comm.barrier()
    if comm.rank == 0:
        path.unlink()


LIMITED = """
import resource, sys, petiole as pt
pt.Matrix.read(sys.argv[1])
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (256 << 20), resource.RLIM_INFINITY))
assert pt.Matrix.read(sys.argv[2]).shape == (40_000_000, 1)
try:
    pt.Matrix.read(sys.argv[3])
except pt.OutOfMemory as error:
    print(error)
"""


def test_a_limited_process(comm, folder):
    """A row takes the four bytes that the result needs; the limit is known before it is met."""
    if comm.rank > 0 or comm.size > 1:
        pytest.skip("starts a process of its own")
    paths = [folder / f"{rows}.mtx" for rows in (1, 40_000_000, 80_000_000)]
    for path in paths:
        path.write_text(f"{COORDINATE}{path.stem} 1 1\n1 1 1.5\n")
    done = subprocess.run([sys.executable, "-c", LIMITED, *paths], timeout=100, text=True,
                          capture_output=True, env=os.environ | {"OMP_NUM_THREADS": "1"})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "need at least 320000016 bytes on 1 rank" in done.stdout
    assert "are left of the memory of one process (ulimit -v, -d)" in done.stdout
