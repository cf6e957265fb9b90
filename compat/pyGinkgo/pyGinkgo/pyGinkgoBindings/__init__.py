"""The names of pyGinkgo's compiled module, over Petiole."""

from .._executor import (
    Allocator,
    CudaExecutor,
    DpcppExecutor,
    Executor,
    HipExecutor,
    OmpExecutor,
    OmpExecutorBase,
    ReferenceExecutor,
)
from .._linop import LinOp, PolymorphicObject, dim2
from . import base, distributed, factorization, logger, matrix, mpi, preconditioner, solver

__all__ = [
    "Allocator",
    "CudaExecutor",
    "DpcppExecutor",
    "Executor",
    "HipExecutor",
    "LinOp",
    "OmpExecutor",
    "OmpExecutorBase",
    "PolymorphicObject",
    "ReferenceExecutor",
    "base",
    "dim2",
    "distributed",
    "factorization",
    "logger",
    "matrix",
    "mpi",
    "preconditioner",
    "solver",
]
