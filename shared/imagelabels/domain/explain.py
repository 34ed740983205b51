"""This module explains in words why each label of an answer is kept or left out, and what happened to its tag."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.plan import Plan
from imagelabels.domain.policy import Policy, Verdict, shown_name
from imagelabels.domain.tags import tag_key
from imagelabels.domain.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanation of one label of the answer.

    `cause` is one of kept, tag_left_out, tag_taken, below_threshold, excluded, not_only, joined, not_so and added.
    """

    id: str
    """The id after mapping."""
    answered_id: str
    """The id in the answer."""
    name: str
    """The name that the policy shows."""
    confidence: float
    kept: bool
    cause: str
    """One word for programs: a cause of a Verdict, or what kept a chosen label from its tag, tag_taken or
    tag_left_out."""
    why: str
    """The reason in words, with the rule that decided."""
    tag: tuple[str, str] | None
    """The key and the value of the label's tag; None if it has no tag."""
    least: float = 0.0
    """The threshold that the confidence was compared with; 0 if it was not compared."""


def explain(planned: Plan, policy: Policy, taxonomy: Taxonomy) -> tuple[Explained, ...]:
    """Explain each label of the answer that `planned` was made from under `policy`, highest confidence first."""
    return tuple(_explained(verdict, planned, policy, taxonomy) for verdict in planned.chosen.verdicts)


def _explained(verdict: Verdict, planned: Plan, policy: Policy, taxonomy: Taxonomy) -> Explained:
    label = verdict.label
    cause: str = verdict.cause
    why, tag = _why(verdict, policy), None
    if verdict.kept:
        key = tag_key(policy.tag_prefix, label.id)
        if label.id in planned.taken:
            cause, why = "tag_taken", f"kept; no tag, because {key} is a tag of yours"
        elif key in planned.written:
            tag = (key, planned.written[key])
        elif policy.tag_limit:
            cause, why = "tag_left_out", "kept; no tag, because there is no room for more"
    if verdict.answered != label.id:
        why = f"{verdict.answered} mapped to {label.id} by {policy.source('map')}; {why}"
    name = shown_name(label, policy, taxonomy)
    return Explained(label.id, verdict.answered, name, label.confidence, verdict.kept, cause, why, tag, verdict.least)


def _why(verdict: Verdict, policy: Policy) -> str:
    through = "" if verdict.by in ("", verdict.label.id) else f" for {verdict.by}"
    if verdict.cause == "below_threshold":
        field = "thresholds" if verdict.by else "threshold"
        return f"below threshold {verdict.least:g}{through} of {policy.source(field)}"
    if verdict.cause == "excluded":
        return f"excluded{through and f' as {verdict.by}'} by {policy.source('exclude')}"
    if verdict.cause == "not_only":
        return f"not among the only labels of {policy.source('only')}"
    if verdict.cause == "joined":
        return f"the picture has {verdict.by} already, with a higher confidence"
    if verdict.cause == "not_so":
        return "taken away by a correction"
    return "added by a correction" if verdict.cause == "added" else "kept"
