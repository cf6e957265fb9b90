#!/usr/bin/env python3
"""Checks that each folder of src/ includes only itself and the folders above it in the table of
docs/architecture.md, and that what a partition is made of stays in its own files."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def folder_order():
    rows = re.findall(r"^\|(.*?)\|", (ROOT / "docs" / "architecture.md").read_text(), re.M)
    return [name for row in rows for name in re.findall(r"`src/(\w+)/`", row)]


def includes(path):
    """The folders of src/ that a file includes from, with line numbers."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+"(?:\.\./)*(\w+)/', line)
        if found:
            yield number, found.group(1)


def private_headers(path):
    """Includes of headers that only the files of the same module may see."""
    own = path.match("distributed/partition*")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if re.match(r'\s*#\s*include\s+".*\bpartition_ranges\.h"', line) and not own:
            yield number


def main():
    order = folder_order()
    bad = []
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        folder = path.relative_to(ROOT / "src").parts[0]
        if folder not in order:
            bad.append(f"{path.relative_to(ROOT)}: docs/architecture.md does not know src/{folder}")
            continue
        for number in private_headers(path):
            bad.append(f"{path.relative_to(ROOT)}:{number}: partition_ranges.h is partition*.c's")
        for number, used in includes(path):
            if used in order and order.index(used) > order.index(folder):
                bad.append(f"{path.relative_to(ROOT)}:{number}: src/{folder} is above src/{used}")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
