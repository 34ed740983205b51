"""The harm that a judge finds, and what it counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Harm, with the URI of the object, or the name of what it is about."""

    kind: str
    """One of KINDS, or the cause of a call that was paid for again."""
    where: str
    text: str


KINDS = {
    "lost": "an object without its labels, whose row does not say why",
    "stale": "labels of another picture in the tags or the row",
    "removed": "rows of removed objects",
    "tags": "user tags harmed outside the round trip",
    "paid": "paid calls without a cause",
    "outcome": "events without an outcome that are not due",
    "dead": "dead letters that no redrive healed",
    "client": "operations that failed at the client, or whose effect the store does not show",
}


@dataclass(slots=True)
class Verdict:
    """What a judge found and counted."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    """Why calls beyond the distinct ones were paid for."""
    repeats: list[Finding] = field(default_factory=list)
    """Each of these calls. Its kind is its cause."""

    def harm(self, kind: str) -> int:
        return sum(finding.kind == kind for finding in self.findings)
