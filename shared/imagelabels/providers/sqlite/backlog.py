"""Lists the rows on which work is not done, from an index that holds only them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from itertools import islice

from imagelabels.domain.errors import Damaged
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import MARGIN, Unfinished
from imagelabels.providers.sqlite.tables import NOT_DONE
from imagelabels.records import rows
from imagelabels.records.left_out import left_out

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
        " ORDER BY uri",
        {
            "dead": rows.milliseconds(now - MARGIN),
            "after": rows.octets(after),
            "begins": begins,
            "length": len(begins),
            "without": json.dumps(sorted(without)),
        },
    )
    # SQLite finds a row when it is asked for: no more are read than are wanted.
    return tuple(islice((row for row in (_read(*columns) for columns in found) if row is not None), limit))


def _read(
    uri: bytes, state: str | None, lock_until: int | None, updated_at: int | None, *texts: bytes | None
) -> Unfinished | None:
    """Read the row; None if that cannot be done."""
    name = str(uri, "utf-8", "backslashreplace")
    try:
        with rows.undamaged_row(name):
            store, bucket, key, version, reason, waiting = map(_text, texts)
            ref = ObjectRef(store or "", bucket or "", key or "", version)
            until = lock_until / 1000 if lock_until is not None else None
            parked_at = updated_at if state == "parked" and waiting is None else None
            return Unfinished(ref, state, waiting or reason, until, parked_at)
    except Damaged as error:
        left_out(name, None, error)
        return None


def _text(octets: bytes | None) -> str | None:
    return rows.text(octets) if octets is not None else None
