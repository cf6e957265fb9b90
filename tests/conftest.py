"""What all Python tests share.

Under mpirun every rank runs the same tests in the same order. After each test the ranks agree: a
test that failed anywhere has failed everywhere, so the ranks stay in step and rank 0's summary is
the whole truth. A test that hangs is ended, with tracebacks, after PETIOLE_TEST_TIMEOUT seconds, or more
on a busy machine (limits.py).
"""

import faulthandler
import os
import pathlib
import sys
import zlib

import numpy as np
import pytest
from hypothesis import settings

from limits import limit

# Every rank must draw the same examples.
settings.register_profile("ranks", derandomize=True, deadline=None, database=None)
settings.load_profile("ranks")

TIMEOUT = float(os.environ.get("PETIOLE_TEST_TIMEOUT", "60"))
RANK = int(os.environ.get("OMPI_COMM_WORLD_RANK", os.environ.get("PMI_RANK", "0")))
SIZE = int(os.environ.get("OMPI_COMM_WORLD_SIZE", os.environ.get("PMI_SIZE", "1")))


def on_all_ranks(value):
    """The number that each rank passes, as a list over the ranks (collective)."""
    numbers = np.zeros(SIZE, np.int64)
    numbers[RANK] = value
    if SIZE > 1:
        try:
            from mpi4py import MPI
        except ImportError:  # then by what is tested
            import petiole

            numbers = petiole.Communicator.world().allreduce(numbers, "sum")
        else:
            MPI.COMM_WORLD.Allreduce(MPI.IN_PLACE, numbers)
    return numbers.tolist()


def pytest_collection_finish(session):
    names = "\n".join(item.nodeid for item in session.items)
    if len(set(on_all_ranks(zlib.crc32(names.encode())))) > 1:
        pytest.exit("the ranks have collected different tests", returncode=3)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    faulthandler.dump_traceback_later(limit(TIMEOUT), exit=True, file=sys.__stderr__)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    outcomes = ["passed", "skipped", "failed"]
    ranks = [outcomes[i] for i in on_all_ranks(outcomes.index(report.outcome))]
    if len(set(ranks)) > 1 and not report.failed:
        report.outcome = "failed"
        report.longrepr = f"{call.when} by rank: {', '.join(ranks)}; see the output of that rank"
    return report


@pytest.fixture(scope="session")
def full():
    """True where everything is to be tested, not a sample of it."""
    return bool(os.environ.get("PETIOLE_TEST_FULL"))


@pytest.fixture(scope="session")
def ranks():
    """(rank, size) as the launcher says, apart from any MPI."""
    return RANK, SIZE


@pytest.fixture(scope="session")
def data():
    """The folder of real matrices."""
    return pathlib.Path(__file__).parent / "data"
