"""An uncaught exception on one rank ends the job, where MPI would leave the others waiting."""

import sys
import traceback


def abort_on_exception() -> None:
    """From now on an uncaught exception prints its traceback and ends every process of the job (local).

    Where MPI is not in use, the exception ends this process as ever.
    """
    import threading

    sys.excepthook = _end_job
    threading.excepthook = lambda args: _end_job(args.exc_type, args.exc_value, args.exc_traceback)


def _end_job(kind, value, trace):
    if issubclass(kind, SystemExit):
        return
    comm = _world()
    where = f"rank {comm.rank} of {comm.size}: " if comm and comm.size > 1 else ""
    text = "".join(traceback.format_exception(kind, value, trace))
    print(where + text, file=sys.stderr, end="", flush=True)
    if comm and comm.size > 1:
        sys.stdout.flush()
        comm.abort(1)


def _world():
    """All processes, where MPI has started; local."""
    from petiole._core import Communicator, Error, mpi_info

    try:
        return Communicator.world() if mpi_info()["initialized"] else None
    except Error:
        return None


def _exit_job(code):
    """What sys.exit(code) does to one process it does to all, where code says that something failed."""
    comm = _world()
    if code in (None, 0) or not comm or comm.size == 1:
        return
    if not isinstance(code, int):
        print(code, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    comm.abort(code if isinstance(code, int) else 1)


def run(program: str, arguments: list[str]) -> None:
    """Runs a program as `python program arguments...` would, under abort_on_exception().

    sys.exit with a status other than 0, or with a message, ends every process of the job too.
    """
    import os
    import runpy

    abort_on_exception()
    runpy_file = runpy.run_path.__code__.co_filename
    sys.argv = [program, *arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(program))
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        _exit_job(end.code)
        raise
    except (Exception, KeyboardInterrupt) as error:
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename in (__file__, runpy_file):
            trace = trace.tb_next
        _end_job(type(error), error, trace)
        sys.exit(1)
