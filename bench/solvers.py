"""Every solver on one system: what script/solver-tables runs under mpirun.

    solvers.py MATRIX.mtx | heat:N     prints one line of JSON

b is A times a vector of ones and the guess zero. Solvers stop where ||b - A x|| <= 1e-8 ||b||, after
2000 iterations, or after 20 seconds. Times are the shortest of three solves.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
from mpi4py import MPI

import petiole as pt
from petiole import _core

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))
from heat import assemble  # noqa: E402

RTOL, MAXITER, SECONDS, REPEATS = 1e-8, 2000, 20.0, 3
comm = MPI.COMM_WORLD

# What a method needs of A: a solver that is not here takes any matrix.
NEEDS = {
    "cg": "positive definite",
    "fcg": "positive definite",
    "pipecg": "positive definite",
    "chebyshev": "positive definite",
    "minres": "Hermitian",
    "lower_trs": "lower",
    "upper_trs": "upper",
}
NO_PRECONDITIONER = ("direct", "lower_trs", "upper_trs")
VARIANTS = {"gmres": [{"orthogonalization": way} for way in ("mgs", "cgs", "cgs2")]}


def read_system(name):
    """A partition, the triplets of the owned rows, and what the matrix is."""
    if name.startswith("heat:"):
        n = int(name.removeprefix("heat:"))
        part = pt.Partition.uniform(comm.size, n**3)
        start, stop = (int(bound) for bound in part.ranges[comm.rank][:2])
        rows, cols, values, _ = assemble(start, stop, n)
        return part, rows, cols, values, {"positive definite", "Hermitian"}
    A = pt.Matrix.read(name, comm)
    local = A.to_scipy().tocoo()
    owned = int(A.partition.ranges[comm.rank][0])
    kind = {"Hermitian", "positive definite"} if "symmetric" in header(name) else set()
    return A.partition, local.row + owned, local.col, local.data, kind


def header(name):
    with open(name, encoding="latin-1") as file:
        return file.readline().split()


def matrix_for(needs, part, rows, cols, values):
    """The matrix, or the triangle of it that the solver needs."""
    keep = np.ones(rows.size, bool)
    if needs == "lower":
        keep = cols <= rows
    elif needs == "upper":
        keep = cols >= rows
    return pt.Matrix.from_coo(comm, part, rows[keep], cols[keep], values[keep])


def solve(factory, A, b):
    """The shortest of three solves, with the reductions that one makes."""
    solver = factory.generate(A)
    best = None
    for attempt in range(REPEATS + 1):
        count = 0

        def heard(event):
            nonlocal count
            count += event.phase == "end"

        x = b.zeros_like()
        if attempt == 0:  # apart, since listening costs time
            with pt.trace(heard, kinds=("reduction",)):
                log = solver.apply(b, x)
            reductions = count
        else:
            comm.Barrier()
            log = solver.apply(b, x)
        seconds = comm.allreduce(log.time, MPI.MAX)
        if attempt and (best is None or seconds < best):
            best = seconds
    return {
        "iterations": log.iterations,
        "seconds": best,
        "reductions": reductions,
        "reason": log.reason,
        "converged": log.converged,
        "error": float((b - A @ x).norm() / b.norm()),
    }


def main():
    part, rows, cols, values, kind = read_system(sys.argv[1])
    results = []
    for family, name, title in _core.kinds():
        needs = NEEDS.get(name)
        if family != "solver" or (needs and needs not in kind | {"lower", "upper"}):
            continue
        A = matrix_for(needs, part, rows, cols, values)
        ones = pt.Vector.zeros(comm, A.local_shape[1], dtype=A.dtype)
        ones.fill(1.0)
        b = A @ ones
        M = None if name in NO_PRECONDITIONER else pt.Jacobi()
        stop = pt.stop.Time(SECONDS)
        for options in VARIANTS.get(name, [{}]):
            result = {"solver": title, "options": options}
            try:
                more = {} if M is None else {"M": M}
                factory = getattr(pt, title)(
                    rtol=RTOL, maxiter=MAXITER, stop=stop, **more, **options
                )
                result |= solve(factory, A, b)
            except (pt.Error, ArithmeticError) as error:
                result["failure"] = f"{type(error).__name__}: {error}"
            results.append(result)
    entries = comm.allreduce(len(values))
    if comm.rank == 0:
        print(json.dumps({"rows": part.size, "entries": entries, "results": results}))


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        main()
