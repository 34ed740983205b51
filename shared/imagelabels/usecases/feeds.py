"""Feeds of albums: who may read one, and which pictures each of its pages shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import Any

from imagelabels.domain.albums import Album, Pin, new_id
from imagelabels.domain.changes import named
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.moments import iso
from imagelabels.domain.query import Query
from imagelabels.domain.tokens import Token, hashed, new_secret
from imagelabels.ports.albums import Albums
from imagelabels.ports.tokens import Tokens
from imagelabels.records import paging
from imagelabels.records.paging import PagePosition
from imagelabels.usecases import gallery as use
from imagelabels.usecases import matching, scopes
from imagelabels.usecases.albums import all_pins
from imagelabels.usecases.gallery import Gallery

ITEMS = 50
"""A page of a feed has at most so many pictures."""

SEARCHES = 5
"""A page asks the index at most so often: pictures that were taken out by hand may leave gaps."""

LONGEST_NAME = 200

PlacedRow = tuple[PagePosition, ImageRecord | ObjectRef]
"""A place in the order, and the row there, or the picture whose row is still to be read."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of a feed."""

    records: tuple[ImageRecord, ...]
    next: str | None
    """The page token of the following page. None: this is the last page."""
    changed_at: int
    """Milliseconds since 1970: neither the album nor a picture on this page is known to have changed since."""
    hints: tuple[str, ...] = ()


def share(tokens: Tokens, album_id: str, name: str, within: Sequence[str], now: int) -> tuple[Token, str]:
    """Make a secret for the feed of an album and return it with its token. The feed shows what lies below `within`."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise ValueError(f"a name has 1 to {LONGEST_NAME} characters: it tells you later who reads this feed")
    secret = new_secret()
    token = Token(new_id(), name, hashed(secret), frozenset({"read"}), tuple(within), now, album=album_id)
    tokens.put(token)
    return token, secret


def shared(tokens: Tokens, album_id: str | None = None, within: Sequence[str] = use.EVERYTHING) -> list[Token]:
    """Return the tokens of an album's feeds, or of all feeds, in the order in which they were made.

    A feed that shows pictures outside of the prefixes `within` does not exist for somebody who may not see them.
    """
    feeds = [token for token in tokens.list() if token.album is not None and album_id in (None, token.album)]
    return [token for token in feeds if scopes.covers(within, token.prefixes)]


def revoke(
    tokens: Tokens, feed_id: str, now: int, album_id: str | None = None, within: Sequence[str] = use.EVERYTHING
) -> bool:
    """Revoke a feed for good; False if there is none with this id that the person may see, or none of that album."""
    return any(token.id == feed_id for token in shared(tokens, album_id, within)) and tokens.revoke(feed_id, now)


def feed_form(token: Token) -> dict[str, Any]:
    """Show a feed without its secret."""
    times = {"made_at": token.made_at, "revoked_at": token.revoked_at}
    shown = {name: None if at is None else iso(at) for name, at in times.items()}
    return {"id": token.id, "name": token.name, "prefixes": list(token.prefixes), **shown}


def page(gallery: Gallery, albums: Albums, album: Album, within: Sequence[str], token: str = "") -> FeedPage:
    """Return a page of an album's feed: the newest pictures come first, whatever the order of the album is, because a
    reader looks at the first page again and again. A picture that somebody put in has the time at which they did.

    ValueError says that the question cannot be asked, or that the page token belongs to another question.
    """
    query = replace(use.queried(gallery.words, album.question), order="newest", limit=ITEMS)
    at = paging.place(replace(query, page=token or None))
    pins = [pin for pin in all_pins(albums, album.id) if scopes.is_below(pin.uri, within)]
    put_in = _put_in(query, pins, at)
    places, end = _merged(gallery, query, within, at, put_in, {pin.uri for pin in pins})
    shown = places[:ITEMS]
    following = shown[-1][0] if len(places) > ITEMS else end
    records = _read(gallery, [one for _, one in shown])
    changes = [album.changed_at, *(pin.at for pin in pins), *(record.updated_at for record in records)]
    hints = use.pictures(gallery, album.question, within, limit=1)[1] if not (records or token) else ()
    return FeedPage(records, paging.token(query, following) if following is not None else None, max(changes), hints)


def holds(gallery: Gallery, albums: Albums, album: Album, record: ImageRecord) -> bool:
    """Return whether a picture with this row is in an album now; ValueError if the album's question cannot be asked."""
    pin = albums.pins_of(album.id, [record.ref.uri]).get(record.ref.uri)
    if pin is not None:
        return pin.kind == "in"
    return matching.is_match(record, use.queried(gallery.words, album.question))


def _put_in(query: Query, pins: Sequence[Pin], at: PagePosition | None) -> list[PlacedRow]:
    """Return the first pictures behind a place that somebody put in: one more than a page has."""
    every = (PagePosition(pin.at, pin.uri) for pin in pins if pin.kind == "in")
    behind = (place for place in every if at is None or scopes.place_key(query, place) > scopes.place_key(query, at))
    first = nsmallest(ITEMS + 1, behind, key=lambda place: scopes.place_key(query, place))
    return [(place, named(place.uri)) for place in first]


def _merged(
    gallery: Gallery,
    query: Query,
    within: Sequence[str],
    at: PagePosition | None,
    put_in: Sequence[PlacedRow],
    by_hand: set[str],
) -> tuple[list[PlacedRow], PagePosition | None]:
    """Return the pictures behind a place in their order, those that somebody put in and those that the question finds
    without the ones that have pins, and where what is known of them ends."""
    found: list[PlacedRow] = []
    end = at
    for _ in range(SEARCHES):
        some, end = scopes.page_behind(gallery.index, query, within, end)
        found += [(scopes.position(query, row), row) for row in some.records if row.ref.uri not in by_hand]
        last = scopes.place_key(query, end) if end is not None else None
        here = [pair for pair in put_in if last is None or scopes.place_key(query, pair[0]) <= last]
        if end is None or len(found) + len(here) >= ITEMS:
            break
    return sorted([*here, *found], key=lambda pair: scopes.place_key(query, pair[0])), end


def _read(gallery: Gallery, shown: Sequence[ImageRecord | ObjectRef]) -> tuple[ImageRecord, ...]:
    """Read the rows of those pictures that are only named. One without a row is not there any more."""
    refs = [one for one in shown if isinstance(one, ObjectRef)]
    rows = dict(zip(refs, gallery.rows.rows(refs), strict=True)) if refs else {}
    records: list[ImageRecord] = []
    for one in shown:
        row = rows.get(one) if isinstance(one, ObjectRef) else None
        record = row.record if row is not None else one
        if isinstance(record, ImageRecord):
            records.append(record)
    return tuple(records)
