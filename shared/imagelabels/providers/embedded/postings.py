"""What a search reads of a row: written with the row, in the transaction that writes it."""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from imagelabels.domain import rows
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.query import Counts

MOST = 500
"""Parameters of a statement; SQLite before 3.32 takes 999."""


def write(connection: sqlite3.Connection, image: int, record: ImageRecord, stored: str | None = None) -> None:
    """Record, postings and facets of the row with that number, in the place of those it had.

    `stored`: the record as another version wrote it, which may hold what this one does not know.
    """
    erase(connection, image)
    stored = rows.record_json(record) if stored is None else stored
    connection.execute("INSERT INTO records (image, record) VALUES (?, ?)", (image, stored))
    if record.state != "labelled":
        return
    postings, categories = rows.postings(record), rows.categories(record)
    numbers = _numbers(connection, postings)
    connection.executemany(
        "INSERT INTO postings (label, image, confidence) VALUES (?, ?, ?)",
        [(numbers[id], image, confidence) for id, confidence in postings.items()],
    )
    facets = array("I", sorted(2 * number + (id in categories) for id, number in numbers.items()))
    connection.execute("INSERT INTO facets (image, numbers) VALUES (?, ?)", (image, _little(facets).tobytes()))


def erase(connection: sqlite3.Connection, image: int) -> None:
    if connection.execute("DELETE FROM records WHERE image = ?", (image,)).rowcount:
        connection.execute("DELETE FROM postings WHERE image = ?", (image,))
        connection.execute("DELETE FROM facets WHERE image = ?", (image,))


def known(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
    """The numbers of the ids that a row was ever found by; the others have none."""
    asked = [rows.octets(id) for id in ids]
    found: dict[str, int] = {}
    for part in (asked[at : at + MOST] for at in range(0, len(asked), MOST)):
        marks = ", ".join("?" * len(part))
        numbered = connection.execute(f"SELECT id, number FROM names WHERE id IN ({marks})", part)
        found |= {rows.text(id): number for id, number in numbered}
    return found


def counted(connection: sqlite3.Connection, facets: Iterable[tuple[bytes | None]]) -> Counts:
    """How many rows these are, one each, and how many of them are found by each id, and by each category."""
    total = 0
    times: Counter[int] = Counter()
    every = iter(facets)
    while part := [numbers for (numbers,) in islice(every, 20_000)]:
        total += len(part)
        together = array("I")
        together.frombytes(b"".join(filter(None, part)))
        times.update(_little(together))
    names = {number: rows.text(id) for number, id in connection.execute("SELECT number, id FROM names")}
    labels: Counter[str] = Counter()
    categories: dict[str, int] = {}
    for flagged, count in times.items():
        number, is_category = divmod(flagged, 2)
        labels[names[number]] += count
        if is_category:
            categories[names[number]] = count
    return Counts(total, _sorted(labels), _sorted(categories))


def _numbers(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
    """The same, and new ones for the others."""
    found = known(connection, ids)
    if new := [(rows.octets(id),) for id in ids if id not in found]:
        connection.executemany("INSERT INTO names (id) VALUES (?)", new)
        found = known(connection, ids)
    return found


def _little(words: array[int]) -> array[int]:
    """The same numbers in the other order of bytes, where this machine's is not the file's."""
    if sys.byteorder == "big":
        words.byteswap()
    return words


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
