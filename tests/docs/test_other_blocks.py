"""What of the documentation runs on one process: C programs, commands, examples in docstrings."""

import doctest
import inspect
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from blocks import ROOT, SHOWN, TESTED, all_blocks

import petiole as pt
from limits import limit

# Files that stand for the reader's own.
READERS = {"program.py", "program.c", "./program", "A.mtx", "b.mtx", "x.mtx", "residual.png"}
ENV = dict(os.environ)  # without what an MPI that runs in this process adds to C's environment


def test_every_block_says_what_it_is():
    known = (*TESTED, *SHOWN)
    assert [f"{b}: {b.language!r}" for b in all_blocks() if b.language not in known] == []


def test_json_parses():
    for block in all_blocks("json"):
        json.loads(block.text)


# ---- C -------------------------------------------------------------------------------------------


def c_program(block):
    """The block as a program: itself where it has a main, else its lines in a function that is not
    called."""
    if re.search(r"\bmain\(", block.text):
        return f'#line {block.line} "{block.page}"\n{block.text}'
    includes = "".join(re.findall(r"^#include.*\n", block.text, re.M))
    body = re.sub(r"^#include.*", "", block.text, flags=re.M)
    return f"""#include <petiole/petiole.h>
{includes}
__attribute__((unused)) static void block(void)
{{
#line {block.line} "{block.page}"
{body}
}}
int main(void) {{ return 0; }}
"""


def compile_c(source, folder):
    """The program, in the folder."""
    program = folder / source.stem
    config = [sys.executable, "-m", "petiole", "config", "--cflags", "--libs"]
    flags = subprocess.check_output(config, env=ENV, text=True)
    warnings = "-Wall -Wextra -Werror -Wno-unused-variable -Wno-unused-but-set-variable".split()
    command = ["cc", "-std=c11", *warnings, source, "-o", program, *flags.split(), "-lm"]
    subprocess.run(command, check=True)
    return program


@pytest.mark.parametrize("block", all_blocks("c"), ids=str)
def test_c(block, tmp_path):
    source = tmp_path / "block.c"
    source.write_text(c_program(block))
    program = compile_c(source, tmp_path)
    subprocess.run([program], cwd=tmp_path, env=ENV, check=True, timeout=limit(60))
    for mpi in installed_mpis():
        script = [ROOT / "script" / "mpirun", mpi, "2", str(limit(60)), program]
        subprocess.run(script, cwd=tmp_path, env=ENV, check=True, timeout=limit(80))


def installed_mpis():
    return subprocess.check_output(
        ["bash", "-c", ". script/lib.sh; mpis"], cwd=ROOT, text=True
    ).split()


# ---- commands ------------------------------------------------------------------------------------


def commands(text):
    """The commands of an sh block as lists of words, without comments, assignments, redirections."""
    for line in text.replace("\\\n", " ").splitlines():
        for inner in re.findall(r"\$\((.*?)\)", line):
            yield from commands(inner)
        line = re.sub(r"\$\(.*?\)", "SUBSTITUTED", line)
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.wordchars += "$:@%+,{}"
        words = []
        for word in [*lexer, ";"]:
            if re.fullmatch(r"[;&|()]+", word):
                if words:
                    yield words
                words = []
            elif words or not re.fullmatch(r"\w+=.*", word):
                words.append(word)


def options(words):
    return [word.partition("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)]


def help_text(argv):
    done = subprocess.run([*argv, "--help"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, f"{argv} --help: {done.stderr}"
    return done.stdout


def check(words):
    """Fails where a command, its files or its options do not exist."""
    name, rest = words[0], words[1:]
    if name in ("mpirun", "mpiexec", "script/mpirun", "script/by-rank"):
        check_launched(name, rest)
    elif name in ("python", "python3", ".venv/bin/python"):
        check_python(rest)
    elif name == "petiole":
        check_petiole(rest)
    elif name.startswith("script/"):
        path = ROOT / name
        assert path.is_file() and os.access(path, os.X_OK), f"{name} is no program"
        if "python" in path.read_text().partition("\n")[0]:
            compile(path.read_text(), path, "exec")
        else:
            subprocess.run(["bash", "-n", path], check=True)
        known = path.read_text() + (ROOT / "script" / "run_tests.py").read_text() * (
            name == "script/test"
        )
        assert all(option in known for option in options(rest)), f"{words}: unknown option"
    elif name not in READERS | {"cd", "export"} and not name.startswith("build/"):
        venv = pathlib.Path(sys.executable).parent
        found = shutil.which(pathlib.Path(name).name, path=f"{venv}:{os.environ['PATH']}")
        assert found, f"no command {name}"


def check_launched(name, words):
    """What mpirun is to start."""
    if name == "script/mpirun":
        words = words[3:]
    elif name == "script/by-rank":
        words = words[1:]
    else:
        while words and words[0].startswith("-"):
            words = words[2:]
    check(words)


def check_python(words):
    if words[0] == "-m":
        if words[1] == "petiole":
            check_petiole(words[2:])
        else:
            assert subprocess.run([sys.executable, "-c", f"import {words[1]}"]).returncode == 0
        return
    if words[0] in READERS:
        return
    text = help_text([sys.executable, words[0]])
    assert all(option in text for option in options(words)), f"{words}: unknown option"


def check_petiole(words):
    """Each option is known to `petiole COMMAND --help`; those of `run` are the program's own."""
    argv = [sys.executable, "-m", "petiole"]
    if words and not words[0].startswith("-"):
        argv.append(words[0])
        if words[0] == "run":
            words = words[:1]
    text = help_text(argv)
    unknown = [option for option in options(words) if not re.search(rf"(?<!\w){option}\b", text)]
    assert unknown == [], f"{' '.join(argv[2:])} does not know {unknown}"


@pytest.mark.parametrize("block", all_blocks("sh"), ids=str)
def test_commands_exist(block):
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
    found = list(commands(block.text))
    assert found, "no command in it"
    for words in found:
        check(words)


# ---- docstrings ----------------------------------------------------------------------------------


def docstrings():
    """(name, docstring) of everything public that has an example."""
    for name in pt.__all__:
        thing = getattr(pt, name)
        members = vars(thing).items() if inspect.isclass(thing) else ()
        for label, text in [
            (name, thing.__doc__),
            *((f"{name}.{m}", v.__doc__) for m, v in members),
        ]:
            if ">>>" in (text or ""):
                yield label, text


def test_docstring_examples():
    """Examples in docstrings run; the module's own may use its names."""
    runner = doctest.DocTestRunner(verbose=False)
    for name, text in docstrings():
        example = doctest.DocTestParser().get_doctest(text, {"pt": pt}, name, None, 0)
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0
