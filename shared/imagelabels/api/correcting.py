"""Corrects pictures in a deployed function, tells why they have their labels, and opens what they are tried again with:
all with the keys of the function's role."""

from __future__ import annotations

import os
import time
from functools import cached_property
from typing import TYPE_CHECKING

from imagelabels import clouds
from imagelabels import settings as all_settings
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ImageRecord, ObjectRef

if TYPE_CHECKING:
    from imagelabels.usecases.correct import Said
    from imagelabels.usecases.tools import Tools
    from imagelabels.usecases.why import Reasons

PATIENCE = 45.0
"""A correction may take so many seconds: longer than the lease of a worker that died, and shorter than the platform
lets the function run."""


class Correcting:
    """Works on the pictures of one store. Its tools are built when they are first needed, so no cold start loads
    them."""

    def __init__(self, scheme: str, session: clouds.Session) -> None:
        """`session` is that of the function, which gets new keys with each request."""
        self._scheme = scheme
        self._session = session

    def correct(self, ref: ObjectRef, said: Said) -> ImageRecord:
        """Correct a picture; ValueError says why it cannot be."""
        from imagelabels.usecases.correct import correct

        if ref.store != self._scheme:
            raise ValueError(f"this server corrects pictures of {self._scheme}:// only: use `imagelabels correct`")
        return correct(self._tools, ref, said, time.monotonic() + PATIENCE)

    def why(self, ref: ObjectRef) -> Reasons:
        """Tell why a picture has its labels."""
        from imagelabels.usecases.why import why

        return why(self.tools(ref.store), ref)

    def tools(self, scheme: str) -> Tools:
        """Return what a store's pictures are worked on with; Misconfigured for another store than that of here."""
        if scheme != self._scheme:
            raise Misconfigured(f"this server asks {self._scheme}:// only")
        return self._tools

    @cached_property
    def _tools(self) -> Tools:
        from imagelabels import wiring

        settings = all_settings.load(os.environ)
        kind, options = wiring.chosen(settings, wiring.connected(self._scheme)[0])
        ledger = wiring.index(settings.index, os.environ, self._session).ledger()
        traits = kind.describe(self._session, options)
        return wiring.tools(settings, self._session.objects(lambda _: None), ledger, traits)
