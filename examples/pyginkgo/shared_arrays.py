"""Vectors that share their memory with NumPy arrays: nothing is copied on the way in or out.

    mpirun -n 4 python shared_arrays.py --points 100000

A wave goes round a ring: one array is NumPy's and a distributed vector's at once, through a thousand
steps of a program that knows arrays alone.
"""

import argparse

import numpy as np
from mpi4py import MPI

from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=1000)
    options = parser.parse_args()
    n = options.points

    comm = MPI.COMM_WORLD
    exec = pgb.ReferenceExecutor()
    partition = gkd.Partition.uniform(exec, comm.size, n)
    start = sum(partition.part_size(rank) for rank in range(comm.rank))
    phase = 2 * np.pi * (start + np.arange(partition.part_size(comm.rank))) / n

    Vector = pgb.distributed.Vector_double
    array = np.sin(phase)
    wave = Vector.from_local_array_view(exec, comm, (n, 1), array)
    norm = pgb.matrix.dense_double(exec, (1, 1))

    # NumPy writes, the vector sees it, without a call in between.
    for step in range(1, options.steps + 1):
        np.sin(phase - 2 * np.pi * step / options.steps, out=array)
    wave.compute_norm2(norm)
    energy = norm.at(0, 0) ** 2 / n

    # The vector is changed, the array sees it.
    wave.scale(pgb.matrix.dense_double(exec, np.array([[2.0]])))
    doubled = np.allclose(array, 2 * np.sin(phase), atol=1e-9)

    # What get_local_vector gives is a copy: it stays as it is.
    copy = wave.get_local_vector()
    array[:] = 0
    kept = np.allclose(np.asarray(copy), 2 * np.sin(phase), atol=1e-9)

    everything = wave.gather_on_root(0)
    if comm.rank == 0:
        print(f"{n} points on {comm.size} ranks: mean square {energy:.6f}, "
              f"the array was doubled: {doubled}, the copy kept: {kept}, "
              f"gathered: {everything.shape}")  # fmt: skip
        assert everything.shape == (n, 1) and not everything.any()
    assert abs(energy - 0.5) < 1e-9 and doubled and kept


if __name__ == "__main__":
    main()
