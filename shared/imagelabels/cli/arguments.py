"""How the command line reads its arguments: suggestions for misspelt words, short errors, examples in the help."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from imagelabels import clouds
from imagelabels.domain.moments import milliseconds
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, nearest, no_choice, percent_hint

WRONG_USE = 2
"""The exit status of a command that could not be understood."""

_PLACE = re.compile(r"(file://(?=/)|(?!file:)[a-z0-9]+://[^/]+)(?:/(.*))?", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[\\nrt])", re.ASCII)


def share(text: str) -> float:
    """A number from 0 to 1, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    # The comparison is not turned round, since no comparison with "nan" is true.
    if 0 <= number <= 1:
        return number
    raise argparse.ArgumentTypeError(f"{escaped(text)} is not a number from 0 to 1{percent_hint(number)}")


def rows(most: int) -> Callable[[str], int]:
    """A whole number from 1 to `most`; for argparse."""

    def number(text: str) -> int:
        with suppress(ValueError):
            if 1 <= int(text) <= most:
                return int(text)
        raise argparse.ArgumentTypeError(f"{escaped(text)} is not a number from 1 to {most}")

    return number


def moment(text: str) -> int:
    """Milliseconds since the epoch; for argparse."""
    try:
        return milliseconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(escaped(str(error))) from None


def begin(text: str) -> tuple[str, str]:
    """The bucket and the beginning of a key, as a Query has them, of what a picture's URI begins with; for argparse."""
    text = unescaped(text)
    if not text:
        return "", ""
    parts = _PLACE.fullmatch(text)
    if parts is None:
        raise no_uri(text)
    return parts[1], parts[2] or ""


def uri_prefix(text: str) -> str:
    """The same as one text, which ends in a slash where only a bucket is named; for argparse."""
    bucket, prefix = begin(text)
    if not bucket:
        raise no_uri(text)
    return f"{bucket}/{prefix}"


def no_uri(text: str) -> argparse.ArgumentTypeError:
    """Says that the text is not what a URI begins with, and how a path of this machine is written as one."""
    if not (text.startswith(("/", "./", "../")) or os.path.lexists(text)):
        return argparse.ArgumentTypeError(f"{escaped(text)} does not begin like a URI, as {clouds.beginnings()}")
    slash = "/" if text.endswith("/") or os.path.isdir(text) else ""
    uri = f"file://{os.path.abspath(text).rstrip('/')}{slash}"
    return argparse.ArgumentTypeError(f"{escaped(text)} is a path of this machine: write {shlex.quote(escaped(uri))}")


def unescaped(printed: str) -> str:
    """The text that was printed so; one that `escaped` would not have printed so is taken as it stands."""
    text = _ESCAPE.sub(_spelled_out, printed)
    return text if escaped(text) == printed else printed


def complain(command: str, message: str) -> int:
    """Say on stderr what is wrong with a command; the exit status."""
    say(f"imagelabels {command}: {escaped(message)}")
    return 2


def _spelled_out(escape: re.Match[str]) -> str:
    try:
        return escape[0].encode("ascii").decode("unicode_escape")
    except UnicodeDecodeError:  # a number beyond the last character
        return escape[0]


class Help(argparse.HelpFormatter):
    """Fills paragraphs to the terminal's width, and leaves lines that begin with spaces, such as examples, as they
    are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = text.splitlines()
        fill = super()._fill_text
        return "\n".join(line if line.startswith(" ") else fill(line, width, indent) for line in lines)


def examples(*lines: str) -> str:
    """The end of a command's help: one command line each."""
    return "\n\nexamples:\n" + "\n".join(f"  {line}" for line in lines)


class Parser(argparse.ArgumentParser):
    """Says an error first and in short, with a suggestion where a word is nearly a known one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"formatter_class": Help} | options)

    def error(self, message: str) -> NoReturn:
        """Print the message and a short usage of this very command, and end."""
        say(f"{self.prog}: {message}")
        say(f"usage: {self._short_usage()}; `{self.prog} --help` explains it")
        sys.exit(WRONG_USE)

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """Refuse unknown options here, where the command is known; its parent would show its own usage."""
        namespace, extras = super().parse_known_args(args, namespace)
        unknown = [word for word in extras if word.startswith("-")]
        if unknown:
            name = unknown[0].partition("=")[0]
            near = nearest(name, [known for known in self._option_string_actions if known.startswith("--")])
            self.error(f"there is no option {escaped(name)}" + (f": did you mean {near}?" if near else ""))
        if extras:
            self.error(f"this is one word too many: {escaped(extras[0])}")
        return namespace, extras

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, no_choice(str(value), map(str, action.choices)))

    def _short_usage(self) -> str:
        words = [self.prog]
        if any(action.option_strings and action.dest != "help" for action in self._actions):
            words.append("[OPTION...]")
        for action in self._get_positional_actions():
            name = str(action.metavar or action.dest)
            words.append({"*": f"[{name}...]", "+": f"{name}...", "?": f"[{name}]"}.get(str(action.nargs), name))
        return " ".join(words)
