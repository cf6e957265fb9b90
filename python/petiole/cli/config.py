"""`petiole config`: where this installation is, and how C programs are compiled with it."""

from petiole import __version__, _install


def values():
    """Each option's text, in the order in which they are printed."""
    headers, libraries = map(_install.folder, (_install.HEADERS, _install.LIBRARIES))
    return {
        "version": __version__,
        "prefix": _install.folder(_install.PREFIX),
        "cflags": f"-I{headers}",
        "libs": f"-L{libraries} -Wl,-rpath,{libraries} -lpetiole",
        "plugins": f"{libraries}/petiole",
    }


HELP = {
    "version": "the version",
    "prefix": "the folder for CMAKE_PREFIX_PATH",
    "cflags": "flags for the C compiler",
    "libs": "flags for the linker, with a run path",
    "plugins": "the folder of the adaptors for the MPIs",
}


def add(commands):
    parser = commands.add_parser(
        "config",
        help="how to compile C programs with this installation",
        description="Prints what is asked for, each on a line of its own; without an option, "
        "everything by name.",
    )
    for name, text in HELP.items():
        parser.add_argument(f"--{name}", action="append_const", dest="names", const=name, help=text)
    parser.set_defaults(run=run)


def run(options):
    found = values()
    if options.names:
        lines = [found[name] for name in options.names]
    else:
        lines = [f"{name}: {text}" for name, text in found.items()]
    from petiole.cli.job import say

    say("\n".join(lines))
    return 0
