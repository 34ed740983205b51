"""What the API asks of the stores on this machine. A store is opened when somebody first asks for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from imagelabels import clouds, wiring, wiring_commands, wiring_platforms
from imagelabels.api.correcting import PATIENCE
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.invocations import batches
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.ports.buckets import Buckets
from imagelabels.ports.invoker import Invoker
from imagelabels.roles import FunctionPlatform
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.invoke import invoke
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.why import Reasons, why


class Stores:
    """Asks the stores as commands do, with the keys in the environment."""

    def __init__(self, index: str | None = None) -> None:
        """`index` is the URL of the index, in place of IMAGELABELS_INDEX."""
        self._index = index
        self._tools: dict[str, Tools] = {}
        self._opening = Lock()

    def correct(self, ref: ObjectRef, said: Said) -> ImageRecord:
        """Correct a picture; ValueError says why it cannot be."""
        return correct(self.tools(ref.store), ref, said, time.monotonic() + PATIENCE)

    def why(self, ref: ObjectRef) -> Reasons:
        """Tell why a picture has its labels."""
        return why(self.tools(ref.store), ref)

    def tools(self, scheme: str) -> Tools:
        """Return what a store's pictures are worked on with."""
        with self._opening:
            if scheme not in self._tools:
                self._tools[scheme] = wiring_commands.workplace(scheme, self._index)[0]
            return self._tools[scheme]


class Functions:
    """This is a Giver. It invokes the deployed functions with the keys in the environment."""

    def __init__(
        self, connect: Callable[[str, None], tuple[FunctionPlatform, Invoker]] = wiring_platforms.invoker
    ) -> None:
        """`connect` returns what runs the functions for a store."""
        self._connect = connect
        self._functions: dict[str, tuple[str, FunctionPlatform, Invoker]] = {}

    def open(self, scheme: str, name: str) -> None:
        """Name the function for a store's pictures; Misconfigured if none reads the store, or if a setting misses."""
        self._functions[scheme] = (name, *self._connect(scheme, None))

    def takes(self, ref: ObjectRef) -> bool:
        """Return whether the picture's store has a function here, and whether an event can name the picture."""
        if ref.store not in self._functions:
            return False
        try:
            self._functions[ref.store][1].event([ref])
        except LabelingError:
            return False
        return True

    def give(self, refs: Sequence[ObjectRef]) -> None:
        """Let the functions act on pictures that they take soon, with the retries of their platforms. Nobody waits for
        them. An error says which platform did not take an event."""
        for scheme, (name, platform, invoker) in self._functions.items():
            own = batches((ref for ref in refs if ref.store == scheme), platform.event)
            for accepted in invoke(invoker, name, own, later=True):
                if isinstance(accepted.error, LabelingError):
                    raise accepted.error


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
