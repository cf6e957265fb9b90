"""Preconditioners under their types' names, those of the bindings, and by the matrix's types."""

from . import pyGinkgoBindings as pgb
from .device import device as executor_of
from .pyGinkgoBindings.preconditioner import *  # noqa: F403
from .solving import value_type_of


def Ilu(device, matrix):
    """Incomplete LU of a matrix, of its types (collective where it is distributed). device: a name as
    for `pyGinkgo.device`, or an executor."""
    return _of("Ilu", device, matrix)


def Ic(device, matrix):
    """Incomplete Cholesky of a matrix, as `Ilu`."""
    return _of("Ic", device, matrix)


def Jacobi(device, matrix, max_block_size=1):
    """The inverses of a matrix's diagonal blocks, as `Ilu`."""
    return _of("Jacobi", device, matrix, max_block_size)


def _of(name, device, matrix, *args):
    itype = getattr(getattr(matrix, "raw", matrix), "index_type", "int32")
    cls = getattr(pgb.preconditioner, f"{name}_{value_type_of(matrix)}_{itype}")
    return cls(executor_of(device), matrix, *args)
