"""`petiole solve`: the system of a matrix file, solved on the ranks that there are."""

import argparse
import json
import math
import os
import sys
import time

import numpy as np

import petiole as pt
from petiole._core import kinds
from petiole.cli.job import CommandError, agreed, communicator, say


def factories():
    """(solvers, preconditioners): the factories' classes by the names of their kinds."""
    of = {"solver": {}, "preconditioner": {}}
    for family, name, title in kinds():
        of[family][name] = getattr(pt, title)
    return of["solver"], of["preconditioner"]


def add(commands):
    parser = commands.add_parser(
        "solve",
        help="solve A x = b for a matrix file",
        description="Solves A x = b. Exit status: 0 where it converged, 1 where it did not, 2 for "
        "wrong usage or an error.",
    )
    solvers, preconditioners = factories()
    option = parser.add_argument
    option("matrix", metavar="A", help="the matrix, a MatrixMarket (.mtx) or binary (.ptl) file")
    option("-b", "--rhs", metavar="FILE", help="the right-hand side; without it, all ones")
    option("--solver", choices=sorted(solvers), default="cg", help="the method (cg)")
    option("--precond", choices=["none", *sorted(preconditioners)], default="jacobi",
           help="the preconditioner (jacobi)")  # fmt: skip
    option("--rtol", type=tolerance, default=1e-5, metavar="X",
           help="stop where the residual is X times the norm of b (1e-5)")  # fmt: skip
    option("--atol", type=tolerance, default=0.0, metavar="X",
           help="stop where the norm of the residual is X (0)")  # fmt: skip
    option("--maxiter", type=iterations, metavar="N", help="stop after N iterations")
    option("--dtype", choices=["float32", "float64", "complex64", "complex128"],
           help="solve in this type; without it, the file's")  # fmt: skip
    option("-o", "--out", metavar="FILE", help="write x to this file")
    option("--plot", metavar="FILE", help="draw the history of the residual (needs matplotlib)")
    option("--json", action="store_true", help="print one JSON object instead of text")
    parser.set_defaults(run=run)


def tolerance(text):
    number = float(text)
    if not number >= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number >= 0")
    return number


def iterations(text):
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number >= 0")
    return number


def run(options):
    comm = communicator()
    with agreed(comm):
        check_outputs(options)
    system = System(comm, options)
    if not options.json:
        say(system.introduction())
    x, log = system.solve()
    if options.out:
        x.write(options.out)
    with agreed(comm):
        if options.plot and comm.rank == 0:
            plot(log, system.method, options.plot)
    say(json.dumps(system.report(log)) if options.json else conclusion(log, options))
    return 0 if log.converged else 1


class System:
    """A, b and what is to be done with them."""

    def __init__(self, comm, options):
        self.comm, self.options = comm, options
        began = time.monotonic()
        self.A = pt.Matrix.read(options.matrix, comm, dtype=options.dtype)
        self.b = self.read_rhs()
        self.seconds = time.monotonic() - began
        self.method = options.solver
        if options.precond != "none":
            self.method += f" with {options.precond}"

    def read_rhs(self):
        A, path = self.A, self.options.rhs
        if A.shape[0] != A.shape[1]:
            raise CommandError(f"{self.options.matrix}: {shape(A)} is not square")
        if path is None:
            return pt.Vector.from_local(self.comm, np.ones(A.local_shape[0], A.dtype))
        try:
            return pt.Vector.read(path, self.comm, A.partition, dtype=A.dtype)
        except pt.DimensionError as error:  # which does not name the file
            raise CommandError(f"{path}: {error}") from None

    def introduction(self):
        A, ranks = self.A, self.comm.size
        threads = f"{A.exec.threads} thread" + "s" * (A.exec.threads > 1)
        return "\n".join([
            f"petiole {pt.__version__}, {ranks} rank{'s' * (ranks > 1)}, {A.exec.name}, {threads}",
            f"A: {self.options.matrix}, {shape(A)}, {A.nnz:,} entries, {A.dtype}",
            f"b: {self.options.rhs or 'all ones (no -b is given)'}",
            f"read in {self.seconds:.2f} s; solving by {self.method}",
        ])  # fmt: skip

    def solve(self):
        """x and the log. A factory's mistakes are the same on every rank, as the arguments are."""
        from petiole._progress import Progress

        o = self.options
        solvers, preconditioners = factories()
        M = None if o.precond == "none" else preconditioners[o.precond]()
        keywords = dict(rtol=o.rtol, atol=o.atol, maxiter=o.maxiter, M=M)
        x = self.b.zeros_like()
        quiet = self.comm.rank > 0 or o.json and not sys.stderr.isatty()
        if quiet:
            return x, solvers[o.solver](**keywords).generate(self.A).apply(self.b, x)
        with Progress(o.solver, o.maxiter, None) as shown:
            return x, solvers[o.solver](callback=shown, **keywords).generate(self.A).apply(
                self.b, x
            )

    def report(self, log):
        A, o = self.A, self.options
        return {
            "petiole": pt.__version__,
            "ranks": self.comm.size,
            "executor": A.exec.name,
            "threads": A.exec.threads,
            "matrix": {
                "file": o.matrix,
                "shape": A.shape,
                "entries": A.nnz,
                "dtype": str(A.dtype),
            },
            "rhs": o.rhs or "ones",
            "solver": o.solver,
            "precond": o.precond,
            "converged": log.converged,
            "iterations": log.iterations,
            "reason": log.reason,
            "residual_norm": plain(log.residual_norm),
            "true_residual_norm": plain(log.true_residual_norm),
            "rhs_norm": plain(log.rhs_norm),
            "history": plain(log.history),
            "read_seconds": self.seconds,
            "solve_seconds": log.time,
            "out": o.out,
            "plot": o.plot,
        }


def shape(A):
    return f"{A.shape[0]:,} x {A.shape[1]:,}"


def plain(numbers):
    """Numbers as JSON has them, which knows no infinities."""
    if isinstance(numbers, float):
        return numbers if math.isfinite(numbers) else None
    return [plain(number) for number in np.asarray(numbers).tolist()]


def conclusion(log, options):
    written = [path for path in (options.out, options.plot) if path]
    return "\n".join([str(log), *(f"written: {path}" for path in written)])


def check_outputs(options):
    """Before the work: what could not be written after it."""
    for path in filter(None, (options.out, options.plot)):
        folder = os.path.dirname(os.path.abspath(path))
        if not os.access(folder, os.W_OK):
            raise CommandError(f"{path}: nothing can be written to the folder {folder}")
        if os.path.isdir(path):
            raise CommandError(f"{path}: is a folder")
    if options.out and not options.out.endswith((".mtx", ".ptl")):
        raise CommandError(f"{options.out}: expected a name that ends in .mtx or .ptl")
    if options.plot:
        try:
            from matplotlib.figure import Figure
        except ImportError as error:
            raise CommandError(f"--plot: {error} (pip install 'petiole[plot]')") from None
        ending = os.path.splitext(options.plot)[1][1:].lower()
        known = Figure().canvas.get_supported_filetypes()
        if ending and ending not in known:  # without one, matplotlib adds .png
            raise CommandError(f"{options.plot}: expected one of the endings {', '.join(known)}")


def plot(log, method, path):
    """The history of the residual norms, one line per column."""
    from matplotlib.figure import Figure

    from petiole.plot import history

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=method, xlabel="iteration", ylabel="norm of the residual")
    axes.grid(alpha=0.3)
    history(log, axes)
    figure.savefig(path, dpi=150)
