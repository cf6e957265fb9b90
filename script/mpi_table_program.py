"""What script/mpi-table runs under each MPI: `mpi_table_program.py RANKS [mpi4py]`.

Makes a communicator, checks rank and size, assembles a matrix from triplets (half of which belong to
other ranks), solves with it, and compares with the solution that the right-hand side was made from.
"""

import json
import sys

import numpy as np

import petiole as pt

RANKS, WITH_MPI4PY, N = int(sys.argv[1]), sys.argv[2:] == ["mpi4py"], 1000


def communicator():
    if WITH_MPI4PY:
        from mpi4py import MPI

        return pt.Communicator(MPI.COMM_WORLD)
    return pt.Communicator.world()


def check(claim, what):
    if not claim:
        raise SystemExit(f"rank {comm.rank} of {comm.size}: {what}")


comm = communicator()
check(comm.size == RANKS, f"expected {RANKS} ranks")
check(comm.allreduce(10.0**comm.rank) == sum(10.0**rank for rank in range(RANKS)), "wrong ranks")
check(("mpi4py" in sys.modules) == WITH_MPI4PY, "mpi4py was loaded, or was not")

part = pt.Partition.uniform(comm.size, N)
i = np.arange(N)[comm.rank :: comm.size]
rows, cols = np.r_[i, i[i > 0], i[i < N - 1]], np.r_[i, i[i > 0] - 1, i[i < N - 1] + 1]
values = np.r_[np.full(i.size, 2.1), np.full(rows.size - i.size, -1.0)]
A = pt.Matrix.from_coo(comm, part, rows, cols, values)

first = sum(map(part.part_size, range(comm.rank)))
expected = np.sin(np.arange(first, first + part.part_size(comm.rank)))
b = A @ pt.Vector.from_local(comm, expected)
x, log = pt.cg(A, b, rtol=1e-12)
error = comm.allreduce(float(np.abs(x.local - expected).max(initial=0)), "max")
check(error < 1e-9, f"the solution is wrong by {error}")

info = pt.mpi_info()
if comm.rank == 0:
    line = " ".join(info["library"].splitlines()[0].split())
    told = {"adaptor": info["adaptor"], "library": line, "path": info["path"]}
    print(json.dumps(told), flush=True)
