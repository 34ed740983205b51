"""The control paths of functions, below /_emulator/, for a person or a test."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web

from emulator.functions.function import Answer
from emulator.functions.running import RunningFunction

Handler = Callable[[web.Request], Awaitable[web.Response]]
Routes = Mapping[tuple[str, str], Handler]
"""Handlers by method and path."""


def routes(functions: Iterable[RunningFunction]) -> Routes:
    """Return GET functions, which shows names and clouds, and below functions/NAME the paths of each function."""
    listed = list(functions)

    async def show(request: web.Request) -> web.Response:
        return web.json_response(
            {
                "functions": [
                    {"name": function.deployed.function.name, "cloud": function.deployed.platform.cloud}
                    for function in listed
                ]
            }
        )

    handlers: dict[tuple[str, str], Handler] = {("GET", "functions"): _plain(show)}
    for function in listed:
        for (method, path), handler in of(function).items():
            handlers[method, f"functions/{function.deployed.function.name}{path}"] = _plain(handler)
    return handlers


def _plain(handler: Handler) -> Handler:
    """Let the handler have requests without parameters only, since it would ignore any parameters."""

    async def checked(request: web.Request) -> web.Response:
        query = request.raw_path.partition("?")[2]
        if query:
            return web.json_response({"error": f"this path takes no parameters, not {query[:100]}"}, status=400)
        return await handler(request)

    return checked


def of(function: RunningFunction) -> Routes:
    """Return the handlers for one function.

    GET shows its processes. GET /queue shows counts and the pending events. GET /messages shows what was sent to queues
    that are its destinations, and how many messages gave way to newer ones since the start. GET /failures shows the
    events whose last retry failed. DELETE of either deletes all of them, or those of {"ids": [...]}, and POST
    /failures/redrive puts events back into the queue in the same way. POST /invoke calls the function with its body as
    the event, and answers with the result.
    """
    runtime, queue = function.runtime, function.queue

    async def show_queue(request: web.Request) -> web.Response:
        return web.json_response({**queue.counts(), "pending": queue.pending()})

    async def show_failures(request: web.Request) -> web.Response:
        return web.json_response({"failures": queue.failures()})

    async def show_messages(request: web.Request) -> web.Response:
        return web.json_response({"messages": queue.messages.all(), "dropped": queue.messages.dropped})

    async def show_function(request: web.Request) -> web.Response:
        return web.json_response(runtime.state())

    async def invoke(request: web.Request) -> web.Response:
        try:
            event = _event(await request.read(), runtime.platform.plain)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return _result(runtime.platform.name, await runtime.invoke(event))

    return {
        ("GET", "/queue"): show_queue,
        ("GET", "/failures"): show_failures,
        ("GET", "/messages"): show_messages,
        ("DELETE", "/failures"): _of_chosen("failures", "deleted", queue.delete_failures),
        ("DELETE", "/messages"): _of_chosen("messages", "deleted", queue.messages.delete),
        ("POST", "/failures/redrive"): _of_chosen("failures", "redriven", queue.redrive),
        ("GET", ""): show_function,
        ("POST", "/invoke"): invoke,
    }


def _of_chosen(path: str, done: str, work: Callable[[list[int] | None], int]) -> Handler:
    """Return the handler that does something to the items of a path, to all of them or to those that a body names."""

    async def handle(request: web.Request) -> web.Response:
        try:
            ids = _ids(await request.read(), path)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({done: work(ids)})

    return handle


def _result(platform: str, answer: Answer) -> web.Response:
    """Return the answer of a function. An error has the status 200 too, as with InvokeFunction, and its own header."""
    headers = {f"X-{platform}-Request-Id": answer.request_id}
    if answer.error_type is None:
        return web.Response(body=answer.body, headers=headers, content_type="application/octet-stream")
    headers[f"X-{platform}-Error-Type"] = answer.error_type
    return web.Response(body=answer.body, headers=headers, content_type="application/json")


def _event(body: bytes, plain: bool) -> bytes:
    """Return the event that a body holds. One that is a plain JSON value must be one, and is {} if the body is empty,
    as in the platform's own call. ValueError says what is wrong."""
    if not plain:
        return body
    try:
        json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise ValueError("the body is the event, which is JSON on this platform") from None
    return body or b"{}"


def _ids(body: bytes, path: str) -> list[int] | None:
    if not body:
        return None
    try:
        ids = json.loads(body)["ids"]
    except (ValueError, KeyError, TypeError, RecursionError):
        ids = None
    if not isinstance(ids, list) or not all(type(number) is int for number in ids):
        raise ValueError(f'the body must be empty (all {path}) or {{"ids": [1, 2]}} with ids of GET {path}')
    return ids
