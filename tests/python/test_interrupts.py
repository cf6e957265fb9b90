"""Ctrl-C during long set-ups: they end soon, on every rank. Each would take minutes, or all memory."""

import os
import signal
import threading

import numpy as np
import pytest

import petiole as pt

ROWS, PER_ROW = 20_000, 30


def scattered_rows(comm, bounds):
    """A matrix whose local blocks have full factors and powers; a rank's rows go from bound to bound."""
    b = pt.Vector.from_local(comm, np.ones(np.diff(bounds)[pt.Communicator(comm).rank]))
    begin, end = bounds[b.comm.rank : b.comm.rank + 2]
    rng, mine = np.random.default_rng(b.comm.rank), np.arange(begin, end)
    rows = np.r_[mine, np.repeat(mine, PER_ROW)]
    cols = np.r_[mine, rng.integers(begin, end, rows.size - mine.size)]
    values = np.r_[np.full(mine.size, 100.0), rng.standard_normal(rows.size - mine.size)]
    part = pt.Partition.from_ranges(np.array(bounds))
    return pt.Matrix.from_coo(comm, part, rows, cols, values), b


@pytest.fixture(scope="module")
def scattered():
    return scattered_rows(None, [0, ROWS])


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
        factory.generate(scattered[0])
    assert pt.gmres(*scattered, M=pt.Jacobi())[1].converged  # nothing is left in the middle


def interrupt_after(seconds):
    return threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))


def test_ranks(comm):
    """The last rank, which has most of the rows, is interrupted while the others wait for it."""
    c = pt.Communicator(comm)
    A, b = scattered_rows(comm, [*range(0, 10 * c.size, 10), 10 * (c.size - 1) + ROWS])
    last = c.rank == c.size - 1
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = interrupt_after(0.3)
    try:
        if last:
            timer.start()
        with pytest.raises(KeyboardInterrupt if last else pt.RemoteError) as caught:
            LONG["dropping"].generate(A)
        assert last or caught.value.rank == c.size - 1
    finally:
        if last:
            timer.join()
        signal.signal(signal.SIGINT, previous)
    assert pt.gmres(A, b, M=pt.Jacobi())[1].converged


def test_a_signal_that_python_ignores_goes_on(scattered):
    """What a handler returns from is no interrupt."""
    heard = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    timer = interrupt_after(0.05)
    try:
        timer.start()
        pt.Ilu().generate(scattered[0])
    finally:
        timer.join()
        signal.signal(signal.SIGINT, previous)
    assert len(heard) == 1
