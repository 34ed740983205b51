"""This module makes the lines that tell a person how to continue after the demo."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from demo.emulated import DEPLOYMENT

REAL = (
    "Real: the functions, the vendors' clients, the model that sees the labels.",
    "Emulated, on this machine: OSS, COS, IMM, Cloud Infinite, Tablestore (which holds the index), "
    "Function Compute, SCF.",
)

PAGE = "The page shows these pictures, and labels what you drop on it. Open this address:"
NO_PAGE = "`make demo KEEP=1` also shows the pictures in a browser, at http://127.0.0.1:8080/"


class RunningClouds(Protocol):
    """The facts about the emulator that the lines need."""

    @property
    def port(self) -> int: ...
    @property
    def data(self) -> Path: ...
    @property
    def user_settings(self) -> dict[str, str]: ...


def lines(
    labelled: Mapping[str, Mapping[str, str]], uris: Sequence[str], clouds: RunningClouds, page: str | None
) -> list[str]:
    """Return lines that say what was real, how to start the clouds again, which commands to try, and where the page is.

    `labelled` holds the tags of objects that have any, by URI. `page` is the address of the page; None if nothing is
    left running. Indented lines are to be copied.
    """
    start = (
        ["The clouds run until Ctrl-C. In another terminal, in this folder:"]
        if page is not None
        else [
            "To continue, start the clouds again (`make demo KEEP=1` leaves them running):",
            "",
            *restart(clouds),
            "",
            "and then, in another terminal, in this folder:",
        ]
    )
    shown = [PAGE, "", f"  {page}"] if page is not None else [NO_PAGE]
    return ["", *REAL, "", *start, "", *exports(clouds.user_settings), "", *commands(labelled, uris), "", *shown]


def restart(clouds: RunningClouds) -> list[str]:
    """Return the command that starts the emulator with the data that the demo left."""
    port = [] if clouds.port == 9000 else [f"--port {clouds.port}"]
    data, deployment = clouds.data / "emulator", clouds.data / DEPLOYMENT
    options = [f"--data {shlex.quote(shown(data))}", f"--deploy {shlex.quote(shown(deployment))}", *port]
    return _folded([".venv/bin/python -m emulator up", *options])


def exports(settings: Mapping[str, str]) -> list[str]:
    """Return lines that set the variables of the command line and the path on which it is found."""
    path = 'PATH="$PWD/.venv/bin:$PATH"'
    return [
        f"  export {line}" for line in (path, *(f"{name}={shlex.quote(settings[name])}" for name in sorted(settings)))
    ]


def commands(labelled: Mapping[str, Mapping[str, str]], uris: Sequence[str]) -> Iterator[str]:
    """Yield commands to try. They use the object and the label that make the shortest lines, and an object with a name
    that can be pasted, if there is one.

    If no object has labels, the only command is `why`.
    """
    pairs = [(uri, key.partition(":")[2], value) for uri, tags in labelled.items() for key, value in tags.items()]
    if not pairs:
        yield f"  imagelabels why {shlex.quote(min(uris, key=len))}"
        return
    uri, label, category = min(
        pairs, key=lambda pair: (not pair[0].isprintable(), len(shlex.quote(pair[0])) + len(pair[1]), pair)
    )
    yield f"  imagelabels search {category}"
    yield f"  imagelabels why {shlex.quote(uri)}"
    yield f"  imagelabels correct {shlex.quote(uri)} --not {label} --add cake"
    yield f"  imagelabels undo {'/'.join(uri.split('/')[:3])}/ --dry-run"


def shown(path: Path) -> str:
    """Return the path as one types it in the current folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _folded(parts: Sequence[str]) -> list[str]:
    """Return one command on as many lines of 80 columns as it needs. The shell reads them as one line."""
    lines = [f"  {parts[0]}"]
    for part in parts[1:]:
        if len(f"{lines[-1]} {part} \\") <= 80:
            lines[-1] += f" {part}"
        else:
            lines[-1] += " \\"
            lines.append(f"    {part}")
    return lines
