"""Launchers, libraries and adaptors that do not fit together: an error that names both sides."""

import ctypes.util
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("PETIOLE_TEST_BUILD", "build") / "src"
ADAPTORS = {name: BUILD / "comm" / f"petiole_mpi_{name}.so" for name in ("openmpi", "mpich")}
TEXTS = {"openmpi": "Open MPI v", "mpich": "MPICH Version"}
LIBRARIES = {"openmpi": "libmpi.so.40", "mpich": "libmpich.so.12"}

pytestmark = pytest.mark.skipif(
    not all(adaptor.exists() for adaptor in ADAPTORS.values()),
    reason="needs the adaptors of both Open MPI and MPICH",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A copy of the library and of the program that uses it, with no adaptor beside them."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copy(BUILD / "libpetiole.so.0", folder)
    source = pathlib.Path(__file__).with_name("world.c")
    subprocess.run(
        [os.environ.get("CC", "cc"), source, "-o", folder / "world", f"-I{ROOT}/include",
         folder / "libpetiole.so.0", "-Wl,-rpath,$ORIGIN"], check=True)  # fmt: skip
    return folder


@pytest.fixture
def world(home):
    """Runs the program; returns its exit status and output."""

    def run(launcher=None, adaptors=(), **env):
        names = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PETIOLE_MPI", "PETIOLE_PLUGIN_PATH"}
        clean = {name: value for name, value in os.environ.items() if name not in names}
        found = home / "-".join(["with", *adaptors])
        found.mkdir(exist_ok=True)
        for name in adaptors:
            shutil.copy(ADAPTORS[name], found)
        clean["PETIOLE_PLUGIN_PATH"] = str(found)
        argv = [str(home / "world")]
        if launcher:
            argv = [str(ROOT / "script" / "mpirun"), launcher, "2", "30", *argv]
        done = subprocess.run(
            argv, env=clean | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=60)  # fmt: skip
        return done.returncode, done.stdout

    return run


BOTH = ("openmpi", "mpich")
OTHER = {"openmpi": "mpich", "mpich": "openmpi"}


@pytest.mark.parametrize("launcher", BOTH)
def test_that_fits(world, launcher):
    status, output = world(launcher, BOTH)
    assert status == 0, output
    assert "0 of 2 through " + TEXTS[launcher] in output
    assert "1 of 2 through " + TEXTS[launcher] in output


@pytest.mark.parametrize("launcher", BOTH)
def test_launcher_of_another_mpi(world, launcher):
    status, output = world(launcher, BOTH, PETIOLE_MPI=OTHER[launcher])
    assert status != 0
    assert "started 2 processes" in output
    assert TEXTS[OTHER[launcher]] in output
    assert "sees itself alone" in output and "PETIOLE_MPI" in output


@pytest.mark.parametrize("launcher", BOTH)
def test_launcher_without_an_adaptor(world, launcher):
    status, output = world(launcher, [OTHER[launcher]])
    assert status != 0
    assert "started 2 processes" in output
    assert f"petiole_mpi_{launcher}.so" in output
    assert f"installed adaptors: {OTHER[launcher]}" in output


@pytest.mark.parametrize("mpi", BOTH)
def test_library_in_the_process_without_an_adaptor(world, mpi):
    status, output = world(LD_PRELOAD=LIBRARIES[mpi])
    assert status == 1
    assert TEXTS[mpi] in output and f"petiole_mpi_{mpi}.so" in output
    assert "installed adaptors: none" in output


@pytest.mark.parametrize("mpi", BOTH)
def test_library_in_the_process(world, mpi):
    status, output = world(adaptors=BOTH, LD_PRELOAD=LIBRARIES[mpi])
    assert status == 0, output
    assert "0 of 1 through " + TEXTS[mpi] in output


def test_two_libraries_in_the_process(world):
    status, output = world(adaptors=BOTH, LD_PRELOAD=" ".join(LIBRARIES.values()))
    # The first one's symbols win, and so does its adaptor; what must not happen is a mixture.
    assert status == 0, output
    assert "0 of 1 through " + TEXTS["openmpi"] in output


def test_no_adaptor_and_no_launcher_is_one_process(world):
    assert world() == (0, "0 of 1 through none\n")


def test_the_first_that_is_installed(world):
    status, output = world(adaptors=["mpich"])
    assert status == 0, output
    assert "0 of 1 through MPICH" in output


def test_no_plugin(world, home):
    broken = home / "broken"
    broken.mkdir(exist_ok=True)
    (broken / "petiole_mpi_mpich.so").write_text("not a library")
    status, output = world(PETIOLE_PLUGIN_PATH=str(broken), PETIOLE_MPI="mpich")
    assert status == 1
    assert "error: the adaptor for mpich" in output and "cannot be loaded" in output


def test_a_library_that_is_no_mpi(world):
    status, output = world(PETIOLE_MPI=ctypes.util.find_library("m"), adaptors=BOTH)
    assert status == 1
    assert "is no MPI" in output
