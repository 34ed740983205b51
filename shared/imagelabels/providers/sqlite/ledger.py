"""The ledger on SQLite: every method is one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from imagelabels.domain.budget import UNLIMITED, Limits, Spending
from imagelabels.domain.model import Answer, EventEntry, ImageRecord, ObjectRef
from imagelabels.ports import MARGIN, Claim, Proof, StoredAnswer, StoredRow
from imagelabels.providers.sqlite import budgets, changes, postings
from imagelabels.providers.sqlite.database import Connection, Database
from imagelabels.records import rows

_FREE = "lock = NULL, lock_until = NULL, lock_event = NULL"
# Texts are read as bytes, since SQLite's own error for one that is not UTF-8 would not tell which row it is in.
_RECORD = "SELECT CAST(record AS BLOB) FROM records WHERE image = ?"
_ROW = (
    "SELECT pk, uri, store, bucket, key, version, schema, CAST(record AS BLOB), waiting, lock, lock_until FROM images"
    " LEFT JOIN records ON image = id WHERE pk IN ({})"
)
_ROWS_AT_ONCE = 500
"""Some builds of SQLite allow 999 values in a statement (https://www.sqlite.org/limits.html)."""
_ANSWER = "SELECT state, CAST(answer AS BLOB), until FROM answers WHERE answer_id = ?"
_FAILURES = "SELECT failures FROM answers WHERE answer_id = ?"
# An answer that nobody has confirmed keeps the state and the owner of the claim that it came from.
_CLAIMED = "state = 'calling' AND answer IS NULL"
_UNCONFIRMED = "state = 'calling' AND answer IS NOT NULL"
_UNFINISHED = "id NOT IN (SELECT image FROM records WHERE image = id)"
"""No delivery has written the row yet."""


class SqliteLedger:
    """Implements ports.Ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def together(self) -> AbstractContextManager[object]:
        """What this thread does within it is one transaction: many times as fast, all or nothing, and others wait."""
        return self._database.writing()

    def lock(
        self, ref: ObjectRef, token: str, until: float, now: float, event_id: str, former: str | None = None
    ) -> bool:
        with self._database.writing() as connection:
            taken = connection.execute(
                "INSERT INTO images (pk, uri, store, bucket, key, version, lock, lock_until, lock_event)"
                " VALUES (:pk, :uri, :store, :bucket, :key, :version, :token, :until, :event)"
                " ON CONFLICT (pk) DO UPDATE SET lock = :token, lock_until = :until, lock_event = :event"
                " WHERE lock IS NULL OR lock IN (:token, :former) OR lock_until < :dead",
                _columns(ref)
                | {
                    "token": token,
                    "former": former,
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

    def finish(
        self,
        ref: ObjectRef,
        token: str,
        record: ImageRecord | None,
        entry: EventEntry,
        proof: Proof | None = None,
        waiting: str | None = None,
    ) -> bool:
        with self._database.writing() as connection:
            image = _held(connection, ref, token)
            if image is None:
                return False
            if record is None:
                connection.execute(f"DELETE FROM images WHERE id = ? AND {_UNFINISHED}", (image,))
                connection.execute(f"UPDATE images SET {_FREE}, waiting = ? WHERE id = ?", (waiting, image))
            else:
                had = connection.execute(_RECORD, (image,)).fetchone()
                if had is not None:
                    if rows.forgets(record, rows.read_record(record.ref, record.schema, had[0])):
                        return False
                    postings.erase(connection, image)
                _write(connection, image, record)
                changes.tell(connection, image, ref, entry.at)
            if proof is not None:
                connection.execute(
                    f"UPDATE answers SET state = ? WHERE answer_id = ? AND owner = ? AND {_UNCONFIRMED}",
                    ("refused" if proof.refused else "ok", proof.answer_id, proof.nonce),
                )
            _note(connection, ref, token, entry)
            return True

    def drop(self, ref: ObjectRef, token: str, entry: EventEntry) -> bool:
        with self._database.writing() as connection:
            image = _held(connection, ref, token)
            if image is None:
                return False
            had = connection.execute(f"DELETE FROM images WHERE id = ? AND {_UNFINISHED}", (image,)).rowcount == 0
            if had:
                postings.erase(connection, image)
                connection.execute("DELETE FROM images WHERE id = ?", (image,))
                changes.tell(connection, image, ref, entry.at, removed=True)
            _note(connection, ref, token, entry)
            return True

    def claim(self, answer_id: str, nonce: str, until: float, now: float) -> Claim:
        with self._database.writing() as connection:
            mine = connection.execute(
                "INSERT INTO answers (answer_id, state, owner, until) VALUES (:id, 'calling', :nonce, :until)"
                " ON CONFLICT (answer_id) DO UPDATE SET owner = :nonce, until = :until,"
                " failures = failures + (owner <> :nonce)"
                f" WHERE {_CLAIMED} AND (owner = :nonce OR until < :now)",
                {
                    "id": answer_id,
                    "nonce": nonce,
                    "until": rows.milliseconds(until),
                    "now": rows.milliseconds(now),
                },
            )
            if mine.rowcount == 1:
                return Claim("mine", failures=connection.execute(_FAILURES, (answer_id,)).fetchone()[0])
            answer = _stored(answer_id, connection.execute(_ANSWER, (answer_id,)).fetchone()).answer
            return Claim("busy") if answer is None else Claim("kept", answer)

    def store(self, answer_id: str, nonce: str, answer: Answer) -> bool:
        state = "calling" if answer.asked is not None else "ok" if answer.reason is None else "refused"
        with self._database.writing() as connection:
            kept = connection.execute(
                "UPDATE answers SET state = ?, answer = ?, until = NULL, failures = 0"
                " WHERE answer_id = ? AND owner = ? AND state = 'calling'",
                (state, rows.answer_json(answer), answer_id, nonce),
            )
            return kept.rowcount == 1

    def answer(self, answer_id: str) -> StoredAnswer | None:
        with self._database.reading() as connection:
            found = connection.execute(_ANSWER, (answer_id,)).fetchone()
        return _stored(answer_id, found) if found is not None else None

    def give_back(self, answer_id: str, nonce: str) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM answers WHERE answer_id = ? AND state = 'calling' AND owner = ?", (answer_id, nonce)
            )

    def take_over(self, answer_id: str, old: str, nonce: str, until: float, failures: int = 0) -> bool:
        with self._database.writing() as connection:
            mine = connection.execute(
                "UPDATE answers SET owner = ?, until = ?, answer = NULL, failures = ?"
                f" WHERE answer_id = ? AND owner = ? AND {_UNCONFIRMED}",
                (nonce, rows.milliseconds(until), failures, answer_id, old),
            )
            return mine.rowcount == 1

    def forget_refusal(self, answer_id: str) -> bool:
        with self._database.writing() as connection:
            gone = connection.execute("DELETE FROM answers WHERE answer_id = ? AND state = 'refused'", (answer_id,))
            return gone.rowcount == 1

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        with self._database.writing() as connection:
            return budgets.take(connection, detector, bucket, now, limits, calls)

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        with self._database.writing() as connection:
            budgets.hold(connection, detector, bucket, reason, until)

    def free(self, detector: str, bucket: str) -> None:
        with self._database.writing() as connection:
            budgets.free(connection, detector, bucket)

    def spending(self, detector: str, now: float) -> Spending:
        with self._database.one_moment() as connection:
            return budgets.spending(connection, detector, now)

    def row(self, ref: ObjectRef) -> StoredRow | None:
        return self.rows((ref,))[0]

    def rows(self, refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        keys = [rows.image_pk(ref) for ref in refs]
        there: dict[str, Any] = {}
        with self._database.reading() as connection:
            for start in range(0, len(keys), _ROWS_AT_ONCE):
                some = keys[start : start + _ROWS_AT_ONCE]
                asked = _ROW.format(", ".join("?" * len(some)))
                there.update((pk, columns) for pk, *columns in connection.execute(asked, some))
        return tuple(
            _stored_row(ref, there[key]) if key in there else None for ref, key in zip(refs, keys, strict=True)
        )

    def ref_by_id(self, picture: str) -> ObjectRef | None:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT store, bucket, CAST(key AS BLOB), version FROM images WHERE pk = ?", (rows.storable(picture),)
            ).fetchone()
        if found is None:
            return None
        store, bucket, key, version = found
        with rows.undamaged(f"the row {picture!r}"):
            return ObjectRef(store, bucket, rows.text(key), version)

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


def _stored_row(ref: ObjectRef, columns: Sequence[Any]) -> StoredRow:
    uri, store, bucket, key, version, schema, stored, waiting, lock, until = columns
    names = (ref.store, ref.bucket, rows.octets(ref.key), rows.octets(ref.uri))
    rows.check_name(ref, *zip((store, bucket, key, uri), names, strict=True))
    there = ObjectRef(ref.store, ref.bucket, ref.key, version)
    record = rows.read_record(there, schema, stored) if stored is not None else None
    with rows.undamaged_row(ref.uri):
        return StoredRow(record, waiting, lock, until / 1000 if until is not None else None)


def _stored(answer_id: str, found: tuple[str, bytes | None, int | None]) -> StoredAnswer:
    state, stored, until = found
    if stored is None:
        with rows.undamaged(f"the claim of the answer {answer_id}"):
            return StoredAnswer(None, until / 1000 if until is not None else None)
    answer = rows.read_answer(stored, answer_id)
    return StoredAnswer(answer if state == "calling" else replace(answer, asked=None))


def _note(connection: sqlite3.Connection, ref: ObjectRef, token: str, entry: EventEntry) -> None:
    """Write the line of history. Each delivery has a token of its own, so that a second one hides no first one."""
    connection.execute(
        "INSERT OR REPLACE INTO events (image, event_id, at, entry) VALUES (?, ?, ?, ?)",
        (rows.image_pk(ref), f"{entry.event_id} {token}", entry.at, rows.entry_json(entry)),
    )
