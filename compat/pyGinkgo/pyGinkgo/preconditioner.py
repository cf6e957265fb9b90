"""Preconditioners under their types' names, those of the bindings, and by the matrix's types."""

from . import pyGinkgoBindings as pgb
from ._linop import together
from .device import device as executor_of
from .pyGinkgoBindings.preconditioner import *  # noqa: F403
from .solving import index_type_of, value_type_of


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
    with together(matrix):
        types = f"{value_type_of(matrix)}_{index_type_of(matrix)}"
        cls, exec = getattr(pgb.preconditioner, f"{name}_{types}"), executor_of(device)
    return cls(exec, matrix, *args)
