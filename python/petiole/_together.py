"""Python code before a collective call: what fails in it on one rank fails on every rank.

The failing rank takes part in the first agreement of the call that the others are making, so between
`failing_together` and that call nothing may come that can fail.
"""

import contextlib
import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from petiole._core import LinOp, Vector


def comm_of(*objects):
    """Where the first operator or vector lives that has a home, the largest home first; or None."""
    found = []
    for given in objects:
        if isinstance(given, LinOp | Vector):
            with contextlib.suppress(RuntimeError):  # lent and ended; without __init__
                found.append(given.comm)
    return max(found, key=lambda comm: comm.size, default=None)


@contextlib.contextmanager
def failing_together(*objects):
    """What fails within, on this rank, fails the collective call that the others are in, over the
    communicator that the objects live on. Where none of them is on any, it fails here alone."""
    try:
        yield
    except BaseException as error:
        comm = comm_of(*objects)
        if comm is None:
            raise
        failure = error
    else:
        return
    comm._fail(failure)


F = TypeVar("F", bound=Callable[..., Any])


def collective(function: F) -> F:
    """A function whose arguments Python cannot sort on one rank fails on every rank."""

    @functools.wraps(function)
    def call(*given, **options):
        try:
            return function(*given, **options)
        except TypeError as error:
            if error.__traceback__.tb_next is not None:  # a line of the function has raised it
                raise
            failure = error
        with failing_together(*given, *options.values()):
            raise failure

    return cast(F, call)
