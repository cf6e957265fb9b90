"""The communicator that the suite runs over: mpi4py's world where mpi4py is there.

What is local alone is tested on one process; on several where everything is tested.
"""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

LOCAL = [
    "test_arrays.py",
    "test_dense.py",
    "test_facade_serial.py",
    "test_formats.py",
    "test_sparse.py",
]
SIZE = int(os.environ.get("OMPI_COMM_WORLD_SIZE", os.environ.get("PMI_SIZE", "1")))
collect_ignore = LOCAL if SIZE > 1 and not os.environ.get("PETIOLE_TEST_FULL") else []


@pytest.fixture(scope="session")
def comm():
    MPI = pytest.importorskip("mpi4py.MPI")
    return MPI.COMM_WORLD
