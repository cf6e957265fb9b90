"""`petiole info`: what a matrix file holds, and how it is spread over the ranks."""

import os

import numpy as np

import petiole as pt
from petiole.cli.job import CommandError, agreed, communicator, open_file, say


def add(commands):
    parser = commands.add_parser(
        "info",
        help="describe a matrix file",
        description="Describes a matrix: size, symmetry, diagonal, bandwidth, norms, and each "
        "rank's share of it.",
    )
    parser.add_argument("matrix", metavar="A", help="a MatrixMarket (.mtx) or binary (.ptl) file")
    parser.set_defaults(run=run)


def run(options):
    comm = communicator()
    banner, state = "", None
    with agreed(comm):
        if comm.rank == 0:
            banner, state = describe_file(options.matrix)
    A = pt.Matrix.read(options.matrix, comm)
    with agreed(comm):
        if comm.rank == 0 and state_of(os.stat(options.matrix)) != state:
            raise CommandError(f"{options.matrix}: the file was replaced while it was read")
    share = Share(A)
    rows, columns = A.shape
    lines = [("file", f"{options.matrix} ({banner})"),
             ("shape", f"{rows:,} x {columns:,}"),
             ("entries", entries_line(share)),
             ("dtype", str(A.dtype))]  # fmt: skip
    if rows == columns:
        lines += [("symmetry", symmetry_line(share)), ("diagonal", diagonal_line(share)),
                  ("bandwidth", bandwidth_line(share))]  # fmt: skip
    lines += [("norms", norms_line(share)), ("memory", f"{total(comm, share.bytes):,} bytes")]
    table = rank_table(share)
    say("\n".join(f"{name:10} {text}" for name, text in lines) + "\n\n" + table)
    return 0


class Share:
    """This rank's entries by global index, in order, and those of the transpose (collective)."""

    def __init__(self, A):
        self.A, self.comm = A, A.comm
        self.first = local_rows(A)
        self.rows, self.cols, self.values = triplets(A, self.first)
        B = pt.Matrix.from_coo(
            self.comm, A.col_partition, self.cols, self.rows, self.values, col_partition=A.partition
        )
        self.transposed = triplets(B, local_rows(B))
        self.bytes = sum(
            a.nbytes for block in (A.local, A.ghost) if block is not None
            for a in (block.indptr, block.indices, block.values))  # fmt: skip


def local_rows(A):
    """The global index of each owned row."""
    start, stop, part = A.partition.ranges.T
    own = part == A.comm.rank
    pieces = [np.arange(*ends) for ends in zip(start[own], stop[own])]
    return np.concatenate(pieces) if pieces else np.empty(0, np.int64)


def triplets(A, row_of):
    """(rows, cols, values) of the owned entries, sorted by row and column."""
    to_global = A.index_map.to_global
    rows, cols, values = [], [], []
    for block, space in ((A.local, "local"), (A.ghost, "ghost")):
        if block is None:
            continue
        rows.append(np.repeat(row_of, np.diff(block.indptr)))
        cols.append(to_global(block.indices, space))
        values.append(block.values)
    rows, cols, values = map(np.concatenate, (rows, cols, values))
    order = np.lexsort((cols, rows))
    return rows[order], cols[order], values[order]


# ---- over the ranks ------------------------------------------------------------------------------


def total(comm, number):
    return int(comm.allreduce(np.int64(number), "sum"))


def largest(comm, number):
    return comm.allreduce(np.float64(number), "max")


def per_row(rows, weights=None):
    """Sums over the entries of each row that has some; the rows are sorted."""
    _, where = np.unique(rows, return_inverse=True)
    return np.bincount(where, weights)


# ---- the lines -----------------------------------------------------------------------------------


def describe_file(path):
    """What the file begins with, and which file it was."""
    with open_file(path) as file:
        state = state_of(os.fstat(file.fileno()))
        words = file.readline(200).decode("latin-1").lower().split()
    if words[:1] != ["%%matrixmarket"]:
        return "binary", state
    return "MatrixMarket " + " ".join(words[2:5]), state


def state_of(info):
    return info.st_ino, info.st_size, info.st_ctime_ns


def entries_line(s):
    counts = np.bincount(np.searchsorted(s.first, s.rows), minlength=s.first.size)
    n = total(s.comm, s.rows.size)
    text = f"{n:,}"
    if s.A.shape[0]:
        low = -largest(s.comm, -counts.min() if counts.size else -np.inf)
        high = largest(s.comm, counts.max() if counts.size else 0)
        text += f", {low:.0f} to {high:.0f} in a row, {n / s.A.shape[0]:.1f} on average"
    zeros = total(s.comm, (s.values == 0).sum())
    return text + (f", {zeros:,} of them stored zeros" if zeros else "")


def symmetry_line(s):
    rows, cols, values = s.transposed
    same = s.rows.size == rows.size and (s.rows == rows).all() and (s.cols == cols).all()
    if total(s.comm, not same):
        return "the pattern is not symmetric"
    with np.errstate(invalid="ignore"):  # infinities: inf - inf is no number, so not symmetric
        difference = {
            "symmetric": s.values - values,
            "Hermitian": s.values - values.conj(),
            "skew-symmetric": s.values + values,
        }
    if s.A.dtype.kind != "c":
        del difference["Hermitian"]
    scale = largest(s.comm, abs(s.values).max(initial=0))
    off = {name: largest(s.comm, abs(d).max(initial=0)) for name, d in difference.items()}
    for name, error in off.items():
        if error == 0:
            return name
    name = min(off, key=off.get)
    if off[name] <= 1e-8 * scale:
        return f"{name} but for {off[name] / scale:.1e} of the largest entry"
    return "symmetric pattern, values that are not"


def diagonal_line(s):
    n = s.A.shape[0]
    on = s.rows == s.cols
    at = np.searchsorted(s.first, s.rows)
    size = abs(s.values).astype(float)
    own = np.bincount(at[on], size[on], minlength=s.first.size)
    others = np.bincount(at[~on], size[~on], minlength=s.first.size)
    present, zero = total(s.comm, on.sum()), total(s.comm, (own == 0).sum())
    strict, weak = total(s.comm, (own > others).sum()), total(s.comm, (own >= others).sum())
    there = "whole" if zero == 0 else f"{present:,} of {n:,} stored, {zero:,} of {n:,} are zero"
    return f"{there}; dominant in {weak:,} of {n:,} rows, strictly in {strict:,}"


def bandwidth_line(s):
    away = (s.cols - s.rows).astype(float)
    below, above = largest(s.comm, (-away).max(initial=0)), largest(s.comm, away.max(initial=0))
    return f"{below:,.0f} below the diagonal, {above:,.0f} above"


def norms_line(s):
    rows, _, transposed = s.transposed
    size = abs(s.values).astype(float)
    one = largest(s.comm, per_row(rows, abs(transposed).astype(float)).max(initial=0))
    inf = largest(s.comm, per_row(s.rows, size).max(initial=0))
    scale = largest(s.comm, size.max(initial=0))
    squares = ((size / scale) ** 2).sum() if scale > 0 else 0.0
    frobenius = scale * np.sqrt(s.comm.allreduce(np.float64(squares), "sum"))
    return f"1: {one:.6g}, inf: {inf:.6g}, Frobenius: {frobenius:.6g}, largest entry: {scale:.6g}"


def rank_table(s):
    """Each rank's rows, entries, ghosts and neighbours (those that it receives from)."""
    A, comm = s.A, s.comm
    starts, _, parts = A.col_partition.ranges.T
    owners = parts[np.searchsorted(starts, A.ghosts, side="right") - 1]
    numbers = np.zeros((comm.size, 5), np.int64)
    numbers[comm.rank] = (
        s.first.size, s.rows.size, A.ghosts.size, np.unique(owners).size, s.bytes)  # fmt: skip
    numbers = comm.allreduce(numbers, "sum")
    lines = [
        f"{'rank':>5} {'rows':>14} {'entries':>15} {'ghosts':>12} {'neighbours':>11} {'bytes':>15}"
    ]
    lines += [f"{rank:5} {n[0]:14,} {n[1]:15,} {n[2]:12,} {n[3]:11,} {n[4]:15,}"
              for rank, n in enumerate(numbers)]  # fmt: skip
    return "\n".join(lines)
