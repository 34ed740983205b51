"""Fixtures of a running Tablestore with one table t, whose key is the string pk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.aliyun.tablestore.asking import Clock, create
from tests.emulator.running import RunningTablestore, running_tablestore


@pytest.fixture
def ots(tmp_path: Path) -> Iterator[RunningTablestore]:
    with running_tablestore(tmp_path) as running:
        yield running


@pytest.fixture
def client(ots: RunningTablestore) -> Any:
    """Return an unmodified client of the SDK. The table exists."""
    client = ots.ots()
    create(client)
    return client


@pytest.fixture
def clock() -> Clock:
    return Clock()
