"""Each test of a look at an account runs on both clouds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.doctor.live.account import BUCKETS, Account, account


@pytest.fixture(params=BUCKETS)
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, request.param) as running:
        yield running
