"""The values of the emulator's options: what each of them takes, and what is said of any other."""

from __future__ import annotations

import argparse
import math
import re
import shlex
import shutil
from pathlib import Path

from emulator.tencent.cos import names


def bucket(text: str) -> str:
    # https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions
    if not re.fullmatch("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no bucket name: 3 to 63 of a-z, 0-9 and -, no - at either end")
    return text


def cos_bucket(text: str) -> str:
    # https://cloud.tencent.com/document/product/436/13312
    if not names.bucket(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no bucket of COS: a-z, 0-9 and -, then - and the digits of an APPID, as photos-1250000000"
        )
    return text


def variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError("a variable is given as NAME=VALUE")  # not quoted: the value may be a secret
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


def memory(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of MB above 0")
    return int(text)


def folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the name of the folder is empty")
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
    found = shutil.which(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"there is no program {text}")
    return Path(found).absolute()  # not resolved: a virtual environment's interpreter is a link
