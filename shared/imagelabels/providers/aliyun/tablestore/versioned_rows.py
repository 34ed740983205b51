"""Keeps values whose rows have a version, such as albums and webhooks, so that two writers do not lose each other's
changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from imagelabels.domain.albums import Changed
from imagelabels.providers.aliyun.tablestore.client import EXISTS, Columns, Instance, equals
from imagelabels.records.readable import each_readable
from imagelabels.records.rows import storable, undamaged


class Versioned(Protocol):
    """A value with an id and a version."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


T = TypeVar("T", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """How a value is stored as text beside its id and its version."""

    noun: str
    """An error about a damaged row calls the value so."""
    cure: str
    """An error about a damaged row advises this."""
    write: Callable[[T], str]
    read: Callable[[str, int, str], T]


class VersionedRows(Generic[T]):
    """The rows of a table whose key is the id of a value."""

    def __init__(self, instance: Instance, table: str, form: Form[T]) -> None:
        self._instance, self._table, self._form = instance, table, form

    def get(self, value_id: str) -> T | None:
        """Return the value with this id; None if there is none."""
        columns = self._instance.get(self._table, (storable(value_id),)) if value_id else None
        return self._read(value_id, columns) if columns is not None else None

    def list(self, after: str, limit: int) -> tuple[T, ...]:
        """Return up to `limit` values in the order of their ids, behind the id `after`."""
        behind = (storable(after),)
        stored = (row for row in self._instance.range(self._table, (), start_at=behind) if row[0] > behind)
        return tuple(islice(each_readable(self._read, ((key[0], columns) for key, columns, _ in stored)), limit))

    def put(self, value: T, expected_version: int | None) -> None:
        """Write a value in place of the one with `expected_version`; None: there must be none with its id. Changed is
        raised if that does not hold."""
        columns: Columns = {"fields": self._form.write(value), "version": value.version}
        if expected_version is None:
            is_written = self._instance.put(self._table, (value.id,), columns)
        else:
            when = equals("version", expected_version)
            is_written = self._instance.update(self._table, (value.id,), columns, when=when, row=EXISTS)
        if not is_written and self.get(value.id) != value:  # An attempt whose answer was lost may have written it.
            raise Changed(value.id)

    def _read(self, value_id: str, columns: Columns) -> T:
        with undamaged(f"the {self._form.noun} {value_id!r}", self._form.cure):
            version, stored = int(columns["version"]), str(columns["fields"])
        return self._form.read(value_id, version, stored)
