"""Keeps webhooks, their deliveries and what their receivers know in SQLite: every method is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from imagelabels.domain.albums import Changed
from imagelabels.domain.webhooks import Delivery, Hook
from imagelabels.ports.webhooks import Told
from imagelabels.providers.sqlite.database import Database
from imagelabels.records import rows
from imagelabels.records.readable import each_readable
from imagelabels.records.rows import storable
from imagelabels.records.webhooks import CURE, delivery_json, hook_json, read_delivery, read_hook, undamaged_known


class SqliteHooks:
    """This is a port Hooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, hook_id: str) -> Hook | None:
        with self._database.reading() as connection:
            columns = connection.execute(
                "SELECT id, version, hook FROM webhooks WHERE id = ?", (storable(hook_id),)
            ).fetchone()
        return read_hook(*columns) if columns is not None else None

    def list(self, after: str = "", limit: int = 100) -> tuple[Hook, ...]:
        with self._database.reading() as connection:
            stored = connection.execute(
                "SELECT id, version, hook FROM webhooks WHERE id > ? ORDER BY id", (storable(after),)
            )
            return tuple(islice(each_readable(read_hook, stored), limit))

    def put(self, hook: Hook, expected_version: int | None = None) -> None:
        statement = "INSERT OR IGNORE INTO webhooks (version, hook, id) VALUES (?, ?, ?)"
        values: tuple[object, ...] = (hook.version, hook_json(hook), hook.id)
        if expected_version is not None:
            statement = "UPDATE webhooks SET version = ?, hook = ? WHERE id = ? AND version = ?"
            values = (*values, expected_version)
        with self._database.writing() as connection:
            if connection.execute(statement, values).rowcount != 1:
                raise Changed(hook.id)

    def delete(self, hook_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM webhooks WHERE id = ?", (storable(hook_id),))


class SqliteOutbox:
    """This is a port Outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, deliveries: Sequence[Delivery]) -> None:
        self._insert("OR IGNORE", deliveries)

    def list(self, hook_id: str, limit: int) -> tuple[Delivery, ...]:
        with self._database.reading() as connection:
            stored = connection.execute(
                "SELECT hook, picture, number, uri, delivery FROM webhook_deliveries WHERE hook = ?"
                " ORDER BY picture, number",
                (storable(hook_id),),
            )
            return tuple(islice(each_readable(_delivery, stored), limit))

    def write(self, delivery: Delivery) -> None:
        self._insert("OR REPLACE", [delivery])

    def remove(self, deliveries: Sequence[Delivery]) -> None:
        keys = [(one.hook, one.picture, one.number) for one in deliveries]
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM webhook_deliveries WHERE hook = ? AND picture = ? AND number = ?", keys)

    def _insert(self, conflict: str, deliveries: Sequence[Delivery]) -> None:
        values = [(one.hook, one.picture, one.number, rows.octets(one.uri), delivery_json(one)) for one in deliveries]
        with self._database.writing() as connection:
            connection.executemany(
                f"INSERT {conflict} INTO webhook_deliveries (hook, picture, number, uri, delivery)"
                " VALUES (?, ?, ?, ?, ?)",
                values,
            )


class SqliteKnown:
    """This is a port Known."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def numbers(self, hook_id: str, pictures: Sequence[str]) -> Mapping[str, int]:
        marks = ", ".join("?" * len(pictures))
        with self._database.reading() as connection:
            stored = connection.execute(
                f"SELECT picture, number FROM webhook_known WHERE hook = ? AND picture IN ({marks})",
                (storable(hook_id), *map(storable, pictures)),
            ).fetchall()
        with undamaged_known(hook_id):
            return {picture: int(number) for picture, number in stored}

    def note(self, hook_id: str, told: Iterable[Told]) -> None:
        values = [(hook_id, one.picture, rows.octets(one.uri), one.number) for one in told]
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT INTO webhook_known (hook, picture, uri, number) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (hook, picture) DO UPDATE SET number = max(number, excluded.number)",
                values,
            )

    def list(self, hook_id: str, after: str = "", limit: int = 100) -> tuple[Told, ...]:
        with self._database.reading() as connection:
            stored = connection.execute(
                "SELECT picture, uri, number FROM webhook_known WHERE hook = ? AND picture > ?"
                " ORDER BY picture LIMIT ?",
                (storable(hook_id), storable(after), limit),
            ).fetchall()
        with undamaged_known(hook_id):
            return tuple(Told(picture, rows.text(uri), int(number)) for picture, uri, number in stored)

    def forget(self, hook_id: str, pictures: Sequence[str]) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                "DELETE FROM webhook_known WHERE hook = ? AND picture = ?", [(hook_id, one) for one in pictures]
            )


def _delivery(hook_id: str, picture: str, number: int, octets: bytes, stored: str) -> Delivery:
    with rows.undamaged(f"a delivery of the webhook {hook_id!r}", CURE):
        uri = rows.text(octets)
    return read_delivery(hook_id, picture, number, uri, stored)
