"""This module says what a store gives to the contract suites, and finds the contract.py files of other folders."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagelabels.domain.model import ObjectRef, Tags
from imagelabels.ports import ObjectStore
from imagelabels.ports.invoker import Invoker

BUCKET = "photos"


@dataclass(frozen=True)
class StoreWorld:
    """A store as we see it, with the operations of its user and its clock."""

    objects: ObjectStore
    put: Callable[[str, bytes], None]
    tag: Callable[[str, Tags], None]
    delete: Callable[[str], None]
    now: Callable[[], float]
    """The store's clock, in seconds since 1970."""
    store: str = "oss"
    bucket: str = BUCKET
    missing: str = "no-such-bucket"

    def ref(self, key: str) -> ObjectRef:
        return ObjectRef(self.store, self.bucket, key)


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
    tasks: str
    """The platform keeps the states of this function's asynchronous invocations, and never runs them twice."""
    holding: Callable[[], AbstractContextManager[None]]
    """No task of `tasks` is begun as long as the block runs."""
    settle: Callable[[], None]
    """Waits until all enqueued events have been handled."""
    takes_ids: bool = True
    """Callers choose the ids of tasks."""


def elsewhere(name: str) -> dict[str, Any]:
    """Return the entries with this name, such as WORLDS, LEDGERS or QUEUES, in the contract.py files."""
    root = Path(__file__).resolve().parents[1]
    modules = [
        importlib.import_module(f"tests.{path.parent.name}.contract") for path in sorted(root.glob("*/contract.py"))
    ]
    return {key: opened for module in modules for key, opened in getattr(module, name, {}).items()}
