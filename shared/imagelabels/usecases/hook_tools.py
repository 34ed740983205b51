"""What the work for webhooks is done with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imagelabels.ports.albums import Albums
from imagelabels.ports.changes import Changes
from imagelabels.ports.receivers import Receivers
from imagelabels.ports.webhooks import Webhooks
from imagelabels.usecases.gallery import Gallery


@dataclass(frozen=True, slots=True)
class HookTools:
    """The index behind its ports, the receivers, and what time and chance are."""

    gallery: Gallery
    albums: Albums
    changes: Changes
    kept: Webhooks
    receivers: Receivers
    now: Callable[[], int]
    """The time in milliseconds since 1970."""
    clock: Callable[[], float]
    """A clock in seconds that never goes back."""
    chance: Callable[[], float]
    """A random number from 0 to 1."""
