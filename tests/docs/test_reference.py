"""The references and the gallery are complete."""

import re
import sys

import pytest
from blocks import ROOT

import petiole as pt

API = ROOT / "docs" / "api"
HEADERS = sorted((ROOT / "include" / "petiole").glob("*.h"))
HEADERS.remove(ROOT / "include" / "petiole" / "export.h")  # macros that the others use


def test_every_public_name_is_in_the_python_reference():
    documented = re.findall(r"^\.\. auto\w+:: (\w+)", (API / "python.rst").read_text(), re.M)
    modules = ("factorization", "ordering", "plot", "stop")
    aliases = {"Reference", "OpenMP", "Cuda", "__version__", *modules}  # of what is there
    assert set(pt.__all__) - set(documented) - aliases == set()
    inside = {name for module in modules for name in getattr(pt, module).__all__}
    assert inside - set(documented) == set()


def test_every_header_is_in_the_c_reference():
    shown = re.findall(r"^\.\. c-header:: (\S+)", (API / "c.rst").read_text(), re.M)
    assert sorted(shown) == [header.name for header in HEADERS]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.name)
def test_every_function_is_in_the_c_reference(header, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs" / "_ext"), *sys.path])
    from c_headers import render

    body = header.read_text().partition("PTL_BEGIN_DECLS")[2]
    declared = re.findall(r"\b(ptl_\w+)\(", re.sub(r"/\*.*?\*/", "", body, flags=re.S))
    rendered = re.findall(
        r"^(?:\.\. c:function::| {15}) .*?\b(ptl_\w+)\(", "\n".join(render(header)), re.M
    )
    assert rendered == declared


def test_every_example_is_in_the_gallery():
    gallery = (ROOT / "docs" / "learn" / "gallery.md").read_text()
    examples = [path.name for path in (ROOT / "examples").iterdir() if path.suffix in (".c", ".py")]
    assert [name for name in examples if f"examples/{name}" not in gallery] == []


def test_every_matrix_has_its_source_and_author():
    """Attribution is what the licence of tests/data asks for."""
    folder = ROOT / "tests" / "data"
    first = [line.split("|")[1].strip(" `") for line in (folder / "README.md").read_text().splitlines()
             if line.startswith("| `")]  # fmt: skip
    matrices = [path.name for path in folder.glob("*.mtx")]
    assert matrices and sorted(first) == sorted(2 * matrices)
