"""What an album holds: the pictures that people put in by hand, and what its question finds without those they took
out."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from imagelabels.domain.albums import Album, Pin, Question
from imagelabels.domain.changes import named
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.moments import iso
from imagelabels.domain.query import Page
from imagelabels.domain.words import Words
from imagelabels.ports.albums import Albums
from imagelabels.records.rows import image_pk, octets, text
from imagelabels.usecases import gallery as use
from imagelabels.usecases import scopes
from imagelabels.usecases.gallery import Gallery

PINNED = "pinned:"
"""The page token of a page that continues among the pictures put in by hand begins so. The last URI follows in base64,
since a key may hold anything and tokens stand in addresses."""


def check(words: Words, question: Question) -> None:
    """Raise ValueError if a question cannot be asked: nobody would see it before the album is opened."""
    use.queried(words, question)


def pictures(
    gallery: Gallery, albums: Albums, album: Album, within: Sequence[str], limit: int = 20, page: str = ""
) -> tuple[Page, tuple[str, ...]]:
    """Return a page of an album's pictures. A page may have fewer of them although another one follows.

    ValueError: the question cannot be asked any more, or the page token is not one of this album.
    """
    pins = all_pins(albums, album.id)
    put_in = [pin.uri for pin in pins if pin.kind == "in" and scopes.is_below(pin.uri, within)]
    if (not page and put_in) or page.startswith(PINNED):
        after = _uri(page)
        if after and after not in put_in:  # The pin that the page before ended with was taken away since.
            behind = {pin.uri for pin in all_pins(albums, album.id, after)}
            put_in = [uri for uri in put_in if uri in behind]
        return _put_in(gallery, put_in, limit, after), ()
    found, hints = use.pictures(gallery, album.question, within, album.order, limit, page.removeprefix("-"))
    by_hand = {pin.uri for pin in pins}
    records = tuple(record for record in found.records if record.ref.uri not in by_hand)
    return Page(records, found.next, found.left_out), hints


def all_pins(albums: Albums, album_id: str, after: str = "") -> list[Pin]:
    """Return all pins of an album, at most MOST_PINS or a few more, or those behind the pin of the URI `after`."""
    pins: list[Pin] = []
    while some := albums.pins(album_id, pins[-1].uri if pins else after):
        pins += some
    return pins


def uri_of_pin(albums: Albums, album_id: str, picture_id: str, within: Sequence[str]) -> str | None:
    """Return the URI of a picture that has a pin in an album, also of one that is gone; None if there is no such pin
    that the caller may see."""
    uris = (pin.uri for pin in all_pins(albums, album_id))
    return next(
        (uri for uri in uris if image_pk(named(uri)) == picture_id and scopes.is_within(named(uri), within)), None
    )


def _put_in(gallery: Gallery, uris: Sequence[str], limit: int, after: str) -> Page:
    start = uris.index(after) + 1 if after in uris else 0
    shown = uris[start : start + limit]
    rows = gallery.rows.rows([named(uri) for uri in shown]) if shown else ()
    records: tuple[ImageRecord, ...] = tuple(row.record for row in rows if row is not None and row.record is not None)
    more = start + limit < len(uris)
    return Page(records, _token(shown[-1]) if more else "-")


def _token(uri: str) -> str:
    return PINNED + base64.urlsafe_b64encode(octets(uri)).decode().rstrip("=")


def _uri(token: str) -> str:
    """Return the URI that a page token names, which is empty for the first page."""
    written = token.removeprefix(PINNED)
    try:
        return text(base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True))
    except ValueError as error:
        raise ValueError("the page token is damaged: use it as it was given, or start from the first page") from error


def album_json(album: Album, within: Sequence[str]) -> dict[str, Any]:
    """Show an album. A cover that the caller may not see is not there."""
    cover = album.cover if album.cover is not None and scopes.is_below(album.cover, within) else None
    return {
        "id": album.id,
        "title": album.title,
        "language": album.language,
        "order": album.order,
        "cover": cover,
        "question": question_form(album.question),
        "made_at": iso(album.made_at),
        "changed_at": iso(album.changed_at),
        "version": album.version,
    }


def question_form(question: Question) -> dict[str, Any]:
    """Show a question with the names of the API's parameters."""
    times = {"from": question.from_time, "to": question.until_time, "since": question.since}
    return {
        "label": list(question.label),
        "any_of": list(question.any_of),
        "not": list(question.none_of),
        "min_confidence": question.min_confidence,
        "prefix": question.prefix,
        **{name: "" if time is None else iso(time) for name, time in times.items()},
        "state": question.state or "",
        "reason": question.reason,
    }
