"""A preconditioner written in Python: the fast diagonalisation of a simpler problem.

    mpirun -n 2 python examples/python_preconditioner.py [--points 128] [--out plate.png]

A plate conducts heat better in some places than in others: -div(c grad u) = f, u = 0 at its edge. Were c
constant, the eigenvectors along x and along y would solve the system by four small matrix products
(Lynch, Rice and Thomas, Numerische Mathematik 6, 1964). So that is the preconditioner, scaled by
c's square root on both sides (Concus and Golub, SIAM J. Numer. Anal. 10, 1973): on one rank,
iterations do not depend on the grid. It is a subclass of LinOp, a few lines of NumPy, for each rank's
lines of the grid. What several ranks lose at their borders Schwarz brings back, which takes the same
operator for its local solver and adds a coarse level.
"""

import argparse

import numpy as np
from mpi4py import MPI

import petiole as pt

COARSE = {"coarse": pt.Direct(), "coarse_mode": "multiplicative", "aggregate_size": 32}


def conductivity(x, y):
    """From 1 to about 30."""
    return 1 + 4 * (1 + np.sin(3 * x) * np.cos(4 * y)) + 20 * np.exp(-20 * ((x - 0.3) ** 2 + y**2))


class FastDiagonalisation(pt.LinOp):
    """z = D^-1/2 L^-1 D^-1/2 r, L being the Laplacian on this rank's lines and D their c."""

    def __init__(self, c, size, comm=None):
        super().__init__(size, comm=comm)
        self.scale = 1 / np.sqrt(c)
        (self.x_values, self.x), (self.y_values, self.y) = map(self.eigen, c.shape)

    @staticmethod
    def eigen(n):
        """Of the Laplacian on a line of n points."""
        return np.linalg.eigh(2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1))

    def apply_impl(self, b, x):
        r = self.scale * b.local.reshape(self.scale.shape)
        modes = self.x.T @ r @ self.y / (self.x_values[:, None] + self.y_values)
        x.local[:] = (self.scale * (self.x @ modes @ self.y.T)).ravel()


def assemble(first, last, points):
    """The rows of the lines [first, last): triplets, and c at their points."""
    i, j = np.meshgrid(np.arange(first, last), np.arange(points), indexing="ij")
    own = i * points + j
    h = 1 / (points + 1)
    diagonal, rows, cols, values = np.zeros(own.shape), [], [], []
    for di, dj in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        between = conductivity((i + 1 + di / 2) * h, (j + 1 + dj / 2) * h)
        inside = (i + di >= 0) & (i + di < points) & (j + dj >= 0) & (j + dj < points)
        diagonal += between
        rows.append(own[inside])
        cols.append(own[inside] + di * points + dj)
        values.append(-between[inside])
    parts = ([own.ravel(), *rows], [own.ravel(), *cols], [diagonal.ravel(), *values])
    return [np.concatenate(part) for part in parts], conductivity((i + 1) * h, (j + 1) * h)


def solve_all(comm, points):
    """The plate with so many points along an edge: its temperatures, the logs of each
    preconditioner, and the largest difference between their results."""
    first, last = (points * r // comm.size for r in (comm.rank, comm.rank + 1))
    triplets, c = assemble(first, last, points)
    partition = pt.Partition.from_local_range(comm, first * points, last * points)
    A = pt.Matrix.from_coo(comm, partition, *triplets)
    b = pt.Vector.from_local(comm, np.full(c.size, 1 / (points + 1) ** 2))
    preconditioners = {
        "none": None,
        "Jacobi": pt.Jacobi(),
        "Ic": pt.Ic(),
        "in Python": FastDiagonalisation(c, points**2, comm),
        "and a coarse level": pt.Schwarz(local=FastDiagonalisation(c, c.size), **COARSE),
    }
    found = {name: pt.cg(A, b, rtol=1e-10, M=M) for name, M in preconditioners.items()}
    u = found["in Python"][0]
    apart = max((u - other).norm(np.inf) / u.norm(np.inf) for other, _ in found.values())
    return u, {name: log for name, (_, log) in found.items()}, apart


def draw(path, temperature, logs):
    """The temperatures beside the histories of the residual."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    picture = left.imshow(temperature.T, origin="lower", extent=(0, 1, 0, 1), cmap="inferno")
    figure.colorbar(picture, ax=left, label="temperature")
    left.set(title="The plate", xlabel="x", ylabel="y")
    for name, log in logs.items():
        right.semilogy(np.asarray(log.history) / log.history[0], label=name)
    right.set(
        title="Conjugate gradients with preconditioners",
        xlabel="iteration",
        ylabel="residual norm, relative to the first",
    )
    right.legend()
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=128, help="points along an edge, at most")
    parser.add_argument("--out", help="where rank 0 writes a picture")
    options = parser.parse_args()
    comm = MPI.COMM_WORLD
    if options.points < 4 * comm.size:
        parser.error("--points must be at least four times the number of ranks")

    if comm.rank == 0:
        print(f"iterations on {comm.size} ranks:")
    for points in (options.points // 4, options.points // 2, options.points):
        u, logs, apart = solve_all(comm, points)
        temperature = u.gather()
        if comm.rank == 0:
            counts = ", ".join(f"{name} {log.iterations}" for name, log in logs.items())
            print(f"{points:>5} x {points:<5} {counts}; results differ by {apart:.0e} at most")
        assert apart <= 1e-6 and all(log.converged for log in logs.values())
    if comm.rank == 0 and options.out:
        draw(options.out, temperature.reshape(points, points), logs)


if __name__ == "__main__":
    main()
