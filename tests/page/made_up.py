"""This module makes up what the screenshots in docs/page show: the samples in photos/ with labels, dates and
figures."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from PIL import Image, ImageOps

from imagelabels.domain.albums import Album, Question
from imagelabels.domain.budget import Limits
from imagelabels.domain.explain import Explained
from imagelabels.domain.model import EventEntry, ImageRecord, Label, ObjectHead, ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.plan import Plan
from imagelabels.usecases.again import Redriver
from imagelabels.usecases.why import Reasons
from tests.api import world
from tests.api.world import Site
from tests.fakes_albums import FakeTokens
from tests.world import World

PHOTOS = Path(__file__).resolve().parents[2] / "photos"

NOW = datetime(2026, 11, 29, 15, tzinfo=timezone.utc)
LEAST = 0.5
"""The threshold of each label."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample in photos/ with what a detector may say of it. Labels below LEAST are not kept."""

    name: str
    sure: Mapping[str, float]
    """Each label's id with its confidence."""

    @property
    def labels(self) -> list[tuple[str, float]]:
        """The labels and those above them, the surest first."""
        every: dict[str, float] = {}
        for name, sure in self.sure.items():
            for one in (name, *world.WORDS.taxonomy.ancestors(name)):
                every[one] = max(sure, every.get(one, 0.0))
        return sorted(every.items(), key=lambda one: (-one[1], one[0]))


SAMPLES = (
    Sample("china.jpg", {"castle-and-palace": 0.83, "sky": 0.96, "outdoor": 0.99, "coast-and-water": 0.34}),
    Sample("chelsea.png", {"cat": 0.98, "indoor": 0.71, "tiger-cat": 0.42}),
    Sample("flower.jpg", {"flower": 0.97, "outdoor": 0.91, "daisy": 0.31}),
    Sample("camera.png", {"person": 0.99, "tripod": 0.88, "outdoor": 0.86, "grass": 0.77}),
    Sample("coffee.png", {"espresso": 0.95, "cup": 0.81, "indoor": 0.64}),
    Sample("rocket.jpg", {"rocket-and-missile": 0.94, "outdoor": 0.97, "sky": 0.72, "bridge-and-dam": 0.38}),
    Sample("astronaut.jpg", {"person": 0.99, "indoor": 0.87, "clothing": 0.58}),
)

ALBUMS = (
    Album("a" * 22, "Cats and coffee", Question(any_of=("cat", "espresso"))),
    Album("b" * 22, "户外", Question(label=("outdoor",))),
    Album("c" * 22, "人物", Question(label=("person",))),
)


def filled() -> Site:
    """Return what a page shows: labelled pictures of the last months, and some of each kind that stands still."""
    site = Site(more={"small": small, "why": reasons})
    for day in range(14):
        for number in range(9 + day * 7 % 12):
            _labelled(site, NOW - timedelta(days=day, hours=1, minutes=number), day + number)
        if day % 3 == 1:
            _unlabelled(site, f"{day}.heif", State.SKIPPED, Reason.UNSUPPORTED_FORMAT, NOW - timedelta(days=day))
    for month in range(1, 23):
        for number in range(4 + month * 5 % 13):
            _labelled(site, NOW - timedelta(days=30 * month, minutes=number), month + number)
    for state, reason, keys in (
        (State.FAILED, Reason.TAGS_REFUSED, ("IMG_8928.jpg", "IMG_7489.jpg")),
        (State.PARKED, Reason.DETECTOR_FAILING, ("PXL_7517.jpg",)),
        (State.PARKED, Reason.BUDGET, ("PXL_2907.jpg", "صورة العائلة.jpg")),
    ):
        for number, key in enumerate(keys):
            _unlabelled(site, key, state, reason, NOW - timedelta(hours=3 + 30 * number))
    for album in ALBUMS:
        site.albums.put(album)
    _served(site)
    return site


def _served(site: Site) -> None:
    now = NOW.timestamp()
    site.ledger.counted += [("imm", now - 86_400, 5740), ("imm", now, 380)]
    tools, at = World(site.ledger).worker().tools, (site.services.gallery, site.ledger)
    budget = {"budget": site.ledger, "limits": Limits(1000, 10_000), "detectors": ["imm"], "call_price": "0.000142 USD"}
    site.serves(tokens=FakeTokens(), has_page=True)
    site.serves(correct=lambda ref, said: site.index.rows[0])
    redriver = Redriver(*at, tools.clock, ["oss"], ["imm"], lambda scheme: tools)
    site.serves(now=lambda: round(now * 1000), **budget, redriver=redriver)


def _labelled(site: Site, at: datetime, number: int) -> None:
    sample = SAMPLES[number % len(SAMPLES)]
    _add(site, f"{at:%Y/%m}/IMG_{len(site.index.rows) + 1000}_{sample.name}", sample, at)


def dropped(site: Site, ref: ObjectRef) -> None:
    """Label a photo at once, or say that it is damaged if it is none of the samples."""
    sample = sample_of(ref.key)
    if ref.key.endswith(sample.name):
        _add(site, ref.key, sample, NOW)
    else:
        broken = replace(world.picture(ref.uri), state=State.SKIPPED, reason=Reason.CORRUPT)
        _put(site, broken, NOW)


def _add(site: Site, key: str, sample: Sample, at: datetime) -> None:
    labels = [_label(name, sure) for name, sure in sample.labels if sure >= LEAST]
    width, height = _shape(sample.name, len(site.index.rows))
    head = ObjectHead("e", (PHOTOS / sample.name).stat().st_size, None, round(at.timestamp()) - 2)
    row = replace(world.picture(f"oss://photos/{key}", *labels), width=width, height=height, head=head)
    _put(site, row, at)


def _unlabelled(site: Site, key: str, state: State, reason: Reason, at: datetime) -> None:
    row = world.picture(f"oss://photos/{at:%Y/%m}/{key}")
    _put(site, replace(row, state=state, reason=reason, width=None, height=None, head=None), at)


def _put(site: Site, row: ImageRecord, at: datetime) -> None:
    when = round(at.timestamp() * 1000)
    row = replace(row, updated_at=when, notes=(), tags_left_out=(), tags_written={})
    site.index.rows.append(row)
    event = f"event of {row.ref.key}"
    assert site.ledger.lock(row.ref, event, at.timestamp() + 30, at.timestamp(), event)
    assert site.ledger.finish(row.ref, event, row, EventEntry(event, row.state, row.reason, when, 1))


def _label(name: str, sure: float) -> Label:
    concept = world.WORDS.taxonomy.concepts[name]
    return Label(name, concept.names["en"], "en", concept.level, concept.parent, sure, None)


@cache
def _shape(name: str, number: int) -> tuple[int, int]:
    """Return the size of a sample, or of a square or an upright part of it."""
    with Image.open(PHOTOS / name) as photo:
        width, height = photo.size
    return ((width, height), (height, height), (width, height), (height * 3 // 4, height))[number % 4]


def sample_of(key: str) -> Sample:
    """Return the sample that a key ends in, or the first one."""
    return next((sample for sample in SAMPLES if key.endswith(sample.name)), SAMPLES[0])


def reasons(ref: ObjectRef) -> Reasons:
    """Tell what a detector may have said of a picture."""
    labels = [_explained(name, sure) for name, sure in sample_of(ref.key).labels]
    ours = dict(label.tag for label in labels if label.tag is not None)
    return Reasons(ref, None, None, None, None, Plan(State.LABELLED), tuple(labels), False, ours, {"trip": "2026"}, ())


def _explained(name: str, sure: float) -> Explained:
    taxonomy = world.WORDS.taxonomy
    kept = sure >= LEAST
    tag = (f"label:{name}", (name, *taxonomy.ancestors(name))[-1]) if kept else None
    cause, why = ("kept", "kept") if kept else ("below_threshold", f"below threshold {LEAST} of the settings")
    return Explained(name, name, taxonomy.name(name, "en") or name, sure, kept, cause, why, tag, LEAST)


def small(record: ImageRecord, side: int) -> bytes:
    """Return a small copy of a picture."""
    return _small(sample_of(record.ref.key).name, record.width or 3, record.height or 2, side)


@cache
def _small(name: str, width: int, height: int, side: int) -> bytes:
    with Image.open(PHOTOS / name) as photo:
        part = ImageOps.fit(photo.convert("RGB"), (width, height), centering=(0.5, 0.3))
    part.thumbnail((side, side))
    copy = io.BytesIO()
    part.save(copy, "JPEG", quality=85)
    return copy.getvalue()
