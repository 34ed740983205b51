"""The control paths of faults, and the file that has rules at the start."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from aiohttp import web

from emulator.core.call_log import MOST_AT_ONCE, number
from emulator.core.http_request import read_body
from emulator.core.refusal import Refusal
from emulator.core.server import Control
from emulator.faults import rules
from emulator.faults.board import FaultBoard
from emulator.faults.rules import RuleSet

LARGEST = 1024 * 1024
"""Rules may have so many bytes."""


def from_file(path: Path | None, operations: Collection[str], seed: int | None) -> RuleSet:
    """Return the rules of a file, or none. ValueError says what is wrong with the file."""
    if path is None:
        return RuleSet(seed=seed or 0)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(f"the file of faults {path} cannot be read: {error.strerror}") from error
    try:
        return rules.read(_parsed(data), operations, seed)
    except ValueError as error:
        raise ValueError(f"the file of faults {path}: {error}") from error


def routes(board: FaultBoard) -> Control:
    """Return GET, PUT and DELETE faults."""

    async def show(request: web.Request) -> web.Response:
        return web.json_response(board.state())

    async def replace(request: web.Request) -> web.Response:
        try:
            too_large = Refusal("TooLarge", f"rules may have {LARGEST} bytes")
            body = await read_body(request, LARGEST, too_large, Refusal("Incomplete", "the body is not complete"))
            board.replace(_parsed(body))
        except Refusal as refusal:
            return web.json_response({"error": refusal.message}, status=400)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(board.state())

    async def clear(request: web.Request) -> web.Response:
        board.clear()
        return web.json_response(board.state())

    async def deliveries(request: web.Request) -> web.Response:
        query = request.query
        try:
            if unknown := query.keys() - {"since", "limit"}:
                raise ValueError(f"there is no parameter {min(unknown)[:100]!r}: known are limit, since")
            since = number(query, "since", 0, 0, 2**53)
            limit = number(query, "limit", MOST_AT_ONCE, 1, MOST_AT_ONCE)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(board.log.page(since, limit))

    return {
        ("GET", "deliveries"): deliveries,
        ("GET", "faults"): show,
        ("PUT", "faults"): replace,
        ("DELETE", "faults"): clear,
    }


def _parsed(data: bytes) -> object:
    if len(data) > LARGEST:
        raise ValueError(f"rules may have {LARGEST} bytes")
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"this is no JSON: {error}") from None
