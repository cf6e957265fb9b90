"""Two MPIs in one process: `two_mpis.py CASE FIRST SECOND` (libraries). Says what Petiole says."""

import ctypes
import os
import sys

import petiole


def load(path, mode):
    return ctypes.CDLL(path, mode=mode | os.RTLD_LAZY)


def world():
    petiole.Communicator.world().barrier()


def hidden(first, second):
    """The second is in use, the first one's symbols are the process's."""
    load(first, os.RTLD_GLOBAL)
    load(second, os.RTLD_LOCAL).MPI_Init(None, None)
    world()


def both_in_use(first, second):
    load(first, os.RTLD_LOCAL).MPI_Init(None, None)
    load(second, os.RTLD_LOCAL).MPI_Init(None, None)
    world()


def not_mpi4pys(first, second):
    """mpi4py has the first, which is not in use."""
    import mpi4py

    mpi4py.rc.initialize = mpi4py.rc.finalize = False
    os.environ["MPI4PY_LIBMPI"] = first
    from mpi4py import MPI

    load(second, os.RTLD_LOCAL).MPI_Init(None, None)
    petiole.Communicator(MPI.COMM_WORLD).barrier()


try:
    {"hidden": hidden, "both": both_in_use, "mpi4py": not_mpi4pys}[sys.argv[1]](*sys.argv[2:])
    print("no error")
except petiole.MpiError as error:
    print(f"MpiError: {error}", flush=True)
os._exit(0)  # MPIs that are not finalised may end a process badly
