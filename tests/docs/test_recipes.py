"""`script/new`, the recipe of CONTRIBUTING.md, does what it says: in a copy of the tree."""

import difflib
import faulthandler
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

import pytest
from blocks import ROOT

from limits import limit

FULL = os.environ.get("PETIOLE_TEST_FULL") == "1"
FOLDERS = ("cmake", "docs", "include", "python", "script", "src", "tests/conformance")
FILES = ("meson.build", "meson.options", "pyproject.toml", "tests/conftest.py", "tests/limits.py")
NAMES = {"solver": "steepest_descent", "preconditioner": "damped_diagonal"}
# What one more kind adds to files that there are, in lines that are its own.
LINES = {
    "solver": {
        "src/solver/kinds.h": ["    X(steepest_descent)"],
        "src/solver/meson.build": ["  'steepest_descent.c',"],
        "tests/conformance/systems.py": ['    "steepest_descent": Method(definite=True),'],
        "docs/solver-costs.csv": ["steepest_descent,,iteration,2,1,1,9"],
        "include/petiole/solver.h": ["PTL_API ptl_status ptl_steepest_descent_factory("],
    },
    "preconditioner": {
        "src/precond/kinds.h": ["    X(damped_diagonal)"],
        "src/precond/meson.build": ["  'damped_diagonal.c',"],
        "tests/conformance/preconditioners.py": ['    "damped_diagonal": [Variant('],
        "include/petiole/precond.h": [
            "#define PTL_DAMPED_DIAGONAL_OPTIONS_INIT",
            "PTL_API ptl_status ptl_damped_diagonal_factory(",
        ],
    },
}


def run(folder, *argv, seconds=60, **env):
    return subprocess.run(
        [str(word) for word in argv], cwd=folder, env=os.environ | env, text=True,
        capture_output=True, timeout=limit(seconds),
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path):
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def texts(folder):
    return {
        str(path.relative_to(folder)): path.read_text(errors="replace").splitlines()
        for path in folder.rglob("*")
        if path.is_file()
    }


def added(old, new):
    """The lines of the second that the first has not; none is missing but for the end of a macro."""
    changes = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    gone = [line[2:] for line in changes if line[0] == "-"]
    return [line[2:] for line in changes if line[0] == "+" and line[2:-2] not in gone]


def compile_command(folder, like, name):
    """How the build compiles a file, said of another in a copy."""
    commands = json.loads((ROOT / "build" / "compile_commands.json").read_text())
    command = next(
        shlex.split(entry["command"]) for entry in commands if entry["file"].endswith("/" + like)
    )
    flags = [word for word in command[1:-1] if not word.startswith(("-M", "-o"))]
    flags = [word for word in flags if not word.endswith((".d", ".o"))]
    moved = [word.replace("../", f"{folder}/") for word in flags if word != "-c"]
    return [command[0], *moved, "-fsyntax-only", folder / name]


@pytest.mark.parametrize("family", NAMES)
def test_a_new_kind_is_one_file_and_a_few_lines(copy, family):
    before, name = texts(copy), NAMES[family]
    done = run(copy, sys.executable, "script/new", family, name)
    assert done.returncode == 0, done.stderr
    after = texts(copy)
    folder = {"solver": "solver", "preconditioner": "precond"}[family]
    assert after.keys() - before.keys() == {f"src/{folder}/{name}.c"}
    changed = {path for path in before if before[path] != after[path]}
    assert changed == LINES[family].keys()
    for path, lines in LINES[family].items():
        found = added(before[path], after[path])
        for line in lines:
            assert any(other.startswith(line) for other in found), (path, found)
    for path in (f"src/{folder}/{name}.c", "src/kinds/kinds.c"):
        built = run(copy, *compile_command(copy, "src/kinds/kinds.c", path))
        assert built.returncode == 0, built.stderr
    again = run(copy, sys.executable, "script/new", family, name)
    assert again.returncode == 1 and "there is a kind called" in again.stderr
    assert texts(copy) == after


def test_what_is_no_name_changes_nothing(copy):
    before = texts(copy)
    for name in ("a__b", "Cg", "lambda", "1st", "vector", "log"):
        done = run(copy, sys.executable, "script/new", "solver", name)
        assert done.returncode == 1 and "script/new: " in done.stderr
    assert texts(copy) == before


def test_lists_that_are_old_are_told(copy):
    check = [sys.executable, "script/generate_lists.py", "--check", copy]
    assert run(copy, *check).returncode == 0
    stub = copy / "python" / "petiole" / "_core.pyi"
    stub.write_text(stub.read_text().replace("restart: SupportsIndex = 30", "restart: Any = 30"))
    old = run(copy, *check)
    assert old.returncode == 1 and "restart: SupportsIndex = 30" in old.stdout
    assert run(copy, *check[:2], copy).returncode == 0
    assert run(copy, *check).returncode == 0


@pytest.mark.skipif(not FULL, reason="builds the library anew")
@pytest.mark.parametrize("family", NAMES)
def test_a_new_kind_works_everywhere(copy, family):
    faulthandler.dump_traceback_later(limit(1500), exit=True)  # in place of a test's usual limit
    name, prefix = NAMES[family], copy / "prefix"
    python = pathlib.Path(sys.executable)
    assert run(copy, python, "script/new", family, name).returncode == 0
    site = "lib/site"
    for argv in (
        ["-m", "mesonbuild.mesonmain", "setup", "build", "--prefix", prefix, "--libdir", "lib",
         "-Dtests=disabled", "-Dmpi=disabled", f"-Dpython.purelibdir={site}",
         f"-Dpython.platlibdir={site}"],
        ["-m", "mesonbuild.mesonmain", "install", "-C", "build", "--quiet"],
    ):  # fmt: skip
        done = run(copy, python, *argv, seconds=900)
        assert done.returncode == 0, done.stdout + done.stderr
    adaptors = str(ROOT / "build" / "src" / "comm")
    env = {"PYTHONPATH": str(prefix / site), "PETIOLE_PLUGIN_PATH": adaptors}
    done = run(copy, python, "script/generate_lists.py", copy, **env)
    assert done.returncode == 0 and "python/petiole/_core.pyi" in done.stdout, done.stderr
    suite = "test_solvers.py" if family == "solver" else "test_preconditioners.py"
    tests = [f"tests/conformance/{suite}", "tests/conformance/test_config.py"]
    done = run(copy, python, "-m", "pytest", "-q", "-k", name, *tests, seconds=300, **env)
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout
