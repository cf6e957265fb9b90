"""A system from a MatrixMarket file, solved on one process by GMRES with an incomplete LU.

    python serial_ilu_gmres.py [matrix.mtx]

Without a file, one is written first. Under mpirun each rank solves for a right-hand side of its own.
"""

import argparse
import os
import pathlib
import tempfile

import numpy as np

import pyGinkgo as pg
from pyGinkgo import pyGinkgoBindings as pgb

RANK = int(os.environ.get("OMPI_COMM_WORLD_RANK", os.environ.get("PMI_RANK", "0")))


def write_example(path, n=40):
    """Convection and diffusion on an n x n grid, 1-based as the format wants it."""
    k = np.arange(n * n)
    neighbours = [
        (-n, -1.5, k >= n),
        (n, -0.5, k < n * n - n),
        (-1, -1.2, k % n > 0),
        (1, -0.8, k % n < n - 1),
    ]
    lines = [f"{i + 1} {i + 1} 4" for i in k]
    for step, value, there in neighbours:
        lines += [f"{i + 1} {i + 1 + step} {value}" for i in k[there]]
    header = f"%%MatrixMarket matrix coordinate real general\n{n * n} {n * n} {len(lines)}\n"
    path.write_text(header + "\n".join(lines) + "\n")


def solve(path):
    A = pg.read(path, format="Csr", dtype="double", itype="int32", device="cpu")
    n = A.shape[0]
    exact = np.cos(np.arange(n) + RANK).reshape(n, 1)
    b, x = (pg.as_tensor(dim=(n, 1), dtype="double", fill=0.0) for _ in range(2))
    A.apply(pg.as_tensor(exact, dtype="double"), b)

    exec = A.get_executor()
    ilu = pgb.preconditioner.Ilu_double_int32(exec, A)
    gmres = pgb.solver.gmres_double(
        exec, A, ilu, max_iters=1000, krylov_dim=50, reduction_factor=1e-10, relative_stop_mode=True
    )
    logger, x = gmres.apply(b, x)
    error = np.abs(np.asarray(x).reshape(-1, 1) - exact).max()
    print(f"rank {RANK}: {n} rows, {A.get_num_stored_elements()} entries, "
          f"converged: {logger.has_converged()}, {logger.get_num_iterations()} iterations, "
          f"error {error:.1e}")  # fmt: skip
    assert logger.has_converged() and error < 1e-6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("matrix", nargs="?", type=pathlib.Path)
    given = parser.parse_args().matrix
    with tempfile.TemporaryDirectory() as folder:
        path = given or pathlib.Path(folder) / "example.mtx"
        if not given:
            write_example(path)
        solve(path)


if __name__ == "__main__":
    main()
