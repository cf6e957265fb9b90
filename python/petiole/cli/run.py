"""`petiole run`: a Python program whose uncaught exception on one rank ends the job."""

import argparse


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


def run(options):
    from petiole._run import run as run_program

    run_program(options.program, options.arguments)
    return 0
