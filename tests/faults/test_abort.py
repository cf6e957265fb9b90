"""Programs that fail on one rank while the others wait: the job ends, with the traceback."""

import os
import pathlib
import subprocess
import sys

import pytest

from limits import limit

ROOT = pathlib.Path(__file__).resolve().parents[2]

RAISES = """
import petiole as pt
comm = pt.Communicator.world()
comm.barrier()
if comm.rank == 1:
    raise KeyError("on purpose")
comm.barrier()
"""

IN_A_THREAD = """
import threading
import petiole as pt
comm = pt.Communicator.world()
pt.abort_on_exception()
def work():
    raise KeyError("on purpose")
if comm.rank == 1:
    threading.Thread(target=work).start()
comm.barrier() if comm.rank != 1 else threading.Event().wait()
"""

# Rank 1's error output goes to a pipe that is read a little after it was written: the writer may not be
# gone by then.
READ_LATE = r"""
import os, select, time
import petiole as pt
comm = pt.Communicator.world()
comm.barrier()
if comm.rank == 1:
    unread, written = os.pipe()
    writer = os.getpid()
    if os.fork() == 0:
        select.select([unread], [], [])
        time.sleep(0.1)
        if os.getppid() == writer:
            os.write(1, b"waited\n")
        os.read(unread, 100)
        os._exit(0)
    os.dup2(written, 2)
    os.write(2, b"last words")
    comm.abort(3)
comm.barrier()
"""

# Ctrl-C reaches one rank alone, in the middle of a solve that would not end.
INTERRUPTED = r"""
import os, signal
import numpy as np
import petiole as pt
comm = pt.Communicator.world()
part = pt.Partition.uniform(comm.size, 200)
i = np.arange(comm.rank, 200, comm.size)
A = pt.Matrix.from_coo(comm, part, i, i, np.linspace(1, 1e6, 200)[i])
b = pt.Vector.from_local(comm, np.ones(part.part_size(comm.rank)))
def callback(event):
    if comm.rank == 1 and event.iteration == 2:
        os.kill(os.getpid(), signal.SIGINT)
try:
    while True:
        pt.cg(A, b, rtol=0, callback=callback)
except KeyboardInterrupt:
    os.write(1, f"rank {comm.rank} interrupted\n".encode())
except pt.RemoteError as error:
    os.write(1, f"rank {comm.rank} heard {type(error).__name__} {error.rank}\n".encode())
comm.barrier()
"""


ENDS_WELL = r"""
import os
import petiole as pt
os.write(1, b"%d\n" % pt.Communicator.world().rank)
"""


@pytest.fixture(params=["openmpi", "mpich"])
def run(request, tmp_path):
    """Runs a program's text under mpirun on 3 ranks; gives exit status and output."""

    def start(text, *options):
        program = tmp_path / "program.py"
        program.write_text(text)
        launcher = [ROOT / "script" / "mpirun", request.param, "3", str(limit(40))]
        done = subprocess.run(
            [*launcher, sys.executable, *options, program], env=dict(os.environ), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit(60))  # fmt: skip
        return done.returncode, done.stdout

    return start


def test_petiole_run(run):
    status, output = run(RAISES, "-m", "petiole", "run")
    assert status not in (0, 124), output
    assert "rank 1 of 3" in output and "KeyError: 'on purpose'" in output


def test_petiole_run_and_sys_exit(run):
    """A rank that leaves with a status takes the others along: they wait for it."""
    text = RAISES.replace('raise KeyError("on purpose")', 'raise SystemExit("no input")')
    status, output = run(text, "-m", "petiole", "run")
    assert status not in (0, 124), output
    assert "no input" in output


def test_abort_on_exception(run):
    status, output = run(RAISES.replace("comm =", "pt.abort_on_exception()\ncomm =", 1))
    assert status not in (0, 124), output
    assert "rank 1 of 3" in output and "KeyError: 'on purpose'" in output


def test_abort_waits_for_the_reader(run):
    """A launcher may drop what it has not read when it hears of an abort."""
    status, output = run(READ_LATE)
    assert status not in (0, 124), output
    assert "waited" in output


def test_abort_on_exception_in_a_thread(run):
    status, output = run(IN_A_THREAD)
    assert status not in (0, 124), output
    assert "rank 1 of 3" in output and "KeyError: 'on purpose'" in output


def test_interrupt_on_one_rank(run):
    status, output = run(INTERRUPTED)
    assert status == 0, output
    assert "rank 1 interrupted" in output
    for rank in (0, 2):
        assert f"rank {rank} heard RemoteError 1" in output


def test_a_program_that_ends_well(run):
    status, output = run(ENDS_WELL, "-m", "petiole", "run")
    assert status == 0 and sorted(output.split()) == ["0", "1", "2"], output
