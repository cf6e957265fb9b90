"""Installations as users have them: a prefix, and wheels in environments of their own."""

import os
import pathlib
import tempfile

import pytest
from users import User


@pytest.fixture(scope="session")
def user(tmp_path_factory):
    """Lives where others than the owner may go too."""
    with tempfile.TemporaryDirectory(prefix="petiole-user-") as folder:
        os.chmod(folder, 0o755)
        yield User(pathlib.Path(folder))
