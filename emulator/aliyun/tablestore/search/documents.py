"""The part of a row that a search index holds. A value whose form is not that of its field is silently left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.search.schema import Field, Schema
from emulator.aliyun.tablestore.values import Bound, Row, row_size

pb = messages.search
KEY_BYTES, KEYWORD_BYTES, ELEMENTS = 1000, 4096, 256
"""The longest key of a row and the longest keyword in bytes, and the most elements of an array or a nested field:
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index. The page does not tell what happens beyond these
limits. Here the row, or the value, is left out."""
WORDS = re.compile(r"[a-z]+|[0-9]+|[^\W_a-z0-9]")
"""The words of the analyzer single_word: runs of letters, runs of digits, and each Chinese character by itself."""


@dataclass(slots=True)
class Document:
    """Values and nested documents by the full names of their fields. A TEXT is held as its words."""

    values: dict[str, list[int | float | bool | str]] = field(default_factory=dict)
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


def words(text: str) -> list[str]:
    return WORDS.findall(text.lower())


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
    held: list[int | float | bool | str] = []
    for value in values:
        if isinstance(value, bool):
            fits = field.kind == pb.BOOLEAN
        elif isinstance(value, int):
            fits = field.kind == pb.LONG or (field.kind == pb.DOUBLE and not exact)
        elif isinstance(value, float):
            fits = field.kind == pb.DOUBLE
        elif isinstance(value, str):
            fits = field.kind == pb.TEXT or (field.kind == pb.KEYWORD and len(value.encode()) <= KEYWORD_BYTES)
        else:
            return
        if not fits:
            return
        assert isinstance(value, (int, float, bool, str))
        held += words(str(value)) if field.kind == pb.TEXT else [value]
    if held:
        document.values[field.name] = held
