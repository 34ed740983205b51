"""What the user wants of a detector's answer: a pure function of the answer, with a digest and the reasons."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from imagelabels.domain.model import Label
from imagelabels.domain.taxonomy import Taxonomy

SETTINGS = "the settings"
"""Who says what no rule says."""

Cause = Literal["kept", "below_threshold", "excluded", "not_only", "joined", "not_so", "added"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for one object. Changing it costs no detector call. Labels are named by id, mappings are pairs."""

    threshold: float = 0.7
    """Labels below are not chosen; 0..1."""
    language: Literal["en", "zh-Hans"] = "en"
    """Of the names in the row; tags carry ids and never change with it."""
    tag_prefix: str = "label:"
    tag_limit: int = 5
    """Tags written per object at most; 0 writes none."""
    tag_value: Literal["category", "confidence"] = "category"
    label: bool = True
    """False: the object is not labelled at all."""
    thresholds: tuple[tuple[str, float], ...] = ()
    """For a label and all below it, in place of `threshold`; the nearest one counts."""
    exclude: tuple[str, ...] = ()
    """These and all below them are not chosen."""
    only: tuple[str, ...] = ()
    """Nothing but these and what is below them is chosen; empty: anything."""
    rename: tuple[tuple[str, str], ...] = ()
    """The name that is shown in place of the taxonomy's."""
    map: tuple[tuple[str, str], ...] = ()
    """Labels that become another; done before all the rest, in one step."""
    said_by: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """Field -> the rule that said it, for explanations; what is not here the settings say."""

    def at(self, uri: str) -> Policy:
        """Itself, whatever the object: as Rules.at where there are no rules."""
        return self

    def digest(self, taxonomy_version: int) -> str:
        """16 hex digits that change when a choice could."""
        return _digest(self, taxonomy_version)

    def source(self, field: str) -> str:
        """Who said it, in words: a rule by its prefix, or the settings."""
        prefix = dict(self.said_by).get(field)
        return SETTINGS if prefix is None else f"rule {prefix}" if prefix else "the rule for everything"


@dataclass(frozen=True, slots=True)
class Rules:
    """Which policy holds for which object: that of the longest prefix of its URI, else `default`."""

    default: Policy
    by_prefix: tuple[tuple[str, Policy], ...]
    """Longest prefix first."""

    def at(self, uri: str) -> Policy:
        return next((policy for prefix, policy in self.by_prefix if uri.startswith(prefix)), self.default)


def untagged(policy: Policy | Rules) -> Policy | Rules:
    """The same, but no tag is written: where objects have none."""
    if isinstance(policy, Policy):
        return replace(policy, tag_limit=0)
    by_prefix = tuple((prefix, replace(one, tag_limit=0)) for prefix, one in policy.by_prefix)
    return Rules(replace(policy.default, tag_limit=0), by_prefix)


@lru_cache(maxsize=64)
def _digest(policy: Policy, taxonomy_version: int) -> str:
    values = asdict(policy)
    del values["said_by"]  # the same words of another rule choose the same
    text = json.dumps([values, taxonomy_version], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Verdict(NamedTuple):
    """Why a label of the answer was chosen or not. (A NamedTuple, since every answer has many.)"""

    answered: str
    """Its id in the answer."""
    label: Label
    """What it was mapped to, else itself; where it was chosen, with the name that is shown."""
    cause: Cause
    by: str = ""
    """The label that the policy names: itself or one above it. "" where the policy names none."""
    least: float = 0.0
    """The threshold that it was held against, where it came to that."""

    @property
    def kept(self) -> bool:
        return self.cause in ("kept", "added")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Labels that the policy keeps, surest first, and the ids that the answer named above each, nearest first."""

    labels: tuple[Label, ...]
    ancestors: dict[str, tuple[str, ...]]
    verdicts: tuple[Verdict, ...] = ()
    """One per label of the answer, surest first."""


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


def lineage(label_id: str, named: tuple[str, ...], taxonomy: Taxonomy) -> tuple[str, ...]:
    """A label's id and every id above it, nearest first: the taxonomy's, and those that the answer named."""
    own = (label_id, *taxonomy.ancestors(label_id))
    return tuple(dict.fromkeys((*own, *(up for id in named for up in (id, *taxonomy.ancestors(id))))))


def choose(labels: tuple[Label, ...], policy: Policy, taxonomy: Taxonomy) -> Chosen:
    """The labels that the policy keeps, with names in its language where the taxonomy knows the concept.

    Labels are mapped first; exclude, only and thresholds then speak of what they have become. Of two that became the
    same the surer one stays.
    """
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
    # What was mapped has another id, and so perhaps another place among its equals.
    chosen = tuple(sorted(kept.values(), key=rank)) if mapped else tuple(kept.values())
    return Chosen(chosen, ancestors, tuple(verdicts))


def shown_name(label: Label, policy: Policy, taxonomy: Taxonomy) -> str:
    """What the policy calls a label, chosen or not."""
    return _named(label, policy.language, taxonomy, dict(policy.rename)).name


def _judged(
    label: Label, above: tuple[str, ...], policy: Policy, thresholds: dict[str, float], taxonomy: Taxonomy
) -> tuple[Cause, str, float]:
    least, by = policy.threshold, ""
    if thresholds or policy.exclude or policy.only:
        line = lineage(label.id, above, taxonomy)
        if (found := _first(line, policy.exclude)) is not None:
            return "excluded", found, 0.0
        if policy.only and _first(line, policy.only) is None:
            return "not_only", "", 0.0
        if (found := _first(line, thresholds)) is not None:
            least, by = thresholds[found], found
    return ("kept" if label.confidence >= least else "below_threshold"), by, least


def _first(line: tuple[str, ...], ids: tuple[str, ...] | dict[str, float]) -> str | None:
    return next((id for id in line if id in ids), None)


def _mapped(
    label: Label, above: tuple[str, ...], mapped: dict[str, str], taxonomy: Taxonomy
) -> tuple[Label, tuple[str, ...]]:
    """The label as it is mapped, and what is above it then. What is above a concept the taxonomy says, not a map."""
    target = mapped.get(label.id)
    if target is not None:
        up = taxonomy.ancestors(target)
        parent = up[0] if up else None
        level = taxonomy.concepts[target].level
        return Label(target, target, "", level, parent, label.confidence, label.centric_score), up
    line: list[str] = []
    for id in above:
        if id not in taxonomy.concepts and (other := mapped.get(id)) is not None:
            line += (other, *taxonomy.ancestors(other))
            break
        line.append(id)
    if line and line[0] != label.parent_id:
        label = replace(label, parent_id=line[0])
    return label, tuple(line)


def _named(label: Label, language: str, taxonomy: Taxonomy, names: dict[str, str]) -> Label:
    name = names.get(label.id) or taxonomy.name(label.id, language)
    if name is None or (name, language) == (label.name, label.language):
        return label
    return Label(
        label.id, name, language, label.level, label.parent_id, label.confidence, label.centric_score
    )  # dataclasses.replace takes four times as long
