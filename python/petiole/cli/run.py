"""`petiole run`: a Python program whose uncaught exception on one rank ends the job."""

import argparse
import os

from petiole.cli.job import CommandError


def add(commands):
    parser = commands.add_parser(
        "run",
        help="run a Python program; an uncaught exception on one rank ends the job",
        description="Runs a program as `python PROGRAM ARGUMENTS` would. An uncaught exception on "
        "one rank, or sys.exit with a status other than 0, ends every process of the job.",
    )
    parser.add_argument("program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run)


def check(program):
    """What Python would refuse before the program's first line (it may be a pipe: it is not opened)."""
    os.stat(program)
    if not os.access(program, os.R_OK):
        raise CommandError(f"{program}: cannot be read")
    if os.path.isdir(program) and not os.path.exists(os.path.join(program, "__main__.py")):
        raise CommandError(f"{program}: is a folder without __main__.py")


def run(options):
    from petiole._run import run as run_program

    check(options.program)
    run_program(options.program, options.arguments)
    return 0
