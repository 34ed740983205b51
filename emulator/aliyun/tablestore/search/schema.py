"""The fields of a search index, by their full names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.aliyun.tablestore import checks, messages
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search import analysis, dates
from emulator.core.refusal import Refusal

pb = messages.search
FIELDS = 1000
DEPTH = 5
"""An index may have so many fields, and its fields may be nested so deep:
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""
SEARCHED = {pb.LONG, pb.DOUBLE, pb.BOOLEAN, pb.KEYWORD, pb.TEXT, pb.GEO_POINT, pb.DATE}
"""The types of fields that can be queried here. Fields of other types may be defined, but queries on them are
refused."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a search index. `name` is its full name, as labels.id, and `definition` its FieldSchema."""

    name: str
    definition: Any
    kind: int
    array: bool
    nested: bool
    children: tuple[Field, ...]
    built_analyzer: analysis.Analyzer | None
    """The analyzer of a TEXT field, or None if it is not built."""

    @classmethod
    def of(cls, name: str, definition: Any) -> Field:
        kind = int(definition.field_type)
        children = tuple(cls.of(f"{name}.{child.field_name}", child) for child in definition.field_schemas)
        analyzer = _analyzer(definition) if kind == pb.TEXT else None
        return cls(name, definition, kind, bool(definition.is_array), kind == pb.NESTED, children, analyzer)

    @property
    def analyzer(self) -> analysis.Analyzer:
        """The analyzer of a TEXT field, which is refused by name if it is not built."""
        return self.built_analyzer or analysis.of(self.definition)

    def indexed(self, text: str) -> list[str]:
        """Return the words that a TEXT field holds of a text, or none if its analyzer is not built."""
        return self.built_analyzer.indexed(text) if self.built_analyzer is not None else []


def _analyzer(definition: Any) -> analysis.Analyzer | None:
    try:
        return analysis.of(definition)
    except (Refusal, messages.DecodeError, messages.UnknownField):
        return None


class Schema:
    def __init__(self, definition: Any) -> None:
        """Read the fields of an IndexSchema."""
        self.top = [Field.of(field.field_name, field) for field in definition.field_schemas]
        self._all = dict(_named(self.top))

    @property
    def names(self) -> frozenset[str]:
        """The names of the columns that the index holds."""
        return frozenset(field.name for field in self.top)

    # Unproven refusals-of-fields: A query on a field that it cannot use is refused with OTSParameterInvalid and
    #   these messages.
    # Why: no page has them.
    # Ask: Search a field within a nested one without NestedQuery, one with index=false, and a nested one itself:
    #   code and message.
    def searched(self, name: str, path: str) -> Field:
        """Return a field that a query names below the nested field `path`, which is empty for the row itself.

        That nested fields need a NestedQuery is the vendor's rule:
        https://www.alibabacloud.com/help/en/tablestore/developer-reference/nested-query-by-using-python-sdk
        """
        field = self._field(name)
        if _above(self._all, name) != path:
            inside = (
                f"a NestedQuery with path {_above(self._all, name)}" if _above(self._all, name) else "no NestedQuery"
            )
            raise invalid(f"field [{name}] can be queried within {inside} only")
        if field.nested:
            raise invalid(f"field [{name}] is nested: query its fields within a NestedQuery")
        if field.kind not in SEARCHED:
            raise not_built(f"queries on the {pb.FieldType.Name(field.kind)} field {name}")
        if field.kind == pb.TEXT and field.built_analyzer is None:
            analysis.of(field.definition)
        if field.definition.HasField("index") and not field.definition.index:
            raise invalid(f"field [{name}] is not indexed")
        return field

    def sorted(self, name: str, path: str) -> Field:
        """Return a field by which rows can be sorted, grouped or aggregated. Other fields are refused."""
        field = self.searched(name, path)
        refused = field.definition.HasField("enable_sort_and_agg") and not field.definition.enable_sort_and_agg
        if field.kind == pb.TEXT or refused:
            raise invalid(f"field [{name}] is not enabled for sorting and aggregation")
        return field

    def path(self, name: str) -> str:
        """Return the name of the nested field that has a field, or an empty text if none has it."""
        self._field(name)
        return _above(self._all, name)

    def nested(self, name: str, path: str) -> Field:
        """Return a nested field that lies directly in `path`."""
        field = self._field(name)
        if not field.nested or _above(self._all, name) != path:
            raise invalid(f"[{name}] is not the path of a nested field" + (f" in {path}" if path else ""))
        return field

    def _field(self, name: str) -> Field:
        field = self._all.get(name)
        if field is None:
            raise invalid(f"field [{name}] does not exist in the search index")
        return field


def checked(definition: Any) -> None:
    """Refuse an IndexSchema of which no index can be made."""
    schema = Schema(definition)
    count = sum(1 for _ in _named(schema.top))
    if not 1 <= count <= FIELDS:
        raise invalid(f"The number of fields must be in range: [1, {FIELDS}].")
    for siblings in _siblings(schema.top):
        names = [field.name for field in siblings]
        if repeated := {name for name in names if names.count(name) > 1}:
            raise invalid(f"Duplicated field name: '{min(repeated)}'.")
    for name, field in _named(schema.top):
        checks.name(field.definition.field_name, "field")
        if field.nested and not field.definition.field_schemas:
            raise invalid(f"The nested field '{name}' has no fields.")
        if not field.nested and field.definition.field_schemas:
            raise invalid(f"The field '{name}' is not nested and cannot have fields.")
        if name.count(".") >= DEPTH:
            raise invalid(f"The nested field '{name}' is deeper than {DEPTH}.")
        if field.definition.is_virtual_field:
            raise not_built("virtual fields in a search index")
        if field.kind == pb.DATE:
            _check_dates(field)


def _check_dates(field: Field) -> None:
    if not field.definition.date_formats:
        raise invalid(f"The date field '{field.name}' has no date formats.")
    for form in field.definition.date_formats:
        dates.check(form)


def _above(fields: Mapping[str, Field], name: str) -> str:
    path = name.rpartition(".")[0]
    return path if path in fields else ""


def _named(fields: list[Field]) -> Iterator[tuple[str, Field]]:
    for field in fields:
        yield field.name, field
        yield from _named(list(field.children))


def _siblings(fields: list[Field]) -> Iterator[list[Field]]:
    yield fields
    for field in fields:
        yield from _siblings(list(field.children))
