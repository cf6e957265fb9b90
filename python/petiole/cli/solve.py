"""`petiole solve`: the system of a matrix file, solved on the ranks that there are."""

import argparse
import io
import json
import math
import os
import sys
import time

import numpy as np

import petiole as pt
from petiole._core import factory_of_json, kinds
from petiole.cli.job import CommandError, agreed, communicator, open_file, say


def factories():
    """(solvers, preconditioners): the factories' classes by the names of their kinds."""
    of = {"solver": {}, "preconditioner": {}}
    for family, name, title in kinds():
        of[family][name] = getattr(pt, title)
    return of["solver"], of["preconditioner"]


def usual_preconditioner(solver):
    """jacobi, of methods that take a preconditioner."""
    try:
        solver(M=pt.Jacobi())
    except pt.InvalidArgument:
        return "none"
    return "jacobi"


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
    option("--solver", choices=sorted(solvers), default=METHOD["solver"], help="the method (cg)")
    option("--precond", choices=["none", *sorted(preconditioners)], default=METHOD["precond"],
           help="the preconditioner (jacobi, of methods that take one)")  # fmt: skip
    option("--rtol", type=tolerance, default=METHOD["rtol"], metavar="X",
           help="stop where the residual is X times the norm of b (1e-5)")  # fmt: skip
    option("--atol", type=tolerance, default=METHOD["atol"], metavar="X",
           help="stop where the norm of the residual is X (0)")  # fmt: skip
    option("--maxiter", type=iterations, metavar="N", help="stop after N iterations")
    option("--config", metavar="FILE",
           help="a JSON file that describes the solver, in place of the five options above")  # fmt: skip
    option("--dtype", choices=["float32", "float64", "complex64", "complex128"],
           help="solve in this type; without it, the file's")  # fmt: skip
    option("-o", "--out", metavar="FILE", help="write x to this file")
    option("--plot", metavar="FILE", help="draw the history of the residual (needs matplotlib)")
    option("--json", action="store_true", help="print one JSON object instead of text")
    parser.set_defaults(run=run)


METHOD = {"solver": "cg", "precond": None, "rtol": 1e-5, "atol": 0.0, "maxiter": None}


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
        config = read_method(options)
    system = System(comm, options, config)
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

    def __init__(self, comm, options, config):
        self.comm, self.options, self.config = comm, options, config
        began = time.monotonic()
        self.A = pt.Matrix.read(options.matrix, comm, dtype=options.dtype)
        self.b = self.read_rhs()
        self.seconds = time.monotonic() - began
        self.method = options.solver
        if config:
            self.method = self.factory(None).kind
            return
        solvers, preconditioners = factories()
        self.solver = solvers[self.method]
        self.precond = options.precond or usual_preconditioner(self.solver)
        self.M = None
        if self.precond != "none":
            self.M = preconditioners[self.precond]()
            self.method += f" with {self.precond}"

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

    def factory(self, callback):
        """A factory's mistakes are the same on every rank, as the arguments are."""
        o = self.options
        if self.config:
            return factory_of_json(self.config, callback)
        return self.solver(rtol=o.rtol, atol=o.atol, maxiter=o.maxiter, M=self.M, callback=callback)

    def solve(self):
        """x and the log."""
        from petiole._progress import Progress

        x = self.b.zeros_like()
        quiet = self.comm.rank > 0 or self.options.json and not sys.stderr.isatty()
        if quiet:
            return x, self.factory(None).generate(self.A).apply(self.b, x)
        with Progress(self.method.split()[0], self.options.maxiter, None) as shown:
            return x, self.factory(shown).generate(self.A).apply(self.b, x)

    def described(self):
        """The method, for the report."""
        o = self.options
        if self.config:
            return {"solver": self.method, "config": json.loads(self.config)}
        return {"solver": o.solver, "precond": self.precond}

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
            **self.described(),
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


def read_method(options):
    """The text of --config, which must describe a solver and be the only one to say so; or None."""
    if options.config is None:
        return None
    for name, default in METHOD.items():
        if getattr(options, name) != default:
            raise CommandError(f"--config says all of the method: leave out --{name}")
    try:
        with open_file(options.config, "r", encoding="utf-8") as file:
            text = file.read()
    except UnicodeDecodeError as error:
        raise CommandError(f"{options.config}: {error}") from None
    made = factory_of_json(text)
    if made.kind not in factories()[0]:
        raise CommandError(f"{options.config}: expected a solver, {made.kind} is a preconditioner")
    return text


def check_outputs(options):
    """Before the work: what could not be written after it."""
    for name, path in (("--out", options.out), ("--plot", options.plot)):
        if path is None:
            continue
        if not path:
            raise CommandError(f"{name}: the name is empty")
        target = os.path.realpath(path)
        folder = os.path.dirname(target)
        if not os.access(folder, os.W_OK):
            raise CommandError(f"{path}: nothing can be written to the folder {folder}")
        if os.path.isdir(path):
            raise CommandError(f"{path}: is a folder")
        if os.path.exists(target) and not os.path.isfile(target):
            raise CommandError(f"{path}: not a regular file")
        if os.path.exists(target) and not os.access(target, os.W_OK):
            raise CommandError(f"{path}: must not be written")
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
    ending = os.path.splitext(path)[1][1:].lower()
    picture = io.BytesIO()  # whole, before what is there is written over
    figure.savefig(picture, format=ending or "png", dpi=150)
    with open_file(path if ending else f"{path}.png", "wb") as file:
        file.write(picture.getvalue())
