"""The communicator that the suite runs over: mpi4py's world where mpi4py is there."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture(scope="session")
def comm():
    MPI = pytest.importorskip("mpi4py.MPI")
    return MPI.COMM_WORLD
