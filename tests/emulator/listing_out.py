"""Reads the inventories that an emulator writes, and asks for them by its control path."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.emulator.running import RunningServer

Get = Callable[[str], bytes]
"""Returns the bytes of an object in the destination bucket."""


def ask(running: RunningServer, **asked: Any) -> tuple[int, dict[str, Any]]:
    """Ask for an inventory. Return the status and the answer."""
    status, _, answer = running.raw("POST", "/_emulator/inventories", body=json.dumps(asked).encode())
    told: dict[str, Any] = json.loads(answer)
    return status, told


def wanted(running: RunningServer, **asked: Any) -> dict[str, Any]:
    """Ask for an inventory that can be written, and return the answer."""
    status, told = ask(running, **asked)
    assert (status, told.get("error")) == (200, None)
    return told


def key_of(uri: str) -> str:
    return uri.split("/", 3)[3]


def manifest(get: Get, key: str) -> dict[str, Any]:
    """Return a manifest whose checksum is right."""
    data = get(key)
    checksum = get(key.removesuffix("json") + "checksum")
    assert checksum.decode() == hashlib.md5(data, usedforsecurity=False).hexdigest()
    tree: dict[str, Any] = json.loads(data)
    return tree


def rows(get: Get, tree: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows of all data files, whose sizes and hashes are right."""
    columns = tree["fileSchema"].split(", ")
    return [row for entry in tree["files"] for row in _rows(get(entry["key"]), entry, columns)]


def _rows(data: bytes, entry: Mapping[str, Any], columns: Sequence[str]) -> list[dict[str, str]]:
    (md5,) = (value for name, value in entry.items() if name.lower() == "md5checksum")
    assert (int(entry["size"]), md5.lower()) == (len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
    lines = csv.reader(io.StringIO(gzip.decompress(data).decode(), newline=""), strict=True)
    return [dict(zip(columns, line, strict=True)) for line in lines]
