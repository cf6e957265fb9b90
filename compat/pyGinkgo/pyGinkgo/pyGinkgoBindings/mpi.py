"""Communicators, and which MPI there is. Importing this loads none; where there is none to be loaded it
is an ImportError, and no attribute of the bindings."""

import petiole as pt

from .._communicator import UNAVAILABLE, available
from .._mpi import (
    Communicator,
    is_gpu_aware,
    map_rank_to_device_id,
    runtime_mpi_library_version,
    verify_abi,
)

__all__ = [
    "Communicator",
    "is_gpu_aware",
    "map_rank_to_device_id",
    "runtime_mpi_library_version",
    "verify_abi",
]

if not available():
    raise ImportError(UNAVAILABLE)


def __getattr__(name):
    """The adaptor for the MPI in this process, or those installed while there is none; and that MPI's
    version text."""
    info = pt.mpi_info()
    if name == "BUILD_MPI_IMPL":
        return info["interface"] or info["adaptors"] or "none"
    if name == "BUILD_MPI_LIBRARY_VERSION":
        return info["library"] or "no MPI is loaded"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
