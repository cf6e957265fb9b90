"""The Python blocks of README, CONTRIBUTING and docs/: each page's run in order, on every rank."""

import tempfile

import pytest
from blocks import ROOT, blocks, pages

PAGES = [page for page in pages() if any(blocks(page, "python"))]


@pytest.fixture
def folder(monkeypatch):
    """An empty working folder, the same on all ranks."""
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    made = tempfile.TemporaryDirectory(prefix="petiole-docs-") if comm.rank == 0 else None
    monkeypatch.chdir(comm.bcast(made and made.name))
    yield
    comm.Barrier()
    monkeypatch.undo()
    if made:
        made.cleanup()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_blocks(page, folder):
    namespace = {"__name__": "__main__"}
    for block in blocks(page, "python"):
        source = "\n" * (block.line - 1) + block.text  # so that tracebacks give the page's lines
        exec(compile(source, str(page), "exec", dont_inherit=True), namespace)
