"""Distributed partitions, vectors, matrices and operators, with their types in their names, and
functions of all three generations of programs. Importing this loads no MPI."""

import petiole as pt

from .. import _dist_matrix, _dist_vector, _partition, _triplets
from .._communicator import Wrapped, require_available
from .._communicator import available as _available
from .._partition import Partition
from .._pylinop import PyLinOp
from .._table import COMPLEX, INDICES, VALUES, make, make_functions

TYPES = VALUES | COMPLEX

PARTITION = make(globals(), Partition, INDICES, ("int64",))
PARTITION |= make(globals(), Partition, ("int32",), ("int32",))
VECTOR = make(globals(), _dist_vector.Vector, TYPES)
MATRIX = make(globals(), _dist_matrix.Matrix, TYPES, INDICES, ("int64",))
PYLINOP = make(globals(), PyLinOp, TYPES)


def _make_typed(stem, template, classes, *axes):
    """`stem_<T>`: template(class) for the class of each value type."""
    make_functions(globals(), stem, lambda *names: template(classes[names[0]]), TYPES, *axes)


_VECTORS = {value: VECTOR[value,] for value in TYPES}
_MATRICES = {value: MATRIX[value, "int32", "int64"] for value in TYPES}

_make_typed("matrix", _triplets.matrix_function, _MATRICES)
_make_typed("vector", _triplets.vector_function, _VECTORS)
_make_typed("vector_local", _triplets.local_function, _VECTORS)
_make_typed("vector_set_local", _triplets.set_local_function, _VECTORS)
_make_typed("vector_local_device", _triplets.local_device_function, _VECTORS)
_make_typed("dist_matrix_object", _triplets.coo_function, _MATRICES, ("int",))


def build_partition(exec, owners, num_parts):
    """A partition where index i belongs to part owners[i] (local)."""
    require_available()
    return _partition.of_owners(PARTITION["int32", "int32"], exec, owners, num_parts)


def partition_from_global_size(exec, num_parts, size):
    """[0, size) in parts of equal size, the first ones larger by one (local)."""
    return PARTITION["int32", "int32"].build_from_global_size_uniform(exec, num_parts, size)


class Communicator(Wrapped):
    """All ranks; starts MPI where nobody has (collective at its first call)."""

    def __init__(self, force_host_buffer=False):
        require_available()
        self._petiole = pt.Communicator(pt.Communicator.world(), bool(force_host_buffer))

    @property
    def size(self):
        """How many ranks there are (local)."""
        return self._petiole.size

    @property
    def rank(self):
        """This rank's number (local)."""
        return self._petiole.rank

    def __repr__(self):
        return f"<pyGinkgo.distributed.Communicator rank {self.rank} of {self.size}>"


def __getattr__(name):
    """`available`: whether distributed objects can be made, found at its first use."""
    if name == "available":
        return _available()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
