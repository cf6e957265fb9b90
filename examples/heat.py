"""Steady heat conduction in a block of mixed materials, on as many ranks as mpirun gives.

    mpirun -n 2 python examples/heat.py [--cells 115] [--out heat.png]

A cube of 10 cm is cast from a polymer (1 W/(m K)) around a metal foam (1,000 W/(m K)) whose surface
is a gyroid. Its left face is kept at 20 degrees and its right face at 80, the other four are
insulated, and a ball in the middle gives off heat. Finite volumes on n x n x n cells give a
symmetric positive definite system, which conjugate gradients solve. Each rank assembles the rows
of its own cells and nothing else.
"""

import argparse
import time

import numpy as np
from mpi4py import MPI

import petiole as pt

EDGE = 0.10  # m
POLYMER, METAL = 1.0, 1000.0  # W/(m K)
LEFT, RIGHT = 20.0, 80.0  # degrees Celsius
SOURCE = 2.0e6  # W/m^3, inside a ball of a fifth of the edge


def conductivity(i, j, k, n):
    """W/(m K) of the cells (i, j, k): metal on one side of a gyroid with three periods, else polymer."""
    x, y, z = (6 * np.pi * (index + 0.5) / n for index in (i, j, k))
    gyroid = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)
    return np.where(gyroid > 0.3, METAL, POLYMER)


def assemble(start, stop, n):
    """The rows [start, stop) of the system: triplets (rows, cols, values) and the right-hand side.

    Cell c = (i n + j) n + k. The flux between two cells is the harmonic mean of their
    conductivities times the difference of their temperatures; to a face that is kept at a
    temperature, twice the cell's own conductivity times the difference.
    """
    h = EDGE / n
    cell = np.arange(start, stop)
    index = np.stack((cell // n**2, cell // n % n, cell % n))
    own = conductivity(*index, n)

    diagonal = np.zeros(cell.size)
    rows, cols, values = [], [], []
    for axis, stride in enumerate((n**2, n, 1)):
        for step in (-1, 1):
            inside = (index[axis] + step >= 0) & (index[axis] + step < n)
            neighbour = index[:, inside].copy()
            neighbour[axis] += step
            theirs = conductivity(*neighbour, n)
            flux = h * 2 * own[inside] * theirs / (own[inside] + theirs)
            rows.append(cell[inside])
            cols.append(cell[inside] + step * stride)
            values.append(-flux)
            diagonal[inside] += flux

    ball = ((index + 0.5) / n - 0.5) ** 2
    rhs = SOURCE * h**3 * (ball.sum(axis=0) < 0.2**2)
    for face, temperature in ((0, LEFT), (n - 1, RIGHT)):
        at_face = index[0] == face
        diagonal[at_face] += 2 * h * own[at_face]
        rhs[at_face] += 2 * h * own[at_face] * temperature

    rows, cols, values = [cell, *rows], [cell, *cols], [diagonal, *values]
    return np.concatenate(rows), np.concatenate(cols), np.concatenate(values), rhs


def triad_bandwidth(comm, size=8_000_000):
    """GB/s that all ranks together reach in y += a x on vectors that no cache holds: three words an
    entry move."""
    x, y = (pt.Vector.zeros(comm, size) for _ in range(2))
    best = np.inf
    for _ in range(5):
        comm.barrier()
        began = time.perf_counter()
        y.add_scaled(2.0, x)
        comm.barrier()
        best = min(best, time.perf_counter() - began)
    return 3 * 8 * size * comm.size / best / 1e9


def cg_bytes(A):
    """Bytes that one Jacobi-CG iteration must move on this rank: the matrix once (values, 4-byte
    columns and row starts) and 14 words of vectors a row."""
    rows, _ = A.local_shape
    nnz = A.local.nnz + (A.ghost.nnz if A.ghost is not None else 0)
    return nnz * (8 + 4) + rows * 4 + rows * 14 * 8


def middle_slice(comm, x, start, stop, n):
    """Temperatures of the cells with k = n // 2 as an n x n array on rank 0, None elsewhere."""
    cell = np.arange(start, stop)
    chosen = cell % n == n // 2
    pieces = comm.gather((cell[chosen] // n, x.local[chosen]))
    if comm.rank:
        return None
    plane = np.empty(n * n)
    for at, temperature in pieces:
        plane[at] = temperature
    return plane.reshape(n, n)


def draw(path, plane, log):
    """The temperatures of a slice beside the history of the residual, as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    picture = left.imshow(plane.T, origin="lower", extent=(0, 10, 0, 10), cmap="inferno")
    figure.colorbar(picture, ax=left, label="temperature, °C")
    n = plane.shape[0]
    i, j = np.indices(plane.shape)
    metal = conductivity(i, j, np.full_like(i, n // 2), n) == METAL
    centres = (np.arange(n) + 0.5) * 10 / n
    if n > 1:
        left.contour(centres, centres, metal.T, levels=[0.5], colors="white", linewidths=0.5)
    left.set(
        title="Slice through the middle (white: the metal's surface)",
        xlabel="x, cm",
        ylabel="y, cm",
    )
    history = np.asarray(log.history)
    right.semilogy(history / history[0])
    right.set(
        title="Conjugate gradients with Jacobi",
        xlabel="iteration",
        ylabel="residual norm, relative to the first",
    )
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=110, pil_kwargs={"optimize": True})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=115, help="cells along an edge")
    parser.add_argument("--rtol", type=float, default=1e-8)
    parser.add_argument("--out", help="where rank 0 writes a picture")
    options = parser.parse_args()
    comm, n = MPI.COMM_WORLD, options.cells

    comm.barrier()
    began = time.perf_counter()
    start, stop = (n**3 * r // comm.size for r in (comm.rank, comm.rank + 1))
    partition = pt.Partition.from_local_range(comm, start, stop)
    rows, cols, values, rhs = assemble(start, stop, n)
    A = pt.Matrix.from_coo(comm, partition, rows, cols, values)
    b = pt.Vector.from_local(comm, rhs)
    comm.barrier()
    setup = time.perf_counter() - began

    x, log = pt.cg(A, b, rtol=options.rtol, M=pt.Jacobi(), progress=True)

    residual = (b - A @ x).norm() / b.norm()
    reached = comm.allreduce(cg_bytes(A)) * log.iterations / log.time / 1e9
    triad = triad_bandwidth(comm)
    nnz = A.nnz
    plane = middle_slice(comm, x, start, stop, n)
    if comm.rank == 0:
        table = (
            ("unknowns", f"{n**3:,}"),
            ("entries", f"{nnz:,}"),
            ("ranks", f"{comm.size}"),
            ("set-up", f"{setup:.2f} s"),
            ("solve", f"{log.time:.2f} s"),
            ("iterations", f"{log.iterations:,}"),
            ("time per iteration", f"{1e3 * log.time / max(log.iterations, 1):.2f} ms"),
            ("bandwidth reached", f"{reached:.1f} GB/s ({100 * reached / triad:.0f} % of triad)"),
            ("triad, same ranks", f"{triad:.1f} GB/s"),
            ("converged", f"{log.converged} ({log.reason})"),
            ("true residual", f"{residual:.2e} relative, computed apart from the solver"),
            ("temperatures", f"{plane.min():.1f} to {plane.max():.1f} °C in the middle slice"),
        )
        for name, value in table:
            print(f"{name:>20}  {value}")
        if options.out:
            draw(options.out, plane, log)
            print(f"{'picture':>20}  {options.out}")


if __name__ == "__main__":
    main()
