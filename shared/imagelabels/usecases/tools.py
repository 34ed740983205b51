"""What every use case works with: the ports, the policy and the store's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from imagelabels.domain import content
from imagelabels.domain.model import DetectorTraits, ImageRecord, Look, ObjectHead, ObjectRef, Tags, versioned
from imagelabels.domain.plan import Seen
from imagelabels.domain.policy import Policy, Rules
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import Answers, Clock, Locks, ObjectStore, Rows
from imagelabels.usecases.pairs import AtOnce, inline
from imagelabels.usecases.storetime import StoreTime

LEASE = 30.0
"""Seconds that a key stays ours: a detector's time-out (15 s) and three slow store calls."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What an instance of a function, or a command, works with. It holds nothing of any event, and no open detector:
    most use cases need only know which one it is."""

    objects: ObjectStore
    locks: Locks
    rows: Rows
    answers: Answers
    detector: DetectorTraits
    policy: Policy | Rules
    taxonomy: Taxonomy
    clock: Clock
    reuse: content.Reuse = "bucket"
    at_once: AtOnce = inline
    lease: float = LEASE
    time: StoreTime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", StoreTime(self.clock))

    def over(self, port: Callable[[Any], Any]) -> Tools:
        """Return tools whose ports are what `port` makes of these. They share what is known of the store's time."""
        objects, locks, rows, answers = map(port, (self.objects, self.locks, self.rows, self.answers))
        tools = replace(self, objects=objects, locks=locks, rows=rows, answers=answers, clock=port(self.clock))
        object.__setattr__(tools, "time", self.time)
        return tools

    def look(self, ref: ObjectRef) -> Look:
        """Ask for the object's head, which also tells the store's time."""
        return self.time.observe(self.objects.head(ref))

    def seen(
        self, ref: ObjectRef, head: ObjectHead | None, tags: Tags | None = None, record: ImageRecord | None = None
    ) -> Seen:
        """Return what was seen of an object, with the policy and the detector of now."""
        setting = self.detector.setting
        policy = self.policy.at(ref.uri)
        return Seen(ref, head, policy, self.taxonomy, self.detector, None, setting, tags, record)


def tags_of(by: Tools, ref: ObjectRef, head: ObjectHead | None) -> Tags:
    """Return the object's own tags: those of a link may be its target's, which is not ours to touch."""
    if head is None or head.symlink:
        return {}
    return by.objects.tags(versioned(ref, head))
