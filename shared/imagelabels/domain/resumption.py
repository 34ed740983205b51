"""What a run of the timer is told, and what it tells when it ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from imagelabels.domain.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Scope:
    """A run looks after the objects of one store whose URIs begin so. Without a bucket these are all of the store."""

    store: str
    bucket: str = ""
    """The bucket is written as in a URI, oss://photos."""
    prefix: str = ""

    @property
    def begins(self) -> str:
        """Return the text with which all URIs begin."""
        return f"{self.bucket}/{self.prefix}" if self.bucket else f"{self.store}://"


class Ended(str, Enum):
    """Why a run ended."""

    DONE = "done"
    """Every object was tried that could be."""
    NO_TIME = "no_time"
    """The next run goes on."""
    THROTTLED = "throttled"
    """A service asked for fewer calls several times in a row, so the rest is left to the next run."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """What came of a run."""

    ended: Ended
    states: Mapping[str, int] = field(default_factory=dict)
    """The number of objects by what became of them; those that must wait again count as waiting."""
    paid_calls: int = 0
    passed_over: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The reasons whose objects were not tried, by bucket: no call may be made for them now, or one of them was tried
    in vain. The budget concerns all buckets, and has the key `*`."""
    message: str = ""
    """What a person must mend so that runs can do anything at all."""


ALL_BUCKETS = "*"

_SCOPE = re.compile(r"([a-z0-9]+)://([^/\s]+)(?:/(.*))?", re.DOTALL)


def scope(text: str, store: str) -> Scope:
    """Read the text that a timer carries, which is a prefix such as oss://photos/2026/, or empty for all of the store.

    Misconfigured if it names something else: then the timer was set up wrong.
    """
    if not text:
        return Scope(store)
    parts = _SCOPE.fullmatch(text)
    if parts is None or parts[1] != store:
        shown = ascii(text[:100])
        raise Misconfigured(
            f"the timer carries {shown}, which is no prefix in a bucket, such as {store}://photos/2026/"
        )
    return Scope(store, f"{store}://{parts[2]}", parts[3] or "")
