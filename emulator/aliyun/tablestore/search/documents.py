"""What a search index holds of a row. A value of another form than its field's is left out, without a word."""

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
"""A row's whole key, one keyword, and the elements of an array or of a nested field. What happens beyond is not said;
here the row, or the value, is left out: https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""
WORDS = re.compile(r"[a-z]+|[0-9]+|[^\W_a-z0-9]")
"""The analyzer single_word: words of letters, numbers, and each Chinese character by itself."""


@dataclass(slots=True)
class Document:
    """Values and nested documents by the full names of their fields; TEXT is held as its words."""

    values: dict[str, list[int | float | bool | str]] = field(default_factory=dict)
    nested: dict[str, list[Document]] = field(default_factory=dict)
    row: Row | None = None
    """Where the document is not a nested one."""


def of_row(row: Row, schema: Schema) -> Document | None:
    """None if the index leaves the row out."""
    if row_size(row.key, ()) - sum(len(name.encode()) for name, _ in row.key) > KEY_BYTES:
        return None
    columns: dict[str, object] = {name: value for name, value in row.key if not isinstance(value, Bound)}
    columns.update((cell.name, cell.value) for cell in reversed(row.cells))
    document = Document(row=row)
    for one in schema.top:
        if one.name in columns:
            _add(document, one, columns[one.name])
    return document


def words(text: str) -> list[str]:
    return WORDS.findall(text.lower())


def _add(document: Document, field: Field, column: object) -> None:
    """A column of the table; arrays and nested fields are JSON in a string."""
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
    elif all(isinstance(one, dict) for one in elements):
        document.nested[field.name] = [_child(field, one) for one in elements if isinstance(one, dict)]


def _child(field: Field, members: dict[str, object]) -> Document:
    child = Document()
    for one in field.children:
        member = members.get(one.definition.field_name)
        if isinstance(member, list):
            _add_elements(child, one, member)
        elif member is not None and not one.nested:
            _hold(child, one, [member], exact=False)
    return child


def _hold(document: Document, field: Field, values: Iterable[object], exact: bool) -> None:
    """All of the values, or none; `exact` where a column's type must be the field's."""
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
