"""Finds out before a walk whether the index answers, and says while it does not that it is being tried."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imagelabels.domain.errors import Damaged
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place
from imagelabels.views.layout import say

SLOW = 2.0
"""A person is told after so many seconds what the command waits for."""


def reach_index(by: Tools, place: Place, slow: float = SLOW) -> None:
    """Read one row, which need not be there. The errors are those of the index: a walk would meet them for each object,
    and try again and again."""
    with _told_if_slow("the index has not answered yet: still trying", slow), suppress(Damaged):
        by.rows.row(ObjectRef(place.store, place.bucket, place.prefix or "imagelabels"))


@contextmanager
def _told_if_slow(words: str, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, say, (words,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
