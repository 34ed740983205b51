"""Why each label of an answer stays or goes, in words: what choosing it found, and what became of its tag."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.plan import Plan
from imagelabels.domain.policy import Policy, Verdict, shown_name
from imagelabels.domain.tags import tag_key
from imagelabels.domain.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Explained:
    """One label of the answer. `cause`: kept, tag_left_out, tag_taken, below_threshold, excluded, not_only, joined."""

    id: str
    """After mapping."""
    answered: str
    """In the answer."""
    name: str
    """As the policy shows it."""
    confidence: float
    kept: bool
    cause: str
    why: str
    """For people; names the rule."""
    tag: tuple[str, str] | None
    """Key and value, where it gets one."""


def explain(made: Plan, policy: Policy, taxonomy: Taxonomy) -> tuple[Explained, ...]:
    """One per label of the answer that `made` was planned of under `policy`, surest first."""
    return tuple(_explained(verdict, made, policy, taxonomy) for verdict in made.chosen.verdicts)


def _explained(verdict: Verdict, made: Plan, policy: Policy, taxonomy: Taxonomy) -> Explained:
    label = verdict.label
    cause: str = verdict.cause
    why, tag = _why(verdict, policy), None
    if verdict.kept:
        key = tag_key(policy.tag_prefix, label.id)
        if label.id in made.taken:
            cause, why = "tag_taken", f"kept; no tag: {key} is yours"
        elif key in made.written:
            tag = (key, made.written[key])
        elif policy.tag_limit:
            cause, why = "tag_left_out", "kept; no room among the tags"
    if verdict.answered != label.id:
        why = f"{verdict.answered} mapped to {label.id} by {policy.source('map')}; {why}"
    name = shown_name(label, policy, taxonomy)
    return Explained(label.id, verdict.answered, name, label.confidence, verdict.kept, cause, why, tag)


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
        return f"{verdict.by} is there already, and surer"
    if verdict.cause == "not_so":
        return "taken away by a correction"
    return "added by a correction" if verdict.cause == "added" else "kept"
