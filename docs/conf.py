"""Sphinx's settings. `script/docs` builds out/docs from this folder, without a network."""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))

project = "Petiole"
author = "the Petiole developers"
version_h = (HERE.parent / "include" / "petiole" / "version.h").read_text()
version = release = re.search(r'"(\d[\d.]*)"', version_h).group(1)

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "c_headers",
]
exclude_patterns = ["_ext"]
myst_heading_anchors = 3
default_role = "py:obj"  # `name` in a docstring

autodoc_member_order = "groupwise"
autodoc_default_options = {"members": True}

c_maximum_signature_line_length = python_maximum_signature_line_length = 90
highlight_language = "text"

html_theme = "furo"
html_title = f"Petiole {version}"
html_copy_source = False
html_show_copyright = False


def own_signature(app, what, name, obj, options, signature, annotation):
    """A class that is made by its classmethods alone does not show what it inherits from LinOp."""
    if what == "class" and not {"__new__", "__init__"} & vars(obj).keys():
        return "", annotation


def plain_docstring(app, what, name, obj, options, lines):
    """Docstrings are plain text: what would be emphasis or a substitution is a character."""
    lines[:] = [re.sub(r"(`[^`]*`)|([*|])", lambda m: m[1] or "\\" + m[2], line) for line in lines]


def setup(app):
    app.connect("autodoc-process-docstring", plain_docstring)
    app.connect("autodoc-process-signature", own_signature)
