"""Pictures as the grid shows them: in groups by day or month, in rows that a style sheet alone makes equally high."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import log

from imagelabels.domain.model import ImageRecord, Label
from imagelabels.domain.moments import moment
from imagelabels.domain.query import Order
from imagelabels.records.rows import image_pk

FEWEST = 6
"""Days in a row are shown together until they have so many pictures."""

DENSE = 8
"""There is a group for each day if a day has so many pictures on average, and else one for each month."""

NARROWEST = 0.5
STEP = 1.06
CLASSES = 29


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture in the grid."""

    record: ImageRecord

    @property
    def id(self) -> str:
        """The picture's id in addresses."""
        return image_pk(self.record.ref)

    @property
    def name(self) -> str:
        """The last part of the key, or the whole key if it ends with a slash."""
        key = self.record.ref.key
        return (key.rsplit("/", 1)[-1] or key).encode("utf-8", "replace").decode()

    @property
    def uri(self) -> str:
        """The object's URI as text that can be sent."""
        return self.record.ref.uri.encode("utf-8", "replace").decode()

    @property
    def width(self) -> int:
        """Pixels, or the width of a common ratio for a picture whose size is not known."""
        return self.record.width or 3

    @property
    def height(self) -> int:
        """Pixels, or the height of a common ratio."""
        return (self.record.height if self.record.width else 0) or 2

    @property
    def step(self) -> int:
        """The class of the ratio: a policy that forbids inline styles leaves only classes, each 6 % wider."""
        return min(CLASSES - 1, max(0, round(log(self.width / self.height / NARROWEST) / log(STEP))))

    @property
    def top(self) -> list[tuple[str, str, float]]:
        """The surest labels: ids, names in the row, and confidences."""
        return [(label.id, label.name, label.confidence) for label in narrowest(self.record)[:3]]


@dataclass(slots=True)
class Group:
    """Pictures of some days in a row, or of a month. Without days: all pictures."""

    first: date | None
    last: date | None
    month: bool
    tiles: list[Tile] = field(default_factory=list)


def groups(records: Sequence[ImageRecord], order: Order) -> list[Group]:
    """Group pictures that are sorted by time by the days on which they were labelled. Days end at midnight UTC."""
    tiles = [Tile(record) for record in records]
    if order not in ("newest", "oldest") or not tiles:
        return [Group(None, None, False, tiles)] if tiles else []
    months = len(tiles) < DENSE * len({_day(tile) for tile in tiles})
    found: list[Group] = []
    for tile in tiles:
        day = _day(tile)
        if not found or not _goes_on(found[-1], day):
            found.append(Group(day, day, months))
        found[-1].last = day
        found[-1].tiles.append(tile)
    return found


def narrowest(record: ImageRecord) -> list[Label]:
    """Return a picture's labels, the surest first, without those above another one: a picture of a cat need not say
    that it shows a mammal."""
    above = {up for label in record.labels for up in record.ancestors.get(label.id, ())}
    return [label for label in record.labels if label.id not in above]


def buckets(records: Iterable[ImageRecord]) -> list[ImageRecord]:
    """Return one picture of each bucket."""
    return list({(record.ref.store, record.ref.bucket): record for record in records}.values())


def _goes_on(group: Group, day: date) -> bool:
    assert group.first is not None
    if group.month:
        return (group.first.year, group.first.month) == (day.year, day.month)
    return group.last == day or len(group.tiles) < FEWEST


def _day(tile: Tile) -> date:
    return moment(tile.record.updated_at).date()
