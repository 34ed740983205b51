"""A policy chooses labels from a detector's answer. The choice is a pure function, and it gives reasons."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from imagelabels.domain.model import Label
from imagelabels.domain.taxonomy import Taxonomy

SETTINGS = "the settings"
"""Explanations name this source for a value that no rule sets."""

Cause = Literal["kept", "below_threshold", "excluded", "not_only", "joined", "not_so", "added"]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules for one object. A changed policy needs no detector call. Labels are named by their ids."""

    threshold: float = 0.7
    """Labels with less confidence are not chosen; 0..1."""
    language: Literal["en", "zh-Hans"] = "en"
    """The language of the names in the row. Tags hold ids and do not depend on it."""
    tag_prefix: str = "label:"
    tag_limit: int = 5
    """We write at most this many tags per object; 0 writes none."""
    tag_value: Literal["category", "confidence"] = "category"
    label: bool = True
    """If this is false, the object is not labelled at all."""
    thresholds: tuple[tuple[str, float], ...] = ()
    """Each threshold replaces `threshold` for a label and all labels below it; the nearest one counts."""
    exclude: tuple[str, ...] = ()
    """These labels and all labels below them are not chosen."""
    only: tuple[str, ...] = ()
    """Only these labels and the labels below them are chosen; if it is empty, any label may be chosen."""
    rename: tuple[tuple[str, str], ...] = ()
    """Each label's id with the name that is shown instead of the taxonomy's."""
    map: tuple[tuple[str, str], ...] = ()
    """Each label's id with the label that it becomes. This happens first, in a single step."""
    said_by: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """Each field with the prefix of the rule that set it, for explanations. The settings set all other fields."""

    def at(self, uri: str) -> Policy:
        """Return this policy for every object. So a policy can be used in place of Rules."""
        return self

    def digest(self, taxonomy_version: int) -> str:
        """Return 16 hex digits that change when the choice of labels could change."""
        return _digest(self, taxonomy_version)

    def whole_digest(self, taxonomy_version: int) -> str:
        """Return a digest of what holds for all objects: the same, as there are no other rules."""
        return self.digest(taxonomy_version)

    def source(self, field: str) -> str:
        """Return in words what set the field: a rule, named by its prefix, or the settings."""
        prefix = dict(self.said_by).get(field)
        return SETTINGS if prefix is None else f"rule {prefix}" if prefix else "the rule for everything"


@dataclass(frozen=True, slots=True)
class Rules:
    """The policies by prefix. The longest prefix of an object's URI decides; if none fits, `default` holds."""

    default: Policy
    by_prefix: tuple[tuple[str, Policy], ...]
    """The longest prefix comes first."""

    def at(self, uri: str) -> Policy:
        return next((policy for prefix, policy in self.by_prefix if uri.startswith(prefix)), self.default)

    def whole_digest(self, taxonomy_version: int) -> str:
        """Return a digest that changes when the choice of labels could change for any object."""
        rules = [[prefix, policy.digest(taxonomy_version)] for prefix, policy in self.by_prefix]
        text = json.dumps([self.default.digest(taxonomy_version), rules])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def untagged(policy: Policy | Rules) -> Policy | Rules:
    """Return the same policy without tags, for stores whose objects cannot have tags."""
    if isinstance(policy, Policy):
        return replace(policy, tag_limit=0)
    by_prefix = tuple((prefix, replace(other, tag_limit=0)) for prefix, other in policy.by_prefix)
    return Rules(replace(policy.default, tag_limit=0), by_prefix)


@lru_cache(maxsize=64)
def _digest(policy: Policy, taxonomy_version: int) -> str:
    values = asdict(policy)
    del values["said_by"]  # another rule with the same values makes the same choice
    text = json.dumps([values, taxonomy_version], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Verdict(NamedTuple):
    """The reason why a label of the answer was chosen or not. It is a NamedTuple because every answer has many."""

    answered: str
    """The label's id in the answer."""
    label: Label
    """The label after mapping. If it was chosen, it has the name that is shown."""
    cause: Cause
    by: str = ""
    """The id that the policy names: that of the label or of one above it; "" if the policy names none."""
    least: float = 0.0
    """The threshold that the label's confidence was compared with; 0 if it was not compared."""

    @property
    def kept(self) -> bool:
        return self.cause in ("kept", "added")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The labels that a policy keeps, highest confidence first, and the ids above each label, nearest first."""

    labels: tuple[Label, ...]
    ancestors: dict[str, tuple[str, ...]]
    verdicts: tuple[Verdict, ...] = ()
    """One verdict per label of the answer, highest confidence first."""


def rank(label: Label) -> tuple[float, float, str]:
    """Return a sort key: highest confidence first, then most central, then by id."""
    return (-label.confidence, -(label.centric_score or 0.0), label.id)


def named_above(label: Label, answer: dict[str, Label]) -> tuple[str, ...]:
    """Return the ids that the answer names above a label, nearest first. The last id may be missing in the answer."""
    ids: list[str] = []
    above = label.parent_id
    while above is not None and above != label.id and above not in ids:
        ids.append(above)
        above = answer[above].parent_id if above in answer else None
    return tuple(ids)


def lineage(label_id: str, named: tuple[str, ...], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return a label's id and all ids above it, nearest first, from the taxonomy and from the answer."""
    own = (label_id, *taxonomy.ancestors(label_id))
    return tuple(dict.fromkeys((*own, *(up for above in named for up in (above, *taxonomy.ancestors(above))))))


def choose(labels: tuple[Label, ...], policy: Policy, taxonomy: Taxonomy) -> Chosen:
    """Choose the labels that the policy keeps. A label that the taxonomy knows gets its name in the policy's language.

    Labels are mapped first, and exclude, only and thresholds apply to the result. If two labels became the same, the
    one with the higher confidence stays.
    """
    labels = _as_known_now(labels, taxonomy)
    answer = {label.id: label for label in labels}
    thresholds, mapped, names = dict(policy.thresholds), dict(policy.map), dict(policy.rename)
    kept: dict[str, Label] = {}
    ancestors: dict[str, tuple[str, ...]] = {}
    verdicts: list[Verdict] = []
    for label in sorted(labels, key=rank):
        above = named_above(label, answer)
        shown = label
        if mapped:
            shown, above = _mapped(label, above, mapped, taxonomy)
        cause, by, least = _judged(shown, above, policy, thresholds, taxonomy)
        if cause == "kept" and shown.id in kept:
            cause, by = "joined", shown.id
        if cause == "kept":
            shown = _named(shown, policy.language, taxonomy, names)
            kept[shown.id], ancestors[shown.id] = shown, above
        verdicts.append(Verdict(label.id, shown, cause, by, least))
    # Mapping changes ids, and labels with equal confidence are sorted by id.
    chosen = tuple(sorted(kept.values(), key=rank)) if mapped else tuple(kept.values())
    return Chosen(chosen, ancestors, tuple(verdicts))


def _as_known_now(labels: tuple[Label, ...], taxonomy: Taxonomy) -> tuple[Label, ...]:
    """Return the labels with the ids that their words have now: a kept answer may be older than a label or an alias.
    If two words became the same label, the surer one stays."""
    surest: dict[str, Label] = {}
    for label in labels:
        label_id, above = _id_now(label.id, taxonomy), label.parent_id and _id_now(label.parent_id, taxonomy)
        if (label_id, above) != (label.id, label.parent_id):
            label = replace(label, id=label_id, parent_id=above if above != label_id else None)
        if label_id not in surest or label.confidence > surest[label_id].confidence:
            surest[label_id] = label
    return tuple(surest.values())


def _id_now(label_id: str, taxonomy: Taxonomy) -> str:
    if ":" not in label_id:  # It is no vendor's word, so it cannot have changed.
        return label_id
    return taxonomy.named(label_id) or label_id


def shown_name(label: Label, policy: Policy, taxonomy: Taxonomy) -> str:
    """Return the policy's name for a label, whether it is chosen or not."""
    return _named(label, policy.language, taxonomy, dict(policy.rename)).name


def _judged(
    label: Label, above: tuple[str, ...], policy: Policy, thresholds: dict[str, float], taxonomy: Taxonomy
) -> tuple[Cause, str, float]:
    least, by = policy.threshold, ""
    if thresholds or policy.exclude or policy.only:
        line = lineage(label.id, above, taxonomy)
        if (excluded := _first(line, policy.exclude)) is not None:
            return "excluded", excluded, 0.0
        if policy.only and _first(line, policy.only) is None:
            return "not_only", "", 0.0
        if (nearest := _first(line, thresholds)) is not None:
            least, by = thresholds[nearest], nearest
    return ("kept" if label.confidence >= least else "below_threshold"), by, least


def _first(line: tuple[str, ...], ids: tuple[str, ...] | dict[str, float]) -> str | None:
    return next((label_id for label_id in line if label_id in ids), None)


def _mapped(
    label: Label, above: tuple[str, ...], mapped: dict[str, str], taxonomy: Taxonomy
) -> tuple[Label, tuple[str, ...]]:
    """Return the mapped label and the ids above it. The taxonomy decides what is above a concept, not the map."""
    target = mapped.get(label.id)
    if target is not None:
        up = taxonomy.ancestors(target)
        parent = up[0] if up else None
        level = taxonomy.concepts[target].level
        return Label(target, target, "", level, parent, label.confidence, label.centric_score), up
    line: list[str] = []
    for ancestor in above:
        if ancestor not in taxonomy.concepts and (other := mapped.get(ancestor)) is not None:
            line += (other, *taxonomy.ancestors(other))
            break
        line.append(ancestor)
    if line and line[0] != label.parent_id:
        label = replace(label, parent_id=line[0])
    return label, tuple(line)


def _named(label: Label, language: str, taxonomy: Taxonomy, names: dict[str, str]) -> Label:
    name = names.get(label.id) or taxonomy.name(label.id, language)
    if name is None or (name, language) == (label.name, label.language):
        return label
    return Label(
        label.id, name, language, label.level, label.parent_id, label.confidence, label.centric_score
    )  # dataclasses.replace would take four times as long
