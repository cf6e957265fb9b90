"""The command line: `python -m petiole run prog.py args...`."""

import argparse

from petiole import __version__


def main():
    parser = argparse.ArgumentParser(
        prog="petiole", description="Distributed sparse linear algebra."
    )
    parser.add_argument("--version", action="version", version=f"petiole {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser(
        "run", help="run a Python program; an uncaught exception on one rank ends the job"
    )
    run.add_argument("program")
    run.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()

    from petiole._run import run as run_program

    run_program(options.program, options.arguments)


if __name__ == "__main__":
    main()
