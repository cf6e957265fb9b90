"""Solvers as functions, as in scipy.sparse.linalg."""

from __future__ import annotations

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
    Returns x and the log; not converging is no error, the log says so.
    """
    return _solve(
        Cg, A, b, x0, progress, callback, rtol=rtol, atol=atol, maxiter=maxiter, M=M, stop=stop
    )


def _solve(factory, A, b, x0, progress, callback, **options):
    x = b.zeros_like() if x0 is None else x0.copy()
    if not progress or b.comm.rank != 0:
        return x, factory(callback=callback, **options).generate(A).apply(b, x)

    from petiole._progress import Progress

    with Progress(factory.__name__.lower(), options["maxiter"], callback) as shown:
        log = factory(callback=shown, **options).generate(A).apply(b, x)
        shown.finish(log)
    return x, log
