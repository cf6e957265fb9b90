"""Launchers, libraries and adaptors that do not fit together: an error that names both sides."""

import ctypes.util
import os
import pathlib
import shutil
import subprocess

import pytest

from limits import limit

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("PETIOLE_TEST_BUILD", "build") / "src"
MPI_ABI = ROOT / ".venv" / "mpi-abi" / "lib" / "libmpi_abi.so.1"
TEXTS = {"openmpi": "Open MPI v", "mpich": "MPICH Version", "mpi-abi": "MPICH Version"}
LIBRARIES = {"openmpi": "libmpi.so.40", "mpich": "libmpich.so.12", "mpi-abi": str(MPI_ABI)}
ADAPTORS = {name: BUILD / "comm" / f"petiole_mpi_{name}.so" for name in LIBRARIES}

DEBIAN = ("openmpi", "mpich")
ALL = tuple(name for name in LIBRARIES if name in DEBIAN or MPI_ABI.exists())
# The launchers of MPICH and of MPI 5 speak the same protocol, so these do not fit:
FOREIGN = [("openmpi", "mpich"), ("mpich", "openmpi")]
FOREIGN += [("mpi-abi", "openmpi")] if "mpi-abi" in ALL else []

pytestmark = pytest.mark.skipif(
    not all(ADAPTORS[name].exists() for name in ALL),
    reason="needs the adaptors of both Open MPI and MPICH, and of MPI 5 where PyPI's mpich is there",
)


def compile_c(source, *options):
    subprocess.run([os.environ.get("CC", "cc"), source, *options], check=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A copy of the library and of the program that uses it, with no adaptor beside them."""
    folder = tmp_path_factory.mktemp("home") / "lib"
    folder.mkdir()
    shutil.copy(BUILD / "libpetiole.so.0", folder)
    source = pathlib.Path(__file__).with_name("world.c")
    compile_c(source, "-o", folder / "world", f"-I{ROOT}/include", folder / "libpetiole.so.0",
              "-Wl,-rpath,$ORIGIN")  # fmt: skip
    return folder


@pytest.fixture
def world(home):
    """Runs the program; returns its exit status and output."""

    def run(launcher=None, adaptors=(), ranks=2, **env):
        names = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PETIOLE_MPI", "PETIOLE_PLUGIN_PATH"}
        clean = {name: value for name, value in os.environ.items() if name not in names}
        found = home / "-".join(["with", *adaptors])
        found.mkdir(exist_ok=True)
        for name in adaptors:
            shutil.copy(ADAPTORS[name], found)
        clean["PETIOLE_PLUGIN_PATH"] = str(found)
        argv = [str(home / "world")]
        if launcher:
            argv = [str(ROOT / "script" / "mpirun"), launcher, str(ranks), str(limit(30)), *argv]
        done = subprocess.run(
            argv, env=clean | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=limit(60))  # fmt: skip
        return done.returncode, done.stdout

    return run


# ---- what fits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("launcher", ALL)
def test_that_fits(world, launcher):
    status, output = world(launcher, ALL)
    assert status == 0, output
    assert "0 of 2 through " + TEXTS[launcher] in output
    assert "1 of 2 through " + TEXTS[launcher] in output


@pytest.mark.parametrize("mpi", ALL)
def test_library_in_the_process(world, mpi):
    status, output = world(adaptors=[mpi], LD_PRELOAD=LIBRARIES[mpi])
    assert status == 0, output
    assert "0 of 1 through " + TEXTS[mpi] in output


def test_the_first_that_is_installed(world):
    status, output = world(adaptors=["mpich"])
    assert status == 0, output
    assert "0 of 1 through MPICH" in output


def test_an_mpi_beside_the_library_comes_first(world, home):
    link = home / "libmpi.so.12"
    link.symlink_to(next(pathlib.Path("/usr/lib").glob(f"*/{LIBRARIES['mpich']}")))
    try:
        status, output = world(adaptors=DEBIAN)
    finally:
        link.unlink()
    assert status == 0, output
    assert "0 of 1 through MPICH" in output


# ---- no adaptor ----------------------------------------------------------------------------------


@pytest.mark.parametrize("launcher", DEBIAN)
def test_launcher_without_an_adaptor(world, launcher):
    other = DEBIAN[launcher == "openmpi"]
    status, output = world(launcher, [other])
    assert status != 0
    assert "started 2 processes" in output
    assert f"petiole_mpi_{launcher}.so" in output
    assert f"installed adaptors: {other}" in output


@pytest.mark.parametrize("mpi", ALL)
def test_library_in_the_process_without_an_adaptor(world, mpi):
    others = [name for name in ALL if name != mpi]
    status, output = world(adaptors=others, LD_PRELOAD=LIBRARIES[mpi])
    assert status == 1
    assert TEXTS[mpi] in output and f"petiole_mpi_{mpi}.so" in output
    assert f"installed adaptors: {','.join(others)}" in output


@pytest.mark.parametrize("mpi", DEBIAN)
def test_one_process_by_a_launcher_without_an_adaptor(world, mpi):
    """It is what was asked for where no MPI is in the process, and an error where one is."""
    assert world(mpi, ranks=1) == (0, "0 of 1 through none\n")
    status, output = world(mpi, ranks=1, LD_PRELOAD=LIBRARIES[mpi])
    assert status != 0
    assert f"petiole_mpi_{mpi}.so" in output and "installed adaptors: none" in output


def test_no_adaptor_and_no_launcher_is_one_process(world):
    assert world() == (0, "0 of 1 through none\n")


def test_an_mpi_of_another_kind(world, home):
    source = pathlib.Path(__file__).with_name("other_mpi.c")
    compile_c(source, "-shared", "-fPIC", "-o", home / "libmpi_other.so")
    for env in ({"LD_PRELOAD": str(home / "libmpi_other.so")},
                {"PETIOLE_MPI": str(home / "libmpi_other.so")}):  # fmt: skip
        status, output = world(adaptors=ALL, **env)
        assert status == 1
        assert "the MPI is Other MPI 1.0" in output and "libmpi_other.so" in output
        assert "adaptors for those of Open MPI, MPICH and MPI 5" in output


def test_no_plugin(world, home):
    broken = home / "broken"
    broken.mkdir(exist_ok=True)
    (broken / "petiole_mpi_mpich.so").write_text("not a library")
    status, output = world(PETIOLE_PLUGIN_PATH=str(broken), PETIOLE_MPI="mpich")
    assert status == 1
    assert "error: the adaptor for mpich" in output and "cannot be loaded" in output


# ---- a foreign launcher --------------------------------------------------------------------------


@pytest.mark.parametrize(("launcher", "mpi"), FOREIGN)
def test_launcher_of_another_mpi(world, launcher, mpi):
    for env in ({"PETIOLE_MPI": LIBRARIES[mpi]}, {"LD_PRELOAD": LIBRARIES[mpi]}):
        status, output = world(launcher, ALL, **env)
        assert status != 0
        assert "started 2 processes" in output
        assert TEXTS[mpi] in output
        assert "sees only itself" in output and "PETIOLE_MPI" in output


@pytest.mark.skipif("mpi-abi" not in ALL, reason="needs PyPI's mpich")
def test_launcher_that_the_library_refuses(world):
    """MPICH 5 ends a process of Open MPI's launcher by itself, before anybody can ask it."""
    status, output = world("openmpi", ALL, PETIOLE_MPI=LIBRARIES["mpi-abi"])
    assert status != 0
    assert "unsupported PMI version PMIx" in output


# ---- two MPIs in one process (more in test_two_mpis.py) ------------------------------------------


def test_two_libraries_in_the_process(world):
    status, output = world(adaptors=ALL, LD_PRELOAD=" ".join(LIBRARIES[name] for name in DEBIAN))
    # The first one's symbols win, and so does its adaptor; what must not happen is a mixture.
    assert status == 0, output
    assert "0 of 1 through " + TEXTS["openmpi"] in output


# ---- PETIOLE_MPI ---------------------------------------------------------------------------------


@pytest.mark.parametrize("launcher", [None, *ALL])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("cray", 'PETIOLE_MPI is "cray": expected openmpi, mpich, mpi-abi or the path of a libmpi'),
        ("/nowhere/libmpi.so.40", "PETIOLE_MPI: /nowhere/libmpi.so.40: cannot open"),
        ("libnowhere.so", "PETIOLE_MPI: libnowhere.so: cannot open"),
        (ctypes.util.find_library("m"), "is not an MPI library"),
    ],
)
def test_what_is_not_there(world, launcher, value, message):
    status, output = world(launcher, ALL, PETIOLE_MPI=value)
    assert status != 0
    assert "error: " in output and message in output


def test_an_mpi_that_is_not_installed(world):
    if ctypes.util.find_library("mpi_abi"):
        pytest.skip("MPI 5's library is installed here")
    if not ADAPTORS["mpi-abi"].exists():
        pytest.skip("needs the adaptor for MPI 5")
    status, output = world(adaptors=["mpi-abi"], PETIOLE_MPI="mpi-abi")
    assert status == 1
    assert "no library of the MPI mpi-abi is found (libmpi_abi.so.1)" in output
