"""A network of springs, assembled from triplets by global indices and solved as a JSON text says.

    mpirun -n 4 python global_triplets.py --nodes 1000

Each rank goes through springs, not through rows: it gives what its springs say of both ends, and
entries of rows that another rank owns travel there. Nodes are dealt out like cards, so a rank's rows are
no contiguous range.
"""

import argparse
import json

import numpy as np
from mpi4py import MPI

import pyGinkgo as pg
from pyGinkgo import pyGinkgoBindings as pgb

CONFIG = {
    "type": "solver::Cg",
    "preconditioner": {"type": "preconditioner::Jacobi", "max_block_size": 1},
    "criteria": [
        {"type": "Iteration", "max_iters": 5000},
        {"type": "ResidualNorm", "baseline": "rhs_norm", "reduction_factor": 1e-10},
    ],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1000)
    n = parser.parse_args().nodes
    comm = MPI.COMM_WORLD
    exec = pg.device("cpu")

    owners = (np.arange(n) % comm.size).astype(np.int32)
    partition = pg.distributed.build_partition(exec, owners, comm.size)

    # Spring s ties node s to node s + 1; every node is held in its place by a weak one.
    springs = np.array_split(np.arange(n - 1), comm.size)[comm.rank]
    stiffness = 1.0 + springs % 7
    ends = springs, springs + 1
    rows = np.concatenate((ends[0], ends[1], ends[0], ends[1]))
    cols = np.concatenate((ends[0], ends[1], ends[1], ends[0]))
    values = np.concatenate((stiffness, stiffness, -stiffness, -stiffness))
    owned = np.flatnonzero(owners == comm.rank)
    rows, cols = np.concatenate((rows, owned)), np.concatenate((cols, owned))
    values = np.concatenate((values, np.full(owned.size, 1e-3)))

    A = pg.distributed.matrix(exec, comm, partition, rows, cols, values, n, dtype="double")
    load = np.sin(owned)
    b = pg.distributed.vector(exec, comm, partition, owned, load, n, dtype="double")
    x = pg.distributed.vector(exec, comm, partition, owned, 0 * load, n, dtype="double")
    logger = pgb.solver.config_solve_double(exec, A, b, x, json.dumps(CONFIG))

    # Held by weak springs alone, the whole network moves until they carry the whole load.
    moved = comm.allreduce(pg.distributed.vector_local(x).sum())
    carried, total = 1e-3 * moved, comm.allreduce(load.sum())
    if comm.rank == 0:
        print(f"{n} nodes on {comm.size} ranks: converged: {logger.has_converged()}, "
              f"{logger.get_num_iterations()} iterations, "
              f"load {total:.6f}, carried {carried:.6f}")  # fmt: skip
    assert logger.has_converged() and abs(carried - total) < 1e-6


if __name__ == "__main__":
    main()
