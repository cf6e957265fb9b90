"""Ctrl-C during long set-ups: they end soon, on every rank. Each would take minutes, or all memory."""

import time

import numpy as np
import pytest

import petiole as pt

ROWS, PER_ROW = 20_000, 30


@pytest.fixture(scope="module")
def scattered():
    """A matrix whose factors and powers are full."""
    rng = np.random.default_rng(0)
    rows = np.repeat(np.arange(ROWS), PER_ROW)
    cols = rng.integers(0, ROWS, rows.size)
    rows, cols = np.r_[rows, np.arange(ROWS)], np.r_[cols, np.arange(ROWS)]
    values = np.r_[rng.standard_normal(cols.size - ROWS), np.full(ROWS, 100.0)]
    part = pt.Partition.uniform(1, ROWS)
    return pt.Matrix.from_coo(None, part, rows, cols, values)


LONG = {
    "levels of fill": pt.Ilu(level=50),
    "dropping": pt.Ilut(drop_tolerance=1e-30, fill=1e6),
    "power of the pattern": pt.Isai(power=9),
    "within Schwarz": pt.Schwarz(local=pt.Ilu(level=50)),
    "within a solver": pt.Gmres(M=pt.Ilu(level=50)),
}


@pytest.mark.parametrize("factory", LONG.values(), ids=LONG)
def test_generate(scattered, ctrl_c, factory):
    with ctrl_c(0.3):
        factory.generate(scattered)
    b = pt.Vector.from_local(None, np.ones(ROWS))  # nothing is left in the middle
    assert pt.gmres(scattered, b, M=pt.Jacobi())[1].converged


def test_what_comes_of_it_on_other_ranks(comm):
    """The rank that is interrupted has its KeyboardInterrupt, whatever the others are at."""
    import os
    import signal
    import threading

    b = pt.Vector.from_local(comm, np.ones(3_000))
    c, n = b.comm, b.shape[0]
    mine = np.arange(3_000) + 3_000 * c.rank
    rng = np.random.default_rng(c.rank)
    rows = np.r_[mine, np.repeat(mine, 20)]
    cols = np.r_[mine, 3_000 * c.rank + rng.integers(0, 3_000, rows.size - mine.size)]
    values = np.r_[np.full(mine.size, 100.0), rng.standard_normal(cols.size - mine.size)]
    A = pt.Matrix.from_coo(comm, pt.Partition.uniform(c.size, n), rows, cols, values)
    last = c.rank == c.size - 1
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    try:
        if last:
            timer.start()
        with pytest.raises(KeyboardInterrupt if last else pt.RemoteError) as caught:
            while True:
                pt.Ilut(drop_tolerance=1e-6, fill=30.0).generate(A)
        assert last or caught.value.rank == c.size - 1
    finally:
        if last:
            timer.join()
        signal.signal(signal.SIGINT, previous)
    assert pt.gmres(A, b, M=pt.Jacobi())[1].converged


def test_a_signal_that_python_ignores_goes_on(scattered):
    """What a handler returns from is no interrupt."""
    import os
    import signal
    import threading

    heard = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: heard.append(time.monotonic()))
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        pt.Ilu().generate(scattered)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, previous)
    assert len(heard) == 1
