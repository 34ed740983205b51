"""What aggregations and groups need to know about a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.search import terms
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.schema import Field, Schema
from emulator.aliyun.tablestore.search.scoring import Score, below

pb = messages.search
DEPTH, SIBLINGS = 5, 5
"""Groups may be within groups so deep, and one level may have so many aggregations and so many groups:
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""


# Unproven most-groups: One answer may have 100,000 groups on all levels together.
# Why: no page tells a number.
# Ask: Search with three levels of GroupByField of size 2000 over 100,001 combinations: the code and the message.
GROUPS = 100_000
"""One answer may have so many groups on all levels together."""


class Budget:
    """Counts the groups of one answer, so that no request costs unbounded time."""

    def __init__(self) -> None:
        self._left = GROUPS

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise invalid(f"the answer would have more than {GROUPS} groups")


@dataclass(frozen=True, slots=True)
class Scope:
    """`row` returns the part of a document's row that the client wants, as bytes, or nothing if the row is gone."""

    schema: Schema
    score: Score
    row: Callable[[Document], bytes]
    budget: Budget = field(default_factory=Budget)

    def field(self, name: str, kinds: Iterable[int] = ()) -> Field:
        """Return a field that can be aggregated. It is refused unless it has one of the kinds, if any are given."""
        field = self.schema.sorted(name, self.schema.path(name))
        wanted = frozenset(kinds)
        if wanted and field.kind not in wanted:
            raise invalid(f"field [{name}] has the type {pb.FieldType.Name(field.kind)}, which cannot be aggregated so")
        return field

    def values(self, field: Field, missing: bytes = b"") -> Callable[[Document], list[Any]]:
        """Return what reads all values of a field. A document without any has the value `missing`, if it is given."""
        name, path = field.name, self.schema.path(field.name)
        instead = [terms.literal(missing, field)] if missing else []
        if not path:
            return lambda document: document.values.get(name, instead)

        def read(document: Document) -> list[Any]:
            values = [value for child in below(document, path) for value in child.values.get(name, ())]
            return values or instead

        return read


def check_count(siblings: Any, what: str) -> None:
    if len(siblings) > SIBLINGS:
        raise invalid(f"the number of {what} exceeds the limit {SIBLINGS}")
    names = [sibling.name for sibling in siblings]
    if len(set(names)) < len(names):
        raise invalid(f"the names of {what} must differ")


def number(variant: bytes, what: str) -> int | float:
    """Return a number that stands alone, or refuse it."""
    value = plainbuffer.value_of(variant)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid(f"{what} must be a number")
    return value
