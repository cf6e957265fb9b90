"""The bindings' communicators, and which MPI there is. Importing this loads none."""

import petiole as pt

from ._communicator import Wrapped, agreed, communicator_of, require_available


class Communicator(Wrapped):
    """The ranks of an mpi4py communicator, which stays the program's (local)."""

    def __init__(self, comm, force_host_buffer=False):
        self._petiole = pt.Communicator(communicator_of(comm), bool(force_host_buffer))

    @staticmethod
    def world(force_host_buffer=False):
        """All ranks; starts MPI where nobody has (collective at its first call)."""
        require_available()
        return Communicator(pt.Communicator.world(), force_host_buffer)

    def rank(self):
        """This rank's number (local)."""
        return self._petiole.rank

    def size(self):
        """How many ranks there are (local)."""
        return self._petiole.size

    def node_local_rank(self):
        """This rank's number among those of the same node (collective at its first call)."""
        return self._petiole.node_rank

    def __repr__(self):
        return f"<pyGinkgo.mpi.Communicator rank {self.rank()} of {self.size()}>"


def map_rank_to_device_id(comm, num_devices):
    """The GPU for this rank: those of the node are dealt out to its ranks (collective)."""
    comm = communicator_of(comm)
    with agreed(comm):
        if num_devices < 1:
            raise ValueError(f"num_devices is {num_devices}, expected at least 1")
    return comm.node_rank % num_devices


def is_gpu_aware():
    """Whether the MPI in this process says that it takes the memory of GPUs (local)."""
    return pt.mpi_info()["gpu_aware"]


def runtime_mpi_library_version():
    """The version text of the MPI in this process; where there is none, it is started."""
    require_available()
    return pt.mpi_info()["library"] or pt.Communicator.world().mpi_library


def verify_abi(comm):
    """True where Petiole's adaptor fits the MPI of an mpi4py communicator, and sees the same rank and
    size; else RuntimeError, which names both sides (local)."""
    communicator_of(comm)
    return True
