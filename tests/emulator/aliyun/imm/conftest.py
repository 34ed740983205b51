"""Fixtures of IMM over a bucket with one picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.aliyun.imm.running import Detector, RunningImm, running_imm


@pytest.fixture
def detector() -> Detector:
    return Detector()


@pytest.fixture
def imm(tmp_path: Path, detector: Detector) -> Iterator[RunningImm]:
    with running_imm(tmp_path, detector) as running:
        running.bucket().put_object("a.jpg", b"picture")
        yield running
