"""Lists the rows on which work is not done, from an index that holds only them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from imagelabels.domain.model import ObjectRef
from imagelabels.ports import MARGIN, Unfinished
from imagelabels.providers.sqlite.tables import NOT_DONE
from imagelabels.records import rows

# Texts are read as bytes, since SQLite's own error for one that is not UTF-8 would not tell which row it is in.
_TEXTS = ", ".join(f"CAST({column} AS BLOB)" for column in ("store", "bucket", "key", "version", "reason", "waiting"))


def unfinished(
    connection: sqlite3.Connection,
    now: float,
    bucket: str,
    prefix: str,
    after: str,
    limit: int,
    without: Collection[str],
) -> tuple[Unfinished, ...]:
    """Return the rows, as ports.LabelIndex says."""
    begins = rows.octets(f"{bucket}/{prefix}" if bucket else "")
    found = connection.execute(
        f"SELECT uri, state, lock_until, updated_at, {_TEXTS} FROM images INDEXED BY images_unfinished"
        f" WHERE ({NOT_DONE} OR lock IS NOT NULL) AND ({NOT_DONE} OR lock_until < :dead)"
        " AND uri > :after AND uri >= :begins AND substr(uri, 1, :length) = :begins"
        " AND ifnull(coalesce(waiting, reason), '') NOT IN (SELECT value FROM json_each(:without))"
        " ORDER BY uri LIMIT :limit",
        {
            "dead": rows.milliseconds(now - MARGIN),
            "after": rows.octets(after),
            "begins": begins,
            "length": len(begins),
            "limit": limit,
            "without": json.dumps(sorted(without)),
        },
    )
    return tuple(_read(*row) for row in found)


def _read(
    uri: bytes, state: str | None, lock_until: int | None, updated_at: int | None, *texts: bytes | None
) -> Unfinished:
    with rows.undamaged_row(str(uri, "utf-8", "backslashreplace")):
        store, bucket, key, version, reason, waiting = map(_text, texts)
        ref = ObjectRef(store or "", bucket or "", key or "", version)
        until = lock_until / 1000 if lock_until is not None else None
        parked_at = updated_at if state == "parked" and waiting is None else None
        return Unfinished(ref, state, waiting or reason, until, parked_at)


def _text(octets: bytes | None) -> str | None:
    return rows.text(octets) if octets is not None else None
