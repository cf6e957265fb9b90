"""pyGinkgo's names over Petiole.

Programs written for pyGinkgo, and for its interface `pyGinkgo.distributed`, run over Petiole's engine.
Importing this package loads no MPI and needs none.
"""

from . import _executor, core, distributed, gko_types, preconditioner, pyGinkgoBindings, solver
from . import gko_types as types
from . import pyGinkgoBindings as pGB
from ._executor import *  # noqa: F403
from .core import (
    Coo,
    Csr,
    array,
    as_array,
    as_tensor,
    config_solve,
    dense,
    eigen_solve,
    factor,
    generate_solver,
    get_solver_default_config,
    read,
    solve,
    torch_avail,
    triangular_solve,
)
from .device import cuda_available, device
from .pyGinkgoBindings import base, factorization, logger, matrix
from .rayleigh_ritz import RR1, mul

__all__ = [
    *_executor.__all__,
    "Coo",
    "Csr",
    "RR1",
    "array",
    "as_array",
    "as_tensor",
    "base",
    "config_solve",
    "core",
    "cuda_available",
    "dense",
    "device",
    "distributed",
    "eigen_solve",
    "factor",
    "factorization",
    "generate_solver",
    "get_solver_default_config",
    "gko_types",
    "logger",
    "matrix",
    "mul",
    "pGB",
    "preconditioner",
    "pyGinkgoBindings",
    "read",
    "solve",
    "solver",
    "torch_avail",
    "triangular_solve",
    "types",
]
