#!/usr/bin/env python3
"""The steps of script/test: what runs, with what, for how long; and the counts at the end.

    run_tests.py [--full] [WORD...]      only the steps whose name contains a WORD

A step is a list of commands. Steps that keep one core busy run two at a time; those under mpirun
run alone. The output goes to out/test/STEP.log; of a step that fails, the end of it is shown.
Time limits are for what hangs: on a busy machine they are longer (tests/limits.py).
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from limits import limit  # noqa: E402

LOGS = ROOT / "out" / "test"
PYTHON = ".venv/bin/python"
BARE = ".venv-bare/bin/python"
SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


class Seconds(int):
    """A time limit among the words of a command."""


@dataclasses.dataclass
class Command:
    argv: list
    count: object  # (exit status, output) -> (passed, failed)
    timeout: int = 120
    env: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Step:
    name: str
    commands: list
    alone: bool = False

    @property
    def log(self):
        return LOGS / (re.sub(r"\W+", "-", self.name.lower()) + ".log")


# ---- counting ------------------------------------------------------------------------------------


def at_least_one(passed, failed, status):
    """A command that ended badly has failed, whatever it said before."""
    if status != 0 or passed + failed == 0:
        failed = max(failed, 1)
    return passed, failed


def count_exit(status, output):
    return (1, 0) if status == 0 else (0, 1)


def count_build(status, output):
    return (0, 0) if status == 0 else (0, 1)


def count_cmocka(status, output):
    def total(word):
        return sum(map(int, re.findall(rf"^\[  {word}  \][^\n]*?(\d+) test\(s\)", output, re.M)))

    return at_least_one(total("PASSED"), total("FAILED"), status)


def count_pytest(status, output):
    summaries = re.findall(r"^.*\b\d+ (?:passed|failed|error|skipped).* in [\d.]+s", output, re.M)
    last = summaries[-1] if summaries else ""
    counts = {"passed": 0, "failed": 0, "error": 0}
    for number, word in re.findall(r"(\d+) (passed|failed|error)", last):
        counts[word] += int(number)
    return at_least_one(counts["passed"], counts["failed"] + counts["error"], status)


def count_line(status, output):
    """Programs that end with `N passed, N failed` on rank 0; one that says nothing counts once."""
    found = re.findall(r"^(\d+) passed, (\d+) failed\s*$", output, re.M)
    if not found:
        return count_exit(status, output)
    return at_least_one(sum(int(p) for p, _ in found), sum(int(f) for _, f in found), status)


# ---- commands ------------------------------------------------------------------------------------


def mpirun(mpi, ranks, timeout, argv):
    """The argv of a program under mpirun; ranks but the first write to files of their own."""
    mpirun.runs += 1
    others = LOGS / f"rank-{mpirun.runs}"
    return ["script/mpirun", mpi, str(ranks), Seconds(timeout), "script/by-rank", others, *argv]


mpirun.runs = 0


def pytest(python, *folders, mpi=None, ranks=1, env=None):
    """The limit is for what hangs between tests: each test has one of its own (tests/conftest.py)."""
    timeout = 1800
    options = "-q --color=no --tb=short -rfE -p no:cacheprovider"
    argv = [python, "-m", "pytest", *options.split(), *folders]
    if mpi:
        argv = mpirun(mpi, ranks, timeout, argv)
    return Command(argv, count_pytest, timeout, env or {})


def programs(build, folder):
    """The compiled C tests of a build folder (known from their sources)."""
    sources = sorted((ROOT / "tests" / folder).glob("test_*.c"))
    return [f"{build}/tests/{folder}/{source.stem}" for source in sources]


def bash(script, count, timeout, env=None):
    return Command(["bash", "-c", f". script/lib.sh; set -e; {script}"], count, timeout, env or {})


def plugins(build):
    return {"PETIOLE_PLUGIN_PATH": str(ROOT / build / "src" / "comm")}


SANITIZED = plugins("build-asan") | {
    "ASAN_OPTIONS": "detect_leaks=1:fast_unwind_on_malloc=0:verify_asan_link_order=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0",
    "OMP_NUM_THREADS": "2",
}


def unit(build, env):
    return [Command([name], count_cmocka, 120, env) for name in programs(build, "unit")]


def mpi_programs(build, mpi, ranks, env):
    return [
        Command(mpirun(mpi, n, 180, [name]), count_line, 180, env)
        for name in programs(build, "mpi")
        for n in ranks
    ]


# ---- the steps -----------------------------------------------------------------------------------


def installed_mpis():
    argv = ["bash", "-c", ". script/lib.sh; mpis"]
    return subprocess.check_output(argv, cwd=ROOT, text=True).split()


def builds(full):
    tests = "auto" if full else "disabled"
    yield Step("build without MPI", [bash(f"""
        configure build-nompi out/nompi -Dmpi=disabled -Doptimization=1 -Disa=baseline -Dwerror=true \\
            -Dtests={tests}
        compile build-nompi
        install_build build-nompi""", count_build, 600)], alone=True)  # fmt: skip
    yield Step("build with sanitizers", [bash("""
        configure build-asan out/asan -Dpython=disabled -Dbuildtype=debug -Doptimization=1 \\
            -Disa=baseline -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-g1
        compile build-asan""", count_build, 600)], alone=True)  # fmt: skip
    yield Step("build guarded", [bash("""
        configure build-guarded out/guarded -Dguarded=true -Disa=baseline -Doptimization=1
        compile build-guarded
        install_build build-guarded""", count_build, 600)], alone=True)  # fmt: skip


def one_process(full):
    nompi = {"PYTHONPATH": str(ROOT / "out" / "nompi" / SITE)}
    stubtest = [PYTHON, "-m", "mypy.stubtest", "petiole._core"]
    yield Step("C unit tests", unit("build", plugins("build")))
    if full:
        yield Step("C unit tests without MPI", unit("build-nompi", {}))
    yield Step("C unit tests with sanitizers", unit("build-asan", SANITIZED))
    yield Step("stubs", [Command(stubtest, count_exit)])
    yield Step("Python", [pytest(PYTHON, "tests/python")])
    yield Step("Python without mpi4py", [pytest(BARE, "tests/python")])
    yield Step("Python without MPI", [pytest(BARE, "tests/python", env=nompi)])
    compat = {"PYTHONPATH": os.pathsep.join([nompi["PYTHONPATH"], str(ROOT / "compat/pyGinkgo")])}
    yield Step("pyGinkgo", [pytest(PYTHON, "tests/compat")])
    yield Step("pyGinkgo without MPI", [pytest(BARE, "tests/compat", env=compat)])


# On the guarded build (src/core/guarded.h) executors' memory is closed to the library outside of
# kernels. Python's own library comes first, so that its hooks are those of every function.
GUARDED = plugins("build-guarded") | {
    "PYTHONPATH": str(ROOT / "out" / "guarded" / SITE),
    "LD_PRELOAD": str(ROOT / "out" / "guarded" / "lib" / "libpetiole.so"),
}


def guarded(full):
    """Everything that has arrays: a sample on one number of ranks, in two dtypes."""
    yield Step("guarded, C", unit("build-guarded", plugins("build-guarded")))
    ranks = [1, 2, 3] if full else [2]
    some = [f"tests/conformance/test_{name}.py" for name in (
        "algebra", "eigen", "factorizations", "files", "matrices", "operators", "preconditioners",
        "solvers", "vectors")] + ["-k", "not (float64 or complex64)"]  # fmt: skip
    tests = ["tests/conformance", "tests/python"] if full else some
    if "openmpi" in installed_mpis():
        run = mpi_programs("build-guarded", "openmpi", ranks, plugins("build-guarded"))
        yield Step("guarded, C, openmpi", run, alone=True)
        for n in ranks:
            run = [pytest(PYTHON, *tests, mpi="openmpi", ranks=n, env=GUARDED)]
            yield Step(f"guarded, Python, {n} ranks", run, alone=True)


def documentation():
    """Builds it, and runs what it shows on one process."""
    build = Command(["script/docs"], count_exit, 300)
    yield Step("documentation", [build, pytest(PYTHON, "tests/docs")], alone=True)


CODE_BLOCKS = "tests/docs/test_code_blocks.py"
# The sample: the Python suites on 1 and 3 ranks under Open MPI, on 2 under the others; and there, of the
# conformance suite, what touches the MPI in every way.
SAMPLE = {"openmpi": [1, 3]}
EVERY_CLASS = [f"tests/conformance/test_{name}.py" for name in (
    "communicators", "files", "matrices", "operators", "partitions", "solver_errors", "vectors")]  # fmt: skip


def under(mpi, full):
    """The steps under one MPI; a sample of the numbers of ranks unless `full`."""

    def pytests(python, tests, ranks):
        tests = [tests] if isinstance(tests, str) else tests
        return [pytest(python, *tests, mpi=mpi, ranks=n) for n in ranks]

    every, whole = [1, 2, 3, 4], full or mpi == "openmpi"
    some = every if full else SAMPLE.get(mpi, [2])
    sanitized = every if full else [2] if whole else []
    classes = "tests/conformance" if whole else EVERY_CLASS
    steps = {
        "C": mpi_programs("build", mpi, every if whole else [2], plugins("build")),
        "C with sanitizers": mpi_programs("build-asan", mpi, sanitized, SANITIZED),
        "conformance": pytests(PYTHON, classes, some),
        "pyGinkgo": pytests(PYTHON, "tests/compat", every[1:] if full else some[1:2] or some),
        "Python": pytests(PYTHON, "tests/python", every if full else some[1:2] or [2]),
        "Python without mpi4py": pytests(BARE, "tests/python", every if full else [2]),
        "documentation": pytests(PYTHON, CODE_BLOCKS, [2, 3] if full else some[1:2] or [2]),
    }
    if mpi == "mpi-abi":  # mpi4py's wheels cannot use it
        steps = {name: steps[name] for name in ("C", "Python without mpi4py")}
    for name, commands in steps.items():
        if commands:
            yield Step(f"{name}, {mpi}", commands, alone=True)


def other_instruction_sets():
    """Those that this processor and build have, but for the one that is chosen by itself."""
    ask = [PYTHON, "-c", "import petiole; print(petiole.Executor.OpenMP().isa)"]

    def chosen(**env):
        done = subprocess.run(ask, cwd=ROOT, env=os.environ | env, capture_output=True, text=True)
        return done.stdout.strip()

    names = [chosen(PETIOLE_ISA=name) for name in ("baseline", "avx2", "avx512")]
    return [name for name in names if name not in ("", chosen())]


def conformance_by_instruction_set(mpi, full):
    """The suite has run on the widest one; here on the others, on one number of ranks."""
    tests = ["tests/conformance"] if full else ["tests/conformance/test_operators.py"]
    for isa in other_instruction_sets()[: None if full else 1]:
        env = {"PETIOLE_ISA": isa}
        run = pytest(PYTHON, *tests, mpi=mpi, ranks=3, env=env)
        yield Step(f"conformance, {isa}, {mpi}", [run], alone=True)


def make_steps(full):
    yield from builds(full)
    yield from one_process(full)
    yield from guarded(full)
    yield from documentation()
    for mpi in installed_mpis():
        yield from under(mpi, full)
    if "openmpi" in installed_mpis():
        yield from conformance_by_instruction_set("openmpi", full)
    installed = "tests/install" if full else "tests/install/test_system.py"
    yield Step("installation", [pytest(PYTHON, installed)], alone=True)
    yield Step("faults", [pytest(PYTHON, "tests/faults")], alone=True)


# ---- running -------------------------------------------------------------------------------------


def run_command(command, env, log):
    """(exit status, output); the whole process group is ended at the time limit."""
    seconds = limit(command.timeout)
    argv = [f"{limit(word):.0f}" if isinstance(word, Seconds) else word for word in command.argv]
    log.write("$ " + " ".join(map(str, argv)) + "\n")
    log.flush()
    start = log.tell()
    process = subprocess.Popen(
        argv, cwd=ROOT, env=env | command.env, stdin=subprocess.DEVNULL,
        stdout=log, stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
    try:
        status = process.wait(seconds + 20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        status = 124
    if status == 124:
        log.write(f"\nended after {seconds:.0f} s\n")
    log.flush()
    with open(log.name, errors="replace") as written:
        written.seek(start)
        return status, written.read()


def run_step(step, env):
    """(passed, failed, text to show)"""
    start = time.monotonic()
    passed = failed = 0
    shown = []
    with open(step.log, "w", errors="replace") as log:
        for command in step.commands:
            log.seek(0, os.SEEK_END)
            try:
                status, output = run_command(command, env, log)
            except OSError as error:
                status, output = 127, str(error)
            p, f = command.count(status, output)
            passed, failed = passed + p, failed + f
            if f:
                shown.append(excerpt(command, status, output))
    seconds = time.monotonic() - start
    mark = "ok  " if failed == 0 else "FAIL"
    line = f"{mark} {step.name:40} {passed:6} passed {failed:4} failed {seconds:7.1f} s"
    return passed, failed, "\n".join([line, *shown])


def excerpt(command, status, output):
    """The end of what a failed command wrote, and of what its other ranks wrote."""
    parts = [f"  $ {' '.join(map(str, command.argv))}   (exit status {status})"]
    parts += [f"  | {line}" for line in output.splitlines()[-40:]]
    for word in map(str, command.argv):
        if word.startswith(str(LOGS / "rank-")):
            for path in sorted(LOGS.glob(pathlib.Path(word).name + ".*")):
                lines = path.read_text(errors="replace").splitlines()[-15:]
                parts += [f"  {path.relative_to(ROOT)}:"] + [f"  | {line}" for line in lines]
    return "\n".join(parts)


def run_all(steps, env):
    """Sums over the steps, which are started in order; `alone` waits for the others to end."""
    lock = threading.Lock()

    def run_and_print(step):
        passed, failed, text = run_step(step, env)
        with lock:
            print(text, flush=True)
        return passed, failed

    totals = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        together = []
        for step in steps:
            if step.alone:
                totals += [job.result() for job in together]
                together = []
                totals.append(run_and_print(step))
            else:
                together.append(pool.submit(run_and_print, step))
        totals += [job.result() for job in together]
    return sum(p for p, _ in totals), sum(f for _, f in totals)


def main():
    parser = argparse.ArgumentParser(prog="script/test", description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="everything, not a sample of it")
    parser.add_argument("words", nargs="*", help="only the steps whose name contains one of these")
    options = parser.parse_args()

    LOGS.mkdir(parents=True, exist_ok=True)
    for old in LOGS.glob("rank-*"):
        old.unlink()
    env = dict(os.environ, OMP_NUM_THREADS=os.environ.get("OMP_NUM_THREADS", "1"))
    if options.full:
        env["PETIOLE_TEST_FULL"] = "1"

    steps = list(make_steps(options.full))
    if options.words:
        steps = [step for step in steps if any(word in step.name for word in options.words)]
    passed, failed = run_all(steps, env)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
