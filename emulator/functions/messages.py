"""The messages about events that are for queues of the vendor. They lie beside the events of a function."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

MOST = 1000
"""So many messages are kept. Nobody may ever fetch them, so the oldest give way to new ones."""
MOST_BYTES = 64 * 1024 * 1024
"""The messages that are kept have so many bytes at most, or there is only one."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    destination TEXT NOT NULL,
    body BLOB NOT NULL,
    sent REAL NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Message:
    """A message for a queue of the vendor, whose name is `destination`."""

    destination: str
    body: bytes


class Messages:
    """The messages in a database. `dropped` counts those that gave way to newer ones since this was made."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.dropped = 0
        self._database = database
        database.executescript(SCHEMA)

    def keep(self, message: Message, now: float) -> None:
        """Keep a message, and drop the oldest ones where there are too many or too large ones."""
        self._database.execute(
            "INSERT INTO messages (destination, body, sent) VALUES (?, ?, ?)", (message.destination, message.body, now)
        )
        self.dropped += self._database.execute(
            "DELETE FROM messages WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER newest AS position,"
            " sum(length(body)) OVER newest AS bytes FROM messages WINDOW newest AS (ORDER BY id DESC))"
            " WHERE position > ? OR (position > 1 AND bytes > ?))",
            (MOST, MOST_BYTES),
        ).rowcount

    def all(self) -> list[dict[str, object]]:
        """Return the messages, the oldest first. A body that is JSON is shown as its value."""
        rows = self._database.execute("SELECT id, destination, body, sent FROM messages ORDER BY id")
        return [{**dict(row), "body": _shown(row["body"])} for row in rows]

    def delete(self, ids: Collection[int] | None = None) -> int:
        """Delete the messages with the `ids`, or all of them, and return how many."""
        return delete(self._database, "messages", "1", ids)


def delete(database: sqlite3.Connection, table: str, which: str, ids: Collection[int] | None) -> int:
    """Delete the rows of a table to which a condition applies, all or those with the `ids`. Return how many."""
    if ids is None:
        return database.execute(f"DELETE FROM {table} WHERE {which}").rowcount
    known = [(row_id,) for row_id in ids if row_id.bit_length() < 64]
    return max(0, database.executemany(f"DELETE FROM {table} WHERE {which} AND id = ?", known).rowcount)


def _shown(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
