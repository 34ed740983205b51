"""What has changed in the index, for feeds, webhooks and everyone who keeps a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from imagelabels.domain.changes import Change


class Changes(Protocol):
    """Reads the changes that the ledger writes together with the rows, and albums together with pins."""

    def since(self, cursor: str | None, limit: int = 100) -> tuple[tuple[Change, ...], str]:
        """Return up to `limit` changes behind a cursor, and the cursor behind the last one; None: the oldest ones.

        Each change is told at least once, those of one picture in their order, and no change is left out between one
        page and the next. An answer without changes means that there are none yet: its cursor is asked again later. A
        cursor works for as long as its changes are kept, in every process and on every machine.

        CursorTooOld: changes behind the cursor have been removed. ValueError: this is no cursor of this index.
        """

    def end(self) -> str:
        """Return the cursor that a reader notes before it reads an export or searches: what these do not show yet is
        told behind it. An index whose search lags behind its rows tells again what was written shortly before."""
