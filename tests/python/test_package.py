"""The package: names, errors, documentation, imports, and the command line."""

import inspect
import os
import subprocess
import sys

import numpy as np
import pytest

import petiole as pt
from limits import limit
from petiole import _core

BUILTINS = {
    "InvalidArgument": ValueError,
    "DimensionError": ValueError,
    "IndexOutOfRange": IndexError,
    "DtypeError": TypeError,
    "FormatError": ValueError,
    "FileError": OSError,
    "MpiError": RuntimeError,
    "NotSupported": NotImplementedError,
    "Busy": RuntimeError,
    "OutOfMemory": MemoryError,
    "RemoteError": RuntimeError,
}

# A process of its own knows nothing of mpirun.
ALONE = {
    k: v for k, v in os.environ.items() if not k.startswith(("OMPI_", "PMIX_", "PMI_", "HYDRA"))
}


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=ALONE,
        timeout=limit(50),
        **options,
    )


def test_errors_derive_from_ours_and_a_builtin():
    for name, builtin in BUILTINS.items():
        error = getattr(pt, name)
        assert issubclass(error, pt.Error) and issubclass(error, builtin)
    assert pt.Error("text").rank is None
    with pytest.raises(pt.InvalidArgument) as caught:
        pt.Partition.uniform(0, 3)
    assert caught.value.rank is None


def test_everything_is_documented_and_has_a_signature():
    for name in pt.__all__:
        thing = getattr(pt, name)
        if not inspect.isclass(thing) or issubclass(thing, BaseException):
            continue
        assert thing.__doc__ and thing.__module__ == "petiole"
        for attribute in dir(thing):
            member = getattr(thing, attribute)
            if attribute.startswith("_"):
                continue
            assert inspect.getdoc(member), f"{name}.{attribute}"
            if callable(member) and attribute != "apply":
                inspect.signature(member)


def test_the_version_and_the_headers():
    assert pt.__version__ == _core.__version__
    header = os.path.join(pt.get_include(), "petiole", "petiole.h")
    assert os.path.exists(header)
    assert set(pt.mpi_info()) == {
        "library",
        "path",
        "interface",
        "adaptor",
        "adaptors",
        "launcher",
        "initialized",
        "gpu_aware",
    }
    assert pt.mpi_info()["gpu_aware"] is False


def test_instruction_sets():
    assert pt.Executor.Reference().isa == ""
    assert pt.Executor.OpenMP().isa in ("baseline", "avx2", "avx512")
    program = "import petiole; print(petiole.Executor.OpenMP().isa)"
    for name, printed in (("baseline", "baseline"), ("sse9", "")):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                              env=ALONE | {"PETIOLE_ISA": name}, timeout=limit(50))  # fmt: skip
        assert done.stdout.strip() == printed
        assert (done.returncode != 0) == ("PETIOLE_ISA" in done.stderr) == (printed == "")


def test_executors():
    before = pt.Executor.default
    try:
        pt.Executor.default = pt.Executor.Reference()
        assert pt.Vector.zeros(None, 1).exec.name == pt.Executor.default.name == "reference"
        assert pt.Vector.zeros(None, 1, exec=pt.OpenMP(2)).exec.threads == 2
    finally:
        pt.Executor.default = before
    with pytest.raises(pt.NotSupported, match="CUDA"):
        pt.Executor.Cuda()
    with pytest.raises(pt.InvalidArgument):
        pt.OpenMP(-1)
    with pytest.raises(TypeError):
        pt.Executor.default = "openmp"
    with pytest.raises(TypeError):
        pt.Executor()


def test_wrong_arguments_are_plain_type_errors():
    for call in (
        lambda: pt.Partition.uniform(2),
        lambda: pt.Partition.uniform(2, 3, 4),
        lambda: pt.Partition.uniform(2, size=3, num_parts=2),
        lambda: pt.Partition.uniform(2, sise=3),
        lambda: pt.Partition.uniform(2, 3.0),
        lambda: pt.Vector.zeros("world", 3),
        lambda: pt.Vector.zeros(None, 3, exec="openmp"),
        lambda: pt.Matrix.from_coo(None, 3, [], [], []),
        lambda: pt.Vector(),
        lambda: pt.Matrix(),
    ):
        with pytest.raises(TypeError) as caught:
            call()
        assert not isinstance(caught.value, pt.Error)


def test_import_brings_nothing_along():
    """Which is what makes it quick; bench/overhead.py says how quick."""
    heavy = ("scipy", "tqdm", "mpi4py", "matplotlib")
    code = f"import sys, petiole; print('imported', *{{*{heavy}}} & {{*sys.modules}})"
    assert python("-c", code).stdout.split() == ["imported"]


def test_run_is_like_python(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, helper\nprint(sys.argv[1:], __name__, helper.here)\nsys.exit(4)\n"
    )
    (tmp_path / "helper.py").write_text("here = 1\n")
    done = python("-m", "petiole", "run", str(program), "a", "--b")
    assert done.stdout.split("\n")[0] == "['a', '--b'] __main__ 1"
    assert done.returncode == 4


def test_run_prints_the_traceback(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("def f():\n    raise KeyError('lost')\nf()\n")
    done = python("-m", "petiole", "run", str(program))
    assert done.returncode == 1
    assert "KeyError: 'lost'" in done.stderr and "program.py" in done.stderr


def test_the_self_communicator():
    c = pt.Communicator(None)
    assert (c.rank, c.size, c.node_rank, c.node_size, c.handle) == (0, 1, 0, 1, 0)
    assert c.allreduce(3) == 3 and c.allreduce([1.5, 2.5], "max").tolist() == [1.5, 2.5]
    c.barrier()
    assert pt.Communicator(c).size == 1
    with pytest.raises(pt.DtypeError):
        c.allreduce(np.zeros(2, np.float16))
