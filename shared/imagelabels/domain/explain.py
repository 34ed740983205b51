"""Says in words why each label of an answer stays or goes, and what became of its tag."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.plan import Plan
from imagelabels.domain.policy import Policy, Verdict, shown_name
from imagelabels.domain.tags import tag_key
from imagelabels.domain.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Explained:
    """One label of a detector's answer, with the reason why it stays or goes."""

    id: str
    """The label's id after the policy's `map`."""
    answered_id: str
    """The label's id in the answer."""
    name: str
    """The name that the policy shows."""
    confidence: float
    kept: bool
    cause: str
    """One word for programs: a cause of a Verdict, or what kept a chosen label from its tag, tag_taken or
    tag_left_out."""
    why: str
    """The cause for people; it names the rule."""
    tag: tuple[str, str] | None
    """The key and the value of its tag, where it gets one."""


def explain(planned: Plan, policy: Policy, taxonomy: Taxonomy) -> tuple[Explained, ...]:
    """Explain each label of the answer that `planned` was made of under `policy`, the surest label first."""
    return tuple(_explained(verdict, planned, policy, taxonomy) for verdict in planned.chosen.verdicts)


def _explained(verdict: Verdict, planned: Plan, policy: Policy, taxonomy: Taxonomy) -> Explained:
    label = verdict.label
    cause: str = verdict.cause
    why, tag = _why(verdict, policy), None
    if verdict.kept:
        key = tag_key(policy.tag_prefix, label.id)
        if label.id in planned.taken:
            cause, why = "tag_taken", f"kept; no tag: {key} is yours"
        elif key in planned.written:
            tag = (key, planned.written[key])
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
