"""What tests of more than one provider need."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


class Everything(logging.Handler):
    """Keeps each record as a careless formatter would write it, with the error that goes with it."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Everything that is logged while the root logger is as talkative as it gets."""
    everything, root = Everything(), logging.getLogger()
    level = root.level
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    yield everything.lines
    root.removeHandler(everything)
    root.setLevel(level)
