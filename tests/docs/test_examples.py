"""The programs in examples/ run, small, on two ranks: of one MPI, or of every one where everything
is tested. (script/docs runs them on one.)"""

import os
import subprocess
import sys

import pytest
from blocks import ROOT
from test_other_blocks import ENV, compile_c, installed_mpis

from limits import limit

SMALL = {
    "heat.py": ["--cells", "8", "--out", "picture.png"],
    "potential.py": ["--points", "16", "--out", "picture.png"],
    "schwarz.py": ["--cells", "12", "--out", "picture.png"],
    "refinement.py": ["--points", "12", "--out", "picture.png"],
    "python_preconditioner.py": ["--points", "16", "--out", "picture.png"],
    "heat.c": ["8"],
}
MPIS = installed_mpis()[: None if os.environ.get("PETIOLE_TEST_FULL") else 1]
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.suffix in (".c", ".py"))


RUNS = [  # mpi4py's wheels cannot use the standard interface of MPI 5
    (mpi, path) for mpi in MPIS for path in EXAMPLES if (mpi, path.suffix) != ("mpi-abi", ".py")
]


@pytest.mark.parametrize("mpi, example", RUNS, ids=lambda run: getattr(run, "name", run))
def test_example(mpi, example, tmp_path):
    arguments = SMALL[example.name]
    if example.suffix == ".c":
        command = [compile_c(example, tmp_path), *arguments]
    else:
        command = [sys.executable, example, *arguments]
    launcher = [ROOT / "script" / "mpirun", mpi, "2", str(limit(60))]
    subprocess.run([*launcher, *command], cwd=tmp_path, env=ENV, check=True, timeout=limit(80))
    if "picture.png" in arguments:
        assert os.path.getsize(tmp_path / "picture.png") > 1000
