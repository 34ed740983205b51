"""The drop zone: photos that people drop onto the page are put into a bucket, and are watched until they have labels.

It is there on this machine only, for a person whose keys may write to the bucket. The bucket's event starts the label
function, as it does for every other upload.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from imagelabels.domain.changes import named
from imagelabels.domain.model import ImageRecord, Label, ObjectRef
from imagelabels.page import answers
from imagelabels.page.answers import Answer
from imagelabels.page.multipart import SentFile
from imagelabels.page.places import Drop
from imagelabels.page.tiles import Tile, narrowest
from imagelabels.page.visit import Refusal, Visit
from imagelabels.pictures.picture import MAX_BYTES, WINDOW, sniff
from imagelabels.ports.rows import StoredRow
from imagelabels.usecases import scopes

MOST = 20
"""So many photos are taken at once."""

LONGEST_NAME = 200
"""A key ends in at most so many bytes of the file's name."""

STEPS = ("step_upload", "step_event", "step_look", "step_labelled")


@dataclass(frozen=True, slots=True)
class Card:
    """How far a dropped photo is."""

    name: str
    at: str = ""
    """The photo's URI as it stands in addresses."""
    step: int = 0
    """So many of STEPS are done."""
    state: str = ""
    """What became of the photo; empty while that is open."""
    reason: str = ""
    record: ImageRecord | None = None

    @property
    def is_open(self) -> bool:
        """Whether more will happen by itself."""
        return self.state in ("", "waiting")

    @property
    def id(self) -> str:
        """The picture's id in addresses, as soon as there is something to tell of it."""
        return Tile(self.record).id if self.record is not None else ""

    @property
    def is_refused(self) -> bool:
        """Whether the photo gets no labels."""
        return not self.is_open and self.state != "labelled"

    @property
    def tile(self) -> Tile | None:
        """The picture, once it is labelled. No small copy can be made of what was refused."""
        return Tile(self.record) if self.record is not None and self.state == "labelled" else None

    @property
    def labels(self) -> list[Label]:
        """The labels to show."""
        return narrowest(self.record) if self.record is not None else []


def show(visit: Visit) -> Answer:
    """Show the drop zone, and how far the photos are that the address names."""
    cards = _cards(visit)
    records = [card.record for card in cards if card.record is not None]
    values: dict[str, Any] = {"cards": cards, "blank": Card(""), "steps": STEPS, "places": _drop(visit).places}
    values |= {"has_thumbnails": visit.here.services.small is not None, "may_write": visit.may_write, "most": MOST}
    values |= {"largest": MAX_BYTES, "waits": any(card.is_open for card in cards)}
    if "cards" in visit.query:
        return visit.show("_drops.html", records, **values)
    return visit.show("drop.html", records, images=("blob:",), view="drop", **values)


def take(visit: Visit) -> Answer:
    """Store the photos of a form. Our script sends one photo at a time, and gets its place in addresses back."""
    if not visit.is_part:
        return answers.see(f"/drop?at={quote(_taken(visit))}")
    return answers.document({"at": _taken(visit)})


def check_may_send(visit: Visit) -> None:
    """Refuse who may not drop photos, before the photos are read."""
    _drop(visit)
    visit.here.check_may_write()


def card_of(visit: Visit, ref: ObjectRef, row: StoredRow | None) -> Card:
    """Tell by the row of a photo how far it is: the function locks the row when it begins."""
    at = quote(ref.uri, safe="")
    name = ref.key.rsplit("/", 1)[-1]
    if row is None:
        return Card(name, at, 1)
    if row.record is None:
        waiting = visit.text.reason(row.waiting) if row.waiting else ""
        return Card(name, at, 2, "waiting" if waiting else "", waiting)
    record = row.record
    reason = visit.text.reason(str(record.reason)) if record.reason else ""
    step = 4 if record.state == "labelled" else 2
    return Card(name, at, step, str(record.state), reason, record)


def clean(name: str) -> str:
    """Return a file's name as the end of a key. It keeps its ending, since triggers may ask for one."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join("_" if unicodedata.category(sign)[0] == "C" else sign for sign in last).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        stem, ending = plain, ""
    room = LONGEST_NAME - len(ending.encode())
    short = stem.encode()[:room].decode("utf-8", "ignore") or "photo"
    return f"{short}.{ending}" if ending else short


def _drop(visit: Visit) -> Drop:
    if visit.drop is None:
        raise Refusal(404, "not_found", visit.text.t("no_drop"))
    return visit.drop


def _cards(visit: Visit) -> list[Card]:
    places = _drop(visit).places
    uris = [unquote(part) for part in visit.query.get("at", "").split(",")[: 5 * MOST] if part]
    refs = [named(uri) for uri in uris if uri.startswith(places)]
    seen = [ref for ref in dict.fromkeys(refs) if scopes.is_within(ref, visit.here.within)]
    rows = visit.here.services.gallery.rows.rows(seen) if seen else ()
    return [card_of(visit, ref, row) for ref, row in zip(seen, rows, strict=True)]


def _taken(visit: Visit) -> str:
    """Store the photos, after all of them were looked at, and return their URIs as they stand in addresses."""
    drop, files = _drop(visit), visit.sent.files
    _check(visit, files)
    place = visit.form.get("to", "")
    if place not in drop.places:
        raise Refusal(400, "bad_place", visit.text.t("drop_nowhere"))
    if not any(place.startswith(prefix) or prefix.startswith(place) for prefix in visit.here.within):
        raise Refusal(403, "read_only", visit.text.t("drop_outside"))
    stored = []
    for file in files:
        ref = named(f"{place}{secrets.token_hex(4)}/{clean(file.name)}")
        if not scopes.is_within(ref, visit.here.within):
            raise Refusal(403, "read_only", visit.text.t("drop_outside"))
        drop.put(ref, file.content)
        stored.append(quote(ref.uri, safe=""))
    return ",".join(stored)


def _check(visit: Visit, files: Sequence[SentFile]) -> None:
    """Refuse what is no photo, and too much at once. Nothing is stored then."""
    text = visit.text
    if not files:
        raise Refusal(400, "no_photo", text.t("drop_none"))
    if len(files) > MOST:
        raise Refusal(400, "too_many_photos", text.t("drop_many", MOST))
    faults = [text.t(fault, file.name[:100]) for file in files if (fault := _fault(file.content))]
    if faults:
        raise Refusal(400, "no_photo", " ".join(faults))


def _fault(content: bytes) -> str:
    if not content:
        return "drop_empty"
    if len(content) > MAX_BYTES:
        return "drop_large"
    return "" if sniff(content[:WINDOW]) else "drop_no_photo"
