"""The release wheel in clean environments whose only MPI is one of PyPI's, used by an ordinary user.

Needs PyPI: where it cannot be reached these tests are skipped.
"""

import pathlib
import re
import shutil
import sys
import zipfile

import pytest
from users import ROOT, run

PYTHON = "/usr/bin/python3" if pathlib.Path("/usr/bin/python3").exists() else sys.executable
MPIS = ("openmpi", "mpich", "mpi-abi")
HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def wheel(user):
    """Built by script/wheel from a copy of the sources."""
    try:
        run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "0",
             "--no-cache-dir", "--dest", user.home / "probe", "meson-python"])  # fmt: skip
    except AssertionError as error:
        pytest.skip(f"PyPI cannot be reached: {str(error).splitlines()[-1]}")
    dist = user.home / "dist"
    run([ROOT / "script" / "wheel", dist], timeout=840)
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="module", params=["mpich", "openmpi"])
def environment(request, user, wheel):
    """A Python environment of the user's with that MPI and the wheel; without mpi4py."""
    folder = user.home / f"env-{request.param}"
    user.run([PYTHON, "-m", "venv", folder])
    user.run(["pip", "install", "--quiet", request.param, wheel], folder)
    return folder


def test_the_name_of_the_wheel(wheel):
    assert "-cp311-abi3-manylinux_2_" in wheel.name
    assert list(wheel.parent.glob("*.tar.gz"))


def test_what_is_in_the_wheel(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("libpetiole.so", *(f"petiole/petiole_mpi_{mpi}.so" for mpi in MPIS)):
        assert f"petiole/lib/{name}" in names
    assert "petiole/include/petiole/petiole.h" in names
    assert not any("libmpi" in name for name in names)
    brought = {
        name.split("/")[1].split("-")[0] for name in names if name.startswith("petiole.libs/")
    }
    assert brought >= {"libgomp", "libsuperlu", "liblapack", "libjansson", "libmetis"}
    for library in brought:
        assert any(name.endswith(f"licenses/{library}/copyright") for name in names)


def solve(user, environment, through):
    """By two processes and by one; in both through the environment's MPI, whatever the system has."""
    shutil.copy(HERE / "solve.py", user.home)
    for launcher, ranks in (["mpirun", "-n", "2"], 2), ([], 1):
        argv = [*launcher, "python", user.home / "solve.py"]
        told = user.run(argv, environment, timeout=60).strip().splitlines()[-1]
        size, by, library, converged, good = told.split(", ")
        assert (size, by, converged, good) == (f"{ranks} ranks", through, "True", "True")
        assert library.startswith(f"{environment}/lib/libmpi.so")


def test_without_mpi4py(user, environment):
    solve(user, environment, "Petiole")


def test_the_command(user, environment):
    mtx = "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 2\n2 2 4\n"
    (user.home / "A.mtx").write_text(mtx)
    for launcher in [], ["mpirun", "-n", "2"]:
        told = user.run(
            [*launcher, "petiole", "solve", user.home / "A.mtx"], environment, timeout=60
        )
        assert told.count("converged (rtol)") == 1
    told = user.run(["mpirun", "-n", "2", "petiole", "doctor"], environment, timeout=60)
    assert re.search(f"^MPI in use +.*{environment}/lib/libmpi.so", told, re.M)
    assert "MPI sees 2 on 1 node" in told and "verdict: all is well" in told


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_c_program(user, environment):
    """Compiled with the flags that the wheel's command prints."""
    flags = user.run(["petiole", "config", "--cflags", "--libs"], environment).split()
    shutil.copy(ROOT / "examples" / "heat.c", user.home)
    program = user.home / f"heat-{environment.name}"
    user.run(["cc", "-std=c11", user.home / "heat.c", "-o", program, *flags, "-lm"], environment)
    assert "converged" in user.run([program, 12], environment, timeout=60)
    told = user.run(["mpirun", "-n", "2", program, 12], environment, timeout=60)
    assert told.count("converged") == 1


@pytest.mark.skipif(not shutil.which("cmake"), reason="needs CMake")
def test_cmake(user, environment, tmp_path):
    prefix = user.run(["petiole", "config", "--prefix"], environment).strip()
    source = ROOT / "examples" / "cmake"
    run(["cmake", "-S", source, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}"])
    run(["cmake", "--build", tmp_path])
    assert "converged" in run([tmp_path / "heat", 12])


def test_with_mpi4py(user, environment):
    """The last, since mpi4py stays in the environment."""
    user.run(["pip", "install", "--quiet", "mpi4py"], environment)
    solve(user, environment, "mpi4py")
