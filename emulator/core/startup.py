"""Defines how a service adds its options to the command line, and what it gets when the emulator starts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from emulator.core.keyring import Keyring
from emulator.core.parts import Detect, OnChange
from emulator.core.service import Service

Resource = TypeVar("Resource")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The emulator gives this to every service that starts."""

    args: argparse.Namespace
    """The values of all options, those that the service itself has added among them."""
    data: Path
    """The folder that holds everything across restarts."""
    keyring: Keyring
    detect: Detect
    on_change: Callable[[str], OnChange]
    """Takes the name of a cloud, and returns what its store calls for each change of an object."""
    stack: AsyncExitStack
    """Closes at the end what the service opens."""
    lag: Callable[[], float | None] = lambda: None
    """Tells how many seconds late indexes see rows, where a rule of faults says it."""
    _resources: dict[str, object] = field(default_factory=dict)

    def shared(self, name: str, open_resource: Callable[[], Resource]) -> Resource:
        """Return what several services work on, such as a store of objects. It is opened when it is first needed."""
        if name not in self._resources:
            self._resources[name] = open_resource()
        return self._resources[name]  # type: ignore[return-value]


class ServiceDoor(Protocol):
    """A service joins the emulator by these names, which are in the module `door` of its folder."""

    @property
    def OPERATIONS(self) -> Collection[str]:
        """The operations that may go wrong on demand, as the server counts them, such as Toy Greet."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of the service to those of `up`."""

    def start(self, surroundings: Surroundings) -> Service:
        """Open what the service keeps in the data folder, and return the service."""
