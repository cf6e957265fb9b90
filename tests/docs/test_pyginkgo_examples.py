"""The programs in examples/pyginkgo/ run, small, on 1, 2 and 4 ranks.

Each of them checks what it has computed, and says so in one line on rank 0.
"""

import os
import subprocess
import sys

import pytest
from blocks import ROOT
from test_other_blocks import ENV, installed_mpis

from limits import limit

SMALL = {
    "facade_poisson.py": ["--points", "20"],
    "matrix_free.py": ["--points", "120"],
    "global_triplets.py": ["--nodes", "200"],
    "serial_ilu_gmres.py": [],
    "shared_arrays.py": ["--points", "1000", "--steps", "20"],
}
PROGRAMS = sorted(path for path in (ROOT / "examples" / "pyginkgo").glob("*.py"))
EVERYTHING = bool(os.environ.get("PETIOLE_TEST_FULL"))
MPIS = [mpi for mpi in installed_mpis() if mpi != "mpi-abi"][: None if EVERYTHING else 1]


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("mpi", MPIS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_program(program, mpi, ranks, tmp_path):
    argv = [ROOT / "script" / "mpirun", mpi, str(ranks), str(limit(60)), sys.executable, program]
    done = subprocess.run([*argv, *SMALL[program.name]], cwd=tmp_path, env=ENV, timeout=limit(80),
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    speakers = ranks if program.name == "serial_ilu_gmres.py" else 1
    assert len(done.stdout.splitlines()) == speakers
