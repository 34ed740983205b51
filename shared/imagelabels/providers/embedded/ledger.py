"""The ledger on SQLite: every method is one transaction."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager

from imagelabels.domain import rows
from imagelabels.domain.model import Answer, EventEntry, ImageRecord, ObjectRef
from imagelabels.ports import MARGIN, Claim, StoredRow
from imagelabels.providers.embedded import postings
from imagelabels.providers.embedded.database import Connection, Database

_FREE = "lock = NULL, lock_until = NULL, lock_event = NULL"
# As bytes, since SQLite's own error for a text that is not UTF-8 would not tell which row it is in.
_RECORD = "SELECT CAST(record AS BLOB) FROM records WHERE image = ?"
_ANSWER = "SELECT CAST(answer AS BLOB) FROM answers WHERE answer_id = ?"
_UNFINISHED = "id NOT IN (SELECT image FROM records WHERE image = id)"
"""No delivery has written the row yet."""


class SqliteLedger:
    """Implements ports.Ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def together(self) -> AbstractContextManager[object]:
        """What this thread does within it is one transaction: many times as fast, all or nothing, and others wait."""
        return self._database.writing()

    def lock(self, ref: ObjectRef, token: str, until: float, now: float, event_id: str) -> bool:
        with self._database.writing() as connection:
            taken = connection.execute(
                "INSERT INTO images (pk, uri, store, bucket, key, version, lock, lock_until, lock_event)"
                " VALUES (:pk, :uri, :store, :bucket, :key, :version, :token, :until, :event)"
                " ON CONFLICT (pk) DO UPDATE SET lock = :token, lock_until = :until, lock_event = :event"
                " WHERE lock IS NULL OR lock = :token OR lock_until < :dead",
                _columns(ref)
                | {
                    "token": token,
                    "until": rows.milliseconds(until),
                    "event": event_id,
                    "dead": rows.milliseconds(now - MARGIN),
                },
            )
            return taken.rowcount == 1

    def release(self, ref: ObjectRef, token: str, waiting: str | None = None) -> None:
        with self._database.writing() as connection:
            image = _held(connection, ref, token)
            if image is None:
                return
            if waiting is None:
                connection.execute("DELETE FROM images WHERE id = ? AND state IS NULL", (image,))
                connection.execute(f"UPDATE images SET {_FREE} WHERE id = ?", (image,))
            else:
                connection.execute(f"UPDATE images SET {_FREE}, waiting = ? WHERE id = ?", (waiting, image))
                connection.execute(
                    "UPDATE images SET state = 'waiting', reason = ?, updated_at = 0, confidence = 0"
                    f" WHERE id = ? AND {_UNFINISHED}",
                    (waiting, image),
                )

    def finish(self, ref: ObjectRef, token: str, record: ImageRecord | None, entry: EventEntry) -> bool:
        with self._database.writing() as connection:
            image = _held(connection, ref, token)
            if image is None:
                return False
            if record is None:
                connection.execute(f"DELETE FROM images WHERE id = ? AND {_UNFINISHED}", (image,))
                connection.execute(f"UPDATE images SET {_FREE}, waiting = NULL WHERE id = ?", (image,))
            else:
                had = connection.execute(_RECORD, (image,)).fetchone()
                if had is not None:
                    if rows.forgets(record, rows.read_record(record.ref, record.schema, had[0])):
                        return False
                    postings.erase(connection, image)
                _write(connection, image, record)
            _note(connection, ref, entry)
            return True

    def drop(self, ref: ObjectRef, token: str, entry: EventEntry) -> bool:
        with self._database.writing() as connection:
            image = _held(connection, ref, token)
            if image is None:
                return False
            postings.erase(connection, image)
            connection.execute("DELETE FROM images WHERE id = ?", (image,))
            _note(connection, ref, entry)
            return True

    def claim(self, answer_id: str, token: str, until: float, now: float) -> Claim:
        with self._database.writing() as connection:
            mine = connection.execute(
                "INSERT INTO answers (answer_id, state, owner, until) VALUES (:id, 'calling', :token, :until)"
                " ON CONFLICT (answer_id) DO UPDATE SET owner = :token, until = :until"
                " WHERE state = 'calling' AND (owner = :token OR until < :now)",
                {
                    "id": answer_id,
                    "token": token,
                    "until": rows.milliseconds(until),
                    "now": rows.milliseconds(now),
                },
            )
            if mine.rowcount == 1:
                return Claim("mine")
            (answer,) = connection.execute(_ANSWER, (answer_id,)).fetchone()
            return Claim("busy") if answer is None else Claim("kept", rows.read_answer(answer, answer_id))

    def store(self, answer_id: str, token: str, answer: Answer) -> bool:
        with self._database.writing() as connection:
            kept = connection.execute(
                "UPDATE answers SET state = ?, answer = ?, until = NULL"
                " WHERE answer_id = ? AND state = 'calling' AND owner = ?",
                ("ok" if answer.reason is None else "refused", rows.answer_json(answer), answer_id, token),
            )
            return kept.rowcount == 1

    def answer(self, answer_id: str) -> Answer | None:
        with self._database.reading() as connection:
            found = connection.execute(_ANSWER, (answer_id,)).fetchone()
        return rows.read_answer(found[0], answer_id) if found is not None and found[0] is not None else None

    def give_back(self, answer_id: str, token: str) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM answers WHERE answer_id = ? AND state = 'calling' AND owner = ?", (answer_id, token)
            )

    def take(self, detector: str, now: float) -> str | None:
        with self._database.writing() as connection:
            held: tuple[str] | None = connection.execute(
                "SELECT held FROM budgets WHERE detector = ? AND held_until > ?", (detector, rows.milliseconds(now))
            ).fetchone()
            if held is not None:
                return held[0]
            connection.execute(
                "INSERT INTO budgets (detector, calls_all) VALUES (?, 1)"
                " ON CONFLICT (detector) DO UPDATE SET calls_all = calls_all + 1",
                (detector,),
            )
            return None

    def hold(self, detector: str, reason: str, until: float) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO budgets (detector, held, held_until) VALUES (:detector, :reason, :until)"
                " ON CONFLICT (detector) DO UPDATE SET held = :reason, held_until = :until",
                {"detector": detector, "reason": reason, "until": rows.milliseconds(until)},
            )

    def row(self, ref: ObjectRef) -> StoredRow | None:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT version, schema, CAST(record AS BLOB), waiting, lock, lock_until FROM images"
                " LEFT JOIN records ON image = id WHERE pk = ?",
                (rows.image_pk(ref),),
            ).fetchone()
        if found is None:
            return None
        version, schema, stored, waiting, lock, until = found
        there = ObjectRef(ref.store, ref.bucket, ref.key, version)
        record = rows.read_record(there, schema, stored) if stored is not None else None
        with rows.undamaged_row(ref.uri):
            return StoredRow(record, waiting, lock, until / 1000 if until is not None else None)

    def history(self, ref: ObjectRef) -> tuple[EventEntry, ...]:
        with self._database.reading() as connection:
            lines = connection.execute(
                "SELECT CAST(entry AS BLOB) FROM events WHERE image = ? ORDER BY at, rowid", (rows.image_pk(ref),)
            ).fetchall()
        return tuple(rows.read_entry(entry, ref) for (entry,) in lines)


def _columns(ref: ObjectRef) -> dict[str, object]:
    return {
        "pk": rows.image_pk(ref),
        "uri": rows.octets(ref.uri),
        "store": ref.store,
        "bucket": ref.bucket,
        "key": rows.octets(ref.key),
        "version": ref.version,
    }


def _held(connection: sqlite3.Connection, ref: ObjectRef, token: str) -> int | None:
    """The number of the object's row, if its lock is ours."""
    found: tuple[int] | None = connection.execute(
        "SELECT id FROM images WHERE pk = ? AND lock = ?", (rows.image_pk(ref), token)
    ).fetchone()
    return found[0] if found is not None else None


def _write(connection: Connection, image: int, record: ImageRecord) -> None:
    """The row with its postings, in the place of none, and the lock gone."""
    found = rows.postings(record)
    connection.execute(
        f"UPDATE images SET {_FREE}, waiting = NULL, version = :version, schema = :schema, state = :state,"
        " reason = :reason, updated_at = :updated_at, modified = :modified, confidence = :confidence WHERE id = :id",
        {
            "id": image,
            "version": record.ref.version,
            "schema": record.schema,
            "state": record.state,
            "reason": record.reason,
            "updated_at": record.updated_at,
            "modified": rows.modified(record),
            "confidence": max(found.values(), default=0.0),
        },
    )
    postings.write(connection, image, record, found)


def _note(connection: sqlite3.Connection, ref: ObjectRef, entry: EventEntry) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO events (image, event_id, at, entry) VALUES (?, ?, ?, ?)",
        (rows.image_pk(ref), entry.event_id, entry.at, rows.entry_json(entry)),
    )
