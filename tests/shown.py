"""Finds the commands that the documentation shows, and parses them as the real programs would, without running them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from textwrap import dedent

import click

from emulator.arguments import parser
from imagelabels import settings
from imagelabels.cli.command import option_names
from imagelabels.cli.main import program

ROOT = Path(__file__).parent.parent
ACCOUNT = "# needs an account"
NETWORK = "# needs the network"
"""A block whose first line says one of these is never run by a test."""

_FENCED = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
"""A code block. Only a block without a language holds commands."""
_IN_TEXT = re.compile(r"`(imagelabels [^`]+)`")
_OPERATORS = re.compile(r"[|&;<>]+")
_SUBSTITUTED = re.compile(r"\$\((imagelabels [^()]*)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block of commands. `line` is the number of its first line in the page."""

    line: int
    text: str

    @property
    def runs_here(self) -> bool:
        """Whether it needs neither an account nor the network."""
        return not self.text.startswith((ACCOUNT, NETWORK))

    def commands(self) -> Iterator[Shown]:
        """Yield the command lines. In a block with prompts the other lines are what is printed."""
        prompts = self.text.startswith("$ ") or "\n$ " in self.text
        begun, where = "", 0
        for number, line in enumerate(self.text.splitlines(), self.line):
            if not begun:
                if (prompts and not line.startswith("$ ")) or line.startswith("#") or not line.strip():
                    continue
                where, line = number, line.removeprefix("$ ")
            begun += line.removesuffix("\\")
            if not line.endswith("\\"):
                yield Shown(where, begun)
                begun = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A command line in a code block. `line` is its number in the page."""

    line: int
    text: str

    def simple(self) -> Iterator[list[str]]:
        """Yield the words of each command in the line; those between $( and ) too."""
        words = list[str]()
        lexer = shlex.shlex(self.text, posix=True, punctuation_chars=True)
        lexer.whitespace_split, lexer.commenters = True, ""
        for word in lexer:
            if _OPERATORS.fullmatch(word):
                yield words
                words = []
                if word[0] in "<>":  # A file's name follows.
                    next(lexer)
            else:
                words.append(word)
        yield words
        for inner in _SUBSTITUTED.findall(self.text):
            yield shlex.split(inner)


def blocks(page: str) -> list[Block]:
    """Return a page's code blocks of commands."""
    return [
        Block(page.count("\n", 0, found.start("text")) + 1, dedent(found["text"]))
        for found in _FENCED.finditer(page)
        if not found["language"]
    ]


def in_blocks(page: str) -> list[Shown]:
    """Return all commands in a page's code blocks."""
    return [command for block in blocks(page) for command in block.commands()]


def in_text(page: str) -> list[list[str]]:
    """Return the words of each `imagelabels ...` in a page's sentences, which hold placeholders and do not parse."""
    return [shlex.split(re.sub(r"[\[\]]", " ", text)) for text in _IN_TEXT.findall(_FENCED.sub("", page))]


def complaint(words: Sequence[str]) -> str | None:
    """Say why a command cannot be run as it is written. Of other programs than ours nothing is known."""
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    if not words:
        return None
    name = Path(words[0]).name
    if name == "export":
        return _unknown_variable(words[1:])
    if name == "imagelabels":
        return _refused_command(words[1:])
    if name == "imagelabels-emulator":
        return _refused_emulator(words[1:])
    if name.startswith("python") and words[1:2] == ["-m"]:
        return _refused_module(words[2], words[3:])
    return None


def _unknown_variable(assignments: Sequence[str]) -> str | None:
    known = {name for name, _, _ in settings.table()}
    names = [word.partition("=")[0] for word in assignments]
    unknown = [name for name in names if name.startswith("IMAGELABELS_") and name not in known]
    return f"there is no setting {', '.join(unknown)}" if unknown else None


def _refused_command(words: Sequence[str]) -> str | None:
    command, rest = _command(words)
    if command is None:
        return f"there is no command {' '.join(words)}"
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            command.make_context(command.name, list(rest))
    except click.exceptions.Exit:  # This is how --help and --version end.
        return None
    except click.UsageError as error:
        return error.format_message()
    return None


def _command(words: Sequence[str]) -> tuple[click.Command | None, Sequence[str]]:
    """Return the command that the first words name, and the words behind them."""
    command: click.Command | None = program()
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command, words = command.get_command(click.Context(command), words[0]), words[1:]
    return command, words


def unknown_in_text(words: Sequence[str]) -> str | None:
    """Say which command or option of an `imagelabels ...` in a sentence does not exist."""
    command, rest = _command(words[1:])
    if command is None:
        return f"there is no command {' '.join(words)}"
    known = {*option_names(click.Context(command)), "--help", "--version"}
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    return f"{' '.join(words)} has no option {', '.join(unknown)}" if unknown else None


def _refused_emulator(words: Sequence[str]) -> str | None:
    errors = StringIO()
    try:
        with redirect_stdout(StringIO()), redirect_stderr(errors):
            parser().parse_args(words)
    except SystemExit as ended:
        return errors.getvalue() if ended.code else None
    return None


def _refused_module(module: str, words: Sequence[str]) -> str | None:
    if module == "emulator":
        return _refused_emulator(words)
    ours = module.partition(".")[0] in ("imagelabels", "tests", "benchmarks", "demo", "emulator")
    return f"there is no module {module}" if ours and find_spec(module) is None else None
