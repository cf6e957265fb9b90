"""Programs of their own, as texts, for what a process can do once."""

import os
import subprocess
import sys
import textwrap

from limits import limit

# Hides mpi4py, and the adaptors where Petiole has been built with them.
WITHOUT = """
import sys

class Nowhere:
    def find_spec(self, name, *args):
        if name.partition(".")[0] == "mpi4py":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nowhere())
import petiole as pt
known = pt.mpi_info
pt.mpi_info = lambda: {**known(), "adaptors": ""}
"""
SETTING = """
import numpy as np
import pyGinkgo
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

def mpi_is_loaded():
    with open("/proc/self/maps") as maps:
        return any(name in line for line in maps for name in ("libmpi.so", "libmpich.so", "libmpi_abi.so"))

exec = pgb.ReferenceExecutor()
"""


def run(*parts):
    """The output of a program on one process, that no launcher has started."""
    code = "\n".join(textwrap.dedent(part) for part in parts)
    launcher = ("OMPI_", "PMI", "PMIX_", "PRTE_", "MPI_", "HYDI_", "PETIOLE_MPI")
    env = {name: value for name, value in os.environ.items() if not name.startswith(launcher)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=limit(50)
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
