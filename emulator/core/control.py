"""What a person or a test may ask of the functions, below /_emulator/."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web

from emulator.functions.running import Running

Handler = Callable[[web.Request], Awaitable[web.Response]]
Routes = Mapping[tuple[str, str], Handler]
"""By method and path."""


def routes(functions: Iterable[Running]) -> Routes:
    """GET functions: their names and clouds; of each what `of` offers, below functions/<name>."""
    listed = list(functions)

    async def show(request: web.Request) -> web.Response:
        return web.json_response(
            {"functions": [{"name": one.deployed.function.name, "cloud": one.deployed.cloud} for one in listed]}
        )

    found: dict[tuple[str, str], Handler] = {("GET", "functions"): _plain(show)}
    for one in listed:
        for (method, path), handler in of(one).items():
            found[method, f"functions/{one.deployed.function.name}{path}"] = _plain(handler)
    return found


def _plain(handler: Handler) -> Handler:
    """The handler for requests without parameters; it would answer others as if they had none."""

    async def checked(request: web.Request) -> web.Response:
        query = request.raw_path.partition("?")[2]
        if query:
            return web.json_response({"error": f"this path takes no parameters, not {query[:100]}"}, status=400)
        return await handler(request)

    return checked


def of(function: Running) -> Routes:
    """Handlers for one function.

    GET: its processes. GET /queue: counts and what is pending. GET /failures: events whose last retry failed.
    POST /failures/redrive: put back all, or those of {"ids": [...]}. POST /invoke: the body is the event; answers at
    once.
    """
    runtime, queue = function.runtime, function.queue

    async def show_queue(request: web.Request) -> web.Response:
        return web.json_response({**queue.counts(), "pending": queue.pending()})

    async def show_failures(request: web.Request) -> web.Response:
        return web.json_response({"failures": queue.failures()})

    async def redrive(request: web.Request) -> web.Response:
        try:
            ids = _ids(await request.read())
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"redriven": queue.redrive(ids)})

    async def show_function(request: web.Request) -> web.Response:
        return web.json_response(runtime.state())

    async def invoke(request: web.Request) -> web.Response:
        answer = await runtime.invoke(await request.read())
        # 200 for errors of the function too, as InvokeFunction answers; the header tells them apart.
        prefix = f"X-{runtime.platform.name}"
        headers = {f"{prefix}-Request-Id": answer.request_id}
        if answer.error_type is not None:
            headers[f"{prefix}-Error-Type"] = answer.error_type
        kind = "application/octet-stream" if answer.error_type is None else "application/json"
        return web.Response(body=answer.body, headers=headers, content_type=kind)

    return {
        ("GET", "/queue"): show_queue,
        ("GET", "/failures"): show_failures,
        ("POST", "/failures/redrive"): redrive,
        ("GET", ""): show_function,
        ("POST", "/invoke"): invoke,
    }


def _ids(body: bytes) -> list[int] | None:
    if not body:
        return None
    try:
        ids = json.loads(body)["ids"]
    except (ValueError, KeyError, TypeError):
        ids = None
    if not isinstance(ids, list) or not all(type(id) is int for id in ids):
        raise ValueError('the body must be empty (all failures) or {"ids": [1, 2]} with ids of GET failures')
    return ids
