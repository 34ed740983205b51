"""This module finds keys and passwords where they stand in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.checks.function import SECRET_IN_PLAIN_TEXT

_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:LTAI[A-Za-z0-9]{12,28}|AKID[A-Za-z0-9]{13,48}|STS\.[A-Za-z0-9]{16,})(?![A-Za-z0-9])"
)
"""The ids of access keys of Alibaba Cloud and Tencent Cloud, and of Alibaba Cloud's temporary ones, begin so."""

_NAME = re.compile(r"SECRET|PASSWORD|PASSWD|TOKEN|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL", re.IGNORECASE)
"""A variable whose name contains one of these holds a secret."""


def is_key(text: str) -> bool:
    """Return whether a text contains the id of an access key."""
    return _KEY.search(text) is not None


def is_name(name: str) -> bool:
    """Return whether a variable of this name holds a secret."""
    return _NAME.search(name) is not None


def places(value: Any, path: str) -> Iterator[str]:
    """Yield the path of each text in a value that contains the id of an access key."""
    if isinstance(value, str):
        if is_key(value):
            yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, f"{path}[{number}]")


def finding(where: str) -> Finding:
    return SECRET_IN_PLAIN_TEXT.finding(where, "A key or a password stands here in plain text.")
