"""Communicators: what programs pass as one, and whether there can be any here."""

import contextlib
import ctypes.util
import functools
import glob
import importlib.util
import numbers
import os
import sys

import petiole as pt

UNAVAILABLE = (
    "distributed bindings are unavailable: Petiole has no adaptor for an MPI here, or there is no "
    "MPI; install Petiole with its adaptors, and mpi4py"
)


@functools.cache
def available():
    """Whether distributed objects can be made, told without loading an MPI (local)."""
    info = pt.mpi_info()
    if not info["adaptors"]:
        return False
    if info["library"] or info["launcher"] or os.environ.get("PETIOLE_MPI"):
        return True
    return _mpi4py_is_installed() or _mpi_is_installed()


def _mpi4py_is_installed():
    try:
        return importlib.util.find_spec("mpi4py") is not None
    except (ImportError, ValueError):  # where it is kept from being imported
        return False


def _mpi_is_installed():
    beside = os.path.join(sys.prefix, "lib", "libmpi*.so*")
    names = ("mpi", "mpich", "mpi_abi")
    return bool(glob.glob(beside)) or any(map(ctypes.util.find_library, names))


def require_available():
    """RuntimeError where distributed objects cannot be made (local)."""
    if not available():
        raise RuntimeError(UNAVAILABLE)


class Wrapped:
    """Base of the bindings' communicators: they hold Petiole's."""

    _petiole = None


def communicator_of(comm):
    """Petiole's communicator of what a program passes: an mpi4py communicator, one of Petiole's or of
    the bindings', or a Fortran handle (local)."""
    require_available()
    if isinstance(comm, Wrapped):
        return comm._petiole
    if isinstance(comm, pt.Communicator):
        return comm
    mpi4py = sys.modules.get("mpi4py.MPI")
    if mpi4py and isinstance(comm, mpi4py.Comm):
        return pt.Communicator(comm)
    return _of_handle(fortran_handle(comm))


def fortran_handle(comm):
    """The Fortran handle of a communicator; a number passes through (local)."""
    if isinstance(comm, numbers.Integral):
        return comm
    if not hasattr(comm, "py2f"):
        raise TypeError(
            "comm must be an mpi4py communicator or an integer Fortran handle (comm.py2f()), not "
            f"{type(comm).__name__}"
        )
    return comm.py2f()


def _of_handle(handle):
    from mpi4py import MPI

    return pt.Communicator(MPI.Comm.f2py(int(handle)))


@contextlib.contextmanager
def agreed(comm):
    """What fails within on one rank, an interrupt too, fails on all of them, whose next call is a
    collective one of Petiole's on the same communicator; None is no communicator. Within are local
    calls alone: a collective one would fail on all ranks, and what fails within once more on some."""
    try:
        yield
    except BaseException as error:
        if comm is None:
            raise
        failure = error
    else:
        return
    comm._fail(failure)
