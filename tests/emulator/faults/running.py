"""The whole emulator in a thread, with its faults and their control paths, and a sleep that tests watch."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator import services
from emulator.__main__ import started
from emulator.arguments import parser
from emulator.core.keyring import Keyring
from emulator.core.parts import Change, OnChange
from emulator.core.server import Server
from emulator.core.startup import Surroundings
from emulator.faults import control as fault_control
from emulator.faults.apply import Spoiling
from emulator.faults.board import FaultBoard
from emulator.functions import control, running
from emulator.functions.deployment import Deployed
from emulator.functions.running import RunningFunction
from tests.emulator.running import COS_BUCKET, ROOT, RunningCos, RunningTablestore

LABELS: Mapping[str, object] = {"labels": []}


@dataclass
class Sleeps:
    """Every wait of a fault. A wait lasts no time, or until the test lets it end."""

    asked: list[float] = field(default_factory=list)
    held: bool = False
    _ends: list[Callable[[], object]] = field(default_factory=list)
    _begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        if not self.held:
            return
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        self._ends.append(lambda: loop.call_soon_threadsafe(end.set))
        self._begun.release()
        await end.wait()

    def wait_for_one(self) -> None:
        """Wait until a fault waits."""
        self._begun.acquire()

    def end(self) -> None:
        """Let every wait end that has begun."""
        ends, self._ends = self._ends, []
        for end in ends:
            end()


@dataclass
class Emulated:
    """The emulator, with clients of its services and its control paths."""

    oss: RunningCos
    tables: RunningTablestore
    functions: list[RunningFunction]
    sleeps: Sleeps
    now: list[float]
    """The clock that throttles."""

    def control(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        status, _, answer = self.oss.raw(method, f"/_emulator/{path}", body=data)
        return status, json.loads(answer)

    def rules(self, *rules: Mapping[str, object], seed: int = 0) -> None:
        """Put these rules in force."""
        status, answer = self.control("PUT", "faults", {"seed": seed, "rules": rules})
        assert status == 200, answer

    def counts(self) -> list[tuple[int, int]]:
        """Return for each rule how many requests it matched, and how many it spoiled."""
        return [(rule["matched"], rule["applied"]) for rule in self.control("GET", "faults")[1]["rules"]]

    def calls(self, **wanted: object) -> list[dict[str, Any]]:
        """Return the calls that have these values."""
        calls: list[dict[str, Any]] = self.control("GET", "calls?since=0")[1]["calls"]
        return [call for call in calls if wanted.items() <= call.items()]

    def deliveries(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.control("GET", "deliveries?since=0")[1]["deliveries"]
        return listed


@contextmanager
def emulated(folder: Path, *functions: Deployed, time_scale: float = 0.0) -> Iterator[Emulated]:
    """Run the emulator until the end of the block, with a bucket of each cloud."""
    args = parser().parse_args(["up", "--data", str(folder), "--bucket", "photos", "--cos-bucket", COS_BUCKET])
    ready: Future[tuple[Server, Keyring, list[RunningFunction], Callable[[], object]]] = Future()
    sleeps, now = Sleeps(), [1000.0]
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(args, functions, time_scale, sleeps, now, ready)), name="emulator"
    )
    thread.start()
    with ExitStack() as stack:
        server, keyring, called, stop = ready.result()
        stack.callback(thread.join)
        stack.callback(stop)
        stores: Any = None
        yield Emulated(
            RunningCos(server, stores, keyring, stack),
            RunningTablestore(server, stores, keyring, stack),
            called,
            sleeps,
            now,
        )


async def no_labels(path: Path) -> dict[str, object]:
    return dict(LABELS)


async def _serve(
    args: Any,
    functions: tuple[Deployed, ...],
    time_scale: float,
    sleep: Callable[[float], Awaitable[None]],
    now: list[float],
    ready: Future[tuple[Server, Keyring, list[RunningFunction], Callable[[], object]]],
) -> None:
    try:
        keyring, end, loop = Keyring(ROOT), asyncio.Event(), asyncio.get_running_loop()

        def on_change(cloud: str) -> OnChange:
            def call(change: Change) -> None:
                for each in called:
                    if each.deployed.platform.cloud == cloud:
                        each.changed(change)

            return call

        async with AsyncExitStack() as stack:
            board = FaultBoard(services.OPERATIONS)
            surroundings = Surroundings(args, args.data, keyring, no_labels, on_change, stack, board.lag)
            called = running.functions(surroundings)
            opened = started(surroundings)
            how = running.Running(time_scale=time_scale, faults=board)
            called += [running.start(each, args.data, keyring, stack, how, called) for each in functions]
            paths = {**control.routes(called), **fault_control.routes(board)}
            spoiling = Spoiling(keyring, lambda: now[0], sleep)
            server = Server(opened, control=paths, faults=board.of_requests(spoiling))
            await server.start()
            stack.push_async_callback(server.stop)
            stack.callback(spoiling.end)
            for function in called:
                stack.push_async_callback(function.runtime.stop)
            queues = [asyncio.create_task(function.queue.run()) for function in called]
            ready.set_result((server, keyring, called, lambda: loop.call_soon_threadsafe(end.set)))
            await end.wait()
            for queue in queues:
                queue.cancel()
            await asyncio.gather(*queues, return_exceptions=True)
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)
