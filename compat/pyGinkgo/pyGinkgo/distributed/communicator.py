"""Helpers for communicators."""

from .._communicator import require_available
from ..pyGinkgoBindings import mpi

__all__ = ["is_gpu_aware", "map_rank_to_device_id"]


def map_rank_to_device_id(comm, num_devices):
    """The GPU for this rank: those of the node are dealt out to its ranks (collective)."""
    return mpi.map_rank_to_device_id(comm, num_devices)


def is_gpu_aware():
    """Whether the MPI in this process says that it takes the memory of GPUs (local)."""
    require_available()
    return mpi.is_gpu_aware()
