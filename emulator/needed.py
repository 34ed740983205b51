"""Ends the program with one line if a package that the emulator needs is missing; `__main__` imports it first."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.util import find_spec

from emulator import __version__, topics

PACKAGES = ("aiohttp", "fastcrc", "PIL", "tablestore", "google.protobuf")


def missing(packages: Iterable[str] = PACKAGES) -> list[str]:
    """Those of the packages that cannot be imported."""
    return [name for name in packages if find_spec(name.partition(".")[0]) is None]


if absent := missing():
    if sys.argv[1:2] == ["help"] and set(sys.argv[2:3]) <= topics.TOPICS.keys():  # the topics need no package
        print(topics.text(sys.argv[2]) if sys.argv[2:] else topics.overview("python -m emulator"), end="")
        sys.exit()
    sys.exit(
        f"emulator: {', '.join(absent)} cannot be imported: in a checkout run `make setup` and use .venv/bin/python; "
        f"elsewhere install the wheel that `pip wheel --no-deps --wheel-dir dist .` makes, with its extras: "
        f"{sys.executable} -m pip install './dist/imagelabels-{__version__}-py3-none-any.whl[embedded,emulator]'"
    )
