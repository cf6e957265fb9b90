"""Water that seeps through an aquifer, by Schwarz with overlap and a coarse level.

    mpirun -n 4 python examples/schwarz.py [--cells 160] [--out schwarz.png]

The permeability of the ground varies by four orders of magnitude. Water enters at the left under a
pressure of 1 bar and leaves at the right; finite volumes on n x n cells give a symmetric positive
definite system. Each rank factorizes its own part of the ground. How many iterations that takes is
told for 1, 2, 4, ... of the ranks: the more parts, the more is lost between them, which an overlap
brings back nearby, and a coarse level far away.
"""

import argparse

import numpy as np
from mpi4py import MPI

import petiole as pt

ADDITIVE = {"local": pt.Ic(), "restricted": False, "weighted": True}
COARSE = {"coarse": pt.Direct(), "coarse_mode": "multiplicative", "aggregate_size": 32}
PRECONDITIONERS = {
    "Jacobi": pt.Jacobi(),
    "Schwarz": pt.Schwarz(**ADDITIVE),
    "Schwarz, overlap 2": pt.Schwarz(**ADDITIVE, overlap=2),
    "Schwarz, overlap 2, coarse level": pt.Schwarz(**ADDITIVE, overlap=2, **COARSE),
}


def permeability(i, j, n):
    """Of the cells (i, j), from 0.01 to 100: ten to the power of a sum of random waves."""
    rng = np.random.default_rng(7)
    x, y = (i + 0.5) / n, (j + 0.5) / n
    exponent = np.zeros(np.broadcast(x, y).shape)
    for wave in rng.normal(0, 12, (40, 2)):
        exponent += np.cos(wave[0] * x + wave[1] * y + rng.uniform(0, 2 * np.pi))
    return 10 ** np.clip(exponent / 4, -2, 2)


def assemble(start, stop, n):
    """The rows [start, stop) of the system: triplets (rows, cols, values) and the right-hand side.

    Cell c = i n + j. Between two cells flows the harmonic mean of their permeabilities times the
    difference of their pressures; to the left and right edges, twice the cell's own.
    """
    cell = np.arange(start, stop)
    index = np.stack((cell // n, cell % n))
    own = permeability(*index, n)
    diagonal, rhs = np.zeros(cell.size), np.zeros(cell.size)
    rows, cols, values = [], [], []
    for axis, stride in enumerate((n, 1)):
        for step in (-1, 1):
            inside = (index[axis] + step >= 0) & (index[axis] + step < n)
            neighbour = index[:, inside].copy()
            neighbour[axis] += step
            theirs = permeability(*neighbour, n)
            flow = 2 * own[inside] * theirs / (own[inside] + theirs)
            rows.append(cell[inside])
            cols.append(cell[inside] + step * stride)
            values.append(-flow)
            diagonal[inside] += flow
    for edge, pressure in ((0, 1.0), (n - 1, 0.0)):
        at_edge = index[0] == edge
        diagonal[at_edge] += 2 * own[at_edge]
        rhs[at_edge] += 2 * own[at_edge] * pressure
    rows, cols, values = [cell, *rows], [cell, *cols], [diagonal, *values]
    return np.concatenate(rows), np.concatenate(cols), np.concatenate(values), rhs


def solve_all(comm, n, rtol):
    """The system on comm's ranks with each preconditioner: their logs, and the last pressures."""
    start, stop = (n**2 * r // comm.size for r in (comm.rank, comm.rank + 1))
    partition = pt.Partition.from_local_range(comm, start, stop)
    rows, cols, values, rhs = assemble(start, stop, n)
    A = pt.Matrix.from_coo(comm, partition, rows, cols, values)
    b = pt.Vector.from_local(comm, rhs)
    logs = {}
    for name, M in PRECONDITIONERS.items():
        x, logs[name] = pt.cg(A, b, rtol=rtol, M=M)
    residual = (b - A @ x).norm() / b.norm()
    return logs, residual, x.gather()


def draw(path, pressure, logs, ranks):
    """The pressure on the ground, with the ranks' borders, beside the residuals' histories."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    n = len(pressure)
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    i, j = np.indices((n, n))
    ground = left.imshow(
        np.log10(permeability(i, j, n)).T, origin="lower", extent=(0, 1, 0, 1), cmap="YlGnBu_r"
    )
    figure.colorbar(ground, ax=left, label="permeability, power of ten")
    centres = (np.arange(n) + 0.5) / n
    left.contour(centres, centres, pressure.T, levels=19, colors="black", linewidths=0.6)
    for rank in range(1, ranks):
        left.axvline(rank / ranks, color="red", linestyle="--")
    left.set(title="Pressure in the ground (red: the ranks' borders)", xlabel="x", ylabel="y")
    for name, log in logs.items():
        right.semilogy(np.asarray(log.history) / log.history[0], label=name)
    right.set(
        title=f"Conjugate gradients on {ranks} ranks",
        xlabel="iteration",
        ylabel="residual norm, relative to the first",
    )
    right.legend()
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=160, help="cells along an edge")
    parser.add_argument("--rtol", type=float, default=1e-8)
    parser.add_argument("--out", help="where rank 0 writes a picture")
    options = parser.parse_args()
    world, n = MPI.COMM_WORLD, options.cells

    sizes = sorted({min(2**k, world.size) for k in range(world.size.bit_length() + 1)})
    counts = {name: [] for name in PRECONDITIONERS}
    for size in sizes:
        comm = world.Split(0 if world.rank < size else MPI.UNDEFINED, world.rank)
        if world.rank >= size:
            continue
        logs, residual, pressure = solve_all(comm, n, options.rtol)
        for name, log in logs.items():
            counts[name].append(log.iterations)
        comm.Free()
    if world.rank:
        return

    print(f"{n**2:,} cells; iterations to {options.rtol:g} on so many ranks:")
    print(f"{'':>34}" + "".join(f"{size:>6}" for size in sizes))
    for name, row in counts.items():
        print(f"{name:>34}" + "".join(f"{count:>6}" for count in row))
    pressure = pressure.reshape(n, n)
    edge = np.arange(n)
    inflow = (2 * permeability(0, edge, n) * (1 - pressure[0])).sum()
    outflow = (2 * permeability(n - 1, edge, n) * pressure[-1]).sum()
    print(f"inflow {inflow:.6f}, outflow {outflow:.6f}, true residual {residual:.1e}")
    if options.out:
        draw(options.out, pressure, logs, sizes[-1])
    assert residual <= 10 * options.rtol and abs(inflow - outflow) <= 1e-4 * inflow


if __name__ == "__main__":
    main()
