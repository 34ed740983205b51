"""Says once which rows a list leaves out, because one row that cannot be read must not hide all others."""

from __future__ import annotations

import logging
from threading import Lock

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import LeftOut

MOST = 1000
"""So many rows are named by a process at most: an index that is damaged as a whole is told by fewer lines."""

# This is no child of the logger of a function's records, whose lines go to standard output, as do commands' answers.
_logger = logging.getLogger("imagelabels_index")
_said: set[str] = set()
_lock = Lock()


def left_out(uri: str, ref: ObjectRef | None, why: LabelingError) -> LeftOut:
    """Return what a page tells of the row that it leaves out. The first time, warn of it too."""
    warn(uri, why)
    return LeftOut(uri, ref)


def warn(name: str, why: LabelingError) -> None:
    """Warn of what a list leaves out, the first time that it has to do with this name."""
    with _lock:
        is_new = name not in _said and len(_said) < MOST
        if is_new:
            _said.add(name)
    if is_new:
        _logger.warning("A row was left out of a list: %s", why)


def forget() -> None:
    """Warn of every row again."""
    with _lock:
        _said.clear()
