"""Two MPIs in one process: an error that names both, whatever their binary interfaces."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

from limits import limit

HERE = pathlib.Path(__file__).resolve().parent
MPI_ABI = HERE.parents[1] / ".venv" / "mpi-abi" / "lib"
OPENMPI, MPICH = "libmpi.so.40", "libmpich.so.12"
ABI, ABI_MPICH = str(MPI_ABI / "libmpi_abi.so.1"), str(MPI_ABI / "libmpi.so.12")
ROOT_MAY = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
TEXTS = {OPENMPI: "Open MPI v", MPICH: "MPICH Version", ABI: "MPICH Version"}

pairs = [(OPENMPI, MPICH), (MPICH, OPENMPI)]
if pathlib.Path(ABI).exists():  # the last two call themselves the same
    pairs += [(OPENMPI, ABI), (ABI, OPENMPI), (ABI_MPICH, ABI)]


def run(*arguments):
    done = subprocess.run(
        [sys.executable, HERE / "two_mpis.py", *arguments], env=os.environ | ROOT_MAY, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(60))  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize(("first", "second"), pairs)
def test_hidden(first, second):
    output = run("hidden", first, second)
    assert "MpiError: two MPIs are in this process: the one in use is " + TEXTS[second] in output
    assert pathlib.Path(first).name in output and pathlib.Path(second).name in output
    assert "Link and load one of them only" in output


@pytest.mark.parametrize(("first", "second"), pairs)
def test_both_in_use(first, second):
    if (first, second) == (OPENMPI, ABI):
        pytest.skip("MPICH 5 ends a process that Open MPI has started in")
    output = run("both", first, second)
    assert "MpiError: two MPIs are initialised in this process" in output
    assert pathlib.Path(first).name in output and pathlib.Path(second).name in output


@pytest.mark.skipif(not importlib.util.find_spec("mpi4py"), reason="needs mpi4py")
@pytest.mark.parametrize("second", [second for first, second in pairs if first == OPENMPI])
def test_not_mpi4pys(second):
    output = run("mpi4py", OPENMPI, second)
    assert "MpiError: two MPIs are in this process: the caller's (mpi4py's) is Open MPI" in output
    assert "that in use " + TEXTS[second] in output and pathlib.Path(second).name in output
