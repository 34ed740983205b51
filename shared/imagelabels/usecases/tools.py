"""What every use case works with: the ports, the policy and the store's clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagelabels.domain import content
from imagelabels.domain.model import Look, ObjectRef
from imagelabels.domain.policy import Policy, Rules
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import Clock, LabelDetector, Ledger, ObjectStore
from imagelabels.usecases.answers import CLAIM_AFTER_KILL
from imagelabels.usecases.pairs import AtOnce, inline
from imagelabels.usecases.storetime import StoreTime

LEASE = 30.0
"""Seconds that a key stays ours: a detector's time-out (15 s) and three slow store calls."""


@dataclass(frozen=True, slots=True)
class Tools:
    """One per instance: it holds nothing of any event."""

    objects: ObjectStore
    detector: LabelDetector
    ledger: Ledger
    policy: Policy | Rules
    taxonomy: Taxonomy
    clock: Clock
    reuse: content.Reuse = "bucket"
    at_once: AtOnce = inline
    lease: float = LEASE
    after_kill: float = CLAIM_AFTER_KILL
    time: StoreTime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", StoreTime(self.clock))

    def look(self, ref: ObjectRef) -> Look:
        """HEAD, which also tells the store's time."""
        return self.time.observe(self.objects.head(ref))
