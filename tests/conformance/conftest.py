"""The two emulators that the tests of this folder compare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.bench import Bench, bench


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as opened:
        yield opened
