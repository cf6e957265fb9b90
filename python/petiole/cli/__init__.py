"""The command line: `petiole solve | info | doctor | run | config`.

One module per command, each with `add(commands)`, which declares its options, and a function of
`(options)` that returns the exit status; job.py holds what they share about ranks and errors.
"""

import importlib

from petiole import __version__

COMMANDS = ("solve", "info", "doctor", "run", "config")


def make_parser():
    from petiole.cli.job import Parser

    parser = Parser(
        prog="petiole",
        description="Distributed sparse linear algebra. Every command runs alone or under mpirun.",
    )
    parser.add_argument("--version", action="version", version=f"petiole {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"petiole.cli.{name}").add(commands)
    return parser


def main(arguments=None) -> int:
    """Runs one command; the exit status: 0 done, 1 not converged or in disorder, 2 an error."""
    from petiole.cli.job import guarded

    options = make_parser().parse_args(arguments)
    return guarded(lambda: options.run(options))
