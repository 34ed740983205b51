"""Every story is told over the ledger in memory and over the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.providers import sqlite
from tests.world import World


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "memory":
        yield World()
    else:
        yield World(sqlite.open_ledger(tmp_path / "labels.db"))
