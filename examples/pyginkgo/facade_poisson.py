"""-Δu = f on a square by CG, with the facade: a matrix of local and non-local blocks.

    mpirun -n 4 python facade_poisson.py --points 64

Each rank owns a strip of the grid. What its rows say of its own points is the local block; what they
say of the neighbouring strips is the non-local block, whose columns are the foreign points in
ascending order. The exact solution is known, so the error of the discretization is printed.
"""

import argparse

import numpy as np
from mpi4py import MPI

from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb


def five_point_stencil(n, points):
    """(rows, columns, values) of -Δ, times h², in the rows of these points of an n x n grid."""
    i, j = divmod(points, n)
    rows, cols, values = [points], [points], [np.full(points.size, 4.0)]
    for di, dj in (-1, 0), (0, -1), (0, 1), (1, 0):
        inside = (0 <= i + di) & (i + di < n) & (0 <= j + dj) & (j + dj < n)
        rows.append(points[inside])
        cols.append(points[inside] + n * di + dj)
        values.append(np.full(np.count_nonzero(inside), -1.0))
    return np.concatenate(rows), np.concatenate(cols), np.concatenate(values)


def csr(exec, shape, rows, cols, values):
    """A local matrix of triplets."""
    order = np.lexsort((cols, rows))
    row_ptrs = np.searchsorted(rows[order], np.arange(shape[0] + 1)).astype(np.int32)
    Csr = pgb.matrix.Csr_double_int32
    return Csr(exec, shape, values[order], cols[order].astype(np.int32), row_ptrs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=64, help="points of a side of the grid")
    n = parser.parse_args().points

    comm = MPI.COMM_WORLD
    exec = pgb.ReferenceExecutor()
    partition = gkd.Partition.uniform(exec, comm.size, n * n)
    start = sum(partition.part_size(rank) for rank in range(comm.rank))
    owned = np.arange(start, start + partition.part_size(comm.rank))

    rows, cols, values = five_point_stencil(n, owned)
    mine = (cols >= start) & (cols < start + owned.size)
    foreign, position = np.unique(cols[~mine], return_inverse=True)
    A = gkd.DistributedMatrix.from_local_and_non_local(
        exec, comm, partition, foreign,
        csr(exec, (owned.size, owned.size), rows[mine] - start, cols[mine] - start, values[mine]),
        csr(exec, (owned.size, foreign.size), rows[~mine] - start, position, values[~mine]),
    )  # fmt: skip

    h = 1 / (n + 1)
    x, y = (1 + owned % n) * h, (1 + owned // n) * h
    exact = np.exp(x) * np.sin(np.pi * x) * np.sin(np.pi * y)
    f = np.exp(x) * np.sin(np.pi * y)
    f *= (2 * np.pi**2 - 1) * np.sin(np.pi * x) - 2 * np.pi * np.cos(np.pi * x)
    b = gkd.DistributedVector.from_local_array(exec, comm, (n * n, 1), h**2 * f)
    u = gkd.DistributedVector.empty(exec, comm, (n * n, 1), (owned.size, 1))
    u.fill(0.0)

    cg = pgb.solver.cg_double(
        exec, A.raw, max_iters=10 * n, reduction_factor=1e-10, relative_stop_mode=True
    )
    logger, _ = cg.apply(b.raw, u.raw)

    error = np.abs(np.asarray(u.get_local_vector().copy_to_host()).reshape(-1) - exact)
    worst = comm.allreduce(error.max(initial=0.0), MPI.MAX)
    if comm.rank == 0:
        print(f"{n} x {n} points on {comm.size} ranks: converged: {logger.has_converged()}, "
              f"{logger.get_num_iterations()} iterations, largest error {worst:.2e}")  # fmt: skip
    assert logger.has_converged() and worst < 3 * h**2


if __name__ == "__main__":
    main()
