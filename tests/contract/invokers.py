"""This module lists the invokers that must pass the contract suite of Invoker, and the functions that they invoke.

A contract.py in a folder beside this one adds more of them.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagelabels.domain.errors import Misconfigured
from imagelabels.ports import Invoker
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.fc2.invoker import Fc2Invoker
from imagelabels.providers.aliyun.fc3.invoker import Fc3Invoker
from tests.contract.world import elsewhere
from tests.emulator.invoking import RunningFunctions, deployed, running_functions
from tests.emulator.running import ROOT
from tests.invoking import FakeInvoker


@dataclass(frozen=True)
class InvokerWorld:
    """An invoker as we see it, with functions that do what their event says.

    An event is a JSON object. `touch` makes a file of that path, and `raise` raises a ValueError with that text. The
    answer has the event as `event`.
    """

    invoker: Invoker
    impostor: Invoker
    """It has the id of the good key, with another secret."""
    function: str
    limited: str
    """It has one instance."""
    missing: str
    all_instances_busy: Callable[[], AbstractContextManager[None]]
    """The one instance of `limited` works as long as the block runs."""
    settle: Callable[[], None]
    """Waits until all enqueued events have been handled."""


def answer(event: bytes) -> dict[str, Any]:
    """Do what the event says, as the deployed functions of the emulator do."""
    asked = json.loads(event)
    if "touch" in asked:
        Path(asked["touch"]).touch()
    if "raise" in asked:
        raise ValueError(asked["raise"])
    return {"event": asked}


class Refusing:
    """An invoker whose keys no platform knows."""

    def invoke(self, function: str, event: bytes) -> Any:
        raise Misconfigured("wrong secret")

    enqueue = invoke


@contextmanager
def memory(folder: Path) -> Iterator[InvokerWorld]:
    invoker = FakeInvoker({"label": answer, "limited": answer})
    busy, refusing = invoker.all_instances_busy, Refusing()
    yield InvokerWorld(invoker, refusing, "label", "limited", "nobody", lambda: busy("limited"), invoker.run_the_queue)


def waited_for(there: Callable[[], bool]) -> None:
    while not there():
        time.sleep(0.01)


@contextmanager
def emulated(
    folder: Path, running: RunningFunctions, open_invoker: Callable[[str], Any], prefix: str = ""
) -> Iterator[InvokerWorld]:
    """Yield the world of an invoker of the emulator. `open_invoker(secret)` opens it with the id of the good key."""
    opened = [open_invoker(ROOT.secret), open_invoker("another")]
    names = [f"{prefix}{name}" for name in ("label", "limited", "nobody")]

    @contextmanager
    def busy() -> Iterator[None]:
        begun, end = folder / "begun", folder / "end"
        event = json.dumps({"touch": str(begun), "wait": str(end)}).encode()
        thread = threading.Thread(target=opened[0].invoke, args=(names[1], event))
        thread.start()
        waited_for(begun.exists)
        try:
            yield
        finally:
            end.touch()
            thread.join()

    def settle() -> None:
        waited_for(lambda: not running.control("functions/label/queue")["pending"])

    try:
        yield InvokerWorld(opened[0], opened[1], names[0], names[1], names[2], busy, settle)
    finally:
        for invoker in opened:
            invoker.close()


@contextmanager
def _fc3(folder: Path) -> Iterator[InvokerWorld]:
    with (
        running_functions(folder, deployed(folder), deployed(folder, "limited", instances=1)) as running,
        emulated(folder, running, lambda secret: Fc3Invoker(running.endpoint, aliyun_keys(secret))) as world,
    ):
        yield world


@contextmanager
def _fc2(folder: Path) -> Iterator[InvokerWorld]:
    label = deployed(folder, service="pictures")
    limited = deployed(folder, "limited", service="pictures", instances=1)
    with (
        running_functions(folder, label, limited) as running,
        emulated(
            folder, running, lambda secret: Fc2Invoker(running.endpoint, aliyun_keys(secret)), "pictures/"
        ) as world,
    ):
        yield world


def aliyun_keys(secret: str) -> AliyunCredentials:
    return AliyunCredentials(AliyunKeys(ROOT.id, secret))


INVOKERS: dict[str, Callable[[Path], AbstractContextManager[InvokerWorld]]] = {
    "memory": memory,
    "fc": _fc3,
    "fc2": _fc2,
    **elsewhere("INVOKERS"),
}
