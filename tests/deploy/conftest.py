"""Each test of a deployment reads the same long template, and many read it with a change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest
import yaml

from tests.deploy.parsing import quick


@pytest.fixture(scope="session", autouse=True)
def texts_are_parsed_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "compose", lru_cache(maxsize=16)(quick(yaml.compose)))
        yield
