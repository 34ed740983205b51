"""Page tokens: where the last page ended, bound to the query that it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass

from imagelabels.domain.query import Query


@dataclass(frozen=True, slots=True)
class Place:
    """Sort key of a row: `rank` is what the order asks for (0 for uri), ties are broken by URI."""

    rank: float
    uri: str


def token(query: Query, last: Place) -> str:
    text = json.dumps([_digest(query), last.rank, last.uri], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(query: Query) -> Place | None:
    """Where the query's page begins, None for the first one; ValueError for a token that is not of this query."""
    if query.page is None:
        return None
    try:
        octets = base64.b64decode(query.page + "=" * (-len(query.page) % 4), altchars=b"-_", validate=True)
        digest, rank, uri = json.loads(octets)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise ValueError(
            "the page token is damaged: give it as it was printed, or start from the first page"
        ) from error
    # What does not fit into a column could not have come from one.
    if (
        digest != _digest(query)
        or not (isinstance(rank, int | float) and 0 <= rank < 2**63)
        or not isinstance(uri, str)
    ):
        raise ValueError("the page token belongs to another query: repeat that query, or start from the first page")
    return Place(rank, uri)


def _digest(query: Query) -> str:
    """Of everything that decides which rows match and in which order; the limit may change from page to page."""
    words = [
        [[sorted(term.ids), term.least] for term in terms] for terms in (query.all_of, query.any_of, query.none_of)
    ]
    times = [query.from_time, query.until_time, query.since]
    text = json.dumps([words, query.bucket, query.prefix, query.state, query.reason, times, query.order])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
