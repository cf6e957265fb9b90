"""pyGinkgo's names over Petiole.

Programs written for pyGinkgo, and for its interface `pyGinkgo.distributed`, run over Petiole's engine.
Importing this package loads no MPI and needs none.
"""

from . import core, distributed, gko_types, pyGinkgoBindings
from . import gko_types as types
from .core import Coo, Csr, array, as_array, as_tensor, dense, factor, read
from .device import cuda_available, device
from .pyGinkgoBindings import base, factorization, logger, matrix

__all__ = [
    "Coo",
    "Csr",
    "array",
    "as_array",
    "as_tensor",
    "base",
    "core",
    "cuda_available",
    "dense",
    "device",
    "distributed",
    "factor",
    "factorization",
    "gko_types",
    "logger",
    "matrix",
    "pyGinkgoBindings",
    "read",
    "types",
]
