"""Writes and reads answers with the field names of the vendors' image-labelling services.

`imagelabels detect --stdin` speaks them, as emulators of every version expect of their detector. Earlier versions wrote
them into the files of `imagelabels detect --output` too, so such lines are read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.views.forms import Form

LABEL = {
    "id": "LabelId",
    "name": "LabelName",
    "confidence": "LabelConfidence",
    "centric_score": "CentricScore",
    "level": "LabelLevel",
    "parent_name": "ParentLabelName",
    "language": "Language",
}
"""Each field of a label has our name and the vendors'."""

EXPLAINED = {
    "id": "LabelId",
    "answered_id": "AnsweredId",
    "name": "LabelName",
    "confidence": "LabelConfidence",
    "kept": "Kept",
    "cause": "Cause",
    "why": "Why",
    "tag": "Tag",
}
"""A label with its reason has these names. The vendors know no reasons: the names only match theirs."""


def vendor_answer(answer: Form) -> Form:
    """Write a file's answer in the vendors' names. What stands beside labels and reasons has the same names in both."""
    return _with_labels(answer, _vendor_label, _vendor_explained)


def is_vendor_line(line: bytes) -> bool:
    """Tell whether a line of JSON has labels, or labels with reasons, in the vendors' names."""
    return b'"LabelName"' in line


def from_vendor_answer(answer: Form, taxonomy: Taxonomy) -> Form:
    """Write the answer in such a line in our names.

    KeyError, TypeError, ValueError or AttributeError for what no version of ours wrote.
    """
    return _with_labels(answer, lambda label: _our_label(label, taxonomy), _our_explained)


def _with_labels(answer: Form, label: Callable[[Form], Form], explained: Callable[[Form], Form]) -> Form:
    changed = dict(answer)
    for name, change in (("labels", label), ("explained", explained)):
        if name in answer:
            changed[name] = [change(one) for one in answer[name]]
    return changed


def _vendor_label(label: Form) -> Form:
    return _renamed(label, LABEL) | {"ParentLabelName": label["parent_name"] or ""}


def _vendor_explained(label: Form) -> Form:
    tag = label["tag"]
    return _renamed(label, EXPLAINED) | {"Tag": None if tag is None else {tag["key"]: tag["value"]}}


def _our_label(label: Form, taxonomy: Taxonomy) -> Form:
    ours = _renamed(label, {theirs: our for our, theirs in LABEL.items()})
    concept = taxonomy.concepts.get(ours["id"])
    parent = {"parent_id": concept.parent if concept is not None else None, "parent_name": ours["parent_name"] or None}
    before, after = dict(list(ours.items())[:5]), {"language": ours["language"]}
    return before | parent | after


def _our_explained(label: Form) -> Form:
    ours = _renamed(label, {theirs: our for our, theirs in EXPLAINED.items()})
    tag = ours["tag"]
    if tag is not None:
        ((key, value),) = tag.items()
        ours["tag"] = {"key": key, "value": value}
    return ours


def _renamed(label: Form, names: Mapping[str, str]) -> Form:
    return {new: label[old] for old, new in names.items()}
