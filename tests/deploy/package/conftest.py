"""What the slow tests of packages share: real wheels, fetched once into the user's cache, and a real interpreter."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from imagelabels.deploy.package import download, lock
from imagelabels.deploy.package.interpreter import find
from imagelabels.deploy.package.target import Order
from imagelabels.domain.errors import Misconfigured


@pytest.fixture(scope="session")
def target_python() -> Callable[[Order], Path]:
    """The interpreter of an order's runtime, with its wheels in the cache; a test that cannot have them is left out."""

    def had(order: Order) -> Path:
        try:
            interpreter = find(order, None, os.environ)
            download.fetch(lock.load(order), order, download.cache_folder(os.environ))
        except Misconfigured as error:
            if "could not reach" in str(error) or "was found" in str(error):
                pytest.skip(f"it needs {order.runtime} and the package index once: {error}")
            raise
        return interpreter.path

    return had
