"""The messages about events that are for queues of the vendor. They lie beside the events of a function."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Sequence
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
COLUMNS = {
    "visible": "REAL NOT NULL DEFAULT 0",
    "priority": "INTEGER NOT NULL DEFAULT 8",
    "received": "INTEGER NOT NULL DEFAULT 0",
    "first_received": "REAL",
    "receipt": "TEXT",
}
"""The data folder may be that of an emulator whose queues could not be read, so these are added where they are missing.
A message can be received when it is `visible`; the last one who received it has the `receipt`."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message for a queue of the vendor, whose name is `destination`."""

    destination: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A message as those who read the queue see it. Times are seconds since the epoch."""

    number: int
    body: bytes
    sent: float
    visible: float
    """It can be received then."""
    priority: int
    received: int
    """So often it was received."""
    first_received: float | None
    receipt: str | None


class Messages:
    """The messages in a database. `dropped` counts those that gave way to newer ones since this was made."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.dropped = 0
        self._database = database
        database.executescript(SCHEMA)
        known = {row["name"] for row in database.execute("PRAGMA table_info(messages)")}
        for name, kind in COLUMNS.items():
            if name not in known:
                database.execute(f"ALTER TABLE messages ADD COLUMN {name} {kind}")

    def keep(self, message: Message, now: float, delay: float = 0.0, priority: int = 8) -> int:
        """Keep a message, which can be received after `delay` seconds, and return its number. The oldest ones are
        dropped where there are too many or too large ones."""
        number = self._database.execute(
            "INSERT INTO messages (destination, body, sent, visible, priority) VALUES (?, ?, ?, ?, ?)",
            (message.destination, message.body, now, now + delay, priority),
        ).lastrowid
        assert number is not None
        self.dropped += self._database.execute(
            "DELETE FROM messages WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER newest AS position,"
            " sum(length(body)) OVER newest AS bytes FROM messages WINDOW newest AS (ORDER BY id DESC))"
            " WHERE position > ? OR (position > 1 AND bytes > ?))",
            (MOST, MOST_BYTES),
        ).rowcount
        return number

    def destinations(self) -> set[str]:
        """Return the names of the queues for which there are messages."""
        return {row["destination"] for row in self._database.execute("SELECT DISTINCT destination FROM messages")}

    def peek(self, destinations: Collection[str], now: float, most: int) -> list[Kept]:
        """Return the messages for these queues that can be received now, the first ones, and leave them so."""
        return self._select(destinations, "visible <= ? ORDER BY priority, id LIMIT ?", now, most)

    def receive(self, destinations: Collection[str], now: float, most: int, seconds: float) -> list[Kept]:
        """Return the messages that `peek` would return, each with a new receipt. Nobody can receive them again for so
        many seconds."""
        numbers = [message.number for message in self.peek(destinations, now, most)]
        for number in numbers:
            self._database.execute(
                "UPDATE messages SET visible = ?, receipt = ?, received = received + 1,"
                " first_received = coalesce(first_received, ?) WHERE id = ?",
                (now + seconds, secrets.token_hex(8), now, number),
            )
        return [message for number in numbers for message in self._select(destinations, "id = ?", number)]

    def held(self, destinations: Collection[str], number: int, receipt: str, now: float) -> bool:
        """Tell whether this is the message's last receipt, and nobody else can have received the message since."""
        return bool(self._select(destinations, "id = ? AND receipt = ? AND visible > ?", number, receipt, now))

    def hide(self, number: int, until: float) -> Kept:
        """Let a message be received from then on, and give it a new receipt."""
        self._database.execute(
            "UPDATE messages SET visible = ?, receipt = ? WHERE id = ?", (until, secrets.token_hex(8), number)
        )
        return self._select(self.destinations(), "id = ?", number)[0]

    def counts(self, destinations: Collection[str], now: float) -> tuple[int, int, int]:
        """Count the messages that can be received, those that somebody has received, and those that came delayed."""
        kept = self._select(destinations, "1")
        hidden = [message for message in kept if message.visible > now]
        delayed = sum(1 for message in hidden if not message.received)
        return len(kept) - len(hidden), len(hidden) - delayed, delayed

    def _select(self, destinations: Collection[str], which: str, *values: object) -> list[Kept]:
        names: Sequence[str] = sorted(destinations)
        rows = self._database.execute(
            "SELECT id AS number, body, sent, visible, priority, received, first_received, receipt FROM messages"
            f" WHERE destination IN ({', '.join('?' * len(names))}) AND {which}",
            (*names, *values),
        )
        return [Kept(**dict(row)) for row in rows]

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
