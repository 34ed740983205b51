"""Fixtures of a running endpoint with a bucket, for each version of signatures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.core.parts import Change
from tests.emulator.running import Running, running_oss


@pytest.fixture
def changes() -> list[Change]:
    return []


@pytest.fixture
def oss(tmp_path: Path, changes: list[Change]) -> Iterator[Running]:
    with running_oss(tmp_path, on_change=changes.append) as running:
        running.store.create_bucket("photos")
        yield running


@pytest.fixture(params=["v1", "v4"])
def bucket(oss: Running, request: pytest.FixtureRequest) -> Any:
    """Return an unmodified oss2 client of an empty bucket."""
    return oss.bucket("photos", request.param)


@pytest.fixture
def client(oss: Running) -> Any:
    """Return a client with signatures of version 4 only, for long tables in which the signature does not matter."""
    return oss.bucket("photos", "v4")
