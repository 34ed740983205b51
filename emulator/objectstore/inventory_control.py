"""The control path that writes an inventory at once: POST /_emulator/inventories."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from emulator.core.http_request import read_body
from emulator.core.refusal import Refusal
from emulator.core.server import Control
from emulator.core.startup import Surroundings
from emulator.objectstore.inventories import MOST_ROWS, Written

Write = Callable[[str, str, int, bool], Awaitable[Written]]
"""Writes an inventory of a bucket by the id of its configuration, with so many rows in a data file, whole or not."""
LARGEST = 64 * 1024
FORM = 'the body must be like {"store": "oss", "bucket": "photos", "id": "daily", "rows": 1000, "incremental": false}'


def writers(surroundings: Surroundings) -> dict[str, Write]:
    """Return what writes inventories, by store. Each store adds itself when it starts."""
    return surroundings.shared("inventories", dict[str, Write])


def routes(stores: Mapping[str, Write]) -> Control:
    """Return POST inventories. `rows` and `incremental` may be left out."""

    async def write(request: web.Request) -> web.Response:
        try:
            too_large = Refusal("TooLarge", f"the body may have {LARGEST} bytes")
            body = await read_body(request, LARGEST, too_large, Refusal("Incomplete", "the body is not complete"))
            store, bucket, number, rows, incremental = _asked(body, stores)
            written = await stores[store](bucket, number, rows, incremental)
        except Refusal as refusal:
            return web.json_response({"error": refusal.message}, status=400)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(
            {
                "manifest": f"{store}://{written.destination}/{written.manifest}",
                "files": [f"{store}://{written.destination}/{key}" for key in written.files],
                "rows": written.rows,
            }
        )

    return {("POST", "inventories"): write}


def _asked(body: bytes, stores: Mapping[str, Write]) -> tuple[str, str, str, int, bool]:
    """Read a request. ValueError if it is not of the form."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError(FORM) from None
    wanted: dict[str, Any] = {"rows": MOST_ROWS, "incremental": False, **(asked if isinstance(asked, dict) else {})}
    if wanted.keys() != {"store", "bucket", "id", "rows", "incremental"}:
        raise ValueError(FORM)
    rows, incremental = wanted["rows"], wanted["incremental"]
    if not all(isinstance(wanted[name], str) for name in ("store", "bucket", "id")) or not isinstance(
        incremental, bool
    ):
        raise ValueError(FORM)
    if not isinstance(rows, int) or isinstance(rows, bool) or not 1 <= rows <= MOST_ROWS:
        raise ValueError(f"rows must be 1 to {MOST_ROWS}")
    if wanted["store"] not in stores:
        raise ValueError(f"store must be one of {', '.join(sorted(stores))}")
    return wanted["store"], wanted["bucket"], wanted["id"], rows, incremental
