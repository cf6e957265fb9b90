"""C programs with the installation that this Python uses: pkg-config, CMake, `petiole config`."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from users import ROOT, run

from limits import limit

SMALL = "12"  # cells along an edge
LAUNCHERS = [name for name in ("openmpi", "mpich") if shutil.which(f"mpirun.{name}")]


def config(*options):
    return run([sys.executable, "-m", "petiole", "config", *options]).split()


@pytest.fixture(scope="module")
def prefix():
    (prefix,) = config("--prefix")
    if not list(pathlib.Path(prefix).glob("**/pkgconfig/petiole.pc")):
        pytest.skip("Petiole is not installed under a prefix")
    return pathlib.Path(prefix)


def solves(program):
    """The program converges on one process, and on two under each mpirun."""
    assert "converged" in run([program, SMALL])
    for launcher in LAUNCHERS:
        output = run([ROOT / "script" / "mpirun", launcher, 2, limit(60), program, SMALL])
        assert output.count("converged") == 1 and "not converged" not in output


def compile_heat(folder, flags):
    program = folder / "heat"
    run(["cc", "-std=c11", ROOT / "examples" / "heat.c", "-o", program, *flags, "-lm"])
    return program


@pytest.mark.skipif(not shutil.which("pkg-config"), reason="needs pkg-config")
def test_pkg_config(prefix, tmp_path):
    (page,) = prefix.glob("**/pkgconfig/petiole.pc")
    env = os.environ | {"PKG_CONFIG_PATH": str(page.parent)}
    flags = run(["pkg-config", "--cflags", "--libs", "petiole"], env=env).split()
    solves(compile_heat(tmp_path, flags))
    version = run(["pkg-config", "--modversion", "petiole"], env=env).split()
    assert version == config("--version")


def test_petiole_config(prefix, tmp_path):
    solves(compile_heat(tmp_path, config("--cflags", "--libs")))


@pytest.mark.skipif(not shutil.which("cmake"), reason="needs CMake")
def test_cmake(prefix, tmp_path):
    source = ROOT / "examples" / "cmake"
    run(["cmake", "-S", source, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}"])
    run(["cmake", "--build", tmp_path])
    solves(tmp_path / "heat")


@pytest.mark.skipif(not shutil.which("cmake"), reason="needs CMake")
@pytest.mark.parametrize(
    "wanted,fits", [("0.1", True), ("0.1.0", True), ("0.2", False), ("0.0", False)]
)
def test_versions_in_cmake(prefix, tmp_path, wanted, fits):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(version C)\n"
        f"find_package(Petiole {wanted} REQUIRED)\n"
    )
    argv = ["cmake", "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}", tmp_path]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=limit(60))
    assert (done.returncode == 0) == fits
    assert fits or "version: 0.1" in done.stderr


def test_the_command_and_its_manual(prefix):
    """The command finds its package by itself."""
    env = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    told = run([prefix / "bin" / "petiole", "config", "--prefix"], env=env).strip()
    assert pathlib.Path(told) == prefix
    assert (prefix / "share" / "man" / "man1" / "petiole.1").exists()
