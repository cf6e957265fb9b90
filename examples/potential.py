"""The electric potential around conductors in a grounded box, without a matrix.

    mpirun -n 2 python examples/potential.py [--points 300] [--out potential.png]

Where there is no conductor, the potential is the mean of its four neighbours. That is a symmetric
positive definite system over the free points of a grid. The operator is a few lines of NumPy: each
rank has some lines of the grid and, for a product, exchanges the outer ones with its neighbours.
"""

import argparse

import numpy as np
from mpi4py import MPI

import petiole as pt


def conductors(x, y):
    """Volts at the points (x, y) of the unit square; NaN where there is no conductor."""
    volts = np.full(x.shape, np.nan)
    volts[np.hypot(x - 0.30, y - 0.5) < 0.1] = 1.0  # a rod
    ring = np.hypot(x - 0.62, y - 0.5)
    volts[(ring > 0.22) & (ring < 0.24) & (x > 0.55)] = -1.0  # a part of a tube
    return volts


class Laplacian(pt.LinOp):
    """4 u - (sum of the neighbours) at free points, u at the others, on lines [first, last)."""

    def __init__(self, comm, points, first, last, free):
        super().__init__(points**2, comm=comm)
        self.messages = comm.Dup()
        self.before = comm.rank - 1 if first > 0 else MPI.PROC_NULL
        self.after = comm.rank + 1 if last < points else MPI.PROC_NULL
        self.free = free
        self.u = np.zeros((last - first + 2, points + 2))  # with a margin of one point

    def stencil(self, u):
        """4 u - (sum of the neighbours) at all points; u is 0 outside of the box."""
        padded = self.u
        padded[1:-1, 1:-1] = u
        for source, target, give, take in (
            (self.before, self.after, -2, 0),
            (self.after, self.before, 1, -1),
        ):
            self.messages.Sendrecv(padded[give], target, recvbuf=padded[take], source=source)
        return 4 * u - padded[:-2, 1:-1] - padded[2:, 1:-1] - padded[1:-1, :-2] - padded[1:-1, 2:]

    def apply_impl(self, b, x):
        u = b.local.reshape(self.free.shape)
        x.local[:] = np.where(self.free, self.stencil(np.where(self.free, u, 0)), u).ravel()


def draw(path, potential, log):
    """The potential with its contour lines, beside the history of the residual."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    picture = left.imshow(potential.T, origin="lower", extent=(0, 1, 0, 1), cmap="RdBu_r")
    figure.colorbar(picture, ax=left, label="potential, V")
    axis = np.linspace(0, 1, len(potential))
    left.contour(
        axis, axis, potential.T, levels=np.linspace(-0.9, 0.9, 19), colors="black", linewidths=0.5
    )
    left.set(title="Potential and its contour lines", xlabel="x", ylabel="y")
    right.semilogy(np.asarray(log.history) / log.history[0])
    right.set(
        title="Conjugate gradients without a matrix",
        xlabel="iteration",
        ylabel="residual norm, relative to the first",
    )
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=300, help="points along an edge")
    parser.add_argument("--out", help="where rank 0 writes a picture")
    options = parser.parse_args()
    comm, points = MPI.COMM_WORLD, options.points
    if points < comm.size:
        parser.error("--points must be at least the number of ranks")
    first, last = (points * r // comm.size for r in (comm.rank, comm.rank + 1))

    axis = (np.arange(points) + 0.5) / points
    volts = conductors(*np.meshgrid(axis[first:last], axis, indexing="ij"))
    free = np.isnan(volts)
    known = np.where(free, 0, volts)

    A = Laplacian(comm, points, first, last, free)
    b = pt.Vector.from_local(comm, np.where(free, -A.stencil(known), known).ravel())
    u, log = pt.cg(A, b, rtol=1e-8, progress=True)

    conductor_points = comm.allreduce(int((~free).sum()))
    potential = u.gather()
    if comm.rank == 0:
        potential = potential.reshape(points, points)
        print(f"{points**2 - conductor_points:,} free points of {points**2:,}, {comm.size} ranks")
        print(log)
        print(f"potential from {potential.min():.3f} to {potential.max():.3f} V")
        if options.out:
            draw(options.out, potential, log)


if __name__ == "__main__":
    main()
