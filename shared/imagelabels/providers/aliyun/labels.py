"""Reads the labels in an answer of IMM. The same text comes from OSS (image/labels) and from IMM
(DetectImageLabels)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import Label
from imagelabels.domain.taxonomy import Taxonomy

_VOCABULARY = "imm"
_LANGUAGE = "zh-Hans"
"""An answer that names no language is in this one, as in the vendor's samples."""


def threshold(floor: float) -> str:
    """Write the floor, 0..1, as a plain fraction: pages of the vendor disagree on thr (0..1, or 0..100 on an older
    one)."""
    if not 0 <= floor <= 1:
        raise Misconfigured(f"IMAGELABELS_DETECT_FLOOR: {floor} is not within 0..1")
    return format(Decimal(repr(float(floor))), "f")


def labels(text: str, taxonomy: Taxonomy) -> tuple[Label, ...]:
    """Read an answer; ValueError or RecursionError if it is not the JSON that the vendor's page describes."""
    answer = json.loads(text)
    entries = answer.get("Labels") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise ValueError("the answer has no list Labels")
    best: dict[str, Label] = {}
    for at, entry in enumerate(entries):
        try:
            label = _label(entry, taxonomy)
        except ValueError as error:
            raise ValueError(f"Labels[{at}].{error}") from error
        if label.id not in best or label.confidence > best[label.id].confidence:
            best[label.id] = label
    return tuple(best.values())


def _label(entry: object, taxonomy: Taxonomy) -> Label:
    fields = entry if isinstance(entry, dict) else {}
    name, language = _text(fields, "LabelName"), _text(fields, "Language") or _LANGUAGE
    confidence, centric = _score(fields, "LabelConfidence"), _score(fields, "CentricScore")
    parent, level = _text(fields, "ParentLabelName"), fields.get("LabelLevel")
    if not name or confidence is None:
        raise ValueError("LabelName or LabelConfidence: missing")
    label_id = taxonomy.label_id(_VOCABULARY, name, language)
    above = taxonomy.label_id(_VOCABULARY, parent, language) if parent else None
    return Label(
        id=label_id,
        name=name,
        language=language,
        level=level if type(level) is int and level > 0 else 2 if parent else 1,
        # Two of the vendor's words may be one concept of ours, and a concept is not above itself.
        parent_id=above if above != label_id else None,
        confidence=confidence,
        centric_score=centric,
    )


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: not a text")
    return value or ""


def _score(fields: Mapping[str, object], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{name}: {value!r} is not a number within 0..1")
    return float(value)
