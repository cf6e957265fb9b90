"""Solvers as functions, as in scipy.sparse.linalg: one for each kind of solver that there is."""

import contextlib

from petiole import _core
from petiole._core import InvalidArgument, LinOp, Vector
from petiole._together import collective, failing_together

_DOC = """Solves A x = b by `{title}` (collective). {about}

A, b: a LinOp and a Vector. x0: the guess, which stays as it is; None is zero. progress: rank 0 shows
how far the solve is on stderr. The others are those of `{title}`.
Returns x, a new Vector, and the Log; not converging is no error, the log says so. DimensionError,
DtypeError and InvalidArgument; an exception in user code is RemoteError on the other ranks.
"""


def function(name, factory):
    """The function that generates a solver of a factory's class and applies it."""

    def solve(A, b, x0=None, *, progress=False, **options):
        return _solve(factory, name, A, b, x0, progress, options)

    solve.__name__ = solve.__qualname__ = name
    solve.__module__ = "petiole"
    about = factory.__doc__.split("\n\n")[0]
    solve.__doc__ = _DOC.format(title=factory.__name__, about=about)
    options = factory.__text_signature__[1:-1]  # Signature objects would slow the import down
    solve.__text_signature__ = f"(A, b, x0=None, {options}, progress=False)"
    return collective(solve)


def _solve(factory, name, A, b, x0, progress, options):
    with contextlib.ExitStack() as stack:
        shown = None
        with failing_together(A, b, x0):
            _check("A", A, LinOp)
            _check("b", b, Vector)
            _check("x0", x0, Vector | None)
            if A.comm != b.comm:
                raise InvalidArgument("b and the operator live on different communicators")
            x = b.zeros_like() if x0 is None else x0.copy()
            if progress and b.comm.rank == 0:
                from petiole._progress import Progress

                shown = Progress(name, options.get("maxiter"), options.get("callback"))
                stack.enter_context(shown)
                options = {**options, "callback": shown}
            method = factory(**options)
        log = method.generate(A).apply(b, x)
        if shown:
            shown.finish(log)
    return x, log


def _check(name, value, kind):
    if not isinstance(value, kind):
        wanted = kind.__name__ if isinstance(kind, type) else "Vector or None"
        raise TypeError(f"{name} must be a {wanted}, not {type(value).__name__}")


FUNCTIONS = {
    name: function(name, getattr(_core, title))
    for family, name, title in _core.kinds()
    if family == "solver"
}
globals().update(FUNCTIONS)
