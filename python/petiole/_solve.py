"""Solvers as functions, as in scipy.sparse.linalg."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from petiole._core import Cg, Criterion, Event, Factory, LinOp, Log, Vector


def cg(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: float | None = None,
    atol: float = 0.0,
    maxiter: int | None = None,
    M: LinOp | Factory | None = None,
    callback: Callable[[Event], Any] | None = None,
    stop: Criterion | None = None,
    progress: bool = False,
) -> tuple[Vector, Log]:
    """Solves A x = b by conjugate gradients (collective); A and M are Hermitian positive definite.

    x0: the guess, which stays as it is; None is zero. rtol, atol, maxiter, M, stop and callback are
    those of `Cg`, where rtol None is 1e-5, or nothing beside a `stop`. progress: rank 0 shows how far
    the solve is on stderr.
    Returns x, a new Vector, and the log; not converging is no error, the log says so. DimensionError,
    DtypeError and InvalidArgument; an exception in user code is RemoteError on the other ranks.
    """
    return _solve(
        Cg, A, b, x0, progress, callback, rtol=rtol, atol=atol, maxiter=maxiter, M=M, stop=stop
    )


def _solve(factory, A, b, x0, progress, callback, **options):
    comm = b.comm if isinstance(b, Vector) else A.comm if isinstance(A, LinOp) else None
    with contextlib.ExitStack() as stack:
        shown = None
        with _failing_together(comm):
            _check("A", A, LinOp)
            _check("b", b, Vector)
            _check("x0", x0, Vector | None)
            x = b.zeros_like() if x0 is None else x0.copy()
            if progress and comm.rank == 0:
                from petiole._progress import Progress

                shown = Progress(factory.__name__.lower(), options["maxiter"], callback)
                stack.enter_context(shown)
            method = factory(callback=shown or callback, **options)
        log = method.generate(A).apply(b, x)
        if shown:
            shown.finish(log)
    return x, log


@contextlib.contextmanager
def _failing_together(comm):
    """What fails here on one rank fails the collective call that the others are in."""
    try:
        yield
    except BaseException as error:
        if comm is None:
            raise
        failure = error
    else:
        return
    comm._fail(failure)


def _check(name, value, kind):
    if not isinstance(value, kind):
        wanted = kind.__name__ if isinstance(kind, type) else "Vector or None"
        raise TypeError(f"{name} must be a {wanted}, not {type(value).__name__}")
