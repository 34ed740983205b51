"""The settings of a function that clients have changed by the vendor's API, in the file of its queue."""

from __future__ import annotations

import json
import sqlite3
from typing import Any


class KeptSettings:
    """They hold over a restart, and go before what the list of functions says."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def get(self, name: str) -> dict[str, Any] | None:
        """Return the JSON object with this name, or None if no client has set it."""
        row = self._database.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row["value"])

    def put(self, name: str, value: dict[str, Any]) -> None:
        self._database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value)))

    def delete(self, name: str) -> None:
        self._database.execute("DELETE FROM settings WHERE name = ?", (name,))
