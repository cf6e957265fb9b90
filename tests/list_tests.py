#!/usr/bin/env python3
"""Prints the C tests in a folder, one a line."""

import pathlib
import sys

print("\n".join(sorted(path.name for path in pathlib.Path(sys.argv[1]).glob("test_*.c"))))
