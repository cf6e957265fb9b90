#!/usr/bin/env python3
"""Makes the lists that follow from `petiole._core.kinds()` and `parameters()`, and from what the package
imports, in the files that hold them: between a line with `made by script/generate: NAME` and one with
`end of NAME`.

    generate_lists.py [--check] [FOLDER]      FOLDER: the checkout whose files are meant, this one
"""

import argparse
import difflib
import json
import pathlib
import re
import sys
import textwrap

import numpy as np

import petiole as pt
from petiole import _core

HERE = pathlib.Path(__file__).resolve().parent.parent
SOLVERS = [(name, title) for family, name, title in _core.kinds() if family == "solver"]
TITLES = [title for _, _, title in _core.kinds()]

# What every solver takes besides its own parameters, as py_solver_args of the bindings has it; stubtest
# compares the two.
SHARED = [
    ("rtol", "SupportsFloat | None", "1e-5"),
    ("atol", "SupportsFloat | None", "0.0"),
    ("maxiter", "SupportsIndex | None", "None"),
    ("M", "LinOp | Factory | None", "None"),
    ("stop", "Criterion | None", "None"),
    ("callback", "Callable[[Event], Any] | None", "None"),
    ("true_residual", "bool", "True"),
]
TYPES = {
    "int": "SupportsIndex",
    "real": "SupportsFloat",
    "real or none": "SupportsFloat | None",
    "bool": "bool",
    "bounds": "tuple[SupportsFloat, SupportsFloat] | None",
    "factory": "Factory | None",
    "linop": "LinOp | None",
    "operator": "Factory | LinOp | None",
    "vector": "Vector | None",
    "ints": "Iterable[SupportsIndex] | None",
    "reals": "Iterable[SupportsFloat] | None",
    "factories": "Iterable[Factory] | None",
}


def type_of(kind, choices):
    if kind != "choice":
        return TYPES[kind]
    return "Literal[" + ", ".join(f'"{choice}"' for choice in choices) + "]"


def shown(default):
    return f'"{default}"' if isinstance(default, str) else repr(default)


def arguments(name, shared):
    """A kind's arguments, as lines of a stub."""
    own = [
        (argument, type_of(kind, choices), shown(default))
        for argument, _, kind, default, choices, _ in _core.parameters(name)
    ]
    return [f"{a}: {t} = {d}," for a, t, d in (SHARED if shared else []) + own]


# ---- the stubs -----------------------------------------------------------------------------------


def generated_by(title):
    """The class of what a kind generates, from a matrix of two rows."""
    A = pt.Csr.from_arrays((2, 2), [0, 1, 2], [0, 1], np.ones(2))
    return type(getattr(pt, title)().generate(A)).__name__


def stub_class(family, name, title):
    solver = family == "solver"
    lines = ["@final", f"class {title}(Factory):", "    def __new__("]
    lines += [f"        {line}" for line in ["cls,", *["*,"] * solver, *arguments(name, solver)]]
    lines += ["    ) -> Self: ..."]
    made = generated_by(title)
    if made != "LinOp":
        lines += [f"    def generate(self, A: LinOp, /) -> {made}: ..."]
    return [*lines, ""]


def stub_function(name, _):
    first = ["A: LinOp,", "b: Vector,", "x0: Vector | None = None,", "*,"]
    rest = [*first, *arguments(name, True), "progress: bool = False,"]
    return [f"def {name}(", *[f"    {line}" for line in rest], ") -> tuple[Vector, Log]: ..."]


def joined(function, rows):
    return [line for row in rows for line in function(*row)]


# ---- the package ---------------------------------------------------------------------------------


def imports(module, names):
    return [f"from {module} import (", *[f"    {name}," for name in sorted(names)], ")"]


def public_names():
    """What the package's file imports and defines."""
    names = [name for name in vars(pt) if not name.startswith("_") and name != "TYPE_CHECKING"]
    return sorted([*names, "__version__"])


# ---- the documentation ---------------------------------------------------------------------------


def parameter_table():
    rows = {}
    for _, kind, _ in _core.kinds():
        for name, alias, _, default, choices, doc in _core.parameters(kind):
            value = "" if default is None else f"`{json.dumps(default).strip(chr(34))}`"
            known = f" ({', '.join(f'`{choice}`' for choice in choices)})" if choices else ""
            row = name, alias, value, doc + known
            rows.setdefault(row, []).append(kind)
    lines = ["| key | in Ginkgo's files | of | default | what it is |", "|---|---|---|---|---|"]
    for (name, alias, default, doc), kinds in sorted(rows.items(), key=lambda item: item[0][0]):
        alias = f"`{alias}`" if alias else ""
        lines.append(f"| `{name}` | {alias} | {', '.join(kinds)} | {default} | {doc} |")
    return lines


LISTS = {
    "python/petiole/_core.pyi": {"kinds": lambda: joined(stub_class, _core.kinds())},
    "python/petiole/_solve.pyi": {"solvers": lambda: joined(stub_function, SOLVERS)},
    "python/petiole/__init__.py": {
        "kinds": lambda: imports("petiole._core", TITLES)
        + imports("petiole._solve", [name for name, _ in SOLVERS]),
        "names": lambda: [f'"{name}",' for name in public_names()],
    },
    "docs/api/python.rst": {
        "solvers": lambda: [f".. autofunction:: {name}" for name, _ in SOLVERS],
        "kinds": lambda: [f".. autoclass:: {title}" for title in TITLES],
    },
    "docs/howto/configuration.md": {"parameters": parameter_table},
}

# ---- files ---------------------------------------------------------------------------------------


def replaced(path, text, name, lines):
    """The text with other lines between the two that name the list; a blank line after the first stays."""
    marks = rf"^( *)([^\n]*made by script/generate: {name}\b[^\n]*\n)(\n?).*?^([^\n]*end of {name}\b)"
    found = re.search(marks, text, re.DOTALL | re.MULTILINE)
    if not found:
        sys.exit(f"{path}: no lines `made by script/generate: {name}` and `end of {name}`")
    indent, begin, blank, end = found.groups()
    body = textwrap.indent("\n".join(lines).rstrip("\n") + "\n", indent)
    new = indent + begin + blank + body + blank + end
    return text[: found.start()] + new + text[found.end() :]


def generated(folder):
    """(path, the text as it is, as it should be) of every file with such lists."""
    for path, lists in LISTS.items():
        text = new = (folder / path).read_text()
        for name, make in lists.items():
            new = replaced(path, new, name, make())
        yield path, text, new


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="say what would change, and fail")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=HERE)
    options = parser.parse_args()
    stale = 0
    for path, text, new in generated(options.folder):
        if text == new:
            continue
        stale += 1
        if options.check:
            sys.stdout.writelines(
                difflib.unified_diff(text.splitlines(True), new.splitlines(True), path, path, n=1)
            )
        else:
            (options.folder / path).write_text(new)
            print(path)
    if stale and options.check:
        print("script/generate makes these anew")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
