"""What the API asks of the stores on this machine. A store is opened when somebody first asks for it."""

from __future__ import annotations

import os
import time
from threading import Lock
from typing import Any

from imagelabels import clouds, wiring, wiring_commands
from imagelabels.api.correcting import PATIENCE
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.ports.buckets import Buckets
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.why import Reasons, why


class Stores:
    """Asks the stores as commands do, with the keys in the environment."""

    def __init__(self) -> None:
        self._tools: dict[str, Tools] = {}
        self._opening = Lock()

    def correct(self, ref: ObjectRef, said: Said) -> ImageRecord:
        """Correct a picture; ValueError says why it cannot be."""
        return correct(self._opened(ref.store), ref, said, time.monotonic() + PATIENCE)

    def why(self, ref: ObjectRef) -> Reasons:
        """Tell why a picture has its labels."""
        return why(self._opened(ref.store), ref)

    def _opened(self, scheme: str) -> Tools:
        with self._opening:
            if scheme not in self._tools:
                self._tools[scheme] = wiring_commands.workplace(scheme)[0]
            return self._tools[scheme]


class Uploads:
    """Stores new objects, with the keys in the environment."""

    def __init__(self) -> None:
        self._buckets: dict[str, Buckets] = {}

    def open(self, scheme: str) -> None:
        """Open a store; Misconfigured if it has no buckets, or if its settings or keys are missing."""
        store = clouds.provider_of(scheme).store
        if store is None or not store.buckets:
            raise Misconfigured(
                f"no photos can be uploaded to {scheme}://: name a bucket, as {clouds.example('photos/')}"
            )
        opened: Any = session(scheme)
        self._buckets[scheme] = opened.buckets()

    def put(self, ref: ObjectRef, content: bytes) -> None:
        """Store a new object in a store that was opened."""
        self._buckets[ref.store].put(ref, content)


def session(scheme: str) -> clouds.Session:
    """Open the session of a store with the keys in the environment."""
    opened = wiring.connected(scheme)[1]
    opened.refresh(None, os.environ)
    return opened
