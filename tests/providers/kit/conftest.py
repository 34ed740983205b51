"""A scripted server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scripted import Server, scripted


@pytest.fixture
def server() -> Iterator[Server]:
    with scripted() as server:
        yield server
