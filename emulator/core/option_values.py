"""The values that the emulator's options take, and what a person is told of any other value."""

from __future__ import annotations

import argparse
import math
import re
import shlex
import shutil
from collections.abc import Callable, Collection
from pathlib import Path


def name_that(allowed: Callable[[str], bool], fault: str) -> Callable[[str], str]:
    """Return what reads a name. `fault` goes on behind a name that is not allowed, as in "is no bucket name"."""

    def name(text: str) -> str:
        if not allowed(text):
            raise argparse.ArgumentTypeError(f"{text!r} {fault}")
        return text

    return name


def one_of(kind: str, names: Collection[str]) -> Callable[[str], str]:
    """Return what reads one of these names, such as the names of topics where `kind` is topic."""

    def name(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"there is no {kind} {text!r}: choose {', '.join(names)}")
        return text

    return name


def variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        # The text is not quoted, because the value may be a secret.
        raise argparse.ArgumentTypeError("a variable is given as NAME=VALUE")
    return name, value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def seconds(text: str) -> float:
    seconds = _number(text)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds


def rate(text: str) -> float:
    rate = _number(text)
    if not 0 < rate < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return rate


def factor(text: str) -> float:
    factor = _number(text)
    if not 0 <= factor < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return factor


def lag(text: str) -> float:
    return 0.0 if _number(text) == 0 else seconds(text)


def port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: ports are 1 to 65535, and 0 takes a free one")
    return int(text)


def seed(text: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", text):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 up, of at most 18 digits")
    return int(text)


def memory(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of MB above 0")
    return int(text)


def instances(text: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to 999")
    return int(text)


def folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the name of the folder is empty")
    if Path(text).is_file():
        raise argparse.ArgumentTypeError(f"{text} is a file and no folder")
    return Path(text)


def command(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no command: {error}") from error
    if not words:
        raise argparse.ArgumentTypeError("the command is empty")
    return words


def program(text: str) -> Path:
    path = shutil.which(text)
    if path is None:
        raise argparse.ArgumentTypeError(f"there is no program {text}")
    return Path(path).absolute()  # links are not resolved, because the interpreter of a virtual environment is one
