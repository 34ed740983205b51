"""One process that runs the function. It takes one call at a time, and is killed with all that it has started."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from emulator.core.groups import kill_group
from emulator.core.pipes import incoming, lines
from emulator.functions import worker
from emulator.functions.credentials import Credentials
from emulator.functions.guarding import GUARD
from emulator.functions.log import FunctionLog

OUTPUT_SECONDS = 1.0
"""The output of a killed process is read for so many seconds more, if something outside its group holds it open."""


class Died(Exception):
    """The process ended, was killed, or wrote something else, without an answer."""


class LoadTimedOut(Exception):
    """The function was not loaded in time."""


class Instance:
    """A process in a group of its own. Its output goes to the log, and its answers come over a socket."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        output: asyncio.ReadTransport,
        copying: Coroutine[None, None, None],
        load_timeout: float,
    ) -> None:
        self.pid = process.pid
        self.initialized = False
        self.credentials: Credentials | None = None
        self.clock = 0.0
        """The clock of the process is ahead by so many seconds."""
        self._load_timeout = load_timeout
        self._loaded = False
        self._waiting = False
        self._process = process
        self._reader = reader
        self._writer = writer
        self._output = output
        self._copying = asyncio.create_task(copying)
        self._end = asyncio.create_task(self._ended())

    @classmethod
    async def start(
        cls,
        interpreter: Path,
        handler: str,
        code: Path,
        environment: Mapping[str, str],
        log: FunctionLog,
        begins: tuple[str, ...],
        load_timeout: float,
        clock: float = 0.0,
    ) -> Instance:
        """Start the process. OSError if the interpreter cannot be started.

        The first call tells whether the function could be loaded. `begins` are the texts before the request id in the
        lines with which the output of an invocation begins. Loading may take `load_timeout` seconds. The process sees a
        clock that is `clock` seconds ahead.
        """
        GUARD.begin()
        ours, theirs = socket.socketpair()
        with theirs:
            reader, writer = await asyncio.open_connection(sock=ours)
            try:
                output, transport, write = await incoming()
            except BaseException:  # The emulator stops while the process is being started.
                writer.close()
                raise
            try:
                process = await asyncio.create_subprocess_exec(
                    *_command(interpreter, theirs.fileno(), handler, clock),
                    cwd=code,
                    env=dict(environment),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=write,
                    stderr=write,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            except BaseException:
                writer.close()
                transport.close()
                raise
            finally:
                os.close(write)
        GUARD.watch(process.pid)
        instance = cls(process, reader, writer, transport, _copy(output, log, begins), load_timeout)
        instance.clock = clock
        return instance

    @property
    def usable(self) -> bool:
        """Tell whether the process can take a call.

        One that has ended, did not load or owes an answer must be killed.
        """
        return self._process.returncode is None and self._loaded and not self._waiting

    async def call(self, head: Mapping[str, object], event: bytes, timeout: float) -> tuple[dict[str, Any], bytes]:
        """Return the head and the body of the reply.

        Before the first call the function has to be loaded, else LoadTimedOut. asyncio.TimeoutError if there is no
        answer after `timeout` seconds, Died if the process ends.
        """
        self._waiting = True
        if not self._loaded:
            loaded = await self._load()
            if loaded["error"] is not None:
                return loaded, b""
            self._loaded = True
        text = json.dumps(head).encode()
        self._writer.write(worker.FRAME.pack(len(text), len(event)) + text + event)
        reply = await asyncio.wait_for(self._receive(), timeout)
        self._waiting = False
        return reply

    async def _load(self) -> dict[str, Any]:
        try:
            loaded, _ = await asyncio.wait_for(self._receive(), self._load_timeout)
        except asyncio.TimeoutError:
            raise LoadTimedOut from None
        return loaded

    async def _receive(self) -> tuple[dict[str, Any], bytes]:
        try:
            head, body = worker.FRAME.unpack(await self._reader.readexactly(worker.FRAME.size))
            reply = json.loads(await self._reader.readexactly(head)), await self._reader.readexactly(body)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError, RecursionError):
            raise Died from None
        if not _is_reply(reply[0]):
            raise Died
        return reply

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

    async def _ended(self) -> None:
        await self._process.wait()
        if self.credentials is not None:
            self.credentials.worker.alive = False
        kill_group(self._process)  # programs that the function started must not outlive it or hold the socket open
        GUARD.forget(self.pid)
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


def _command(interpreter: Path, socket_number: int, handler: str, clock: float) -> list[str]:
    """Return the command that starts a process. With -I the function can import neither the user's packages nor the
    modules beside worker.py. The services use UTF-8."""
    script = str(Path(worker.__file__).resolve())
    command = [str(interpreter), "-I", "-u", "-X", "utf8", script, str(socket_number), handler]
    return [*command, str(clock)] if clock else command


def _is_reply(head: object) -> bool:
    """Tell whether this is the head of a reply. The function can write to the socket too, so it may be anything."""
    if not isinstance(head, dict) or "error" not in head or not isinstance(head.get("memory", 0), int):
        return False
    return head["error"] is None or _is_error(head["error"])


def _is_error(error: object) -> bool:
    if not isinstance(error, dict) or error.keys() != {"errorMessage", "errorType", "stackTrace"}:
        return False
    stack = error["stackTrace"]
    return isinstance(stack, list) and all(isinstance(frame, list) and len(frame) == 4 for frame in stack)


async def _copy(output: asyncio.StreamReader, log: FunctionLog, begins: tuple[str, ...]) -> None:
    request_id = "-"
    async for line in lines(output):
        if line.startswith(begins):
            request_id = next(line.removeprefix(text) for text in begins if line.startswith(text))
        log.write(request_id, line)
