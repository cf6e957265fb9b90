"""pyGinkgo's names over Petiole.

Programs written for pyGinkgo, and for its interface `pyGinkgo.distributed`, run over Petiole's engine.
Importing this package loads no MPI and needs none.
"""

from . import preconditioner, pyGinkgoBindings, solver
from .pyGinkgoBindings import logger, matrix
from .rayleigh_ritz import RR1, mul
from .solving import (
    config_solve,
    eigen_solve,
    generate_solver,
    get_solver_default_config,
    solve,
    torch_avail,
    triangular_solve,
)

__all__ = [
    "RR1",
    "config_solve",
    "eigen_solve",
    "generate_solver",
    "get_solver_default_config",
    "logger",
    "matrix",
    "mul",
    "preconditioner",
    "pyGinkgoBindings",
    "solve",
    "solver",
    "torch_avail",
    "triangular_solve",
]
