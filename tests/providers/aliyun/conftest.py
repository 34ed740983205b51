"""A scripted store, and adapters that speak to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from imagelabels.providers.aliyun.oss.objects import OssObjects
from tests.providers.aliyun.scripted import credentials
from tests.scripted import Server, scripted

Make = Callable[..., OssObjects]


@pytest.fixture
def server() -> Iterator[Server]:
    with scripted() as server:
        yield server


@pytest.fixture
def make(server: Server) -> Iterator[Make]:
    made: list[OssObjects] = []

    def make(**options: Any) -> OssObjects:
        made.append(OssObjects(server.endpoint, "cn-hangzhou", credentials(), **options))
        return made[-1]

    yield make
    for objects in made:
        objects.close()


@pytest.fixture
def objects(make: Make) -> OssObjects:
    return make()
