"""Runs one function as its platform does.

A process starts cold and then stays warm. Each invocation has a time-out and credentials that expire.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from emulator.core.parts import Key
from emulator.functions.function import Answer, Ending, Function
from emulator.functions.instance import Died, Instance
from emulator.functions.log import FunctionLog
from emulator.functions.platform import Platform

INHERITED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
"""The only variables of our own environment that the function's process gets: where programs and the home folder are,
the language of programs, and where an interpreter that was built elsewhere finds its own libraries."""

ERROR = "UnhandledInvocationError"
"""The error type of an answer, whatever a Python function raises:
https://www.alibabacloud.com/help/en/functioncompute/fc/user-guide/error-handling-1-1."""


PROCESSES = 2
"""So many processes run a function that has no declared limit of instances."""


class Busy(Exception):
    """All instances up to the declared limit are busy, and the caller does not want to wait."""


class Runtime:
    """It runs at most `concurrency` processes of one function.

    Each takes one invocation at a time, as built-in runtimes do.
    """

    def __init__(
        self,
        function: Function,
        platform: Platform,
        issue: Callable[[float], Key],
        log: FunctionLog,
        credentials_seconds: float = 3600.0,
        concurrency: int = PROCESSES,
    ) -> None:
        """Prepare to run the function. `issue` makes temporary credentials that are valid for so many seconds."""
        self.function = function
        self.platform = platform
        self.concurrency = concurrency
        self.cold_starts = 0
        self.invocations = 0
        self._issue = issue
        self._credentials_seconds = credentials_seconds
        self._log = log
        self._key: Key | None = None
        self.renewal = 0.0
        self._places = asyncio.Semaphore(concurrency)
        self._idle: list[Instance] = []
        self._busy: list[Instance] = []
        self._stopped = False

    async def invoke_now(self, event: bytes, request_id: str, with_log: bool = False) -> Answer:
        """Invoke the function as the vendor's API does. Busy if its declared limit of instances is reached.

        Without a declared limit the service would start another instance. Here the call waits for one.
        """
        if self.function.instances is not None and self._places.locked():
            raise Busy
        if not with_log:
            return await self.invoke(event, request_id)
        with self._log.tail(request_id, f"{self.platform.ends}{request_id}") as tail:
            answer = await self.invoke(event, request_id)
            # The output of a process that was killed is complete, and one that did not load has not begun to write.
            if answer.memory:
                await tail.complete()
            return replace(answer, log=tail.text)

    async def invoke(self, event: bytes, request_id: str | None = None) -> Answer:
        """Give the event to a warm process, else to a new one.

        Errors of the function are answers and are never raised.
        """
        request_id = request_id or str(uuid.uuid4())
        async with self._places:
            self.invocations += 1
            began = time.monotonic()
            try:
                instance = await self._warm() or await self._cold()
            except OSError as error:
                message = f"{self.function.interpreter} cannot be started: {error.strerror}"
                return self._failed(request_id, message, "InterpreterError", Ending.EXITED)
            if self._stopped:
                await instance.kill()
            self._busy.append(instance)
            try:
                answer = await self._call(instance, request_id, event)
                return replace(answer, duration=time.monotonic() - began)
            finally:
                if instance.usable:
                    self._idle.append(instance)
                else:
                    await instance.kill()
                self._busy.remove(instance)

    def state(self) -> dict[str, object]:
        """Return what a person may want to know of the function, as JSON values."""
        return {
            "handler": self.function.handler,
            "code": str(self.function.code),
            "processes": [
                *({"pid": instance.pid, "busy": False} for instance in self._idle),
                *({"pid": instance.pid, "busy": True} for instance in self._busy),
            ],
            "cold_starts": self.cold_starts,
            "invocations": self.invocations,
        }

    async def stop(self) -> None:
        """Kill every process, and those that are started later. Their invocations end with an error."""
        self._stopped = True
        for instance in [*self._idle, *self._busy]:
            await instance.kill()
        self._idle.clear()

    async def _warm(self) -> Instance | None:
        while self._idle:
            instance = self._idle.pop()
            if instance.usable:
                return instance
            await instance.kill()
        return None

    async def _cold(self) -> Instance:
        function = self.function
        instance = await Instance.start(
            function.interpreter, function.handler, function.code, self._environment(), self._log, self.platform.begins
        )
        self.cold_starts += 1
        return instance

    async def _call(self, instance: Instance, request_id: str, event: bytes) -> Answer:
        function, platform, key = self.function, self.platform, self._credentials()
        head = {
            "begins": f"{platform.begins}{request_id}",
            "ends": f"{platform.ends}{request_id}",
            "plain": platform.plain,
            "timeout": function.timeout,
            "variables": platform.credentials(key),
            "context": platform.context(function, key, request_id),
        }
        began = time.monotonic()
        try:
            reply, body = await instance.call(head, event, function.timeout)
        except asyncio.TimeoutError:
            # Unproven text-of-timeout: A function that takes too long ends with FunctionTimeoutError and a
            #   text that ends in the unit.
            # Why: the text on the page how-to-handle-an-execution-timeout-error ends in the number, and
            #   the page has no type.
            # Ask: invoke a function that sleeps longer than its time limit: errorType and errorMessage.
            message = f"Function time out after {function.timeout:g} seconds"
            return self._failed(request_id, message, "FunctionTimeoutError", Ending.TIMED_OUT)
        except Died:
            # Unproven type-of-exit: A function whose process ends is answered with ProcessExitedError.
            # Why: the vendor's pages on error handling have the text, and not the type.
            # Ask: invoke a function that calls os._exit(1): errorType and errorMessage.
            spent = (time.monotonic() - began) * 1000
            message = f"Process exited unexpectedly before completing request (duration: {spent:.0f}ms)"
            return self._failed(request_id, message, "ProcessExitedError", Ending.EXITED)
        memory = reply.get("memory", 0)
        if reply["error"] is None:
            return Answer(request_id, body, memory=memory)
        text = json.dumps(reply["error"], ensure_ascii=False)
        self._log.write(request_id, text)
        return Answer(request_id, text.encode(), ERROR, Ending.RAISED, memory=memory)

    def _failed(self, request_id: str, message: str, kind: str, ending: Ending) -> Answer:
        """Return the answer for a process that cannot be used any more."""
        self._log.write(request_id, message)
        body = json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": []}).encode()
        return Answer(request_id, body, ERROR, ending)

    def _credentials(self) -> Key:
        now = time.time()
        if self._key is None or now >= self.renewal:
            self._key = self._issue(self._credentials_seconds)
            self.renewal = now + self._credentials_seconds / 2
        return self._key

    def _environment(self) -> dict[str, str]:
        function = self.function
        paths = [str(path) for path in function.search_paths]
        if own := function.environment.get("PYTHONPATH"):
            paths.append(own)
        return {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            **({"TMPDIR": str(function.temporary)} if function.temporary else {}),
            **function.environment,
            "PYTHONPATH": os.pathsep.join(paths),
            **self.platform.variables(function),
            **self.platform.credentials(self._credentials()),
        }
