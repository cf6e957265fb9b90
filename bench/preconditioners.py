"""Solvers with preconditioners on one system: what script/solver-tables runs under mpirun.

    preconditioners.py MATRIX.mtx | heat:N     prints one line of JSON

b is A times random numbers (not ones, which a coarse level of aggregates has exactly), the guess zero. As in
solvers.py solvers stop where ||b - A x|| <= 1e-8 ||b||, after 2000 iterations, or after 20 seconds. Times are
the shortest of three.
"""

import json
import sys
import time

import numpy as np
from mpi4py import MPI
from solvers import MAXITER, REPEATS, RTOL, SECONDS, comm, matrix_for, read_system

import petiole as pt

DEFINITE = {  # for Cg: symmetric positive definite
    "none": "None",
    "Jacobi": "Jacobi()",
    "Jacobi, blocks of 4": "Jacobi(block_size=4)",
    "Gauss-Seidel, symmetric": "GaussSeidel(sweep='symmetric')",
    "Isai, SPD": "Isai(symmetry='spd')",
    "Ic(0)": "Ic()",
    "Ic(1)": "Ic(level=1)",
    "Schwarz: Ic(0), overlap 1": "Schwarz(local=Ic(), overlap=1, restricted=False, weighted=True)",
    "Schwarz: Ic(0), coarse level": "Schwarz(local=Ic(), coarse=Direct())",
}
GENERAL = {
    "none": "None",
    "Jacobi": "Jacobi()",
    "Jacobi, blocks of 4": "Jacobi(block_size=4)",
    "Gauss-Seidel": "GaussSeidel()",
    "Isai": "Isai()",
    "Ilu(0)": "Ilu(pivot='shift')",
    "Ilu(2)": "Ilu(level=2, pivot='shift')",
    "Ilut": "Ilut(pivot='shift')",
    "Ilut, matched": "Ilut(match=True, pivot='shift')",
    "Schwarz: Ilut, overlap 1": "Schwarz(local=Ilut(pivot='shift'), overlap=1)",
}
SOLVERS = {  # by whether A is definite
    True: {"Cg": "Cg", "Gmres(30)": "Gmres", "Bicgstab": "Bicgstab"},
    False: {"Gmres(30)": "Gmres", "Bicgstab": "Bicgstab", "Idr(4)": "Idr"},
}


def shortest(run):
    """The shortest of some calls of run, in seconds on the slowest rank, and what the last one gave."""
    best = None
    for _ in range(REPEATS):
        comm.Barrier()
        began = time.perf_counter()
        result = run()
        seconds = comm.allreduce(time.perf_counter() - began, MPI.MAX)
        best = seconds if best is None else min(best, seconds)
    return best, result


def solve(title, A, M, b):
    stop = pt.stop.Time(SECONDS)
    solver = getattr(pt, title)(rtol=RTOL, maxiter=MAXITER, stop=stop, M=M).generate(A)

    def run():
        x = b.zeros_like()
        return solver.apply(b, x)

    seconds, log = shortest(run)
    return {
        "iterations": log.iterations,
        "seconds": seconds,
        "converged": log.converged,
        "reason": log.reason,
    }


def row(code, A, b, definite):
    """One preconditioner with every solver."""
    factory = eval(code, dict(vars(pt)))
    if factory is None:
        seconds, M = None, None
    else:
        try:
            seconds, M = shortest(lambda: factory.generate(A))
        except pt.Error as error:
            return {"failure": f"{type(error).__name__}: {error}"}
    solvers = SOLVERS[definite]
    return {
        "setup": seconds,
        "solves": {label: solve(title, A, M, b) for label, title in solvers.items()},
    }


def main():
    part, rows, cols, values, kind = read_system(sys.argv[1])
    A = matrix_for(None, part, rows, cols, values)
    start = int(part.ranges[comm.rank][0])
    whole = np.random.default_rng(1).standard_normal(part.size)  # the same on any number of ranks
    b = A @ pt.Vector.from_local(comm, whole[start : start + A.local_shape[0]].astype(A.dtype))
    definite = "positive definite" in kind
    table = DEFINITE if definite else GENERAL
    results = {label: row(code, A, b, definite) for label, code in table.items()}
    entries = comm.allreduce(len(values))
    if comm.rank == 0:
        print(json.dumps({"rows": part.size, "entries": entries, "results": results}))


if __name__ == "__main__":
    main()
