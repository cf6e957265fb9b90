"""The command line under mpirun: rank 0 speaks, all ranks end, and the status says how."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import petiole as pt
from limits import limit

ROOT = pathlib.Path(__file__).resolve().parents[2]
N, RANKS = 40, 3


@pytest.fixture(params=["openmpi", "mpich"])
def petiole(request, tmp_path):
    """Runs `petiole ARGUMENTS` on 3 ranks, in a folder with A.mtx; the finished process."""
    dense = 2.5 * np.eye(N) - np.eye(N, k=1) - np.eye(N, k=-1)
    rows, cols = np.nonzero(dense)
    lines = ["%%MatrixMarket matrix coordinate real general", f"{N} {N} {rows.size}"]
    lines += [f"{i + 1} {j + 1} {dense[i, j]}" for i, j in zip(rows, cols)]
    (tmp_path / "A.mtx").write_text("\n".join(lines) + "\n")

    def start(*arguments, **variables):
        argv = [ROOT / "script" / "mpirun", request.param, str(RANKS), str(limit(50)),
                sys.executable, "-m", "petiole", *arguments]  # fmt: skip
        return subprocess.run(argv, cwd=tmp_path, env=os.environ | variables, timeout=limit(70),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)  # fmt: skip

    start.mpi = request.param
    return start


def test_solve(petiole):
    done = petiole("solve", "A.mtx", "--rtol", "1e-10")
    assert done.returncode == 0, done
    assert done.stdout.count("converged (rtol)") == 1
    assert f"{RANKS} ranks" in done.stdout


def test_json(petiole):
    told = json.loads(petiole("solve", "A.mtx", "--json").stdout)
    assert told["ranks"] == RANKS and told["converged"] is True


def test_files_in_and_out(petiole, tmp_path):
    """The solution of all ranks is the right-hand side of the next run."""
    assert petiole("solve", "A.mtx", "--out", "x.mtx", "--rtol=1e-12").returncode == 0
    done = petiole("solve", "A.mtx", "-b", "x.mtx", "--out", "y.ptl", "--rtol=1e-12")
    assert done.returncode == 0, done
    dense = 2.5 * np.eye(N) - np.eye(N, k=1) - np.eye(N, k=-1)
    x = np.linalg.solve(dense, np.ones(N))
    np.testing.assert_allclose(pt.Vector.read(tmp_path / "x.mtx").local, x, rtol=1e-9)
    y = np.linalg.solve(dense, x)
    np.testing.assert_allclose(pt.Vector.read(tmp_path / "y.ptl").local, y, rtol=1e-9)


def test_not_converged(petiole):
    done = petiole("solve", "A.mtx", "--maxiter", "1", "--rtol", "1e-12")
    assert done.returncode == 1
    assert done.stdout.count("not converged (maxiter)") == 1


def test_an_error_is_said_once(petiole, tmp_path):
    done = petiole("solve", "none.mtx")
    assert done.returncode == 2, done
    assert done.stderr.count("none.mtx: No such file") == 1 and "Traceback" not in done.stderr
    (tmp_path / "bad.mtx").write_text(
        "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 x 3\n"
    )
    done = petiole("info", "bad.mtx")
    assert done.returncode == 2 and done.stderr.count("bad.mtx:3") == 1


def test_an_error_of_rank_0_alone(petiole):
    done = petiole("solve", "A.mtx", "--plot", "residual.xyz")
    assert done.returncode == 2, done
    assert "residual.xyz" in done.stderr and "Traceback" not in done.stderr


def test_usage_is_said_once(petiole):
    done = petiole("solve", "A.mtx", "--rtol", "x")
    assert done.returncode == 2
    assert done.stderr.count("usage: petiole solve") == 1


def test_info(petiole):
    done = petiole("info", "A.mtx")
    assert done.returncode == 0, done
    table = [line.split() for line in done.stdout.splitlines()[-RANKS:]]
    assert [row[:2] for row in table] == [["0", "14"], ["1", "13"], ["2", "13"]]
    assert [row[3:5] for row in table] == [["1", "1"], ["2", "2"], ["1", "1"]]
    assert sum(int(row[2]) for row in table) == 3 * N - 2
    assert "symmetric" in done.stdout and "1 below the diagonal" in done.stdout


def test_doctor(petiole):
    done = petiole("doctor")
    assert f"{petiole.mpi}, {RANKS} processes; MPI sees {RANKS} on 1 node" in done.stdout
    assert done.stdout.count("verdict:") == 1 and "Traceback" not in done.stdout + done.stderr
    assert (done.returncode == 0) == ("verdict: all is well" in done.stdout)
    assert "MPI cannot be started" not in done.stdout


def test_doctor_of_a_foreign_mpi(petiole):
    other = {"openmpi": "mpich", "mpich": "openmpi"}[petiole.mpi]
    done = petiole("doctor", PETIOLE_MPI=other)
    assert done.returncode == 1, done
    assert "MPI cannot be started" in done.stdout and "sees only itself" in done.stdout
    assert "do not fit" in done.stdout
