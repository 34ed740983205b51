"""Page tokens. A token says where the last page ended, and works only with the query that it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass

from imagelabels.domain.query import Query


@dataclass(frozen=True, slots=True)
class PagePosition:
    """The sort key of a row. `rank` is the value that the order sorts by (0 for uri); equal rows are sorted by URI."""

    rank: float
    uri: str


def token(query: Query, last: PagePosition) -> str:
    """Return the page token for the page that follows the row at `last`."""
    text = json.dumps([_digest(query), last.rank, last.uri], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(query: Query) -> PagePosition | None:
    """Return where the query's page begins, or None for the first page.

    It raises ValueError if the token belongs to another query or is damaged.
    """
    if query.page is None:
        return None
    try:
        octets = base64.b64decode(query.page + "=" * (-len(query.page) % 4), altchars=b"-_", validate=True)
        digest, rank, uri = json.loads(octets)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise ValueError("the page token is damaged: use it as it was printed, or start from the first page") from error
    # A value that does not fit into a column cannot have come from one.
    if (
        digest != _digest(query)
        or not (isinstance(rank, int | float) and 0 <= rank < 2**63)
        or not isinstance(uri, str)
    ):
        raise ValueError("the page token belongs to another query: repeat that query, or start from the first page")
    return PagePosition(rank, uri)


def _digest(query: Query) -> str:
    """Return a digest of everything that decides which rows match and in which order, so without the limit."""
    words = [
        [[sorted(term.ids), term.least] for term in terms] for terms in (query.all_of, query.any_of, query.none_of)
    ]
    times = [query.from_time, query.until_time, query.since]
    text = json.dumps([words, query.bucket, query.prefix, query.state, query.reason, times, query.order])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
