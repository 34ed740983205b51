"""What the user wants of a detector's answer: a pure function of the answer, with a digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Literal

from imagelabels.domain.model import Label
from imagelabels.domain.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds and what tags look like. Changing it costs no detector call."""

    threshold: float = 0.7
    """Labels below are not chosen; 0..1."""
    language: Literal["en", "zh-Hans"] = "en"
    """Of the names in the row; tags carry ids and never change with it."""
    tag_prefix: str = "label:"
    tag_limit: int = 5
    """Tags written per object at most; 0 writes none."""
    tag_value: Literal["category", "confidence"] = "category"

    def digest(self, taxonomy_version: int) -> str:
        """16 hex digits that change when a choice could."""
        return _digest(self, taxonomy_version)


@lru_cache(maxsize=64)
def _digest(policy: Policy, taxonomy_version: int) -> str:
    text = json.dumps([asdict(policy), taxonomy_version], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Labels at or above the threshold, surest first, and the ids that the answer named above each, nearest first."""

    labels: tuple[Label, ...]
    ancestors: dict[str, tuple[str, ...]]


def rank(label: Label) -> tuple[float, float, str]:
    """Sort key: surest first, then most central, then by id."""
    return (-label.confidence, -(label.centric_score or 0.0), label.id)


def named_above(label: Label, answer: dict[str, Label]) -> tuple[str, ...]:
    """The ids that the answer names above a label, nearest first; the last one need not be in the answer itself."""
    found: list[str] = []
    above = label.parent_id
    while above is not None and above != label.id and above not in found:
        found.append(above)
        above = answer[above].parent_id if above in answer else None
    return tuple(found)


def choose(labels: tuple[Label, ...], policy: Policy, taxonomy: Taxonomy) -> Chosen:
    """The labels that the policy keeps, with names in its language where the taxonomy knows the concept."""
    answer = {label.id: label for label in labels}
    kept = sorted((label for label in labels if label.confidence >= policy.threshold), key=rank)
    return Chosen(
        tuple(_named(label, policy.language, taxonomy) for label in kept),
        {label.id: named_above(label, answer) for label in kept},
    )


def _named(label: Label, language: str, taxonomy: Taxonomy) -> Label:
    name = taxonomy.name(label.id, language)
    if name is None or (name, language) == (label.name, label.language):
        return label
    return Label(
        label.id, name, language, label.level, label.parent_id, label.confidence, label.centric_score
    )  # dataclasses.replace takes four times as long
