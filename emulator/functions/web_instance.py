"""One process of a custom runtime: a program that serves HTTP. It gets one request at a time."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from emulator.core.groups import kill_group
from emulator.core.pipes import incoming, lines
from emulator.core.ports import free_port, is_free
from emulator.functions.credentials import Credentials
from emulator.functions.guarding import GUARD
from emulator.functions.instance import OUTPUT_SECONDS, Died
from emulator.functions.log import FunctionLog
from emulator.functions.platform import CustomRuntime
from emulator.functions.web import WebAnswer, WebRequest
from emulator.functions.worker import used_memory

START_SECONDS = 120.0
"""The program has to listen after so many seconds: https://www.alibabacloud.com/help/en/functioncompute/fc/principles-1."""
PAUSE = 0.02
"""The emulator waits for so many seconds before it tries again whether the program listens."""
LARGEST_ANSWER = 32 * 1024 * 1024
"""An answer may have so many bytes. The emulator keeps it whole; the service could stream a larger one."""
MOST_NESTED = 200
"""An error with more objects and lists than this is taken as text, since one that is nested deeply can be read, but not
always be written again."""
ADDRESS = "127.0.0.1"
UNSENT = frozenset(
    {
        *("connection", "content-length", "expect", "keep-alive", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""These headers are about one connection, so that the program gets none of them from the client's."""


class WebInstance:
    """A process in a group of its own. Its output goes to the log."""

    def __init__(
        self,
        custom: CustomRuntime,
        process: asyncio.subprocess.Process,
        port: int,
        output: tuple[asyncio.StreamReader, asyncio.ReadTransport],
        log: FunctionLog,
        start_seconds: float,
    ) -> None:
        self.pid = process.pid
        self.initialized = False
        self.credentials: Credentials | None = None
        self.clock = 0.0
        """Its clock is always right: nothing can be changed within a program of the user."""
        self._custom, self._process, self._port = custom, process, port
        self._log, self._start_seconds = log, start_seconds
        self._listens = False
        self._waiting = False
        self._request_id = "-"
        reader, self._output = output
        self._copying = asyncio.create_task(self._copy(reader))
        self._session = aiohttp.ClientSession(
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )
        self._end = asyncio.create_task(self._ended())

    @classmethod
    async def start(
        cls,
        custom: CustomRuntime,
        command: tuple[str, ...],
        code: Path,
        environment: Mapping[str, str],
        log: FunctionLog,
        port: int | None = None,
        start_seconds: float = START_SECONDS,
    ) -> WebInstance:
        """Start the program. OSError if it cannot be started.

        The program learns its port from its environment. Without a declared `port` it gets a free one. A declared one
        must be free too, else another program would get the requests and the credentials.
        """
        port = _checked_port(port) if port else free_port()
        GUARD.begin()
        output, transport, write = await incoming()
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=code,
                env={**environment, **dict.fromkeys(custom.port_variables, str(port))},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write,
                stderr=write,
                start_new_session=True,
            )
        except BaseException:
            transport.close()
            raise
        finally:
            os.close(write)
        GUARD.watch(process.pid)
        return cls(custom, process, port, (output, transport), log, start_seconds)

    @property
    def usable(self) -> bool:
        """Tell whether the process can take a request. One that has ended or owes an answer must be killed."""
        return self._process.returncode is None and self._listens and not self._waiting

    async def call(self, head: Mapping[str, Any], event: bytes, timeout: float) -> tuple[dict[str, Any], bytes]:
        """Return the head and the body of the reply to an event, or to the `request` of the head if it has one.

        The lines `begins` and `ends` of the head are written to the log around it. They end in the request id.
        The program may take long once, until it listens. Then asyncio.TimeoutError if there is no answer after
        `timeout` seconds, and Died if the process ends.
        """
        self._waiting = True
        self._request_id = str(head["begins"]).rpartition(" ")[2]
        if not self._listens:
            try:
                await asyncio.wait_for(self._listening(), self._start_seconds)
            except asyncio.TimeoutError:
                return {"error": _not_started(self._port, self._start_seconds)}, b""
        self._log.write(self._request_id, head["begins"])
        request = head.get("request") or self._custom.request(event)
        answer, body = await asyncio.wait_for(self._answer(head["context"], request), timeout)
        self._log.write(self._request_id, head["ends"])
        if len(body) > LARGEST_ANSWER:
            return {"error": _too_large()}, b""
        self._waiting = False
        memory = used_memory(self.pid)
        if "request" not in head and self._custom.failed(answer):
            if answer.status != 200:  # else a header, which the program wrote itself, says that it failed
                self._log.write(self._request_id, f"the program answered the event with the status {answer.status}")
            return {"error": _error(answer.status, body), "memory": memory}, b""
        return {"error": None, "web": answer, "memory": memory}, body

    async def _listening(self) -> None:
        while True:
            if self._process.returncode is not None:
                raise Died
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(ADDRESS, self._port)
                writer.close()
                break
            await asyncio.sleep(PAUSE)
        self._listens = True

    async def _answer(self, headers: Mapping[str, object], request: WebRequest) -> tuple[WebAnswer, bytes]:
        """Send the request, and read no more of the answer than tells that it is too large."""
        ours = [(name, str(value)) for name, value in headers.items()]
        unsent = UNSENT | headers.keys()
        theirs = [(name, _printable(value)) for name, value in request.headers if name.lower() not in unsent]
        target = request.target.replace("#", "%23")  # a client would not send what follows the sign
        body = bytearray()
        try:
            async with self._session.request(
                request.method,
                URL(f"http://{ADDRESS}:{self._port}{target}", encoded=True),
                headers=[*theirs, *ours],
                data=request.body or None,
                allow_redirects=False,
            ) as response:
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        break
        except (aiohttp.ClientError, ConnectionError):
            raise Died from None
        names = tuple((_text(name), _text(value)) for name, value in response.raw_headers)
        return WebAnswer(response.status, names), bytes(body)

    async def kill(self) -> None:
        """End the process and everything in its group.

        When this returns, the process is gone and its output is in the log.
        """
        kill_group(self._process)
        await asyncio.wait([self._end])
        await asyncio.wait([self._copying], timeout=OUTPUT_SECONDS)
        self._copying.cancel()
        await asyncio.wait([self._copying])
        self._output.close()
        await self._session.close()

    async def _ended(self) -> None:
        await self._process.wait()
        if self.credentials is not None:
            self.credentials.worker.alive = False
        kill_group(self._process)  # programs that the function started must not outlive it
        GUARD.forget(self.pid)

    async def _copy(self, output: asyncio.StreamReader) -> None:
        async for line in lines(output):
            self._log.write(self._request_id, line)


def _checked_port(port: int) -> int:
    """Return the port. OSError if a program listens on it, such as one that a killed emulator has left behind."""
    if not is_free(port):
        message = f"another program listens on its port {port}, end that one or declare another port"
        raise OSError(errno.EADDRINUSE, message)
    return port


def _printable(value: str) -> str:
    """Return the value of a header with a sign in place of each byte that was not UTF-8."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


# Unproven error-of-program: A program of a custom runtime that fails with a text has the error FunctionError.
# Why: no page shows what a client gets of it.
# Ask: invoke a custom runtime whose /invoke answers 404 with the texts "a", "" and {"b": 1}: the header
#   X-Fc-Error-Type, and the body.
def _error(status: int, body: bytes) -> dict[str, object]:
    """Return the error of a program that said it failed. A body that is a JSON object is taken as it is."""
    if body.count(b"{") + body.count(b"[") <= MOST_NESTED:
        with contextlib.suppress(ValueError):
            document = json.loads(body)
            if isinstance(document, dict):
                return document
    text = body[:10_000].decode("utf-8", "replace")
    return {"errorMessage": text or f"the program answered {status}", "errorType": "FunctionError", "stackTrace": []}


# Unproven message-of-not-started: The message of FunctionNotStarted.
# Why: the page has the type only.
# Ask: invoke a custom runtime that listens nowhere: errorMessage.
def _not_started(port: int, seconds: float) -> dict[str, object]:
    """Return the error of a program that does not listen."""
    message = f"the program does not listen on port {port}, which FC_SERVER_PORT has, after {seconds:g} seconds"
    return {"errorMessage": message, "errorType": "FunctionNotStarted", "stackTrace": []}


# Unproven large-answer-of-program: An answer of a custom runtime above 32 MB fails with InvalidResponse.
# Why: no page has the error. This limit is the emulator's, since it keeps an answer whole.
# Ask: call the HTTP trigger of a custom runtime that answers 33 MB with Content-Length: the status and the body.
def _too_large() -> dict[str, object]:
    """Return the error of an answer that is too large."""
    message = f"the answer is larger than {LARGEST_ANSWER} bytes"
    return {"errorMessage": message, "errorType": "InvalidResponse", "stackTrace": []}
