"""The file of a function's queue: its tables, and what a start makes of the events that were running."""

from __future__ import annotations

import sqlite3
from pathlib import Path

EVENTS = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL,
    payload BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    error TEXT,
    enqueued REAL NOT NULL,
    failed REAL,
    hops INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS next_event ON events (state, due, id);
"""
# The state is waiting, running or failed. Times are seconds since the epoch. `attempts` counts those that failed, and
# `hops` the functions whose destination brought the event.
TASKS = """
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    request_id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    payload BLOB NOT NULL,
    enqueued REAL NOT NULL,
    started REAL,
    ended REAL,
    retried INTEGER NOT NULL DEFAULT 0,
    steps TEXT NOT NULL,
    body BLOB,
    error_type TEXT,
    ending TEXT,
    duration REAL NOT NULL DEFAULT 0,
    memory INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS ended_tasks ON tasks (ended);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
# A task is what clients are told of an event, and stays when the event is over. `steps` has each status and its time.
# Settings are those that clients have changed by the vendor's API; their values are JSON.


def opened(path: Path) -> sqlite3.Connection:
    """Open the file, which is made if it is not there, and put events that were running back into the queue."""
    database = sqlite3.connect(path, isolation_level=None)
    database.row_factory = sqlite3.Row
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(EVENTS + TASKS)
    if "hops" not in {row["name"] for row in database.execute("PRAGMA table_info(events)")}:
        # The data folder is that of an emulator that had no destinations.
        database.execute("ALTER TABLE events ADD COLUMN hops INTEGER NOT NULL DEFAULT 0")
    # Events that were running when the last emulator ended got no answer: they are delivered again, unless a client
    # had asked to stop them.
    database.execute(
        "DELETE FROM events WHERE state = 'running'"
        " AND request_id IN (SELECT request_id FROM tasks WHERE status = 'Stopping')"
    )
    database.execute(
        "UPDATE tasks SET status = 'Stopped', ended = coalesce(started, enqueued) WHERE status = 'Stopping'"
    )
    database.execute("UPDATE tasks SET status = 'Enqueued' WHERE status = 'Running'")
    database.execute("UPDATE events SET state = 'waiting' WHERE state = 'running'")
    return database
