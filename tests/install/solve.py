"""A distributed system, solved with mpi4py where it is there; says through which MPI."""

import numpy as np

import petiole as pt

try:
    from mpi4py import MPI

    comm, through = MPI.COMM_WORLD, "mpi4py"
except ImportError:
    comm, through = pt.Communicator.world(), "Petiole"

n = 1000
part = pt.Partition.uniform(comm.size, n)
i = np.arange(n)[comm.rank :: comm.size]
rows, cols = np.r_[i, i[i > 0], i[i < n - 1]], np.r_[i, i[i > 0] - 1, i[i < n - 1] + 1]
values = np.r_[np.full(i.size, 2.1), np.full(rows.size - i.size, -1.0)]
A = pt.Matrix.from_coo(comm, part, rows, cols, values)
b = pt.Vector.from_local(comm, np.ones(part.part_size(comm.rank)))
x, log = pt.cg(A, b, rtol=1e-10, M=pt.Jacobi())
residual = (A @ x - b).norm()
if comm.rank == 0:
    library = pt.mpi_info()["path"]
    print(f"{comm.size} ranks, {through}, {library}, {log.converged}, {residual < 1e-8}")
