"""Defines what differs between the clouds that run functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from emulator.core.parts import Change, Key
from emulator.functions.fields import FieldTypes as FieldTypes
from emulator.functions.function import Ending, Function
from emulator.functions.queue import Ended
from emulator.functions.settings import Settings
from emulator.functions.url_trigger import UrlTrigger
from emulator.functions.web import WebAnswer, WebRequest


class TriggerRule(Protocol):
    """Says which changes call a function, and makes the event for each of them."""

    @property
    def bucket(self) -> str:
        """The name of the bucket whose changes call the function."""

    def matches(self, change: Change) -> bool: ...

    def event(self, change: Change) -> bytes: ...


class CustomRuntime(Protocol):
    """Says how a platform speaks with a program that serves HTTP."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the runtimes."""

    @property
    def program(self) -> str:
        """This file of the code folder is started in a function that names no command."""

    @property
    def port_variables(self) -> tuple[str, ...]:
        """The environment variables that tell the program on which port it has to listen."""

    def request(self, event: bytes) -> WebRequest:
        """Return the request by which the program gets an event."""

    def failed(self, answer: WebAnswer) -> bool:
        """Tell whether the answer to an event says that the program failed."""


class Platform(Protocol):
    """One cloud's service that runs functions."""

    @property
    def cloud(self) -> str:
        """The name of the cloud in files that list functions. The changes of its store call the functions."""

    @property
    def name(self) -> str:
        """The short name of the platform, as in the headers of an answer: Fc, Scf."""

    @property
    def handler(self) -> str:
        """This handler is called in a function that names none."""

    @property
    def begins(self) -> str:
        """The text that stands before the request id in the log, at the beginning of an invocation."""

    @property
    def ends(self) -> str:
        """The text that stands before the request id in the log, at the end of an invocation."""

    @property
    def plain(self) -> bool:
        """Tell whether event, context and result are plain JSON values.

        If not, the event is bytes, the context an object, and the result bytes, text or a JSON value.
        """

    @property
    def retries(self) -> tuple[float, ...]:
        """The seconds to wait before each retry of an event on which the function failed."""

    @property
    def tasks(self) -> bool:
        """Tell whether clients may ask for the state of asynchronous invocations though no deployment says so."""

    @property
    def reserved(self) -> tuple[str, ...]:
        """The texts with which no environment variable of a function may begin, because the platform has its own."""

    @property
    def services(self) -> bool:
        """Tell whether a function may belong to a service, which has a name."""

    @property
    def runtimes(self) -> tuple[str, ...]:
        """The Python runtimes that a function may name. A function that names none gets the first."""

    @property
    def custom(self) -> CustomRuntime | None:
        """The runtimes in which a function is a program that serves HTTP, if the platform has such."""

    @property
    def function_fields(self) -> FieldTypes:
        """The fields of a function that only this platform has, by the vendor's names."""

    def settings(self, fields: Mapping[str, object], custom: bool = False) -> Settings:
        """Return what those fields of a function say, which may be of a `custom` runtime.

        ValueError says what is wrong with them.
        """

    def broken(self, function: Function, ending: Ending, message: str, kind: str) -> tuple[str, str]:
        """Return the message and the type of the error of an instance that was ended, in this platform's words.

        `message` and `kind` are those of Function Compute.
        """

    def message(self, function: Function, event: Ended) -> bytes:
        """Return what a destination gets to know of an asynchronous invocation that has ended."""

    @property
    def trigger_fields(self) -> FieldTypes:
        """The fields of a trigger that only this platform has, beside bucket, events, prefix and suffix."""

    def trigger(self, function: str, fields: Mapping[str, object]) -> TriggerRule:
        """Return the rule that the fields of a trigger describe. ValueError says what is wrong with them."""

    def url(self, function: Function, fields: Mapping[str, object]) -> UrlTrigger:
        """Return the trigger by which clients call the function over HTTP. ValueError says what is wrong with it."""

    def variables(self, function: Function) -> Mapping[str, str]:
        """Return the platform's environment variables for a new process, without credentials."""

    def credentials(self, key: Key) -> Mapping[str, str]:
        """Return the environment variables that hold the key. They change when the key does."""

    def context(self, function: Function, key: Key, request_id: str) -> Mapping[str, object]:
        """Return the second argument of the handler, made of JSON values.

        For a function of a custom runtime these are the headers that it gets with every request.
        """
