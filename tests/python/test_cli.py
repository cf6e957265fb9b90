"""The command line on one process: what it prints, and how it ends."""

import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

import petiole as pt
from limits import limit
from petiole._core import kinds
from petiole.cli import COMMANDS, main, make_parser, probes
from petiole.cli.job import launched, under_launcher

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "petiole.1").read_text()

# Under mpirun all ranks would start the same commands over the same files: once is enough.
pytestmark = pytest.mark.skipif(under_launcher(), reason="starts processes of its own")

N = 30


def petiole(*arguments, **variables):
    """The finished process of `petiole ARGUMENTS`."""
    return subprocess.run([sys.executable, "-m", "petiole", *map(str, arguments)], timeout=limit(50),
                          env=os.environ | variables, capture_output=True, text=True)  # fmt: skip


@pytest.fixture
def matrix(tmp_path):
    """A file with a symmetric tridiagonal matrix, its lower triangle stored."""
    path = tmp_path / "A.mtx"
    lines = ["%%MatrixMarket matrix coordinate real symmetric", f"{N} {N} {2 * N - 1}"]
    lines += [f"{i} {i} {2.5 + i / N}" for i in range(1, N + 1)]
    lines += [f"{i + 1} {i} -1" for i in range(1, N)]
    path.write_text("\n".join(lines) + "\n")
    return path


def dense():
    return np.diag(2.5 + np.arange(1, N + 1) / N) - np.eye(N, k=1) - np.eye(N, k=-1)


def fails(done, *texts):
    """The command ended with status 2 and a message without a traceback."""
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr and done.stdout == ""
    for text in texts:
        assert text in done.stderr


# ---- solve ---------------------------------------------------------------------------------------


def test_solve(matrix):
    done = petiole("solve", matrix)
    assert done.returncode == 0, done
    assert "all ones (no -b is given)" in done.stdout
    assert f"{N} x {N}, {3 * N - 2} entries, float64" in done.stdout
    assert "solving by cg with jacobi" in done.stdout and "converged (rtol)" in done.stdout


def write_rhs(path, b):
    lines = ["%%MatrixMarket matrix array real general", f"{len(b)} 1", *map(repr, b.tolist())]
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("ending", ["mtx", "ptl"])
def test_files_in_and_out(matrix, tmp_path, ending):
    b = np.cos(np.arange(N))
    write_rhs(tmp_path / "b.mtx", b)
    out = tmp_path / f"x.{ending}"
    done = petiole("solve", matrix, "-b", tmp_path / "b.mtx", "-o", out, "--rtol=1e-12")
    assert done.returncode == 0, done
    assert f"b: {tmp_path}/b.mtx" in done.stdout and f"written: {out}" in done.stdout
    x = pt.Vector.read(out)
    assert x.shape == (N,)
    np.testing.assert_allclose(x.local, np.linalg.solve(dense(), b), rtol=1e-9)


def test_a_right_hand_side_of_another_length(matrix, tmp_path):
    write_rhs(tmp_path / "b.mtx", np.ones(N - 1))
    done = petiole("solve", matrix, "-b", tmp_path / "b.mtx", "--json")
    fails(done, "b.mtx", str(N), str(N - 1))


def test_a_binary_matrix(matrix, tmp_path):
    pt.Matrix.read(matrix).write(tmp_path / "A.ptl")
    told = lines_of(petiole("info", tmp_path / "A.ptl"))
    assert told["file"].endswith("A.ptl (binary)") and told["shape"] == f"{N} x {N}"
    assert petiole("solve", tmp_path / "A.ptl").returncode == 0


def test_solve_by_a_configuration(matrix, tmp_path):
    path = tmp_path / "solver.json"
    config = {"type": "solver::Cg", "criteria": {"iteration": 3}}
    path.write_text(json.dumps(config))
    done = petiole("solve", matrix, "--config", path, "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["solver"] == "cg" and told["config"] == config and told["iterations"] == 3
    assert "solving by cg" in petiole("solve", matrix, "--config", path).stdout
    fails(petiole("solve", matrix, "--config", path, "--rtol", "1e-3"), "leave out --rtol")
    fails(petiole("solve", matrix, "--config", tmp_path / "none.json"), "none.json", "No such file")
    for text, message in (
        ('{"type": "cg", "restart": 3}', "restart: unknown key"),
        ('{"type": "cg"', "line 1, column"),
        ('{"type": "jacobi"}', "expected a solver"),
    ):
        path.write_text(text)
        fails(petiole("solve", matrix, "--config", path), message)


def test_solve_as_json(matrix):
    done = petiole("solve", matrix, "--json", "--rtol", "1e-10", "--precond", "none")
    assert done.returncode == 0 and done.stderr == ""
    told = json.loads(done.stdout)
    assert told["converged"] is True and told["reason"] == "rtol"
    assert told["solver"] == "cg" and told["precond"] == "none" and told["rhs"] == "ones"
    assert told["matrix"] == {
        "file": str(matrix), "shape": [N, N], "entries": 3 * N - 2, "dtype": "float64"}  # fmt: skip
    assert len(told["history"]) == told["iterations"] + 1
    assert told["history"][0] == pytest.approx(np.sqrt(N))
    assert told["true_residual_norm"] <= 2e-10 * told["rhs_norm"]


@pytest.mark.parametrize("name", [name for family, name, _ in kinds() if family == "solver"])
def test_any_solver(tmp_path, capfd, name):
    """In this process; with jacobi where the method takes a preconditioner."""
    entries = "".join(f"{i} {i} {i}\n" for i in range(1, 5))
    (tmp_path / "D.mtx").write_text(
        f"%%MatrixMarket matrix coordinate real general\n4 4 4\n{entries}"
    )
    arguments = ["solve", str(tmp_path / "D.mtx"), "--json", "--solver", name]
    assert main(arguments) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["converged"] and told["solver"] == name
    exact = name in ("direct", "lower_trs", "upper_trs")
    assert told["precond"] == ("none" if exact else "jacobi")


def test_json_knows_no_infinities(tmp_path):
    (tmp_path / "A.mtx").write_text(
        "%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 inf\n"
    )
    done = petiole("solve", tmp_path / "A.mtx", "--json", "--precond", "none")
    assert done.returncode == 1
    told = json.loads(done.stdout, parse_constant=pytest.fail)
    assert told["converged"] is False and told["reason"] == "non_finite"


def test_not_converged_is_one(matrix):
    done = petiole("solve", matrix, "--maxiter", "2", "--rtol", "1e-12")
    assert done.returncode == 1
    assert "not converged (maxiter) after 2 iterations" in done.stdout


def test_dtype(matrix):
    done = petiole("solve", matrix, "--dtype", "complex64", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["matrix"]["dtype"] == "complex64"


def test_plot(matrix, tmp_path):
    pytest.importorskip("matplotlib")
    done = petiole("solve", matrix, "--plot", tmp_path / "residual.png")
    assert done.returncode == 0, done
    assert (tmp_path / "residual.png").read_bytes()[1:4] == b"PNG"
    assert f"written: {tmp_path}/residual.png" in done.stdout
    fails(petiole("solve", matrix, "--json", "--plot", tmp_path / "residual.xyz"), "xyz")


def test_what_cannot_be_written_is_said_before_the_work(matrix, tmp_path):
    plots = importlib.util.find_spec("matplotlib") is not None
    for option in ["--out"] + ["--plot"] * plots:
        for path in tmp_path / "none" / "x.mtx", tmp_path, tmp_path / "x.none":
            done = petiole("solve", matrix, option, path)
            fails(done, str(path))
            assert done.stdout == ""


def test_pipes_are_refused_and_not_waited_for(matrix, tmp_path):
    pipe = tmp_path / "pipe.mtx"
    os.mkfifo(pipe)
    for arguments in (["info", pipe], ["solve", pipe], ["solve", matrix, "-b", pipe],
                      ["solve", matrix, "--config", pipe], ["solve", matrix, "--out", pipe]):  # fmt: skip
        done = petiole(*arguments)
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert "pipe.mtx: not a regular file" in done.stderr
    assert "no such library can be loaded" in petiole("doctor", PETIOLE_MPI=str(pipe)).stdout
    fails(petiole("info", matrix, PETIOLE_MPI=str(pipe)), "pipe.mtx, which is not a regular file")


def test_what_is_written_over_stays_what_it_was(matrix, tmp_path):
    outputs = {"--out": "x.mtx"}
    if importlib.util.find_spec("matplotlib"):
        outputs["--plot"] = "x.png"
    for option, name in outputs.items():
        target, link = tmp_path / f"real-{name}", tmp_path / name
        target.write_bytes(b"old")
        target.chmod(0o640)
        link.symlink_to(target.name)
        assert petiole("solve", matrix, option, link).returncode == 0
        assert link.is_symlink() and target.stat().st_mode & 0o7777 == 0o640
        assert target.stat().st_size > 100


def test_wrong_files(tmp_path):
    fails(petiole("solve", tmp_path / "none.mtx"), "none.mtx", "No such file")
    bad = tmp_path / "bad.mtx"
    bad.write_text("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 x 3\n")
    for command in "solve", "info":
        fails(petiole(command, bad), "bad.mtx:3")
    wide = tmp_path / "wide.mtx"
    wide.write_text("%%MatrixMarket matrix coordinate real general\n2 3 1\n1 3 1\n")
    fails(petiole("solve", wide), "2 x 3 is not square")


@pytest.mark.parametrize("arguments", [
    [], ["solve"], ["solv", "A"], ["solve", "A", "--solver", "nothing"], ["solve", "A", "--rtol", "x"],
    ["info"], ["config", "--none"], ["doctor", "--none"], ["run"]])  # fmt: skip
def test_wrong_usage(arguments):
    fails(petiole(*arguments), "usage: petiole")


@pytest.mark.parametrize("argument", ["--rtol=-1", "--atol=nan", "--maxiter=-2", "--maxiter=1.5"])
def test_wrong_numbers(matrix, argument):
    option, number = argument.split("=")
    fails(petiole("solve", matrix, argument), f"argument {option}:", number)


def test_a_reader_that_leaves(matrix):
    """As in `petiole info A.mtx | head -1`."""
    command = [sys.executable, "-m", "petiole", "info", matrix]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_without_a_standard_output(matrix):
    """As in `petiole info A.mtx >&-`."""
    for command in ["info", matrix], ["doctor"]:
        shell = f"{sys.executable} -m petiole {' '.join(map(str, command))} >&-"
        done = subprocess.run(["sh", "-c", shell], timeout=limit(50), stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (petiole(*command).returncode, b"")


# ---- info ----------------------------------------------------------------------------------------


def lines_of(done):
    assert done.returncode == 0, done
    return dict(re.findall(r"^(\w+) +(.*)$", done.stdout, re.M))


def test_info(matrix):
    told = lines_of(petiole("info", matrix))
    A = dense()
    assert told["file"] == f"{matrix} (MatrixMarket coordinate real symmetric)"
    assert told["entries"] == f"{3 * N - 2}, 2 to 3 in a row, 2.9 on average"
    assert told["symmetry"] == "symmetric"
    assert told["diagonal"] == f"whole; dominant in {N} of {N} rows, strictly in {N}"
    assert told["bandwidth"] == "1 below the diagonal, 1 above"
    norms = [np.linalg.norm(A, 1), np.linalg.norm(A, np.inf), np.linalg.norm(A), abs(A).max()]
    found = [float(number) for number in re.findall(r": ([\d.]+)", told["norms"])]
    np.testing.assert_allclose(found, norms, rtol=1e-5)


SMALL = {
    "skew-symmetric": ("real general", "2 2 2", "1 2 3", "2 1 -3"),
    "Hermitian": ("complex general", "2 2 2", "1 2 3 1", "2 1 3 -1"),
    "symmetric": ("complex general", "2 2 2", "1 2 3 1", "2 1 3 1"),
    "the pattern is not symmetric": ("integer general", "3 3 2", "1 3 4", "2 1 1"),
    "symmetric pattern, values that are not": ("real general", "2 2 2", "1 2 3", "2 1 4"),
    "symmetric but for 1.0e-09 of the largest entry":
        ("real general", "2 2 2", "1 2 3", "2 1 3.000000003"),
}  # fmt: skip


@pytest.mark.parametrize("symmetry", SMALL)
def test_symmetry(symmetry, tmp_path):
    kind, *lines = SMALL[symmetry]
    path = tmp_path / "A.mtx"
    path.write_text("\n".join([f"%%MatrixMarket matrix coordinate {kind}", *lines]) + "\n")
    told = lines_of(petiole("info", path))
    assert told["symmetry"] == symmetry
    assert "are zero; dominant in" in told["diagonal"]


def test_info_of_infinities(tmp_path):
    path = tmp_path / "inf.mtx"
    path.write_text("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 inf\n2 2 nan\n")
    done = petiole("info", path)
    assert lines_of(done)["symmetry"] == "symmetric pattern, values that are not"
    assert done.stderr == ""


@pytest.mark.parametrize("size", ["0 0 0", "3 3 0", "2 5 1\n2 5 7"])
def test_info_of_little(size, tmp_path):
    path = tmp_path / "A.mtx"
    path.write_text(f"%%MatrixMarket matrix coordinate real general\n{size}\n")
    rows, cols, nnz = size.split()[:3]
    told = lines_of(petiole("info", path))
    assert told["shape"] == f"{rows} x {cols}" and told["entries"].startswith(nnz)
    assert ("symmetry" in told) == (rows == cols)


# ---- doctor --------------------------------------------------------------------------------------


def test_doctor():
    done = petiole("doctor", OMP_NUM_THREADS="2")
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stdout.count("cannot be told") == 0
    told = dict(re.findall(r"^(\w+(?: \w+)*)  +(.*)$", done.stdout, re.M))
    assert told["petiole"].startswith(pt.__version__ + " in ")
    assert told["numpy"] == np.__version__
    assert "2 threads" in told["default executor"]
    assert told["launcher"] == "none: one process"
    assert (told["adaptors"] == "none") == (pt.mpi_info()["adaptors"] == "")
    verdict = done.stdout.splitlines()[-1]
    assert (done.returncode == 0) == (verdict == "verdict: all is well")


def doctor(capsys):
    """Exit status and output of `petiole doctor` in this process."""
    options = make_parser().parse_args(["doctor"])
    return options.run(options), capsys.readouterr().out


def test_doctor_goes_on_where_a_probe_fails(monkeypatch, capsys):
    monkeypatch.setattr(probes, "memory", lambda: 1 / 0)
    _, told = doctor(capsys)
    assert "memory             cannot be told (ZeroDivisionError" in told
    assert "default executor" in told and "verdict:" in told


def test_doctor_names_an_mpi_without_an_adaptor(monkeypatch, capsys):
    other = {"path": "/lib/libother.so", "library": "Other MPI 1.0", "interface": "other"}
    monkeypatch.setattr(probes, "mpi_without_mpi4py", lambda launcher: other)
    status, told = doctor(capsys)
    assert status == 1
    assert "Petiole loads Other MPI 1.0 (/lib/libother.so)" in told
    assert "no adaptor for other" in told and "do not fit" in told.splitlines()[-1]


def test_doctor_misses_the_mpi_that_is_asked_for():
    done = petiole("doctor", PETIOLE_MPI="/none/libmpi.so")
    assert done.returncode == 1 and "PETIOLE_MPI is /none/libmpi.so" in done.stdout


# ---- config --------------------------------------------------------------------------------------


def test_config():
    told = dict(line.split(": ") for line in petiole("config").stdout.splitlines())
    assert told["version"] == pt.__version__ and told["cflags"] == "-I" + pt.get_include()
    for name, text in told.items():
        assert petiole("config", f"--{name}").stdout == text + "\n"
    assert petiole("config", "--libs", "--version").stdout.splitlines() == [
        told["libs"], told["version"]]  # fmt: skip
    if pt.mpi_info()["adaptors"]:
        name = pt.mpi_info()["adaptors"].split(",")[0]
        assert (pathlib.Path(told["plugins"]) / f"petiole_mpi_{name}.so").exists()


PROGRAM = """
#include <petiole/petiole.h>
#include <stdio.h>
int main(void)
{
    ptl_comm *comm;
    if (ptl_comm_self(&comm) != PTL_OK)
        return 1;
    printf("%s, %d process\\n", ptl_version(), ptl_comm_size(comm));
    ptl_comm_release(&comm);
    return 0;
}
"""


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_c_program_with_the_flags_of_config(tmp_path):
    (tmp_path / "program.c").write_text(PROGRAM)
    flags = petiole("config", "--cflags", "--libs").stdout.split()
    program = tmp_path / "program"
    subprocess.run(["cc", tmp_path / "program.c", "-o", program, *flags], check=True)
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    assert done.stdout == f"{pt.__version__}, 1 process\n"


# ---- help and the manual -------------------------------------------------------------------------


def parsers():
    top = make_parser()
    commands = next(a for a in top._actions if a.dest == "command")
    return top, commands.choices


def test_every_option_is_in_the_manual():
    top, commands = parsers()
    assert list(commands) == list(COMMANDS)
    for name, parser in commands.items():
        assert f".Ss {name}\n" in PAGE
        section = PAGE.split(f".Ss {name}\n")[1].split(".Ss ")[0].split(".Sh ")[0]
        for action in parser._actions:
            for option in action.option_strings:
                if action.dest != "help":
                    assert re.search(rf"{mdoc(option)}(?![-\w])", section), (name, option)
                assert action.help and option in parser.format_help()


def mdoc(option):
    """An option as the page's source has it, in its own macro or after another form of it."""
    return rf"(Fl |, ){re.escape(option[1:])}" if option.startswith("--") else rf"Fl {option[1:]}"


@pytest.mark.skipif(not shutil.which("man"), reason="needs man")
def test_the_manual_has_no_faults():
    done = subprocess.run(["man", "--warnings", "-l", ROOT / "docs" / "petiole.1"],
                          env=os.environ | {"MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0 and done.stderr == ""
    assert "petiole solve [options] A" in done.stdout
    if shutil.which("mandoc"):
        subprocess.run(["mandoc", "-Tlint", "-Wwarning", ROOT / "docs" / "petiole.1"], check=True)


def test_start_up_brings_nothing_along():
    code = "import sys; from petiole.cli import make_parser; make_parser(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"scipy", "matplotlib", "mpi4py", "tqdm"} & set(done.stdout.split())


# ---- mistakes of the user's: a sentence and status 2 ------------------------------------------------


def test_a_program_that_cannot_be_run(tmp_path):
    fails(petiole("run", "/nope.py"), "/nope.py", "No such file")
    fails(petiole("run", ""), "No such file")
    fails(petiole("run", tmp_path), str(tmp_path), "__main__.py")


def test_a_program_that_is_none(tmp_path):
    """As Python says it, of the program alone."""
    program = tmp_path / "program.py"
    for text, last in ((b"f(", "SyntaxError"), (b"\0", "null bytes"), (b"\xff", "utf-8")):
        program.write_bytes(text)
        done = petiole("run", program)
        assert done.returncode == 1 and last in done.stderr.splitlines()[-1]
        assert "petiole/" not in done.stderr and "runpy" not in done.stderr


def test_a_launcher_that_tells_no_number(matrix):
    told = {"PMI_SIZE": "abc", "PMI_RANK": "\u00b2"}
    done = petiole("doctor", **told)
    assert done.returncode == 1 and done.stderr == "", done
    for name, value in told.items():
        assert f"problem: {name} is {value!r}, which is no number" in done.stdout
    assert petiole("info", matrix, **told).returncode == 0


@pytest.mark.parametrize("value", ["abc", "", "-3", "1.5", "\u00b2", "\u0663", "9" * 5000])
def test_what_is_no_number_of_a_launcher(monkeypatch, value):
    monkeypatch.setenv("PMI_RANK", value)
    assert launched(["PMI_RANK"]) is None
    monkeypatch.setenv("PMI_SIZE", "3")
    assert launched(["PMI_RANK", "PMI_SIZE"]) == 3


def test_names_of_any_bytes(matrix, tmp_path):
    odd = os.fsencode(tmp_path) + b"/\xff.mtx"
    shutil.copy(matrix, odd)
    for arguments in (["info"], ["solve"], ["solve", "--json"]):
        done = petiole(*arguments, os.fsdecode(odd), PYTHONIOENCODING="ascii")
        assert done.returncode == 0 and done.stderr.count("\n") <= 1, done
    fails(petiole("info", os.fsdecode(odd) + "x"), "No such file", "udcff")


def test_names_that_are_empty(matrix):
    for name in ("--out", "--plot"):
        fails(petiole("solve", matrix, name, ""), f"{name}: the name is empty")


def test_a_configuration_that_is_no_text(matrix, tmp_path):
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe")
    fails(petiole("solve", matrix, "--config", tmp_path / "bad.json"), "bad.json", "utf-8")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")
def test_nowhere_to_print_to(matrix, tmp_path):
    out = tmp_path / "x.ptl"
    for arguments in (["solve", str(matrix), "-o", str(out)], ["--help"], ["--version"], ["config"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([sys.executable, "-m", "petiole", *arguments], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=50)  # fmt: skip
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert "No space left" in done.stderr
    assert out.exists()  # what can be done is done
    with open("/dev/full", "w") as full:
        for arguments, status in ((["info", str(matrix)], 0), (["info", "nope"], 2)):
            done = subprocess.run([sys.executable, "-m", "petiole", *arguments], stderr=full,
                                  stdout=subprocess.PIPE, timeout=50)  # fmt: skip
            assert done.returncode == status
