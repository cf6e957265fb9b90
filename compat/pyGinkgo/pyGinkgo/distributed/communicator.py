"""Helpers for communicators."""

from .. import _mpi
from .._communicator import require_available
from .._mpi import map_rank_to_device_id

__all__ = ["is_gpu_aware", "map_rank_to_device_id"]


def is_gpu_aware():
    """Whether the MPI in this process says that it takes the memory of GPUs (local)."""
    require_available()
    return _mpi.is_gpu_aware()
