"""The part of a row that a search index holds. A value whose form is not that of its field is silently left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.search import dates
from emulator.aliyun.tablestore.search.analysis import GAP
from emulator.aliyun.tablestore.search.geometry import point
from emulator.aliyun.tablestore.search.schema import Field, Schema
from emulator.aliyun.tablestore.values import Bound, Row, row_size

pb = messages.search
KEY_BYTES, KEYWORD_BYTES, ELEMENTS = 1000, 4096, 256
"""The longest key of a row and the longest keyword in bytes, and the most elements of an array or a nested field:
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index. The page does not tell what happens beyond these
limits. Here the row, or the value, is left out."""


@dataclass(slots=True)
class Document:
    """Values and nested documents by the full names of their fields.

    A TEXT is held as its words, a date as milliseconds since the epoch, and a GEO_POINT as a Point.
    """

    values: dict[str, list[Any]] = field(default_factory=dict)
    nested: dict[str, list[Document]] = field(default_factory=dict)
    row: Row | None = None
    """The row of a document, or None in a nested document."""


def of_row(row: Row, schema: Schema) -> Document | None:
    """Return the document of a row, or None if the index leaves the row out."""
    if row_size(row.key, ()) - sum(len(name.encode()) for name, _ in row.key) > KEY_BYTES:
        return None
    columns: dict[str, object] = {name: value for name, value in row.key if not isinstance(value, Bound)}
    columns.update((cell.name, cell.value) for cell in reversed(row.cells))
    document = Document(row=row)
    for top_field in schema.top:
        if top_field.name in columns:
            _add(document, top_field, columns[top_field.name])
    return document


def _add(document: Document, field: Field, column: object) -> None:
    """Add a column of the table. Arrays and nested fields are JSON in a string."""
    if not field.array and not field.nested:
        _hold(document, field, [column], exact=True)
        return
    if not isinstance(column, str):
        return
    try:
        elements = json.loads(column)
    except ValueError:
        return
    if isinstance(elements, list):
        _add_elements(document, field, elements)


def _add_elements(document: Document, field: Field, elements: Sequence[object]) -> None:
    if len(elements) > ELEMENTS:
        return
    if not field.nested:
        _hold(document, field, elements, exact=False)
    elif all(isinstance(element, dict) for element in elements):
        children = [_child(field, element) for element in elements if isinstance(element, dict)]
        document.nested[field.name] = children


def _child(field: Field, members: dict[str, object]) -> Document:
    child = Document()
    for child_field in field.children:
        member = members.get(child_field.definition.field_name)
        if isinstance(member, list):
            _add_elements(child, child_field, member)
        elif member is not None and not child_field.nested:
            _hold(child, child_field, [member], exact=False)
    return child


def _hold(document: Document, field: Field, values: Iterable[object], exact: bool) -> None:
    """Add all of the values, or none if one of them does not fit.

    With `exact` an integer does not fit a field of doubles.
    """
    held: list[Any] = []
    for value in values:
        read = _read(field, value, exact)
        if not read:
            return
        held += [GAP, *read] if held and field.kind == pb.TEXT else read
    if held:
        document.values[field.name] = held


def _read(field: Field, value: object, exact: bool) -> Sequence[Any]:
    """Return what a document holds of one value, or nothing if the value does not fit the field."""
    kind = field.kind
    if isinstance(value, str):
        if kind == pb.KEYWORD:
            return [value] if len(value.encode()) <= KEYWORD_BYTES else []
        if kind == pb.TEXT:
            return field.indexed(value)
        if kind == pb.GEO_POINT:
            return [place] if (place := point(value)) else []
    elif isinstance(value, bool):
        return [value] if kind == pb.BOOLEAN else []
    elif isinstance(value, int):
        if kind == pb.LONG or (kind == pb.DOUBLE and not exact):
            return [value]
    elif isinstance(value, float):
        return [value] if kind == pb.DOUBLE else []
    if kind == pb.DATE:
        moment = dates.milliseconds(value, field.definition.date_formats)
        return [] if moment is None else [moment]
    return []
