"""Search over the rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from imagelabels.domain.model import ObjectRef

if TYPE_CHECKING:
    from imagelabels.domain.query import Counts, Page, Query


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An object on which work is not done, as its row shows it."""

    ref: ObjectRef
    state: str | None
    """The row's state; None where only the lock of a delivery is there, which died before it wrote anything."""
    reason: str | None
    """What stands in the way, or did when somebody last tried. None: a delivery died without saying."""
    lock_until: float | None
    """The lease of the last delivery's lock ends then, in seconds of the store's clock; None where nobody holds it."""
    parked_at: int | None = None
    """The row was parked then, in milliseconds since 1970. None: the row does not tell since when work is not done,
    because only finishing a row writes a time."""


class LabelIndex(Protocol):
    """Search. It may lag behind the ledger; nothing is decided on what it says.

    The first two methods raise ValueError for what no index can answer, saying what.
    """

    def search(self, query: Query) -> Page:
        """Return the rows that match, in the order asked for; ValueError for a page token of another query."""

    def count(self, query: Query) -> Counts:
        """Count the rows that match, by label and by category; order, limit and page do not matter."""

    def unfinished(
        self,
        now: float,
        bucket: str = "",
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        without: Collection[str] = (),
    ) -> tuple[Unfinished, ...]:
        """Return up to `limit` objects on which work is not done, in the order of their URIs, behind the URI `after`.

        These are the rows that are parked or waiting, finished rows beside which a reason is noted, and rows whose lock
        has outlived its lease by MARGIN at `now`, in seconds of the store's clock. `bucket` and `prefix` are those of a
        Query; rows with a reason in `without` are left out. So is the row of a delivery that is at work, unless it
        waited before.
        """
