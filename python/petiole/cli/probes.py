"""What `petiole doctor` asks of the machine. Each probe stands by itself and returns text or facts.

MPI libraries are looked at in processes of their own: loading one here would decide for this process.
"""

import glob
import json
import os
import platform
import subprocess
import sys

import petiole as pt
from petiole import _install

# Loads an MPI, without starting it, as the first argument says, and tells which one it is.
LOOK = """
import json, os, sys
if sys.argv[1] == "mpi4py":
    import mpi4py
    mpi4py.rc.initialize = mpi4py.rc.finalize = False
    from mpi4py import MPI
else:
    import ctypes
    for name in sys.argv[1:]:
        if os.path.exists(name) and not os.path.isfile(name):
            continue  # a pipe would be waited for
        try:
            ctypes.CDLL(name, ctypes.RTLD_GLOBAL)
            break
        except OSError:
            pass
import petiole
print(json.dumps(petiole.mpi_info()))
"""

# As the library has them (src/comm/loader.c), in the order in which it tries them.
LIBRARIES = {
    "openmpi": ["libmpi.so.40"],
    "mpich": ["libmpi.so.12", "libmpich.so.12"],
    "mpi-abi": ["libmpi_abi.so.1"],
}


def look(*arguments):
    """mpi_info() of a process with that MPI; RuntimeError where it fails."""
    env = dict(os.environ)
    package = os.path.dirname(os.path.dirname(os.path.abspath(pt.__file__)))
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [package, env.get("PYTHONPATH")]))
    done = subprocess.run([sys.executable, "-c", LOOK, *arguments], env=env, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)  # fmt: skip
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise RuntimeError(" ".join(lines[-1].split()))
    return json.loads(done.stdout.splitlines()[-1])


def mpi_of_mpi4py():
    return look("mpi4py")


def mpi_without_mpi4py(launcher):
    """The MPI that Petiole itself would load, by the rules of src/comm/world.c; its path is empty where
    there is none."""
    wanted = os.environ.get("PETIOLE_MPI")
    if wanted:
        names = LIBRARIES.get(wanted, [wanted])
    elif launcher:
        names = LIBRARIES.get(launcher, []) + LIBRARIES["mpi-abi"]
    else:
        names = [name for files in LIBRARIES.values() for name in files]
    folder = _install.folder(_install.MPI)
    return look(*(os.path.join(folder, name) for name in names), *names)


def mpirun():
    """The launcher on the path, as it calls itself."""
    done = subprocess.run(["mpirun", "--version"], timeout=20, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)  # fmt: skip
    lines = (done.stdout or done.stderr).splitlines()
    words = " ".join(" ".join(lines[:2]).split())
    return words.split(" Report bugs")[0]


def version(package):
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed(package)
    except PackageNotFoundError:
        return "not installed"


def system():
    names = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return f"{names}, kernel {platform.release()}, {' '.join(platform.libc_ver())}"


def processor():
    with open("/proc/cpuinfo") as file:
        lines = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].splitlines())
    facts = {name.strip(): text.strip() for name, text in lines.items()}
    flags = facts.get("flags", facts.get("Features", "")).split()
    wanted = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512dq", "avx512vl", "asimd", "sve")
    sets = " ".join(flag for flag in wanted if flag in flags)
    return f"{facts.get('model name', platform.machine())} ({sets})"


def memory():
    with open("/proc/meminfo") as file:
        kib = {line.split(":")[0]: int(line.split()[1]) for line in file}
    return f"{kib['MemTotal'] / 2**20:.1f} GiB, {kib['MemAvailable'] / 2**20:.1f} GiB available"


def cores():
    return f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} for this process"


def count(number, thing):
    return f"{number} {thing}" + "s" * (number != 1)


def executor():
    default = pt.Executor.default
    isa = getattr(default, "isa", "")
    kernels = f", {isa} kernels" if isa else ""
    return f"{default.name}, {count(default.threads, 'thread')}{kernels}"


def devices():
    found = len(glob.glob("/dev/nvidia[0-9]*"))
    try:
        pt.Executor.Cuda()
        usable = "CUDA executor works"
    except pt.Error as error:
        usable = str(error)
    return f"{count(found, 'NVIDIA device')}; {usable}"


def environment():
    """The variables that matter, one text each."""
    starts = ("PETIOLE_", "OMP_", "MPI4PY_", "SLURM_MPI", "SLURM_NTASKS", "PMIX_RANK", "PMI_RANK")
    names = sorted(
        n for n in os.environ if n.startswith(starts) or n in ("LD_PRELOAD", "PYTHONPATH")
    )
    names += ["LD_LIBRARY_PATH"] if "LD_LIBRARY_PATH" in os.environ else []
    return [f"{name}={os.environ[name]}" for name in names]
