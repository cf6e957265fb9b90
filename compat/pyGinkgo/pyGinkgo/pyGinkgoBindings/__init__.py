"""The names of pyGinkgo's compiled module, over Petiole."""

import importlib

from .. import _executor
from .._communicator import UNAVAILABLE, available
from .._executor import *  # noqa: F403
from .._linop import LinOp, PolymorphicObject, dim2
from . import base, distributed, factorization, logger, matrix, preconditioner, solver

__all__ = [
    *_executor.__all__,
    "LinOp",
    "PolymorphicObject",
    "base",
    "dim2",
    "distributed",
    "factorization",
    "logger",
    "matrix",
    "preconditioner",
    "solver",
]


class _Unavailable(AttributeError, RuntimeError):
    """What is missing without MPI: no attribute, for those who ask, and what all else says, for those
    who do not."""


def __getattr__(name):
    """`mpi`, where distributed objects can be made, which programs ask hasattr."""
    if name != "mpi":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if not available():
        raise _Unavailable(UNAVAILABLE)
    return importlib.import_module(".mpi", __name__)
