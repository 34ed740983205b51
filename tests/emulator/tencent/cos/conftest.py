"""Fixtures of a running COS with one bucket, and of an unmodified client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.core.parts import Change
from tests.emulator.running import COS_BUCKET, RunningCos, running_cos
from tests.emulator.tencent.cos.detecting import CosDetector


@pytest.fixture
def changes() -> list[Change]:
    return []


@pytest.fixture
def detector() -> CosDetector:
    return CosDetector()


@pytest.fixture
def cos(tmp_path: Path, changes: list[Change], detector: CosDetector) -> Iterator[RunningCos]:
    with running_cos(tmp_path, detector, changes.append) as running:
        yield running


@pytest.fixture
def client(cos: RunningCos) -> Any:
    return cos.client()


@pytest.fixture
def put(client: Any) -> Any:
    """Return a function that stores bytes as the object `a`."""
    return lambda data: client.put_object(COS_BUCKET, data, "a")
