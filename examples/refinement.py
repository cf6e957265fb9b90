"""Iterative refinement: double precision from a preconditioner that works in single.

    mpirun -n 2 python examples/refinement.py [--points 200] [--out refinement.png]

The membrane of a drum is pressed; its deflection solves a Poisson equation. Numbers of single
precision take half the memory and half the time to move, but have seven digits, and the system
loses some of them. Refinement gets them back: it computes the residual in double precision, has it
solved in single precision, adds the correction, and begins anew.
"""

import argparse

import numpy as np
from mpi4py import MPI

import petiole as pt


def laplacian(comm, points):
    """The rows of this rank of 4 u - (sum of the four neighbours), u being 0 outside."""
    n = points**2
    partition = pt.Partition.uniform(comm.size, n)
    start = sum(partition.part_size(r) for r in range(comm.rank))
    own = np.arange(start, start + partition.part_size(comm.rank))
    i, j = own // points, own % points
    rows, cols, values = [own], [own], [np.full(own.size, 4.0)]
    for step, inside in (
        (-points, i > 0),
        (points, i < points - 1),
        (-1, j > 0),
        (1, j < points - 1),
    ):
        rows.append(own[inside])
        cols.append(own[inside] + step)
        values.append(np.full(inside.sum(), -1.0))
    triplets = (np.concatenate(part) for part in (rows, cols, values))
    return pt.Matrix.from_coo(comm, partition, *triplets), i, j


def draw(path, deflection, histories):
    """The deflection beside the histories of the residual."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    picture = left.imshow(deflection.T, origin="lower", extent=(0, 1, 0, 1), cmap="viridis")
    figure.colorbar(picture, ax=left, label="deflection")
    left.set(title="The membrane", xlabel="x", ylabel="y")
    for name, (iterations, history) in histories.items():
        right.semilogy(iterations, history, marker="o" if len(history) < 20 else None, label=name)
    right.set(
        title="Residuals",
        xlabel="iteration of conjugate gradients",
        ylabel="residual norm, relative to b's",
    )
    right.legend()
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=200, help="points along an edge")
    parser.add_argument("--out", help="where rank 0 writes a picture")
    options = parser.parse_args()
    comm, points = MPI.COMM_WORLD, options.points

    A, i, j = laplacian(comm, points)
    x, y = ((k + 1) / (points + 1) for k in (i, j))
    known = x * (1 - x) * np.sin(3 * np.pi * y) * np.exp(x + y)  # the deflection that is to come
    exact = pt.Vector.from_local(comm, known)
    b = A @ exact

    def error(u):
        return (u - exact).norm(np.inf) / exact.norm(np.inf)

    spent, steps = [0], []  # iterations in single precision: so far, and at each refinement

    def count(event):
        spent[0] += event.iteration > 0

    inner = pt.Cg(rtol=1e-4, M=pt.Ic(), callback=count)  # what works in single precision
    refined, log = pt.ir(
        A,
        b,
        rtol=1e-12,
        maxiter=40,
        M=inner,
        lower_precision=True,
        callback=lambda event: steps.append(spent[0]),
    )
    single, single_log = pt.cg(
        A.astype("float32"), b.astype("float32"), rtol=1e-7, M=pt.Ic(), maxiter=5 * points
    )
    double, double_log = pt.cg(A, b, rtol=1e-12, M=pt.Ic())

    single = single.astype("float64")
    norm = b.norm()
    table = (
        ("single precision alone", (b - A @ single).norm() / norm, error(single)),
        ("refined", (b - A @ refined).norm() / norm, error(refined)),
        ("double precision alone", (b - A @ double).norm() / norm, error(double)),
    )
    deflection = refined.gather()
    if comm.rank == 0:
        print(f"{points**2:,} points, {comm.size} ranks")
        print(f"{'':>24}{'residual':>12}{'error':>12}")
        for name, residual, wrong in table:
            print(f"{name:>24}{residual:>12.1e}{wrong:>12.1e}")
        print(
            f"{double_log.iterations} iterations in double precision; in single, and the residual:"
        )
        for iterations, residual in zip(steps, log.history, strict=False):
            print(f"{iterations:>24}{residual / norm:>12.0e}")
        if options.out:
            histories = {
                name: (at or np.arange(len(one.history)), np.asarray(one.history) / norm)
                for name, at, one in (
                    ("single precision", None, single_log),
                    ("refined, by single precision", steps[: len(log.history)], log),
                    ("double precision", None, double_log),
                )
            }
            draw(options.out, deflection.reshape(points, points), histories)
    assert log.converged and table[1][1] <= 1e-11 and table[1][2] <= 1e-9


if __name__ == "__main__":
    main()
