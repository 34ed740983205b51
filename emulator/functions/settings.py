"""What a deployment may set of a function beside its code: hooks of its instances, and asynchronous invocations."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.functions.web import WebRequest


@dataclass(frozen=True, slots=True)
class Hook:
    """A handler that the platform calls once in the life of an instance, with the context alone.

    `timeout` is in seconds. `begins` and `ends` stand before the request id in the lines of the log around the call. A
    function that is a program gets the `request` instead.
    """

    handler: str
    timeout: float
    begins: str
    ends: str
    request: WebRequest | None = None
    name: str = "hook"
    """The name of the hook in the deployment, such as initializer."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The place to which the platform sends how an asynchronous invocation ended.

    `written` is the name that the deployment gives it. `function` is the name of the function that is invoked, and is
    empty for a queue, whose messages the emulator keeps.
    """

    written: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class Asynchronous:
    """Says what the platform does with the events of a function.

    `retries` are the seconds to wait before each retry. An event that is older than `age` seconds is given up. Without
    an `age` no event is: otherwise every event that waits would be lost while the emulator is off for long.
    """

    retries: tuple[float, ...]
    age: float | None = None
    on_success: Destination | None = None
    on_failure: Destination | None = None
    tasks: bool = False
    """Clients may ask for the state of each invocation, and stop it."""

    @property
    def destinations(self) -> tuple[Destination, ...]:
        return tuple(place for place in (self.on_success, self.on_failure) if place is not None)


@dataclass(frozen=True, slots=True)
class Settings:
    """Has what is set. `load_timeout` is how many seconds the function may take until it is loaded."""

    asynchronous: Asynchronous | None = None
    initializer: Hook | None = None
    pre_stop: Hook | None = None
    load_timeout: float | None = None
    never_waits: bool = False
    """The platform queues each invocation, also if the client wants to wait for the answer."""

    @property
    def hooks(self) -> tuple[Hook, ...]:
        return tuple(hook for hook in (self.initializer, self.pre_stop) if hook is not None)
