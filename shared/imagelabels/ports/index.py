"""Search over the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from imagelabels.domain.query import Counts, Page, Query


class LabelIndex(Protocol):
    """Search. It may lag behind the ledger; nothing is decided on what it says.

    Both methods raise ValueError for what no index can answer, saying what.
    """

    def search(self, query: Query) -> Page:
        """Return the rows that match, in the order asked for; ValueError for a page token of another query."""

    def count(self, query: Query) -> Counts:
        """Count the rows that match, by label and by category; order, limit and page do not matter."""
