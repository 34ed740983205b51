"""Functions as they are deployed on a cloud's platform, with what starts them and what becomes of their failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DeployedFunction:
    """This is what a platform tells of a function."""

    runtime: str
    """In lower case, as python3.10."""
    timeout: int
    """Seconds that one event may take."""
    memory: int
    """Megabytes."""
    layers: int
    environment: Mapping[str, str] = field(repr=False)
    """The variables that were set for it. They may hold secrets."""
    problem: str = ""
    """If the function cannot run now, the platform says so in these words."""
    events_at_once: int = 1
    """One instance gets so many events at the same time."""
    role: str = ""
    """The role whose permissions it has, as the platform names it."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """This is how a platform delivers events to a function."""

    retries: int
    """A failed event is delivered so often again."""
    longest: int
    """An event is dropped after so many seconds."""
    failures: str
    """Where events go whose last delivery failed; empty if nothing keeps them."""
    instances: int | None = None
    """The function may have so many instances at once; None if the platform does not say so."""
    unlimited: bool = False
    """If this is true, nothing but the account's own limit keeps the function from taking all of its instances."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger starts a function for the events of a bucket."""

    name: str
    bucket: str
    events: tuple[str, ...]
    """These are spelled as the trigger has them."""
    prefix: str = ""
    suffix: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer starts a function again and again."""

    name: str
    schedule: str
    """When it does, as the platform writes it."""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Address:
    """Clients ask a function at an address over HTTP."""

    enabled: bool
    """The address answers, and it can be reached from the internet."""
    anonymous: bool
    """The platform does not ask clients who they are."""


class Functions(Protocol):
    """The functions of an account in one region. Every method raises Misconfigured for a call that is not allowed, and
    Unavailable if the platform does not answer."""

    def function(self, name: str) -> DeployedFunction | None:
        """Return the function of that name; None if there is none."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the functions, of which one page must be enough."""

    def deliveries(self, name: str) -> Deliveries:
        """Return how events are delivered to a function that exists."""

    def triggers(self, name: str) -> tuple[Trigger, ...]:
        """Return the triggers by which buckets start a function that exists."""

    def timers(self, name: str) -> tuple[Timer, ...]:
        """Return the timers that start a function that exists."""

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Return the addresses at which clients ask a function that exists."""
