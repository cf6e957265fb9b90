"""MPIs and adaptors that do not fit, as Python programs with mpi4py meet them: errors that name both
sides and the cure, no crash and no hang; and MPI is let be until a communicator is used."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from limits import limit

pytest.importorskip("mpi4py")

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = ROOT / ".venv"
TEXTS = {"openmpi": "Open MPI v", "mpich": "MPICH Version"}
LAUNCHERS = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PETIOLE_MPI", "PETIOLE_PLUGIN_PATH"}
CLEAN = {name: value for name, value in os.environ.items() if name not in LAUNCHERS}
ROOT_MAY = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def run(case, launcher=None, ranks=2, library=None, **env):
    """Exit status and output of mismatch.py, with mpi4py over the library of an MPI."""
    program = [sys.executable, str(HERE / "mismatch.py"), case]
    if library:
        paths = [str(VENV / "lib" / "mpich")] * (library == "mpich")
        paths += [env.pop("LD_LIBRARY_PATH", ""), os.environ.get("LD_LIBRARY_PATH", "")]
        env |= {"MPI4PY_MPIABI": library, "LD_LIBRARY_PATH": ":".join(filter(None, paths))}
    if launcher:  # which sets variables of its own
        settings = [f"{name}={value}" for name, value in env.items()]
        script = str(ROOT / "script" / "mpirun")
        program = [script, launcher, str(ranks), str(limit(50)), "env", *settings, *program]
    done = subprocess.run(program, env=CLEAN | ROOT_MAY | env, text=True, timeout=limit(100),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    return done.returncode, done.stdout


def works(library):
    """Whether mpi4py can be had over that library here, and there is an adaptor for it."""
    return run("lazy", library=library)[0] == 0


AVAILABLE = [library for library in TEXTS if works(library)]
available = pytest.mark.parametrize("library", AVAILABLE)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A folder with a copy of the library, which the loader takes first, and no adaptor beside it."""
    told = "import petiole; print(*{l.split()[-1] for l in open('/proc/self/maps') if 'libpetiole.so' in l})"
    found = subprocess.run(
        [sys.executable, "-c", told], text=True, stdout=subprocess.PIPE, check=True
    )
    folder = tmp_path_factory.mktemp("bare")
    shutil.copy(found.stdout.strip(), folder / "libpetiole.so.0")
    (folder / "plugins").mkdir()
    return folder


def without_adaptors(bare):
    return {"LD_LIBRARY_PATH": str(bare), "PETIOLE_PLUGIN_PATH": str(bare / "plugins")}


def test_one_process_touches_no_mpi():
    status, output = run("untouched")
    assert status == 0, output


@available
def test_the_adaptor_is_loaded_at_the_first_communicator(library):
    status, output = run("lazy", library=library)
    assert status == 0, output


@available
@pytest.mark.parametrize("launched", [False, True])
def test_a_missing_adaptor(library, launched, bare):
    status, output = run("refused", library if launched else None, library=library,
                         **without_adaptors(bare))  # fmt: skip
    assert status == 0, output
    lines = output.split("MpiError: ")[1:]  # the ranks write as they come
    assert len(lines) == (10 if launched else 5), output
    for line in lines:
        assert f"the MPI is {TEXTS[library]}" in line
        assert f"petiole_mpi_{library}.so is neither in PETIOLE_PLUGIN_PATH" in line
        assert "installed adaptors: none" in line and "Install Petiole with this adaptor" in line


@available
def test_a_missing_adaptor_where_there_is_another(library, bare):
    other = "mpich" if library == "openmpi" else "openmpi"
    folder = bare / other
    folder.mkdir(exist_ok=True)
    (folder / f"petiole_mpi_{other}.so").write_bytes(b"")  # is not looked into
    status, output = run("refused", library=library, LD_LIBRARY_PATH=str(bare),
                         PETIOLE_PLUGIN_PATH=str(folder))  # fmt: skip
    assert status == 0, output
    assert output.count(f"(installed adaptors: {other})") == 5


@available
def test_an_adaptor_that_is_none(library, bare):
    folder = bare / "broken"
    folder.mkdir(exist_ok=True)
    (folder / f"petiole_mpi_{library}.so").write_text("not a library")
    status, output = run("refused", library=library, LD_LIBRARY_PATH=str(bare),
                         PETIOLE_PLUGIN_PATH=str(folder))  # fmt: skip
    assert status == 0, output
    assert output.count(f"MpiError: the adaptor for {library}") == 5


@pytest.mark.skipif(len(AVAILABLE) < 2, reason="needs mpi4py over both Open MPI and MPICH")
@available
def test_the_mpirun_of_the_other_mpi(library):
    launcher = "mpich" if library == "openmpi" else "openmpi"
    status, output = run("refused", launcher, library=library)
    lines = output.split("MpiError: ")[1:]
    assert len(lines) == 10, output
    for line in lines:
        assert "started 2 processes" in line and "sees only itself" in line
        assert TEXTS[library] in line and f"launcher's library ({launcher}" in line
