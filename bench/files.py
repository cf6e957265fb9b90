#!/usr/bin/env python3
"""What reading a large file takes: for each rank its peak memory beside its share of the matrix; time
and bytes per second, beside a plain read of the same bytes; and what one core alone does.

    script/mpirun openmpi 2 900 .venv/bin/python bench/files.py --entries 1e8 --folder /tmp

The file is made (27 to 39 bytes an entry), read and removed. Its columns come one after another, as
SciPy writes them, each with rows near and far (`--spread`: anywhere).
"""

import argparse
import os
import pathlib
import time

import numpy as np
from mpi4py import MPI

import petiole as pt

COMM = MPI.COMM_WORLD
PER_COLUMN, DIGITS, BLOCK = 10, 16, 100_000
PLAIN = 4 << 20  # bytes that a plain read asks for at a time


def say(text):
    if COMM.rank == 0:
        print(text, flush=True)


def digits_of(numbers, width, pad):
    """Decimal numbers as rows of bytes, right-aligned."""
    text = np.empty((numbers.size, width), np.uint8)
    left = numbers.copy()
    for place in range(width - 1, -1, -1):
        text[:, place] = left % 10 + ord("0")
        if place < width - 1:
            text[left == 0, place] = ord(pad)
        left //= 10
    return text


def rows_of(cols, n, spread):
    """Ten different rows for each column."""
    if spread:
        away = np.arange(PER_COLUMN) * (n // PER_COLUMN)
    else:
        side = max(round(n ** (1 / 3)), 4)
        away = np.array([0, 1, -1, 2, -2, side, -side, side**2, -(side**2), 3])
    return (cols[:, None] + away) % n


def lines(first, last, n, spread):
    """The entries of columns [first, last) as text."""
    rows = rows_of(np.arange(first, last), n, spread).ravel()
    cols = np.repeat(np.arange(first, last), PER_COLUMN)
    width = len(str(n))
    values = np.random.default_rng(first).integers(10 ** (DIGITS - 1), 10**DIGITS, rows.size)
    text = np.full((rows.size, 2 * width + DIGITS + 5), ord(" "), np.uint8)
    text[:, :width] = digits_of(rows + 1, width, " ")
    text[:, width + 1 : 2 * width + 1] = digits_of(cols + 1, width, " ")
    text[:, 2 * width + 2 : 2 * width + 4] = np.frombuffer(b"0.", np.uint8)
    text[:, 2 * width + 4 : -1] = digits_of(values, DIGITS, "0")
    text[:, -1] = ord("\n")
    return text


def make(path, n, spread):
    """Every rank writes the lines of its columns: all have the same length."""
    head = f"%%MatrixMarket matrix coordinate real general\n{n} {n} {n * PER_COLUMN}\n".encode()
    width = 2 * len(str(n)) + DIGITS + 5
    with open(path, "wb" if COMM.rank == 0 else "ab"):
        COMM.barrier()
    with open(path, "r+b") as file:
        if COMM.rank == 0:
            file.write(head)
        file.seek(len(head) + n * COMM.rank // COMM.size * PER_COLUMN * width)
        end = n * (COMM.rank + 1) // COMM.size
        for first in range(n * COMM.rank // COMM.size, end, BLOCK):
            file.write(lines(first, min(first + BLOCK, end), n, spread))
        file.flush()
        os.fsync(file.fileno())
    COMM.barrier()


def forget(path):
    """Out of the system's cache, as far as it lets go."""
    COMM.barrier()
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    COMM.barrier()


def timed(call):
    """What it gives, the seconds of the slowest rank, and the processor's seconds over all ranks."""
    COMM.barrier()
    start, begin = time.perf_counter(), time.process_time()
    result = call()
    used = time.process_time() - begin
    return result, COMM.allreduce(time.perf_counter() - start, MPI.MAX), COMM.allreduce(used)


def plain_read(path):
    """This rank's share of the bytes, looked at no further."""
    size = os.path.getsize(path)
    at, end = size * COMM.rank // COMM.size, size * (COMM.rank + 1) // COMM.size
    buffer = bytearray(PLAIN)
    with open(path, "rb", buffering=0) as file:
        while at < end:
            at += os.preadv(file.fileno(), [memoryview(buffer)[: min(PLAIN, end - at)]], at)


def memory(name):
    """VmRSS or VmHWM of this process, in MB."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1e3
    return float("nan")


def new_peak():
    """VmHWM begins again: at VmRSS, which it gives."""
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def share(A):
    """What this rank's rows take as CSR, in MB: the local and the ghost block."""
    blocks = [A.local] + ([A.ghost] if A.ghost is not None else [])
    return sum(a.nbytes for b in blocks for a in (b.indptr, b.indices, b.values)) / 1e6


def measure(path, name, with_memory=False):
    """Reads the file cold and warm, and prints what it took."""
    size = os.path.getsize(path) / 1e6
    say(f"\n{name}: {size:,.0f} MB")
    for cache in ("cold", "warm"):
        for what, read in (
            ("plain read", lambda: plain_read(path)),
            ("Matrix.read", lambda: pt.Matrix.read(path, COMM)),
        ):
            if cache == "cold":
                forget(path)
            before = new_peak()
            A, seconds, used = timed(read)
            peak = memory("VmHWM") - before
            say(f"  {what + ', ' + cache:20}{seconds:8.2f} s {size / seconds:8,.0f} MB/s; "
                f"processors: {used:.2f} s, {size / used:,.0f} MB/s each")  # fmt: skip
        if with_memory and cache == "cold":
            for rank, (most, own) in enumerate(COMM.allgather((peak, share(A)))):
                say(f"    rank {rank}: peak {most:,.0f} MB above what it had; its rows as CSR "
                    f"{own:,.0f} MB; factor {most / own:.2f}")  # fmt: skip
    return A


def one_core(folder, spread):
    """Parsing, sorting by owner and assembling, by one core on a small file in the cache."""
    if COMM.rank == 0:
        n, path = 200_000, folder / "one-core.mtx"
        text = lines(0, n, n, spread).tobytes()
        head = f"%%MatrixMarket matrix coordinate real general\n{n} {n} {n * PER_COLUMN}\n"
        path.write_bytes(head.encode() + text)
        start = time.process_time()
        pt.Matrix.read(path, exec=pt.Executor.Reference())
        seconds = time.process_time() - start
        path.unlink()
        say(f"one core, {len(text) / 1e6:,.0f} MB in the cache, by the processor's time: "
            f"{len(text) / 1e6 / seconds:,.0f} MB/s, "
            f"{n * PER_COLUMN / 1e6 / seconds:.1f} million entries/s")  # fmt: skip
    COMM.barrier()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--entries", type=float, default=1e7)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument(
        "--spread", action="store_true", help="rows anywhere, so that half of them travel"
    )
    options = parser.parse_args()
    n = int(options.entries) // PER_COLUMN
    paths = [options.folder / f"petiole-bench.{suffix}" for suffix in ("mtx", "ptl")]
    say(f"{n * PER_COLUMN:,} entries, {n:,} rows, {COMM.size} ranks")
    try:
        _, seconds, _ = timed(lambda: make(paths[0], n, options.spread))
        say(f"made in {seconds:.1f} s")
        A = measure(paths[0], "MatrixMarket", with_memory=True)
        say(f"\nwritten as binary in {timed(lambda: A.write(paths[1]))[1]:.1f} s")
        A = measure(paths[1], "binary")
        COMM.barrier()
        say(f"\nwritten as MatrixMarket in {timed(lambda: A.write(paths[0]))[1]:.1f} s")
    finally:
        COMM.barrier()
        for path in paths:
            path.unlink(missing_ok=True)
    one_core(options.folder, options.spread)


if __name__ == "__main__":
    main()
