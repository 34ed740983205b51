"""The rules of a bucket's lifecycle, whatever the vendor, and what they say of one version of an object."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from emulator.objectstore.stored import SYMLINK, Stored

DAY = 86400


@dataclass(frozen=True, slots=True)
class When:
    """Says when an action is due. One of the three values is set. Moments are seconds since the epoch."""

    days: int | None = None
    """The action is due so many days after the first midnight behind the moment from which they count."""
    date: float | None = None
    """The action is due for every object from this moment on."""
    before: float | None = None
    """The action is due at once for what was written before this moment, and never for anything else."""

    def is_due(self, since: float, now: float, midnight: int) -> bool:
        """Tell whether the action is due. `midnight` is when a day begins, in seconds after midnight in UTC.

        https://help.aliyun.com/en/oss/user-guide/the-reason-why-objects-in-a-bucket-are-not-deleted-or-why-the-storage-class-of-the-objects-is-not-converted
        counts the days from the first midnight behind the last modification. It gives the service a day to act; here
        an action that is due is carried out at once.
        """
        if self.days is not None:
            return now >= math.ceil((since - midnight) / DAY) * DAY + midnight + self.days * DAY
        if self.date is not None:
            return now >= self.date
        return self.before is not None and since < self.before


@dataclass(frozen=True, slots=True)
class Match:
    """Objects whose keys begin with the prefix, and which have all the tags."""

    prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def covers(self, key: str, tags: Mapping[str, str]) -> bool:
        return key.startswith(self.prefix) and self.tags.items() <= tags.items()


@dataclass(frozen=True, slots=True)
class Move:
    """The transition to another storage class."""

    when: When
    storage_class: str
    smallest: int = 0
    """Only objects of so many bytes or more are moved."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One enabled rule. What `noncurrent` actions count from is the moment when a newer version came."""

    match: Match = field(default_factory=Match)
    exceptions: Sequence[Match] = ()
    """The rule leaves these objects alone."""
    above: int = -1
    """The rule is for objects of more bytes than this."""
    below: float = math.inf
    expiration: When | None = None
    moves: Sequence[Move] = ()
    noncurrent_expiration: When | None = None
    noncurrent_moves: Sequence[Move] = ()
    abort: When | None = None
    """When uploads whose parts were not put together are aborted."""
    removes_markers: bool = False
    """If this is true, a delete marker that hides no version any more is removed."""

    def covers(self, stored: Stored) -> bool:
        """Tell whether the rule is for this version. A delete marker has no tags and no bytes."""
        if not self.match.covers(stored.key, stored.tags) or not self.above < stored.size < self.below:
            return False
        return not any(other.covers(stored.key, stored.tags) for other in self.exceptions)


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """How a vendor writes its rules, and when it carries them out."""

    read: Callable[[Element], Sequence[Rule]]
    """Returns the enabled rules of a document that was checked before."""
    colder: Sequence[str]
    """The storage classes in the order in which rules may move objects. Those of another name are not moved."""
    midnight: int
    """When the days of the rules begin, in seconds after midnight in UTC."""


def expires(
    rules: Sequence[Rule], stored: Stored, since: float, now: float, how: LifecycleRules, current: bool
) -> bool:
    """Tell whether a version is to be removed: the current one, or an older one that ceased to be it at `since`."""
    for rule in rules:
        when = rule.expiration if current else rule.noncurrent_expiration
        if when is not None and when.is_due(since, now, how.midnight) and rule.covers(stored):
            return True
    return False


# Unproven class-of-links: A rule of the lifecycle does not move a symbolic link of OSS to another storage class.
# Why: no page of OSS says what becomes of links. Those of COS are in the standard class alone:
#   https://cloud.tencent.com/document/product/436/109082.
# Ask: let a rule move all objects of a bucket with a link, and HEAD the link afterwards: x-oss-storage-class.
def next_class(
    rules: Sequence[Rule], stored: Stored, since: float, now: float, how: LifecycleRules, current: bool
) -> str:
    """Return the coldest storage class to which a version is to be moved, or an empty text if it stays. Links stay."""
    if stored.kind == SYMLINK or stored.storage_class not in how.colder:
        return ""
    coldest = how.colder.index(stored.storage_class)
    for rule in rules:
        for move in rule.moves if current else rule.noncurrent_moves:
            due = stored.size >= move.smallest and move.when.is_due(since, now, how.midnight)
            if due and how.colder.index(move.storage_class) > coldest and rule.covers(stored):
                coldest = how.colder.index(move.storage_class)
    return how.colder[coldest] if how.colder[coldest] != stored.storage_class else ""
