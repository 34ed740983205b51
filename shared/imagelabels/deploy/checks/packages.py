"""This module compares the name of an archive with the function that it is for."""

from __future__ import annotations

import re

_ARCHIVE = re.compile(r"(?<![\w.])(python3\.\d+)-([a-z]+)-[a-z]+-(?:code|layer)\b")
"""`imagelabels package` names an archive after its runtime, detector and index."""

_SERVES_TOO = {("imm", "oss")}
"""The package for the first detector has all that the second one needs."""


def mismatch(name: str, runtime: str, detector: str) -> str:
    """Return a sentence if the name of an archive says that it was made for another runtime or detector."""
    archive = _ARCHIVE.search(name)
    if archive is None:
        return ""
    is_other = bool(detector) and archive[2] != detector and (archive[2], detector) not in _SERVES_TOO
    if archive[1] == runtime and not is_other:
        return ""
    return f"The archive was made for {archive[1]} and {archive[2]}, and the function has {runtime} and {detector}."
