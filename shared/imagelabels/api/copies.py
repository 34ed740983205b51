"""Small copies of pictures, by the store that each picture is in. A store is opened when somebody first asks for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from imagelabels import clouds
from imagelabels.domain.model import ImageRecord
from imagelabels.ports.thumbnails import Thumbnails

SIGNED = 300
"""The address of a small copy works for so many seconds."""


class Copies:
    """Makes small copies or signs their addresses. `session_of` returns the session of a store by its scheme, and
    KeyError for a store that cannot be asked."""

    def __init__(self, session_of: Callable[[str], clouds.Session]) -> None:
        self._session_of = session_of
        self._opened: dict[str, Thumbnails] = {}
        self._opening = Lock()

    def small(self, record: ImageRecord, side: int) -> str | bytes:
        """Return the address of a small copy, or the copy; ValueError says why there is none."""
        if record.head is None:
            raise ValueError("nobody has looked at this picture yet")
        with self._opening:
            thumbnails = self._opened.get(record.ref.store) or self._open(record.ref.store)
        return thumbnails.small(record.ref, record.head, side, SIGNED)

    def _open(self, scheme: str) -> Thumbnails:
        open_thumbnails = clouds.provider_of(scheme).thumbnails
        if open_thumbnails is None:
            raise ValueError(f"no small copies of {scheme}:// pictures can be had")
        try:
            session = self._session_of(scheme)
        except KeyError as error:
            raise ValueError(f"this function does not sign addresses of {scheme}:// pictures") from error
        self._opened[scheme] = opened = open_thumbnails(session)
        return opened
