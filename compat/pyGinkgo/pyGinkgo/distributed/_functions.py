"""Functions over global indices: programs pass value types by their names."""

import sys
import types

import numpy as np

import petiole as pt

from .._communicator import agreed, communicator_of, fortran_handle, require_available
from .._executor import ReferenceExecutor
from .._table import type_name
from ..pyGinkgoBindings import distributed as _distributed

_VALID_DTYPES = tuple(_distributed.TYPES)


def _require_available():
    """RuntimeError where distributed objects cannot be made (local)."""
    require_available()


def _comm_handle(comm):
    """The Fortran handle of a communicator; a number passes through (local)."""
    return fortran_handle(comm)


def _name_of(dtype):
    """The name of a value type, that is given by name or as a NumPy dtype."""
    name = dtype
    if isinstance(dtype, type | np.dtype):
        name = type_name(dtype)
    if name not in _VALID_DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(_VALID_DTYPES)}, not {dtype!r}")
    return name


def _binding(kind, dtype):
    """The typed function of the bindings, `matrix_double` for "matrix" and "double" (local)."""
    _require_available()
    name = _name_of(dtype)
    return getattr(_distributed, f"{kind}_{name}")


def _binding_on(comm, kind, dtype):
    """(communicator, typed function); where there is none on one rank, all fail with it."""
    comm = communicator_of(comm)
    with agreed(comm):
        return comm, _binding(kind, dtype)


def build_partition(exec, owners, num_parts):
    """A partition where index i belongs to part owners[i] (local)."""
    return _distributed.build_partition(exec, owners, num_parts)


def vector_local(vector, dtype="double", on_device=False):
    """A copy of this rank's block as a NumPy array, of one dimension where there is one column (local).
    on_device=True is for vectors on CUDA executors."""
    kind = "vector_local_device" if on_device else "vector_local"
    return _binding(kind, dtype)(vector)


def vector_set_local(vector, vals, dtype="double"):
    """Overwrites this rank's block of a vector of one column, in its order, in place (local)."""
    return _binding("vector_set_local", dtype)(vector, vals)


def read(path, exec=None, comm=None, partition=None, dtype="double"):
    """The distributed matrix in a MatrixMarket file, or in a binary one of Petiole's; every rank reads a
    part of it (collective). comm is the world, and rows are divided evenly, where they are not
    given."""
    _require_available()
    comm = pt.Communicator.world() if comm is None else communicator_of(comm)
    with agreed(comm):
        cls = _distributed.MATRIX[_name_of(dtype), "int32", "int64"]
        exec = ReferenceExecutor() if exec is None else exec
    return cls.read(exec, comm, path, partition)


def make_callable(module, function):
    """Gives a module, by its name, the call of a function."""

    class CallableModule(types.ModuleType):
        def __call__(self, *args, **kwargs):
            return function(*args, **kwargs)

    CallableModule.__call__.__wrapped__ = function
    sys.modules[module].__class__ = CallableModule
