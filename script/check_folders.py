#!/usr/bin/env python3
"""Checks that each folder of src/ and of python/src/ includes only itself and the folders above it in the
tables of docs/architecture.md; and that python/src/ has no circles: what a header declares is in the file
of its name, so that includes show who calls whom, and no two files reach each other. What a partition is
made of stays in its own files."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def folder_order(tree):
    """The folders of a tree, lowest first, from the first column of the tables."""
    rows = re.findall(r"^\|(.*?)\|", (ROOT / "docs" / "architecture.md").read_text(), re.M)
    return [name for row in rows for name in re.findall(rf"`{tree}/(\w+)/`", row)]


def includes(path):
    """What a file includes of ours, as paths, with line numbers."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if found:
            yield number, (path.parent / found.group(1)).resolve()


def sources(tree):
    return sorted((ROOT / tree).rglob("*.[ch]"))


def check_order(tree):
    order = folder_order(tree)
    for path in sources(tree):
        name = path.relative_to(ROOT)
        below = path.relative_to(ROOT / tree).parts[:-1]
        if not below:  # a file above all folders
            continue
        if below[0] not in order:
            yield f"{name}: docs/architecture.md does not know {tree}/{below[0]}"
            continue
        for number, used in includes(path):
            if not used.is_relative_to(ROOT / tree):
                continue
            folder = used.relative_to(ROOT / tree).parts[0]
            if folder in order and order.index(folder) > order.index(below[0]):
                yield f"{name}:{number}: {tree}/{below[0]} is above {tree}/{folder}"


def check_partition():
    """The header of a partition's parts is for the files of that module alone."""
    for path in sources("src"):
        for number, used in includes(path):
            if used.name == "partition_ranges.h" and not path.match("distributed/partition*"):
                yield f"{path.relative_to(ROOT)}:{number}: partition_ranges.h is partition*.c's"


def reached(graph, node):
    found, ahead = set(), [node]
    while ahead:
        new = graph.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


def circles(graph):
    """Sets of files, each of which reaches all of its set."""
    after = {node: reached(graph, node) for node in graph}
    return {frozenset(n for n in after[node] if node in after.get(n, ())) for node in graph}


def check_circles(tree):
    graph = {}
    for path in sources(tree):
        node = path.with_suffix("")
        used = {target.with_suffix("") for _, target in includes(path)}
        graph.setdefault(node, set()).update(used - {node})
    for circle in circles(graph):
        if len(circle) > 1:
            yield "a circle: " + ", ".join(sorted(str(n.relative_to(ROOT)) for n in circle))


def check_headers(tree):
    for path in sources(tree):
        if path.suffix != ".h":
            continue
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        own = path.with_suffix(".c")
        code = own.read_text() if own.exists() else ""
        for name in re.findall(r"^[A-Za-z][\w \*]*?(\w+)\([^{}]*?\);", text, re.M):
            if not re.search(rf"^[A-Za-z][\w \*]*?\b{name}\([^;{{]*\)\n{{", code, re.M):
                yield f"{path.relative_to(ROOT)}: {name} is not in {own.name}"


def main():
    bad = [*check_order("src"), *check_order("python/src"), *check_partition()]
    bad += [*check_circles("python/src"), *check_headers("python/src")]
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
