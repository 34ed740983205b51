"""This module lists the invokers that must pass the contract suite of Invoker, and the functions that they invoke.

A contract.py in a folder beside this one adds more of them.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from emulator.functions.settings import Asynchronous, Settings
from emulator.tencent.scf.platform import ServerlessCloudFunction
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.fc2.invoker import Fc2Invoker
from imagelabels.providers.aliyun.fc3.invoker import Fc3Invoker
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from imagelabels.providers.tencent.scf.invoker import ScfInvoker
from tests.contract.world import InvokerWorld, elsewhere
from tests.emulator.invoking import RunningFunctions, deployed, running_functions
from tests.emulator.running import ROOT

TASKS = Settings(Asynchronous((), tasks=True))


def waited_for(there: Callable[[], bool]) -> None:
    while not there():
        time.sleep(0.01)


@contextmanager
def emulated(
    folder: Path,
    running: RunningFunctions,
    open_invoker: Callable[[str], Any],
    prefix: str = "",
    takes_ids: bool = True,
) -> Iterator[InvokerWorld]:
    """Yield the world of an invoker of the emulator. `open_invoker(secret)` opens it with the id of the good key."""
    opened = [open_invoker(ROOT.secret), open_invoker("another")]
    names = [f"{prefix}{name}" for name in ("label", "limited", "nobody", "tasks")]

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

    @contextmanager
    def holding() -> Iterator[None]:
        event = {"touch": str(folder / "holding"), "wait": str(folder / "held")}
        opened[0].start(names[3], json.dumps(event).encode(), "holder")
        waited_for((folder / "holding").exists)
        try:
            yield
        finally:
            (folder / "held").touch()

    def is_empty(name: str) -> bool:
        return not running.control(f"functions/{name}/queue")["pending"]

    def settle() -> None:
        for name in ("label", "tasks"):
            waited_for(partial(is_empty, name))

    try:
        yield InvokerWorld(
            opened[0], opened[1], names[0], names[1], names[2], busy, names[3], holding, settle, takes_ids
        )
    finally:
        for invoker in opened:
            invoker.close()


@contextmanager
def _fc3(folder: Path) -> Iterator[InvokerWorld]:
    with (
        running_functions(
            folder,
            deployed(folder),
            deployed(folder, "limited", instances=1),
            deployed(folder, "tasks", instances=1, settings=TASKS),
        ) as running,
        emulated(folder, running, lambda secret: Fc3Invoker(running.endpoint, aliyun_keys(secret))) as world,
    ):
        yield world


@contextmanager
def _fc2(folder: Path) -> Iterator[InvokerWorld]:
    label = deployed(folder, service="pictures")
    limited = deployed(folder, "limited", service="pictures", instances=1)
    tasks = deployed(folder, "tasks", service="pictures", instances=1, settings=TASKS)
    with (
        running_functions(folder, label, limited, tasks) as running,
        emulated(
            folder, running, lambda secret: Fc2Invoker(running.endpoint, aliyun_keys(secret)), "pictures/"
        ) as world,
    ):
        yield world


def aliyun_keys(secret: str) -> AliyunCredentials:
    return AliyunCredentials(AliyunKeys(ROOT.id, secret))


SCF_SOURCE = """
    import os, pathlib, time

    def handler(event, context):
        if "touch" in event:
            pathlib.Path(event["touch"]).touch()
        while "wait" in event and not os.path.exists(event["wait"]):
            time.sleep(0.01)
        if "raise" in event:
            raise ValueError(event["raise"])
        return {"event": event}
    """


@contextmanager
def _scf(folder: Path) -> Iterator[InvokerWorld]:
    label = deployed(folder, "label", ServerlessCloudFunction(), SCF_SOURCE)
    limited = deployed(folder, "limited", ServerlessCloudFunction(), SCF_SOURCE, instances=1)
    settings = Settings(TASKS.asynchronous, never_waits=True)
    tasks = deployed(folder, "tasks", ServerlessCloudFunction(), SCF_SOURCE, instances=1, settings=settings)

    def opened(secret: str) -> ScfInvoker:
        return ScfInvoker(running.endpoint, "ap-guangzhou", TencentCredentials(TencentKeys(ROOT.id, secret)))

    with (
        running_functions(folder, label, limited, tasks) as running,
        emulated(folder, running, opened, takes_ids=False) as world,
    ):
        yield world


INVOKERS: dict[str, Callable[[Path], AbstractContextManager[InvokerWorld]]] = {
    "fc": _fc3,
    "fc2": _fc2,
    "scf": _scf,
    **elsewhere("INVOKERS"),
}
