"""Each test of a deployment reads the same long template."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest
import yaml


@pytest.fixture(scope="session", autouse=True)
def equal_texts_are_parsed_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "compose", lru_cache(maxsize=16)(yaml.compose))
        yield
