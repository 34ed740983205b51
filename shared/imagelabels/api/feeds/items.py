"""What a feed tells of an album and its pictures, in whatever format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from uuid import UUID, uuid5

from imagelabels.api.feeds.addresses import FeedAddress, Kind
from imagelabels.domain.albums import Album
from imagelabels.domain.model import ImageRecord, Label
from imagelabels.domain.moments import moment
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.records.rows import image_pk
from imagelabels.usecases.feeds import FeedPage

SIDE = 640
"""The longer side of the pictures in a feed has at most so many pixels."""

TITLE = 3
"""The title of a picture names so many labels, the surest ones."""

_NAMES = UUID("0e3a7d5c-55a1-4f0e-9c39-5d9a1f6f2b64")
"""Ids in feeds are UUIDs of version 5 in a name space of our own: https://www.rfc-editor.org/rfc/rfc9562"""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no document of XML 1.0 can hold, not even escaped: https://www.w3.org/TR/xml/#charsets"""

_TEXTS = {
    "en": ("Pictures of the album {}", ", ", "{} ({})"),
    "zh-Hans": ("相册“{}”中的图片", "、", "{}（{}）"),
}
"""For each language: the description of a feed, what stands between labels, and a title with the name of its file."""


@dataclass(frozen=True, slots=True)
class Item:
    """A picture in a feed. Its texts hold nothing that XML cannot carry; nothing is escaped but `html`."""

    guid: str
    """The same for ever, in all formats and feeds, whatever the labels of the picture are."""
    title: str
    link: str
    thumbnail: str | None
    html: str
    labels: tuple[tuple[str, str], ...]
    """Ids and names."""
    published: datetime
    """The object was uploaded then."""
    updated: datetime
    """The picture was labelled then for the last time."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of a feed."""

    guid: str
    title: str
    description: str
    language: str
    link: str
    address: str
    first: str
    next: str | None
    updated: datetime
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feed is served."""

    base: str
    """Its addresses begin so: https://photos.example."""
    address: FeedAddress
    kind: Kind
    page: str
    has_page: bool
    """Whether people can look at pictures and albums in a browser at the same place."""
    has_copies: bool

    def link(self, kind: str, name: str) -> str:
        """Return where an album or a picture is shown. The secret of the feed is not in it, as people pass links on.
        Without a page for people, it is the API's own address, which wants a token."""
        return f"{self.base}{'' if self.has_page else '/v1'}/{kind}/{name}"


def feed(place: Place, album: Album, page: FeedPage, taxonomy: Taxonomy) -> Feed:
    """Return what a page of an album's feed tells."""
    description = _TEXTS[_language(album)][0].format(album.title)
    return Feed(
        guid=_guid(f"album {album.id}"),
        title=plain(album.title),
        description=plain("; ".join((description, *page.hints))),
        language=_language(album),
        link=place.link("albums", album.id),
        address=place.base + place.address.of(place.kind, place.page),
        first=place.base + place.address.of(place.kind),
        next=place.base + place.address.of(place.kind, page.next) if page.next is not None else None,
        updated=_moment(page.changed_at),
        items=tuple(_item(place, album, record, taxonomy) for record in page.records),
    )


def plain(text: str) -> str:
    """Return a text with a question mark in place of each character that XML cannot carry."""
    return _NO_XML.sub("?", text)


def _item(place: Place, album: Album, record: ImageRecord, taxonomy: Taxonomy) -> Item:
    picture, language = image_pk(record.ref), _language(album)
    _, comma, titled = _TEXTS[language]
    names = [plain(_name(label, taxonomy, language)) for label in record.labels]
    file = plain(record.ref.key.rsplit("/", 1)[-1] or record.ref.key)
    title = titled.format(comma.join(names[:TITLE]), file) if names else file
    updated = record.updated_at or album.changed_at
    has_copy = place.has_copies and record.head is not None
    thumbnail = place.base + place.address.thumbnail(picture) if has_copy else None
    link = place.link("pictures", picture)
    sure = [f"{name} {label.confidence:.0%}" for name, label in zip(names, record.labels, strict=True)]
    return Item(
        guid=_guid(picture),
        title=title,
        link=link,
        thumbnail=thumbnail,
        html=_html(link, thumbnail, title, comma.join(sure), file),
        labels=tuple(zip((plain(label.id) for label in record.labels), names, strict=True)),
        published=_moment(record.head.last_modified * 1000 if record.head is not None else updated),
        updated=_moment(updated),
    )


def _html(link: str, thumbnail: str | None, title: str, labels: str, file: str) -> str:
    parts = [f"<p>{escape(text)}</p>" for text in (labels, file) if text]
    if thumbnail is not None:
        image = f'<img src="{escape(thumbnail)}" alt="{escape(title)}">'
        parts.insert(0, f'<p><a href="{escape(link)}">{image}</a></p>')
    return "".join(parts)


def _name(label: Label, taxonomy: Taxonomy, language: str) -> str:
    return taxonomy.name(label.id, language) or label.name or label.id


def _language(album: Album) -> str:
    return album.language if album.language in _TEXTS else "en"


def _guid(name: str) -> str:
    return f"urn:uuid:{uuid5(_NAMES, name)}"


def _moment(milliseconds: int) -> datetime:
    """Return the moment in whole seconds, which is all that a date in RSS can say."""
    return moment(milliseconds).replace(microsecond=0)
