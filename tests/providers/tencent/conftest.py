"""A scripted store, and adapters that speak to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from imagelabels.domain.taxonomy import load
from imagelabels.providers.tencent.ci.detector import CiDetector
from imagelabels.providers.tencent.cos.objects import CosObjects
from tests.providers.tencent.scripted import buckets
from tests.scripted import Server, scripted

Make = Callable[..., CosObjects]


@pytest.fixture
def server() -> Iterator[Server]:
    with scripted() as server:
        yield server


@pytest.fixture
def objects(server: Server) -> Iterator[CosObjects]:
    objects = CosObjects(buckets(server))
    yield objects
    objects.close()


@pytest.fixture
def detector(server: Server) -> Iterator[CiDetector]:
    detector = CiDetector(buckets(server), ("web",), 0.1, load())
    yield detector
    detector.close()
