"""What the commands share: the processes of the job, which of them speaks, and how errors end."""

import argparse
import contextlib
import functools
import os
import stat
import sys

from petiole._core import Communicator, Error, mpi_info

RANKS = ("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK")  # how launchers tell a process its rank


class CommandError(Exception):
    """What the user can mend: shown without a traceback, exit status 2."""


def launched(names) -> int | None:
    """The number in the first of these variables that has one; a launcher's, before any MPI."""
    for name in names:
        text = os.environ.get(name, "")
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
    return None


def launched_rank() -> int:
    """This process's rank as the launcher says; 0 without one."""
    return launched(RANKS) or 0


def under_launcher() -> bool:
    return bool(mpi_info()["launcher"]) or any(name in os.environ for name in RANKS)


@functools.cache
def communicator() -> Communicator:
    """All processes of the job; this one alone where no launcher is at work, which starts no MPI."""
    if under_launcher() or os.environ.get("PETIOLE_MPI"):
        return Communicator.world()
    return Communicator.self()


def say(text):
    """Prints on rank 0. Where that fails it is told at the end (`guarded`): the other ranks go on."""
    global unsaid
    if launched_rank() > 0 or unsaid or not sys.stdout:  # None where it was closed (>&-)
        return
    try:
        print(text, flush=True)
    except OSError as error:
        unsaid = error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


unsaid = None  # why nothing is printed any more


def failed_to_say():
    return unsaid and not isinstance(unsaid, BrokenPipeError)  # whose reader has gone, as `head` does


def open_file(path, mode="rb", **options):
    """open(), but for a regular file alone, and without waiting for the other end of a pipe.

    Written over, a file stays what it is: links, mode and owner.
    """
    file = open(path, mode, opener=lambda path, flags: _open(path, flags & ~os.O_TRUNC), **options)
    if "w" in mode:
        file.truncate()
    return file


def _open(path, flags):
    fd = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY, 0o666)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise CommandError(f"{path}: not a regular file")
    return fd


@contextlib.contextmanager
def agreed(comm):
    """What one rank does by itself: where it fails there, every rank fails (collective)."""
    try:
        yield
    except Exception as error:
        comm._fail(error)
    comm.barrier()


def guarded(command) -> int:
    """The command's exit status, or 2 with a message where it fails by the user's doing.

    Anything else that is raised is a fault of ours: its traceback ends the whole job.
    """
    from petiole._run import abort_on_exception

    abort_on_exception()
    if sys.stdout and sys.stdout.errors == "strict":  # names of files can be of any bytes
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = command()
        if failed_to_say():
            raise unsaid
    except (Error, CommandError, OSError) as error:
        complain(error)
        status = 2
    if communicator.cache_info().currsize:
        # A launcher may end the job at the first status that is not 0.
        with contextlib.suppress(Error):
            communicator().barrier()
    return status


def complain(error):
    """Rank 0 speaks for all; where the ranks did not find each other, each for itself."""
    rank = launched_rank()
    together = communicator.cache_info().currsize > 0
    if rank == 0 or not together:
        where = "" if rank == 0 else f"rank {rank}: "
        if sys.stderr:
            with contextlib.suppress(OSError):  # then nobody reads it
                print(f"petiole: {where}{error or type(error).__name__}", file=sys.stderr, flush=True)


class Parser(argparse.ArgumentParser):
    """Every rank reads the same arguments; rank 0 alone says what is wrong with them."""

    def _print_message(self, message, file=None):
        if file is sys.stdout:
            say(message.rstrip("\n"))
        elif launched_rank() == 0:
            with contextlib.suppress(OSError):
                super()._print_message(message, file)

    def exit(self, status=0, message=None):
        # A launcher may end the job at the first status that is not 0: rank 0 is to speak before.
        if failed_to_say():
            status, message = 2, f"petiole: {unsaid}\n"
        super().exit(status if launched_rank() == 0 else 0, message)
