"""Running functions. Each has a runtime, a queue and a log of its own, and the changes that its rule takes call it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from emulator.core.keyring import Keyring
from emulator.core.parts import Change
from emulator.core.startup import Surroundings
from emulator.faults.board import FaultBoard
from emulator.faults.deliveries import Deliveries
from emulator.functions.changing import Changing, Policy, policy_of
from emulator.functions.deployment import Deployed
from emulator.functions.destinations import Destinations, Enqueue
from emulator.functions.log import FunctionLog
from emulator.functions.queue import Queue
from emulator.functions.runtime import PROCESSES, Runtime
from emulator.functions.tasks import Status, Task


@dataclass(frozen=True, slots=True)
class RunningFunction:
    deployed: Deployed
    runtime: Runtime
    queue: Queue
    log: Path
    """The file that holds what the function writes, and the errors on which it failed."""
    deliveries: Deliveries
    changing: Changing

    def is_named(self, cloud: str, name: str) -> bool:
        return self.deployed.platform.cloud == cloud and self.deployed.function.name == name

    def changed(self, change: Change) -> None:
        """Queue the event for a change, if the function's rule takes the change."""
        rule = self.deployed.rule
        if rule is not None and rule.matches(change):
            self.deliveries.deliver(change, rule.event(change), self.queue)

    async def stop_task(self, task_id: str) -> Task | None:
        """Let a task be run no more, and end the instance that runs it. None if no such task is kept."""
        task = self.queue.stop(task_id)
        if task is not None and task.status is Status.STOPPING:
            await self.runtime.end(task.request_id)
        return task


@dataclass(frozen=True, slots=True)
class Running:
    """How all functions run."""

    credentials_seconds: float = 3600.0
    """Temporary keys are valid for so long."""
    time_scale: float = 1.0
    """The waits before retries are stretched by this factor."""
    verbose: bool = False
    """What functions write is shown on the error output too."""
    faults: FaultBoard = field(default_factory=FaultBoard)


def functions(surroundings: Surroundings) -> list[RunningFunction]:
    """Return the list of the functions that run, which is filled after the services have started."""
    return surroundings.shared("functions", list[RunningFunction])


def start(
    deployed: Deployed,
    data: Path,
    keyring: Keyring,
    stack: AsyncExitStack,
    how: Running,
    others: Sequence[RunningFunction] = (),
) -> RunningFunction:
    """Return the function, ready to be called. The stack ends it.

    Its queue and its log are in the folder functions/ of the data folder, under the name of the function. `others` are
    the functions that it may have as destinations. The caller may add them later.
    """
    function = deployed.function
    folder = data / "functions"
    folder.mkdir(exist_ok=True)
    if function.temporary is not None:
        function.temporary.mkdir(parents=True, exist_ok=True)
    path = folder / f"{function.name}.log"
    log = FunctionLog(path, how.verbose)
    stack.callback(log.close)
    clock = partial(how.faults.clock_of, function.name)
    runtime = Runtime(
        function, deployed.platform, keyring.issue, log, how.credentials_seconds, function.instances or PROCESSES, clock
    )
    stack.push_async_callback(runtime.stop)

    def find(name: str) -> Enqueue | None:
        return next((other.queue.enqueue for other in others if other.is_named(deployed.platform.cloud, name)), None)

    policy = Policy(policy_of(deployed, None))
    ended = Destinations(deployed, find, path, lambda: policy.current).ended
    queue = Queue(
        folder / f"{function.name}.sqlite", runtime.invoke, (), runtime.concurrency, how.time_scale, on_end=ended
    )
    stack.callback(queue.close)
    changing = Changing(deployed, queue.settings, queue, runtime, policy)
    changing.resume()
    return RunningFunction(deployed, runtime, queue, path, how.faults.deliveries(function.name), changing)
