#!/usr/bin/env python3
"""finish_wheel.py WHEEL FOLDER: adds the licences of the libraries that auditwheel brought along."""

import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile

DOCUMENTS = pathlib.Path("/usr/share/doc")
LIBRARIES = pathlib.Path("/usr/lib") / sysconfig.get_config_var("MULTIARCH")


def package_of(library):
    """Debian's package of a library such as libgomp-1a2b3c4d.so.1.0.0, which auditwheel has renamed."""
    name = re.sub(r"-[0-9a-f]{8}(?=\.)", "", library.name)
    (found, *_) = [LIBRARIES / name] if (LIBRARIES / name).exists() else LIBRARIES.rglob(name)
    owner = subprocess.run(
        ["dpkg", "-S", found.resolve()], check=True, capture_output=True, text=True
    )
    return owner.stdout.split(":")[0]


def licence_of(library):
    path = DOCUMENTS / package_of(library) / "copyright"
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
