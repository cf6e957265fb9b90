"""Convection and diffusion on an interval by GMRES, with an operator that has no matrix.

    mpirun -n 4 python matrix_free.py --points 200

-u'' + c u' = 1 with u = 0 at both ends. The operator is a Python class; its halo exchange, one
number from each neighbour, is mpi4py's.
"""

import argparse

import numpy as np
from mpi4py import MPI

from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb


class ConvectionDiffusion(gkd.PyLinOp):
    """h² (-u'' + c u') by central differences."""

    def __init__(self, exec, comm, n, c):
        super().__init__(exec, (n, n))
        self.comm = comm
        self.upwind, self.downwind = -1 - c / (n + 1) / 2, -1 + c / (n + 1) / 2
        busy = comm.allgather(comm.rank < n)  # ranks that own no points have no neighbours
        ranks = [rank for rank in range(comm.size) if busy[rank]]
        at = ranks.index(comm.rank) if busy[comm.rank] else None
        self.left = ranks[at - 1] if at else MPI.PROC_NULL
        last = at is None or at == len(ranks) - 1
        self.right = MPI.PROC_NULL if last else ranks[at + 1]

    def apply_impl(self, b, x):
        values, halo = b.local[:, 0], np.zeros(2)
        if values.size == 0:
            return
        ends = values[:1].copy(), values[-1:].copy()
        self.comm.Sendrecv(ends[0], self.left, 0, halo[1:], self.right, 0)
        self.comm.Sendrecv(ends[1], self.right, 1, halo[:1], self.left, 1)
        padded = np.concatenate((halo[:1], values, halo[1:]))
        x.local[:, 0] = self.upwind * padded[:-2] + 2 * values + self.downwind * padded[2:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--convection", type=float, default=20.0, help="c")
    options = parser.parse_args()
    n, c = options.points, options.convection

    comm = MPI.COMM_WORLD
    exec = pgb.ReferenceExecutor()
    partition = gkd.Partition.uniform(exec, comm.size, n)
    start = sum(partition.part_size(rank) for rank in range(comm.rank))
    t = (1 + start + np.arange(partition.part_size(comm.rank))) / (n + 1)

    A = ConvectionDiffusion(exec, comm, n, c)
    h2 = np.full(t.size, 1 / (n + 1) ** 2)
    b = gkd.DistributedVector.from_local_array(exec, comm, (n, 1), h2)
    u = gkd.DistributedVector.from_local_array(exec, comm, (n, 1), np.zeros(t.size))
    gmres = pgb.solver.gmres_double(
        exec, A, max_iters=5 * n, krylov_dim=n, reduction_factor=1e-10, relative_stop_mode=True
    )
    logger, _ = gmres.apply(b.raw, u.raw)

    exact = (t - np.expm1(c * t) / np.expm1(c)) / c
    error = np.abs(np.asarray(u.get_local_vector().copy_to_host()).reshape(-1) - exact)
    worst = comm.allreduce(error.max(initial=0.0), MPI.MAX)
    if comm.rank == 0:
        print(f"{n} points on {comm.size} ranks: converged: {logger.has_converged()}, "
              f"{logger.get_num_iterations()} iterations, largest error {worst:.2e}")  # fmt: skip
    assert logger.has_converged() and worst < (c / n) ** 2


if __name__ == "__main__":
    main()
