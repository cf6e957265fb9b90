"""The code blocks of the documentation, with the page and line where each stands.

A block's language says what the tests do with it:

    python   runs, after the blocks above it on its page, in one namespace, on any number of ranks
    c        compiles; runs where it has a main
    sh       every command in it exists and knows its options
    json     parses
    console  is shown only: a session on a machine that a test does not have (srun, apt, a debugger)
    text     is shown only: no program (output, a picture, a pattern)

MyST's directives ({toctree} and the like) are no code. Any other language fails the tests.
"""

import dataclasses
import pathlib

from markdown_it import MarkdownIt

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOWN = ("console", "text")
TESTED = ("python", "c", "sh", "json")


@dataclasses.dataclass
class Block:
    page: pathlib.Path
    line: int  # of its first line of code
    language: str
    text: str

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages():
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page, language=None):
    """The blocks of a page, in order: of one language, or all but directives."""
    for token in MarkdownIt("commonmark").parse(page.read_text()):
        if token.type == "code_block":  # an indented one: what it is nobody says
            found = Block(page, token.map[0] + 1, "", token.content)
        elif token.type == "fence":
            found = Block(page, token.map[0] + 2, token.info.strip(), token.content)
        else:
            continue
        if not found.language.startswith("{") and language in (None, found.language):
            yield found


def all_blocks(language=None):
    return [block for page in pages() for block in blocks(page, language)]
