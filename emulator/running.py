"""Functions at work: each with a runtime, a queue and a log of its own, called by the changes that its rule takes."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from emulator.deployment import Deployed
from emulator.functions.log import FunctionLog
from emulator.functions.queue import Queue
from emulator.functions.runtime import Runtime
from emulator.keyring import Keyring
from emulator.parts import Change


@dataclass(frozen=True, slots=True)
class Running:
    deployed: Deployed
    runtime: Runtime
    queue: Queue

    def changed(self, change: Change) -> None:
        rule = self.deployed.rule
        if rule is not None and rule.matches(change):
            self.queue.enqueue(rule.event(change))


def start(
    deployed: Deployed,
    data: Path,
    keyring: Keyring,
    stack: AsyncExitStack,
    credentials_seconds: float,
    time_scale: float,
    verbose: bool,
) -> Running:
    """Ready to be called; the stack ends it. What it keeps is in functions/ of the data folder, under its name."""
    function = deployed.function
    folder = data / "functions"
    folder.mkdir(exist_ok=True)
    if function.temporary is not None:
        function.temporary.mkdir(parents=True, exist_ok=True)
    log = FunctionLog(folder / f"{function.name}.log", verbose)
    stack.callback(log.close)
    runtime = Runtime(function, deployed.platform, keyring.issue, log, credentials_seconds)
    stack.push_async_callback(runtime.stop)
    queue = Queue(
        folder / f"{function.name}.sqlite", runtime.invoke, deployed.platform.retries, runtime.concurrency, time_scale
    )
    stack.callback(queue.close)
    return Running(deployed, runtime, queue)
