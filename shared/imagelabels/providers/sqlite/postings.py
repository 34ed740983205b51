"""Writes what a search reads of a row, in the transaction that writes the row."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice

from imagelabels.domain.model import ImageRecord
from imagelabels.domain.query import Counts, most_first
from imagelabels.providers.sqlite import facets
from imagelabels.providers.sqlite.database import Connection
from imagelabels.records import rows

MOST = 500
"""A statement has at most so many parameters; SQLite before 3.32 takes 999."""


def write(
    connection: Connection, image: int, record: ImageRecord, found: Mapping[str, float], stored: str | None = None
) -> None:
    """Write record, postings and facets of the row with that number, which has none yet.

    `found`: rows.postings of the record. `stored`: the record as another version wrote it, which may hold what this one
    does not know.
    """
    stored = rows.record_json(record) if stored is None else stored
    connection.execute("INSERT INTO records (image, record) VALUES (?, ?)", (image, stored))
    if record.state != "labelled":
        return
    numbers, categories = _numbers(connection, found), rows.categories(record)
    connection.executemany(
        "INSERT INTO postings (label, image, confidence) VALUES (?, ?, ?)",
        [(numbers[label_id], image, confidence) for label_id, confidence in found.items()],
    )
    flagged = [2 * numbers[label_id] + (label_id in categories) for label_id in found]
    connection.execute(
        "INSERT INTO facets (image, numbers, confidences) VALUES (?, ?, ?)",
        (image, *facets.packed(flagged, found.values())),
    )


def erase(connection: sqlite3.Connection, image: int) -> None:
    """Remove record, postings and facets of the row with that number, if they are there."""
    connection.execute("DELETE FROM records WHERE image = ?", (image,))
    had = connection.execute("SELECT numbers FROM facets WHERE image = ?", (image,)).fetchone()
    if had is not None:
        try:
            labels = [(flagged // 2, image) for flagged in facets.unpacked(had[0])]
        except (ValueError, TypeError):  # damaged: without the labels all postings must be looked through
            connection.execute("DELETE FROM postings WHERE image = ?", (image,))
        else:
            connection.executemany("DELETE FROM postings WHERE label = ? AND image = ?", labels)
        connection.execute("DELETE FROM facets WHERE image = ?", (image,))


def known(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
    """Look up the numbers of ids that a row was ever found by; the others have none."""
    asked = [rows.octets(label_id) for label_id in ids]
    found: dict[str, int] = {}
    for part in (asked[at : at + MOST] for at in range(0, len(asked), MOST)):
        marks = ", ".join("?" * len(part))
        numbered = connection.execute(f"SELECT id, number FROM names WHERE id IN ({marks})", part)
        found |= {rows.text(label_id): number for label_id, number in numbered}
    return found


def counted(connection: Connection, counting: Iterable[tuple[bytes | None]]) -> Counts:
    """Count these rows, and how many of them are found by each id and by each category."""
    total = 0
    times: Counter[int] = Counter()
    every = iter(counting)
    while part := [numbers for (numbers,) in islice(every, facets.MANY)]:
        total += len(part)
        times.update(facets.tally(b"".join(filter(None, part)), len(part)))
    return named(connection, total, times)


def named(connection: Connection, total: int, times: Mapping[int, int]) -> Counts:
    """Return the counts, with ids in the place of their flagged numbers."""
    names = connection.ids
    if any(flagged // 2 not in names for flagged in times):
        every = connection.execute("SELECT number, id FROM names")
        names.update((number, rows.text(label_id)) for number, label_id in every)
    labels: Counter[str] = Counter()
    categories: dict[str, int] = {}
    for flagged, count in times.items():
        number, is_category = divmod(flagged, 2)
        labels[names[number]] += count
        if is_category:
            categories[names[number]] = count
    return Counts(total, most_first(labels), most_first(categories))


def damaged(connection: sqlite3.Connection) -> object:
    """Return the URI of the first row whose facets cannot be read; None if all of them can be."""
    names = {number for (number,) in connection.execute("SELECT number FROM names")}
    every = connection.execute("SELECT uri, numbers, confidences FROM facets JOIN images ON id = image")
    return next((uri for uri, numbers, confidences in every if not _readable(numbers, confidences, names)), None)


def _readable(numbers: object, confidences: object, names: set[int]) -> bool:
    if not isinstance(numbers, bytes) or not isinstance(confidences, bytes) or len(numbers) % 4:
        return False
    flagged = facets.unpacked(numbers)
    return len(confidences) in (2 * len(flagged), 8 * len(flagged)) and all(one // 2 in names for one in flagged)


def _numbers(connection: Connection, ids: Iterable[str]) -> Mapping[str, int]:
    """Return numbers of at least these ids, new ones for those that have none."""
    names = connection.names
    if new := [label_id for label_id in ids if label_id not in names]:
        connection.executemany(
            "INSERT OR IGNORE INTO names (id) VALUES (?)", [(rows.octets(label_id),) for label_id in new]
        )
        names.update(known(connection, new))
    return names
