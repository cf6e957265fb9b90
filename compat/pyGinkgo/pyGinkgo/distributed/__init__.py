"""Distributed partitions, vectors, matrices and operators.

Two ways of making them. The classes take each rank's own rows: `Partition`, `DistributedVector`,
`DistributedMatrix`, `PyLinOp`. The functions take global indices: `build_partition`, `matrix`, `vector`,
`vector_local`, `vector_set_local`, and `read` takes a file. `matrix` and `vector` are modules of the
classes as well.

Importing this loads no MPI. `available` says whether there is one to be used; where it is False, what
needs it raises RuntimeError.
"""

from ..pyGinkgoBindings import distributed as _distributed
from . import communicator, linop, matrix, partition, vector
from ._functions import _binding as _binding
from ._functions import _comm_handle as _comm_handle
from ._functions import _require_available as _require_available
from ._functions import build_partition, read, vector_local, vector_set_local
from .linop import PyLinOp
from .matrix import DistributedMatrix
from .partition import Partition
from .vector import DistributedVector

__all__ = [
    "DistributedMatrix",
    "DistributedVector",
    "Partition",
    "PyLinOp",
    "available",
    "build_partition",
    "communicator",
    "linop",
    "matrix",
    "partition",
    "read",
    "vector",
    "vector_local",
    "vector_set_local",
]


def __getattr__(name):
    """`available`, and the bindings' typed functions, such as `vector_double`."""
    if name == "available" or name.startswith(("matrix_", "vector_")):
        return getattr(_distributed, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
