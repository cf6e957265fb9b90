"""The communicator that the suite runs over: mpi4py's world where mpirun or mpi4py is there."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture(scope="session")
def comm():
    from mpi4py import MPI

    return MPI.COMM_WORLD


@pytest.fixture
def folder(comm, tmp_path):
    """A folder that all ranks share."""
    return pathlib.Path(comm.bcast(str(tmp_path)))


@pytest.fixture
def put(comm, folder):
    """Writes a file on rank 0 and gives its path on every rank."""

    def write(text, name="file.mtx"):
        if comm.rank == 0:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        comm.barrier()
        return str(folder / name)

    return write


@pytest.fixture(scope="session")
def fewer(comm):
    """A communicator of the first half of the ranks; None on the others."""
    few = comm.Split(0 if comm.rank < (comm.size + 1) // 2 else 1)
    yield few if comm.rank < (comm.size + 1) // 2 else None
    few.Free()
