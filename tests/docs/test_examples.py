"""The programs in examples/ run, small, on two ranks of every MPI (script/docs runs them on one)."""

import os
import subprocess
import sys

import pytest
from blocks import ROOT
from test_other_blocks import ENV, compile_c, installed_mpis

SMALL = {
    "heat.py": ["--cells", "8", "--out", "picture.png"],
    "potential.py": ["--points", "16", "--out", "picture.png"],
    "heat.c": ["8"],
}
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.suffix in (".c", ".py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("mpi", installed_mpis())
def test_example(example, mpi, tmp_path):
    arguments = SMALL[example.name]
    if example.suffix == ".c":
        command = [compile_c(example, tmp_path), *arguments]
    elif mpi == "mpi-abi":
        return  # mpi4py's wheels cannot use it
    else:
        command = [sys.executable, example, *arguments]
    launcher = [ROOT / "script" / "mpirun", mpi, "2", "60"]
    subprocess.run([*launcher, *command], cwd=tmp_path, env=ENV, check=True, timeout=80)
    if "picture.png" in arguments:
        assert os.path.getsize(tmp_path / "picture.png") > 1000
