"""Arguments that several commands take, and refusals of one or two lines that say what was probably meant."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

from imagelabels.domain.moments import milliseconds
from imagelabels.printing import escaped

N = TypeVar("N", int, float)

_PLACE = re.compile(r"([a-z0-9]+://[^/]+)(?:/(.*))?", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[\\nrt])", re.ASCII)

FEW = 12
"""So many choices are listed in a refusal; more of them are left to --help."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose refusals are not hidden behind its usage. The parsers of its commands are the same."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n`{self.prog} --help` says what can be written here.\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what is left over here, where the options are known: argparse does it in the outermost parser."""
        parsed, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(self._unknown(rest))
        return parsed, rest

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Say which choice is like the value; argparse lists them all and leaves it there."""
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        listed = f" (write {_listed(choices)})" if len(choices) <= FEW else ""
        why = f"invalid choice: '{escaped(str(value))}'{listed}{meant(str(value), choices)}"
        raise argparse.ArgumentError(action, why)

    def _unknown(self, rest: Sequence[str]) -> str:
        option = next((text for text in rest if text.startswith("-")), None)
        if option is None:
            return f"{escaped(' '.join(rest))}: nothing more can be written here"
        name = option.partition("=")[0]
        options = [known for known in self._option_string_actions if known.startswith("--")]
        return f"there is no option {escaped(name)}{meant(name, options)}"


def meant(word: str, known: Iterable[str]) -> str:
    """`: did you mean ...?` for one of `known` that the word begins, or that looks like it; else nothing."""
    names = list(known)
    plain = word.strip().casefold()
    begun = [name for name in names if len(plain.strip("-")) > 1 and name.casefold().startswith(plain)]
    like = begun or difflib.get_close_matches(plain, names, n=1, cutoff=0.75)
    return f": did you mean {like[0]}?" if like else ""


def share(text: str) -> float:
    """A number from 0 to 1; for argparse."""
    return _within(text, float, 0.0, 1.0)


def rows(most: int) -> Callable[[str], int]:
    """A whole number from 1 to `most`; for argparse."""
    return lambda text: _within(text, int, 1, most)


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
        raise argparse.ArgumentTypeError(f"{escaped(text)} does not begin like a picture's URI, as oss://bucket/path/")
    return parts[1], parts[2] or ""


def unescaped(printed: str) -> str:
    """The text that was printed so; one that `escaped` would not have printed so is taken as it stands."""
    text = _ESCAPE.sub(_spelled_out, printed)
    return text if escaped(text) == printed else printed


def complain(command: str, message: str) -> int:
    """Say on stderr what is wrong with a command; the exit status."""
    print(f"imagelabels {command}: {escaped(message)}", file=sys.stderr)
    return 2


def _within(text: str, kind: Callable[[str], N], least: N, most: N) -> N:
    with suppress(ValueError):
        number = kind(text)
        if least <= number <= most:
            return number
    raise argparse.ArgumentTypeError(f"{escaped(text)} is not a number from {least:g} to {most:g}")


def _spelled_out(escape: re.Match[str]) -> str:
    try:
        return escape[0].encode("ascii").decode("unicode_escape")
    except UnicodeDecodeError:  # a number beyond the last character
        return escape[0]


def _listed(choices: Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]
