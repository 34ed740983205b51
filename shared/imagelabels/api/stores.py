"""What the API asks of the stores that the pictures are in. A store is opened when somebody first asks for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from imagelabels import clouds, wiring
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.ports.thumbnails import Thumbnails
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.why import Reasons, why

SIGNED = 300
"""The address of a small copy works for so many seconds."""

PATIENCE = 60.0
"""A correction may take so many seconds, which is the patience of most clients."""


class Stores:
    """Asks the stores. `tools_of` opens what use cases work with, and `session_of` a store's session, by its scheme."""

    def __init__(self, tools_of: Callable[[str], Tools], session_of: Callable[[str], clouds.Session]) -> None:
        self._tools_of = tools_of
        self._session_of = session_of
        self._tools: dict[str, Tools] = {}
        self._thumbnails: dict[str, Thumbnails] = {}
        self._opening = Lock()

    def small(self, record: ImageRecord, side: int) -> str | bytes:
        """Return the address of a small copy, or the copy; ValueError says why there is none."""
        if record.head is None:
            raise ValueError("nobody has looked at this picture yet")
        with self._opening:
            thumbnails = self._thumbnails.get(record.ref.store) or self._open_thumbnails(record.ref.store)
        return thumbnails.small(record.ref, record.head, side, SIGNED)

    def correct(self, ref: ObjectRef, said: Said) -> ImageRecord:
        """Correct a picture; ValueError says why it cannot be."""
        return correct(self._opened(ref.store), ref, said, time.monotonic() + PATIENCE)

    def why(self, ref: ObjectRef) -> Reasons:
        """Tell why a picture has its labels."""
        return why(self._opened(ref.store), ref)

    def _opened(self, scheme: str) -> Tools:
        with self._opening:
            if scheme not in self._tools:
                self._tools[scheme] = self._tools_of(scheme)
            return self._tools[scheme]

    def _open_thumbnails(self, scheme: str) -> Thumbnails:
        open_thumbnails = clouds.provider_of(scheme).thumbnails
        if open_thumbnails is None:
            raise ValueError(f"no small copies of {scheme}:// pictures can be had")
        self._thumbnails[scheme] = opened = open_thumbnails(self._session_of(scheme))
        return opened


def of_machine() -> Stores:
    """Return the stores as commands on this machine reach them, with the keys in the environment."""

    def tools_of(scheme: str) -> Tools:
        from imagelabels import wiring_commands

        return wiring_commands.workplace(scheme)[0]

    return Stores(tools_of, _session)


@lru_cache(maxsize=4)
def _session(scheme: str) -> clouds.Session:
    session = wiring.connected(scheme)[1]
    session.refresh(None, os.environ)
    return session
