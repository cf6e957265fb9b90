"""Processes that are forked, as multiprocessing does by default here, after OpenMP's threads or MPI have
started, neither of which goes along: they compute, and what cannot be fails with the cure."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

SHARED = r"""
import multiprocessing
import os
import tempfile

import numpy as np
import petiole as pt

FORK = multiprocessing.get_context("fork")


def system(comm, n=20_000):
    part = pt.Partition.uniform(comm.size, n)
    i = np.arange(n)[comm.rank :: comm.size]
    rows = np.r_[i, i[i > 0], i[i < n - 1]]
    cols = np.r_[i, i[i > 0] - 1, i[i < n - 1] + 1]
    values = np.r_[np.full(i.size, 2.1), np.full(rows.size - i.size, -1.0)]
    A = pt.Matrix.from_coo(comm, part, rows, cols, values)
    return A, pt.Vector.from_local(comm, np.ones(part.part_size(comm.rank)))


def work(A, b):
    # What has loops for several threads: products, sums, blocks, sparse inverses, triangles, text.
    norms = []
    for M in (pt.Jacobi(block_size=4), pt.Isai(), pt.Ilu(), pt.Schwarz()):
        norms.append(float(pt.gmres(A, b, rtol=1e-8, maxiter=3, M=M)[0].norm()))
    if b.comm.size == 1:
        with tempfile.TemporaryDirectory() as folder:
            (A @ A).write(folder + "/A.mtx")
            norms.append(float((pt.Matrix.read(folder + "/A.mtx", b.comm) @ b).norm()))
    return norms


def forked(function):
    # What the function returns in a child, or the text of its error.
    results, answer = FORK.Pipe(duplex=False)

    def child():
        try:
            answer.send(function())
        except pt.Error as error:
            answer.send(f"{type(error).__name__}: {error}")

    process = FORK.Process(target=child)
    process.start()
    assert results.poll(100), "the child hangs"
    result = results.recv()
    process.join()
    assert process.exitcode == 0
    return result
"""

THREADS = r"""
alone = pt.Communicator(None)
mine = system(alone)
norms = work(*mine)
assert pt.Executor.default.threads == 2
assert forked(lambda: work(*mine)) == norms  # on what was made before
assert forked(lambda: work(*system(alone))) == norms
assert forked(lambda: pt.Executor.default.threads) == 1
assert forked(lambda: pt.Executor.OpenMP(2).threads) == 1
assert forked(lambda: forked(lambda: work(*mine))) == norms
assert work(*mine) == norms and pt.Executor.default.threads == 2
"""

STARTED = {
    "by Petiole": "world = pt.Communicator.world()",
    "by mpi4py": "from mpi4py import MPI\nworld = pt.Communicator(MPI.COMM_WORLD)",
    "by mpi4py alone": "from mpi4py import MPI\nworld = None",
}

RANKS = r"""
used = world is not None
if used:
    ours = system(world)
    work(*ours)
else:
    world = MPI.COMM_WORLD


def cured(function):
    text = forked(function)
    assert isinstance(text, str), text
    return text.startswith("MpiError") and "forked" in text and "spawn" in text


assert cured(lambda: system(pt.Communicator(world) if used else world))
if used:
    A, b = ours
    assert cured(lambda: b.norm())
    assert cured(lambda: A @ b)
    assert cured(lambda: pt.pipecg(A, b))
    assert cured(world.barrier)
alone = pt.Communicator(None)
assert forked(lambda: work(*system(alone))) == work(*system(alone))
if used:
    world.barrier()  # the parents go on
"""

# A child may start MPI itself, where its parent has not.
BEFORE = r"""
work(*system(pt.Communicator(None)))


def child():
    comm = pt.Communicator.world()
    return comm.size, work(*system(comm)) == work(*system(pt.Communicator(None)))


assert forked(child) == (1, True)
"""


def run(tmp_path, text, *launcher):
    program = tmp_path / "program.py"
    program.write_text(text)
    done = subprocess.run(
        [*launcher, sys.executable, program], env={**os.environ, "OMP_NUM_THREADS": "2"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=200)  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_threads(tmp_path):
    run(tmp_path, SHARED + THREADS)


def test_mpi_that_starts_in_the_child(tmp_path):
    run(tmp_path, SHARED + BEFORE)


EACH = [("openmpi", "by Petiole"), ("openmpi", "by mpi4py alone"), ("mpich", "by mpi4py alone")]
if os.environ.get("PETIOLE_TEST_FULL"):
    EACH = [(mpi, how) for mpi in ("openmpi", "mpich") for how in STARTED]


@pytest.mark.parametrize("mpi, how", EACH)
def test_ranks(tmp_path, mpi, how):
    start = STARTED[how]
    if "mpi4py" in start:
        pytest.importorskip("mpi4py")
    run(tmp_path, SHARED + start + RANKS, ROOT / "script" / "mpirun", mpi, "2", "150")


def test_one_process_of_mpi(tmp_path):
    """MPI_COMM_SELF, used before the fork or not."""
    pytest.importorskip("mpi4py")
    for before in ("", "work(*mine)\n"):
        text = f"""
from mpi4py import MPI
mine = system(pt.Communicator(MPI.COMM_SELF))
{before}
assert forked(lambda: work(*mine)) == work(*system(pt.Communicator(None)))
assert forked(lambda: work(*system(MPI.COMM_SELF))) == work(*mine)
"""
        run(tmp_path, SHARED + text)
