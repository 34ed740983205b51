"""Turns an image's row into columns of Tablestore and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import SCHEMA, Answer, ImageRecord, ObjectRef
from imagelabels.providers.aliyun.tablestore.tables import ELEMENTS, VALUE, readable, sendable, word
from imagelabels.records import rows

Columns = dict[str, Any]

LOCK = ("lock", "lock_until", "lock_event")

RECORD = (
    "version",
    "schema",
    "state",
    "reason",
    "notes",
    "detector",
    "updated_at",
    "last_modified",
    "size",
    "width",
    "height",
    "taken_at",
    "confidence",
    "ids",
    "categories",
    "labels",
    "record",
    "corrected",
)
"""A finished row has these columns beside its name; one that is None is not written."""

NAME = ("uri", "bucket", "key", "version")
"""This column names the object of a row."""


def name(ref: ObjectRef) -> Columns:
    """Return the columns that say which object a row is about."""
    return {"uri": sendable(ref.uri), "bucket": f"{ref.store}://{ref.bucket}", "key": sendable(ref.key)}


def read_name(columns: Mapping[str, Any]) -> ObjectRef:
    store, _, bucket = columns["bucket"].partition("://")
    return ObjectRef(store, bucket, readable(columns["key"]), columns.get("version"))


def finished(record: ImageRecord) -> Columns:
    """Return the row that a record makes.

    Beyond the service's limits the surest labels are kept: ELEMENTS to be found by, and in the record as many as VALUE
    holds.
    """
    nested = postings(record)
    columns: Columns = {
        "version": record.ref.version,
        "schema": record.schema,
        "state": record.state,
        "reason": record.reason,
        "notes": _array(list(record.notes)),
        "detector": record.detector,
        "updated_at": record.updated_at,
        "last_modified": rows.modified(record),
        "size": record.head.size if record.head is not None else None,
        "width": record.width,
        "height": record.height,
        "taken_at": record.taken_at,
        "confidence": float(max(rows.postings(record).values(), default=0.0)),
        "ids": _array([one["id"] for one in nested]),
        "categories": _array(sorted(map(word, rows.categories(record)))[:ELEMENTS]),
        "labels": _array(nested),
        "record": _fitting(record),
        "corrected": record.corrections.content if record.corrections else None,
    }
    return {column: value for column, value in columns.items() if value is not None}


def read_finished(columns: Mapping[str, Any], ref: ObjectRef) -> ImageRecord | None:
    """Read the record of a row; None if it has none, Misconfigured if a newer or much older version wrote it."""
    if "record" not in columns:
        return None
    with rows.undamaged_row(ref.uri):
        schema = int(columns.get("schema", 0))
    if schema > SCHEMA:
        raise Misconfigured(
            f"the row of {ref.uri!r} has schema {schema}, and this version reads up to {SCHEMA}: upgrade imagelabels"
        )
    if schema < SCHEMA - 1:
        raise Misconfigured(
            f"the row of {ref.uri!r} has schema {schema}, and this version reads from {SCHEMA - 1} on: "
            "run `imagelabels index migrate`"
        )
    return rows.read_record(ref, schema, columns["record"])


def postings(record: ImageRecord) -> list[dict[str, Any]]:
    """Return nested rows, the surest first: one per label id and per id above one, as sure as the surest below it."""
    own = {label.id: label for label in record.labels}
    above = {lower: higher for ids in _chains(record) for lower, higher in pairwise(ids)}
    found = sorted(rows.postings(record).items(), key=lambda posting: (-posting[1], posting[0]))
    nested = []
    for label_id, confidence in found[:ELEMENTS]:
        parent = own[label_id].parent_id if label_id in own else above.get(label_id)
        one: dict[str, Any] = {"id": word(label_id), "confidence": float(confidence)}
        if label_id in own:
            one["level"] = own[label_id].level
        if parent is not None:
            one["parent"] = word(parent)
        nested.append(one)
    return nested


def answer(kept: Answer) -> str:
    """Write the answer as text. One longer than VALUE loses the detector's own words first, then its last labels."""
    text = rows.answer_json(kept)
    seen = kept.detection
    if len(text) > VALUE and seen is not None:
        text = rows.answer_json(replace(kept, detection=replace(seen, raw="")))
        labels = seen.labels
        while len(text) > VALUE:
            labels = labels[: _fewer(len(labels), text)]
            text = rows.answer_json(replace(kept, detection=replace(seen, raw="", labels=labels)))
    return text


def _fitting(record: ImageRecord) -> str:
    text = rows.record_json(record)
    while len(text) > VALUE:
        labels = record.labels[: _fewer(len(record.labels), text)]
        ids = {label.id for label in labels}
        record = replace(
            record,
            labels=labels,
            ancestors={label_id: above for label_id, above in record.ancestors.items() if label_id in ids},
        )
        text = rows.record_json(record)
    return text


def _fewer(labels: int, text: str) -> int:
    """Estimate how many labels may fit: at least one fewer each time."""
    if labels == 0:
        raise ValueError(f"a row has {len(text)} bytes without its labels, and a column takes {VALUE}")
    return min(labels - 1, labels * VALUE // len(text))


def _chains(record: ImageRecord) -> list[tuple[str, ...]]:
    return [(label.id, *record.ancestors.get(label.id, ())) for label in record.labels]


def _array(values: list[Any]) -> str | None:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else None
