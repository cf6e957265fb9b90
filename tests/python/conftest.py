"""What the Python tests share: the communicator, mpi4py's world or Petiole's own where mpi4py is not there;
a small system; a Ctrl-C."""

import contextlib
import os
import signal
import threading
import time

import pytest

import petiole as pt
from limits import limit


@pytest.fixture(scope="session")
def comm():
    try:
        from mpi4py import MPI
    except ImportError:
        return pt.Communicator.world()
    return MPI.COMM_WORLD


@pytest.fixture
def alone():
    """A small system on one process: its matrix, a right-hand side and the solution."""
    import numpy as np

    n = 12
    dense = 4 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    rows, cols = np.nonzero(dense)
    part = pt.Partition.uniform(1, n)
    A = pt.Matrix.from_coo(None, part, rows, cols, dense[rows, cols])
    solution = np.arange(1.0, n + 1)
    return A, pt.Vector.from_local(None, dense @ solution), solution


@pytest.fixture
def ctrl_c():
    """A function: what runs within `with ctrl_c(after):` is interrupted after so many seconds, and must
    not go on for long: by the processor's time that it then takes, whatever else the machine does. The
    handler is Python's, whatever the process inherited."""

    @contextlib.contextmanager
    def interrupt(after):
        pressed = []

        def press():
            pressed.append(time.process_time())
            os.kill(os.getpid(), signal.SIGINT)

        timer = threading.Timer(after, press)
        previous = signal.signal(signal.SIGINT, signal.default_int_handler)
        timer.start()
        try:
            with pytest.raises(KeyboardInterrupt):
                yield
        finally:
            timer.join()
            signal.signal(signal.SIGINT, previous)
        assert time.process_time() - pressed[0] < limit(5)

    return interrupt
