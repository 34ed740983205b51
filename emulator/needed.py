"""Ends the program with one line if a package that the emulator needs is missing; `__main__` imports it first."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.util import find_spec

PACKAGES = ("aiohttp", "fastcrc", "PIL", "tablestore", "google.protobuf")


def missing(packages: Iterable[str] = PACKAGES) -> list[str]:
    """Those of the packages that cannot be imported."""
    return [name for name in packages if find_spec(name.partition(".")[0]) is None]


if absent := missing():
    sys.exit(
        f"emulator: {', '.join(absent)} cannot be imported: in a checkout run `make setup` and use .venv/bin/python; "
        f"elsewhere run {sys.executable} -m pip install 'imagelabels[embedded,emulator]'"
    )
