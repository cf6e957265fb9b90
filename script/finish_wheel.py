#!/usr/bin/env python3
"""finish_wheel.py WHEEL FOLDER: adds the licences of the libraries that auditwheel brought along."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

DOCUMENTS = pathlib.Path("/usr/share/doc")


def licence_of(library):
    """Debian's copyright file of a library such as libgomp-1a2b3c4d.so.1.0.0."""
    name = re.match(r"lib([a-z]+)-[0-9a-f]+\.so\.(\d+)", library.name)
    path = DOCUMENTS / "lib{}{}".format(*name.groups()) / "copyright"
    if not path.exists():
        sys.exit(f"the licence of {library.name} is not in {path}: the wheel cannot be given away")
    return path


def main(wheel, folder):
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run(["wheel", "unpack", "--dest", temporary, wheel], check=True)
        (tree,) = pathlib.Path(temporary).iterdir()
        (info,) = tree.glob("*.dist-info")
        for library in (tree / "petiole.libs").iterdir():
            licences = info / "licenses" / library.name.split("-")[0]
            licences.mkdir(parents=True)
            shutil.copy(licence_of(library), licences / "copyright")
        subprocess.run(["wheel", "pack", "--dest-dir", folder, tree], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
