"""Runs one function as its platform does.

A process starts cold and then stays warm. Each invocation has a time-out and credentials that expire.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from emulator.functions import broken, lifecycle, memory
from emulator.functions.credentials import Credentials, Issue
from emulator.functions.function import Answer, Ending, Function
from emulator.functions.instance import Instance
from emulator.functions.lifecycle import AnyInstance
from emulator.functions.log import FunctionLog
from emulator.functions.places import Places
from emulator.functions.platform import Platform
from emulator.functions.web import WebRequest
from emulator.functions.web_instance import WebInstance

INHERITED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
"""The only variables of our own environment that the function's process gets: where programs and the home folder are,
the language of programs, and where an interpreter that was built elsewhere finds its own libraries."""

ERROR = "UnhandledInvocationError"
"""The error type of an answer, whatever a Python function raises:
https://www.alibabacloud.com/help/en/functioncompute/fc/user-guide/error-handling-1-1."""
INITIALIZATION_ERROR = "InitializationError"
"""The error type of an invocation whose instance could not be initialized:
https://help.aliyun.com/zh/functioncompute/fc/user-guide/lifecycle-hooks-for-function-instances-4-1."""

PROCESSES = 2
"""So many processes run a function that has no declared limit of instances."""


class Busy(Exception):
    """All instances up to the limit, which is its argument, are busy, and the caller does not want to wait."""


class Runtime:
    """It runs some processes of one function. Each takes one invocation at a time, as built-in runtimes do."""

    def __init__(
        self,
        function: Function,
        platform: Platform,
        issue: Issue,
        log: FunctionLog,
        credentials_seconds: float = 3600.0,
        concurrency: int = PROCESSES,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Prepare to run the function. `clock` tells by how many seconds its processes are to see a clock ahead."""
        self.function = function
        self.platform = platform
        self.instances = function.instances
        """The limit of instances that is in force: the declared one, unless a client has set another."""
        self.cold_starts = 0
        self.invocations = 0
        self._issue = issue
        self._credentials_seconds = credentials_seconds
        self._log = log
        self._clock = clock
        self._places = Places(concurrency)
        self._running: dict[str, AnyInstance] = {}
        self._unwanted: set[str] = set()
        self._idle: list[AnyInstance] = []
        self._busy: list[AnyInstance] = []
        self._stopped = False

    @property
    def concurrency(self) -> int:
        """So many invocations may run at once."""
        return self._places.number

    def begin_with(self, instances: int) -> None:
        """Take the limit of instances before any invocation runs."""
        self.instances, self._places = instances, Places(instances)

    async def limit(self, instances: int | None) -> None:
        """Let at most so many instances run at once from now on. None has no limit that refuses calls."""
        self.instances = instances
        await self._places.change(instances or PROCESSES)

    async def end(self, request_id: str) -> None:
        """End the instance that runs this invocation, which ends with an error, or will run it."""
        self._unwanted.add(request_id)
        if (instance := self._running.get(request_id)) is not None:
            await instance.kill()

    async def invoke_now(
        self, event: bytes, request_id: str, with_log: bool = False, request: WebRequest | None = None
    ) -> Answer:
        """Invoke the function as the vendor's API does. Busy if its declared limit of instances is reached.

        Without a declared limit the service would start another instance. Here the call waits for one.
        """
        if self.instances is not None and self._places.full:
            raise Busy(self.instances)
        if not with_log:
            return await self.invoke(event, request_id, request)
        with self._log.tail(request_id, f"{self.platform.ends}{request_id}") as tail:
            answer = await self.invoke(event, request_id, request)
            # The output of a process that was killed is complete, and one that did not load has not begun to write.
            if answer.memory and answer.ending is not Ending.OUT_OF_MEMORY:
                await tail.complete()
            return replace(answer, log=tail.text)

    async def invoke(self, event: bytes, request_id: str | None = None, request: WebRequest | None = None) -> Answer:
        """Give the event to a warm process, else to a new one. A function that serves HTTP may get a `request` instead.

        Errors of the function are answers and are never raised.
        """
        request_id = request_id or str(uuid.uuid4())
        async with self._places:
            self.invocations += 1
            began = time.monotonic()
            try:
                instance = await self._warm() or await self._cold()
            except OSError as error:
                program = self.function.command[0] if self.function.custom else self.function.interpreter
                message = f"{program} cannot be started: {error.strerror}"
                return self._failed(request_id, message, "InterpreterError", Ending.EXITED)
            if self._stopped or request_id in self._unwanted:
                await instance.kill()
            self._busy.append(instance)
            self._running[request_id] = instance
            try:
                answer = await self._call(instance, request_id, event, request)
                return replace(answer, duration=time.monotonic() - began)
            finally:
                if instance.usable:
                    self._idle.append(instance)
                else:
                    await instance.kill()
                self._busy.remove(instance)
                del self._running[request_id]
                self._unwanted.discard(request_id)

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
        """End every process, and those that are started later. The invocations of busy ones end with an error."""
        self._stopped = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*map(self._end, idle))
        for instance in [*self._busy]:
            await instance.kill()

    async def _end(self, instance: AnyInstance) -> None:
        """End a process that waits for calls. Its hook may do something first, and may fail without any harm."""
        hook = self.function.settings.pre_stop
        try:
            if hook is not None and instance.usable:
                request_id = str(uuid.uuid4())
                try:
                    await lifecycle.call(instance, hook, self.function, request_id, self._head(instance, request_id))
                except lifecycle.HookFailed as failed:
                    self._log.write(request_id, json.dumps(failed.error, ensure_ascii=False))
        finally:
            await instance.kill()

    async def _warm(self) -> AnyInstance | None:
        while self._idle:
            instance = self._idle.pop()
            if instance.usable and (self.function.custom or instance.clock == self._clock()):
                return instance
            await instance.kill()
        return None

    async def _cold(self) -> AnyInstance:
        function, custom = self.function, self.platform.custom
        credentials = Credentials(self._issue, self._credentials_seconds, function.name)
        environment = self._environment(credentials)
        instance: AnyInstance
        if function.custom and custom is not None:
            instance = await WebInstance.start(
                custom, function.command, function.code, environment, self._log, function.port
            )
        else:
            instance = await Instance.start(
                function.interpreter,
                function.handler,
                function.code,
                environment,
                self._log,
                (self.platform.begins, *(hook.begins for hook in function.settings.hooks)),
                function.settings.load_timeout or function.timeout,
                self._clock(),
            )
        instance.credentials, credentials.worker.pid = credentials, instance.pid
        self.cold_starts += 1
        return instance

    def _head(self, instance: AnyInstance, request_id: str) -> dict[str, object]:
        """Return what the process gets with an invocation, or with a hook, that has this request id."""
        function, platform, credentials = self.function, self.platform, instance.credentials
        assert credentials is not None
        credentials.invoked(request_id)
        key = credentials.key()
        return {
            "begins": f"{platform.begins}{request_id}",
            "ends": f"{platform.ends}{request_id}",
            "plain": platform.plain,
            "timeout": function.timeout,
            "variables": platform.credentials(key),
            "context": platform.context(function, key, request_id),
        }

    async def _call(self, instance: AnyInstance, request_id: str, event: bytes, request: WebRequest | None) -> Answer:
        function, head = self.function, self._head(instance, request_id)
        if (failed := await self._initialize(instance, request_id, head)) is not None:
            return failed
        if request is not None:
            head["request"] = request
        began = time.monotonic()
        try:
            call = instance.call(head, event, function.timeout)
            reply, body = await memory.watched(call, instance.pid, function.memory)
        except broken.BROKEN as error:
            await instance.kill()
            message, kind, ending = broken.explained(error, function, function.timeout, time.monotonic() - began)
            message, kind = self.platform.broken(function, ending, message, kind)
            used = error.used if isinstance(error, memory.OutOfMemory) else 0
            return replace(self._failed(request_id, message, kind, ending), memory=used)
        used = reply.get("memory", 0)
        if reply["error"] is None:
            return Answer(request_id, body, memory=used, web=reply.get("web"))
        return replace(self._raised(request_id, reply["error"], ERROR, Ending.RAISED), memory=used)

    async def _initialize(self, instance: AnyInstance, request_id: str, head: Mapping[str, object]) -> Answer | None:
        """Call the initializer, if there is one and the instance is new, and return the answer if it failed.

        Then the invocation fails, and the next one gets a new instance, whose initializer is called again.
        """
        hook = self.function.settings.initializer
        if hook is None or instance.initialized:
            return None
        try:
            await lifecycle.call(instance, hook, self.function, request_id, head)
        except lifecycle.HookFailed as failed:
            await instance.kill()
            if not failed.loaded:
                return self._raised(request_id, failed.error, ERROR, Ending.RAISED)
            return self._raised(request_id, failed.error, INITIALIZATION_ERROR, Ending.NOT_INITIALIZED)
        instance.initialized = True
        return None

    def _raised(self, request_id: str, error: Mapping[str, object], kind: str, ending: Ending) -> Answer:
        """Return the answer for an error of the function's code, whose text may have halves of characters."""
        body = json.dumps(error, ensure_ascii=False).encode("utf-8", "replace")
        self._log.write(request_id, body.decode())
        return Answer(request_id, body, kind, ending)

    def _failed(self, request_id: str, message: str, kind: str, ending: Ending) -> Answer:
        """Return the answer for a process that cannot be used any more."""
        self._log.write(request_id, message)
        body = json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": []}).encode()
        return Answer(request_id, body, ERROR, ending)

    def renew_earlier(self, seconds: float) -> None:
        """Let the present keys of all processes be renewed so many seconds earlier."""
        for instance in (*self._idle, *self._busy):
            if instance.credentials is not None:
                instance.credentials.renewal -= seconds

    def _environment(self, credentials: Credentials) -> dict[str, str]:
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
            **self.platform.credentials(credentials.key()),
        }
