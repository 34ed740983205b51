"""Running functions. Each has a runtime, a queue and a log of its own, and the changes that its rule takes call it."""

from __future__ import annotations

import json
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from emulator.core.keyring import Keyring
from emulator.core.parts import Change
from emulator.core.startup import Surroundings
from emulator.functions.deployment import Deployed
from emulator.functions.function import Answer
from emulator.functions.log import FunctionLog
from emulator.functions.queue import Queue
from emulator.functions.runtime import PROCESSES, Runtime

SHOWN = 300
"""A line shows so many characters of an error's text."""


@dataclass(frozen=True, slots=True)
class RunningFunction:
    deployed: Deployed
    runtime: Runtime
    queue: Queue
    log: Path
    """The file that holds what the function writes, and the errors on which it failed."""

    def changed(self, change: Change) -> None:
        """Queue the event for a change, if the function's rule takes the change."""
        rule = self.deployed.rule
        if rule is not None and rule.matches(change):
            self.queue.enqueue(rule.event(change))


def functions(surroundings: Surroundings) -> list[RunningFunction]:
    """Return the list of the functions that run, which is filled after the services have started."""
    return surroundings.shared("functions", list[RunningFunction])


def start(
    deployed: Deployed,
    data: Path,
    keyring: Keyring,
    stack: AsyncExitStack,
    credentials_seconds: float,
    time_scale: float,
    verbose: bool,
) -> RunningFunction:
    """Return the function, ready to be called. The stack ends it.

    Its queue and its log are in the folder functions/ of the data folder, under the name of the function.
    """
    function = deployed.function
    folder = data / "functions"
    folder.mkdir(exist_ok=True)
    if function.temporary is not None:
        function.temporary.mkdir(parents=True, exist_ok=True)
    path = folder / f"{function.name}.log"
    log = FunctionLog(path, verbose)
    stack.callback(log.close)
    processes = function.instances or PROCESSES
    runtime = Runtime(function, deployed.platform, keyring.issue, log, credentials_seconds, processes)
    stack.push_async_callback(runtime.stop)

    def tell(request_id: str, answer: Answer) -> None:
        print(failure(function.name, request_id, answer, path), file=sys.stderr, flush=True)

    queue = Queue(
        folder / f"{function.name}.sqlite",
        runtime.invoke,
        deployed.platform.retries,
        runtime.concurrency,
        time_scale,
        tell,
    )
    stack.callback(queue.close)
    return RunningFunction(deployed, runtime, queue, path)


def failure(name: str, request_id: str, answer: Answer, log: Path) -> str:
    """Return one line about an event whose last retry has failed, and about where to read more."""
    try:
        error = json.loads(answer.body)
        reason = f"{error['errorType']}: {error['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        reason = str(answer.error_type)
    shown = "".join(char if char.isprintable() else " " for char in reason[:SHOWN])
    return (
        f"emulator: function {name} failed for good on the event with request id {request_id}: {shown};"
        f" {log} has the function's output, GET /_emulator/functions/{name}/failures lists the event"
    )
