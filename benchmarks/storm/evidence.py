"""What is left of a storm: objects as the stores' SDKs read them, rows, lines of the history, and the list of calls."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import Any

import tablestore as ots

from benchmarks.storm.attempts import Attempts
from benchmarks.storm.buckets import KEY, opened
from benchmarks.storm.journal import Operation, Place

IMAGES, EVENTS, ANSWERS = "imagelabels_images", "imagelabels_events", "imagelabels_answers"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the index. `record` is None in a row that was only locked, or whose first delivery could not finish."""

    record: Mapping[str, Any] | None
    waiting: str | None
    locked: bool

    @property
    def state(self) -> str:
        return str(self.record["state"]) if self.record is not None else ""

    @property
    def labels(self) -> frozenset[str]:
        return frozenset(label["id"] for label in (self.record or {}).get("labels", []))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the history: what a delivery of an event came to."""

    event: str
    """The id of the request that caused the event, a slash, and a hash."""
    state: str
    reason: str
    paid: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a service answered, as the emulator lists it."""

    began: float
    ended: float
    service: str
    operation: str
    bucket: str
    key: str
    function: str
    process: int
    invocation: str
    status: int
    code: str
    faults: tuple[str, ...]
    content: str
    """The picture that a detector was asked about: its size and its CRC-64."""
    etag: str
    detected: str
    """What a detector answered. It is empty for other calls."""

    @property
    def place(self) -> Place:
        return Place(f"{self.service.lower()}://{self.bucket}", self.key)

    @property
    def worked(self) -> bool:
        """Tell whether the call took effect, also if its answer was lost."""
        return self.status < 300


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a judge looks at."""

    operations: list[Operation]
    objects: Mapping[Place, Mapping[str, str]]
    """The tags of each object that is there."""
    rows: Mapping[str, Row]
    """Rows by URI."""
    history: list[Line]
    calls: list[Call]
    dead_letters: list[Mapping[str, Any]]
    """Those that are left after the last redrive."""
    attempts: Attempts = field(default_factory=dict)


def objects(port: int) -> dict[Place, dict[str, str]]:
    """List all buckets and read the tags of each object."""
    return {Place(bucket.uri, key): bucket.tags(key) for bucket in opened(port) for key in bucket.listed()}


def calls(path: Path) -> list[Call]:
    """Read the calls of functions, in the order in which they began. Those of clients are in the journal too.

    Functions on COS have no temporary key of Tablestore, so their requests to it are left out like those of clients.
    """
    with path.open(encoding="utf-8") as lines:
        listed = [_call(fields) for fields in map(json.loads, lines) if fields["invocation"]]
    return sorted(listed, key=lambda call: call.began)


def _call(fields: Mapping[str, Any]) -> Call:
    """Long storms have millions of calls. Equal texts are kept once, so that a call takes some 300 bytes."""
    known = {name: _once(fields[name]) for name in Call.__dataclass_fields__}
    if known["service"] == "IMM":  # It reads objects of OSS.
        known["service"] = "OSS"
    return Call(**known | {"faults": tuple(known["faults"])})


def _once(value: Any) -> Any:
    return intern(value) if isinstance(value, str) else value


def index(port: int, database: Path) -> tuple[dict[str, Row], list[Line]]:
    """Read all rows and all lines of the history, of Tablestore or of the file of SQLite, if there is one."""
    return _of_sqlite(database) if database.exists() else _of_tablestore(port)


def _of_tablestore(port: int) -> tuple[dict[str, Row], list[Line]]:
    client = ots.OTSClient(f"http://127.0.0.1:{port}", KEY, KEY, "storm")
    rows = {
        str(columns["uri"]): _row(
            columns.get("record"), columns.get("state"), columns.get("waiting"), "lock" in columns
        )
        for columns in _scanned(client, IMAGES, ("pk",))
    }
    return rows, [_line(columns["entry"]) for columns in _scanned(client, EVENTS, ("image", "event", "token"))]


def _scanned(client: Any, table: str, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    start, end = [(key, ots.INF_MIN) for key in keys], [(key, ots.INF_MAX) for key in keys]
    while start:
        _, start, found, _ = client.get_range(table, ots.Direction.FORWARD, start, end, [], max_version=1)
        for row in found:
            yield {column[0]: column[1] for column in row.attribute_columns}


def _of_sqlite(database: Path) -> tuple[dict[str, Row], list[Line]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        asked = "SELECT uri, record, state, waiting, lock FROM images LEFT JOIN records ON image = id"
        rows = {
            uri.decode(): _row(record, state, waiting, lock is not None)
            for uri, record, state, waiting, lock in connection.execute(asked)
        }
        return rows, [_line(entry) for (entry,) in connection.execute("SELECT entry FROM events")]


def _row(record: str | bytes | None, state: str | None, waiting: str | None, locked: bool) -> Row:
    return Row({"state": state} | json.loads(record) if record is not None else None, waiting, locked)


def _line(entry: str | bytes) -> Line:
    fields = json.loads(entry)
    return Line(
        event=str(fields["event_id"]),
        state=str(fields["state"]),
        reason=str(fields.get("reason") or ""),
        paid=int(fields.get("paid_calls") or 0),
    )
