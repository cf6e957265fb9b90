"""Distributed partitions, vectors, matrices and operators.

Two ways of making them. The classes take each rank's own rows: `Partition`, `DistributedVector`,
`DistributedMatrix`, `PyLinOp`. The functions take global indices: `build_partition`, `matrix`, `vector`,
`vector_local`, `vector_set_local`, and `read` takes a file. `matrix` and `vector` are modules of the
classes as well. The bindings' names with types in them, `Vector_double` and so on, are here too, and
`Communicator`, that of `pyGinkgoBindings.mpi`.

Importing this loads no MPI. `available` says whether there is one to be used; where it is False, what
needs it raises RuntimeError.
"""

from .._mpi import Communicator as Communicator
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


for _name, _value in vars(_distributed).items():
    if getattr(_value, "__module__", None) == _distributed.__name__ and "__" not in _name:
        globals().setdefault(_name, _value)


def __getattr__(name):
    """`available`: whether distributed objects can be made, found at its first use."""
    if name == "available":
        return _distributed.available
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
