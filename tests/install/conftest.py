"""Installations as users have them: a prefix, and wheels in environments of their own."""

import faulthandler
import os
import pathlib
import tempfile

import pytest
from users import User


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """A wheel takes longer than other tests may; each command here has a time limit of its own."""
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def user():
    """Lives where others than the owner may go too."""
    with tempfile.TemporaryDirectory(prefix="petiole-user-") as folder:
        os.chmod(folder, 0o755)
        yield User(pathlib.Path(folder))
