"""Commands over stored objects, run on a small world with a real index."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from imagelabels.cli.objects import Site
from imagelabels.domain.budget import UNLIMITED
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.tally import DetectorSpending
from imagelabels.providers import sqlite
from imagelabels.usecases.walk import Place
from tests.world import Worker, World


class Commands:
    """Runs a command and keeps what it printed. `labeler` is what the commands' labeler is built with."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], executor: ThreadPoolExecutor) -> None:
        path = folder / "labels.db"
        self.world = World(sqlite.open_ledger(path))
        self.index = sqlite.open_label_index(path)
        self._capsys, self._executor = capsys, executor
        self.labeler: dict[str, Any] = {}
        self.limits = UNLIMITED
        self.worker: Worker | None = None
        self.out = self.err = ""

    def put(self, key: str, content: str, **put: Any) -> ObjectRef:
        """Upload and label."""
        ref = ObjectRef("oss", "photos", key)
        self.world.user_puts(ref, content, **put)()
        self.world.worker().gets(ref)
        return ref

    def site(self, place: Place) -> Site:
        self.worker = self.world.worker(**self.labeler)
        return Site(self.worker.tools, self.index, self._executor, self._spending)

    def _spending(self, now: float) -> list[DetectorSpending]:
        return [DetectorSpending("fake", self.world.ledger.spending("fake", now), self.limits)]

    def __call__(self, command: ModuleType, *arguments: str) -> int:
        status: int = command.run(command.command().parsed(*arguments), self.site)
        self.out, self.err = self._capsys.readouterr()
        return status

    def printed(self) -> list[Any]:
        """Read the lines of JSON that were printed since the last time."""
        self.out, self.err = self._capsys.readouterr()
        return [json.loads(line) for line in self.out.splitlines()]

    def json(self, command: ModuleType, *arguments: str) -> Any:
        assert self(command, *arguments, "--format", "json") == 0, self.err
        return json.loads(self.out)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Leaving(Terminal):
    """A terminal at which somebody presses Ctrl-C when they are asked."""

    def readline(self, *_: object) -> Any:
        raise KeyboardInterrupt


def at_a_terminal(typed: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Somebody sits there and types this; what is said to them on stderr is in the stream that comes back."""
    err = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", err)
    return err


@contextmanager
def commands(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    # One thread: the fakes are not made for several.
    with ThreadPoolExecutor(1) as executor:
        yield Commands(folder, capsys, executor)
