"""Albums: questions that are kept, with pictures that people put in or took out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from imagelabels.api.problems import not_there
from imagelabels.domain.albums import MOST_PINS, Album, Changed, PinKind, Question, TooManyPins, new_id
from imagelabels.domain.changes import named
from imagelabels.domain.errors import Damaged
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.moments import iso
from imagelabels.page import answers
from imagelabels.page.answers import Answer
from imagelabels.page.asked import HOWS, Asked, Word, asked
from imagelabels.page.picture import there
from imagelabels.page.text import LANGUAGES
from imagelabels.page.tiles import Tile, groups
from imagelabels.page.visit import Refusal, Visit
from imagelabels.usecases import albums as use
from imagelabels.usecases import feeds as use_feeds
from imagelabels.usecases import gallery, scopes

MOST = 100
"""So many albums are shown at once."""

COVER = 3
"""So many pictures stand for an album."""

PAGE = 120
"""So many pictures come at once."""

PINS: Mapping[str, PinKind | None] = {"in": "in", "out": "out", "none": None}
"""What the buttons of a picture do with its pin."""


@dataclass(frozen=True, slots=True)
class Card:
    """An album in the list."""

    album: Album
    count: int
    cover: list[Tile]


def albums(visit: Visit) -> Answer:
    """Show all albums."""
    after = visit.query.get("after", "")
    found = visit.here.services.albums.list(after, MOST + 1)
    cards = [_card(visit, album) for album in found[:MOST]]
    following = f"/albums?after={cards[-1].album.id}" if len(found) > MOST else None
    records = [tile.record for card in cards for tile in card.cover]
    values: dict[str, Any] = {"cards": cards, "next": following, "may_write": visit.may_write}
    values["has_thumbnails"] = visit.here.services.small is not None
    return visit.show("albums.html", records, view="albums", **values)


def album(visit: Visit, album_id: str, shared: Mapping[str, str] | None = None) -> Answer:
    """Show an album's pictures, and the addresses of a feed that was made just now, by their formats."""
    found, services = _there(visit, album_id), visit.here.services
    page = visit.query.get("page", "")
    shown, _ = use.pictures(services.gallery, services.albums, found, visit.here.within, PAGE, page)
    question = asked_by(found)
    values: dict[str, Any] = {"album": found, "q": question, "groups": groups(shown.records, found.order)}
    values |= {"next": f"/albums/{album_id}?page={shown.next}" if shown.next else None, "start": bool(page)}
    values["has_thumbnails"] = services.small is not None
    if page and visit.is_part:
        return visit.show("_days.html", shown.records, **values)
    whole = len(shown.records) if not page and shown.next is None else None
    values |= {
        "count": _count(visit, found) if whole is None else whole,
        "may_write": visit.may_write,
        "shared": shared or {},
    }
    tokens, within = services.tokens, visit.here.within
    feeds = use_feeds.shared(tokens, album_id, within) if tokens is not None and visit.may_write else []
    values |= {"may_share": services.tokens is not None, "feeds": [one for one in feeds if one.revoked_at is None]}
    return visit.show("album.html", shown.records, view="albums", **values)


def make(visit: Visit) -> Answer:
    """Make an album of a question."""
    visit.here.check_may_write()
    form = visit.form
    fields: dict[str, str] = {}
    for name, value in parse_qsl(form.get("question", ""), max_num_fields=200):
        fields[name] = f"{fields[name]},{value}" if name in fields else value
    question = asked(fields)
    use.check(visit.here.services.gallery.words, question.question())
    now = visit.here.services.now()
    made = Album(new_id(), form.get("title", ""), question.question(), _language(form), question.order, None, now, now)
    visit.here.services.albums.put(made, None)
    return answers.see(f"/albums/{made.id}")


def change(visit: Visit, album_id: str) -> Answer:
    """Rename or delete an album, in the version that the person saw."""
    visit.here.check_may_write()
    found, form, services = _there(visit, album_id), visit.form, visit.here.services
    version = found.version
    try:
        if form.get("version") != f"{version}":
            raise Changed(album_id)
        if form.get("do") == "delete":
            services.albums.delete(album_id, version)
            return answers.see("/albums")
        language = _language(form)
        named = replace(
            found, title=form.get("title", ""), language=language, changed_at=services.now(), version=version + 1
        )
        services.albums.put(named, version)
    except Changed as error:
        raise Refusal(409, "changed", visit.text.t("album_changed")) from error
    return answers.see(f"/albums/{album_id}")


def pin(visit: Visit, picture_id: str) -> Answer:
    """Put a picture into an album by hand, take it out, or leave it to the album's question again."""
    found = there(visit, picture_id)
    visit.here.check_may_write()
    album_id, do = visit.form.get("album", ""), visit.form.get("do", "")
    _there(visit, album_id)
    if do not in PINS:
        raise ValueError(f"a picture is put in, taken out or left to the question: `do` is one of {', '.join(PINS)}")
    services = visit.here.services
    try:
        services.albums.pin(album_id, found.record.ref.uri, PINS[do], services.now())
    except TooManyPins as error:
        raise Refusal(409, "too_many_pins", visit.text.t("pins_most", f"{MOST_PINS:,}")) from error
    except Changed as error:
        raise not_there("album") from error
    return answers.see(visit.asked.url(f"/pictures/{picture_id}", pinned=album_id))


def asked_by(album: Album) -> Asked:
    """Return an album's question as the page asks it."""
    question = album.question
    groups_of = zip(HOWS, (question.label, question.any_of, question.none_of), strict=True)
    words = tuple(Word(how, text) for how, texts in groups_of for text in texts)
    start, until = _moment(question.from_time), _moment(question.until_time)
    state = question.state or "labelled"
    return Asked(words, question.min_confidence, question.prefix, start, until, state, question.reason, album.order)


def _moment(milliseconds: int | None) -> str:
    return "" if milliseconds is None else iso(milliseconds).removesuffix("T00:00:00.000Z")


def _there(visit: Visit, album_id: str) -> Album:
    found = visit.here.services.albums.get(album_id)
    if found is None:
        raise not_there("album")
    return found


def _card(visit: Visit, album: Album) -> Card:
    services, within = visit.here.services, visit.here.within
    try:
        shown, _ = use.pictures(services.gallery, services.albums, album, within, COVER)
        return Card(album, _count(visit, album), [Tile(record) for record in _first(visit, album, shown.records)])
    except (ValueError, Damaged):
        return Card(album, 0, [])  # Its question cannot be asked any more, or a pin is damaged. The album says why.


def _first(visit: Visit, album: Album, records: tuple[ImageRecord, ...]) -> tuple[ImageRecord, ...]:
    """Return the pictures of the cover: the one that was chosen comes first, if the caller may see it."""
    if album.cover is None or not scopes.is_below(album.cover, visit.here.within):
        return records
    row = visit.here.services.gallery.rows.row(named(album.cover))
    if row is None or row.record is None:
        return records
    chosen = row.record
    return (chosen, *(record for record in records if record.ref.uri != chosen.ref.uri))[:COVER]


def _count(visit: Visit, album: Album) -> int:
    """Count what the question finds. Pins are not counted: whether the question finds one too costs a look at each."""
    question: Question = album.question
    return gallery.counts(visit.here.services.gallery, question, visit.here.within, 0).total


def _language(form: Any) -> str:
    return form.get("language") if form.get("language") in LANGUAGES else "en"
