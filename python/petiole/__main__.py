"""`python -m petiole` is the command `petiole`."""

import sys

from petiole.cli import main

if __name__ == "__main__":
    sys.exit(main())
