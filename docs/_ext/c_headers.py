"""`.. c-header:: vector.h`: the declarations of a public header, with their comments.

The headers are read as they are: a comment at the left margin says what the declarations below it
are, up to the next such comment or an empty line. Comments are plain text; names of Petiole in them
become links. Sphinx's C domain parses the declarations, so one that is not C is a warning.
"""

import pathlib
import re

from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "include" / "petiole"
COMMENT = r"/\*.*?\*/"


def plain(comment):
    """The text of a comment, without its markers."""
    lines = comment.removeprefix("/*").removesuffix("*/").split("\n")
    return "\n".join(re.sub(r"^ ?\*? ?", "", line.strip()) for line in lines).strip()


def rest(comment):
    """A comment as reStructuredText: text taken literally, Petiole's names as links."""
    text = re.sub(r"([\\*|])|(?<=\w)(_)(?!\w)", r"\\\g<0>", plain(comment))
    text = text.replace("`", "``")
    text = re.sub(r"^\((L|C)\)", r"**(\1)**", text)
    name = r"\b(ptl_\w+|PTL_[A-Z0-9_]+)\b(?!\\?[*_<])"
    text = re.sub(name, r"\ :c:expr:`\1`\ ", text)
    return "\n\n".join(paragraph(part) for part in text.split("\n\n")).split("\n")


def paragraph(text):
    """Indented lines stay lines; those of a list flow on in its items."""
    if not re.search(r"(?m)^ ", text):
        return text
    if re.search(r"(?m)^- ", text):
        return re.sub(r"(?m)^ {3,}", "  ", text)
    return re.sub(r"(?m)^", "| ", text)


def signature(declaration):
    """A declaration as the C domain reads it."""
    text = re.sub(r"\bPTL_(API|MUST_USE|PRINTF\(.*?\))", "", declaration)
    text = re.sub(r"\s+", " ", text).strip().removesuffix(";").strip()
    return text.removeprefix("typedef ")


def groups(text):
    """(comment or "", [declarations]) of the part between PTL_BEGIN_DECLS and PTL_END_DECLS."""
    body = text.partition("PTL_BEGIN_DECLS")[2].partition("PTL_END_DECLS")[0]
    for chunk in re.split(r"\n\n+(?! )", body.strip("\n")):
        for piece in re.split(rf"(?ms)^(?={COMMENT})", chunk):
            found = re.match(rf"(?s)({COMMENT})?\s*(.*)", piece)
            if piece.strip():
                yield found.group(1) or "", split(found.group(2))


def split(text):
    """The declarations of a group, each with the comment that follows on its line."""
    macro = r"#define (?:[^\n]*\\\n)*[^\n]*"
    block = r"typedef (?:struct|enum) \w+ \{.*?\n\} \w+;|typedef enum \w+ \{[^\n]*\} \w+;"
    return re.findall(rf"(?s)({macro}|{block}|[^;]+;)([ ]*{COMMENT})?\n?", text)


def enumerators(body, maps):
    """(name, comment) of an enum's constants; those of an X-macro's list come from the list."""
    prefix = re.search(r"#define X\(.*?\) (\w+)##name,", body)
    for name in re.findall(r"\b(PTL_\w+_MAP)\(X\)", body):
        for entry in re.findall(r"X\((.*)\)", maps[name]):
            word, _, about = entry.partition(", ")
            yield prefix.group(1) + word, re.sub(r'^"(.*?)".*', r"\1", about)
    body = re.sub(r"(?m)^#.*$|PTL_\w+_MAP\(X\)", "", body)
    constant = rf"(?s)(?:({COMMENT})\s*)?(PTL_\w+)[^,/]*,?[ ]*({COMMENT})?"
    for before, name, after in re.findall(constant, body):
        yield name, before or after


def members(body):
    """(declaration, comment) of a struct's members; a comment before several is of the first."""
    before = ""
    tokens = re.findall(rf"(?s)\s*({COMMENT})|\s*([^;]+;)([ ]*{COMMENT})?", body)
    for comment, declaration, after in tokens:
        if comment:
            before = comment
            continue
        first, *others = re.split(r",\s*(?![^(]*\))", signature(declaration))
        yield first, before or after.strip()
        base = re.match(r"(.*?)\**\w+$", first)
        for name in others:
            yield base.group(1) + name, ""
        before = ""


def directive(kind, signatures, content=()):
    head = [f".. c:{kind}:: {signatures[0]}"]
    head += [" " * len(f".. c:{kind}:: ") + more for more in signatures[1:]]
    return [*head, "", *(f"   {line}" for line in content), ""]


def type_directive(declaration, text, maps):
    """A struct, an enum, a macro or another type."""
    found = re.match(r"(?s)typedef (struct|enum) (\w+) \{(.*)\} \w+;", declaration)
    if found:
        kind, name, body = found.groups()
        content = [*text, ""]
        if kind == "struct":
            for member, comment in members(body):
                content += directive("member", [member], rest(comment))
        else:
            for constant, comment in enumerators(body, maps):
                content += directive("enumerator", [constant], rest(comment))
        return directive(kind, [name], content)
    if declaration.startswith("#define"):
        return directive(
            "macro", [re.match(r"#define (\w+(\(.*?\))?)", declaration).group(1)], text
        )
    opaque = re.match(r"typedef struct (\w+) \1;", declaration)
    return directive("type", [opaque.group(1) if opaque else signature(declaration)], text)


def render(path):
    """The lines of reStructuredText for a header."""
    text = path.read_text()
    maps = dict(re.findall(r"#define (PTL_\w+_MAP)\(X\)((?:.*\\\n)*.*)", text))
    lines = [
        *rest(re.match(rf"(?s){COMMENT}", text).group()),
        "",
        f"``#include <petiole/{path.name}>``",
        "",
    ]
    for comment, declarations in groups(text):
        about = rest(comment) if comment else []
        functions = [d for d, _ in declarations if d.startswith("PTL_API")]
        for declaration, _ in declarations:
            if declaration not in functions:
                lines += type_directive(declaration, [] if functions else about, maps)
        if functions:
            for declaration, after in declarations:
                if after and declaration in functions:
                    name = re.search(r"(\w+)\(", declaration).group(1)
                    about = [*about, "", f":c:func:`{name}`: {' '.join(rest(after.strip()))}"]
            lines += directive("function", [signature(d) for d in functions], about)
        if not declarations:
            lines += [*about, ""]
    return lines


class CHeader(Directive):
    required_arguments = 1

    def run(self):
        path = INCLUDE / self.arguments[0]
        self.state.document.settings.record_dependencies.add(str(path))
        node = self.state.parent.__class__()
        self.state.nested_parse(StringList(render(path), source=str(path)), 0, node)
        return node.children


def setup(app):
    app.add_directive("c-header", CHeader)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
