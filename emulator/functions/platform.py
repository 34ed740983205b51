"""What differs between the clouds that run functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from emulator.core.parts import Key
from emulator.functions.function import Function


class Platform(Protocol):
    @property
    def name(self) -> str:
        """Short, as in the headers of an answer: Fc, Scf."""

    @property
    def begins(self) -> str:
        """Begins the line, ended by the request id, that is written to the log before an invocation."""

    @property
    def ends(self) -> str:
        """As `begins`, behind the invocation."""

    @property
    def plain(self) -> bool:
        """Whether event, context and result are what JSON knows; else bytes, an object, and bytes, text or JSON."""

    @property
    def retries(self) -> tuple[float, ...]:
        """Seconds to wait before each retry of an event whose function failed."""

    def variables(self, function: Function) -> Mapping[str, str]:
        """The platform's environment variables of a new process, without credentials."""

    def credentials(self, key: Key) -> Mapping[str, str]:
        """Environment variables that follow the key from one invocation to the next."""

    def context(self, function: Function, key: Key, request_id: str) -> Mapping[str, object]:
        """The handler's second argument, ready for JSON."""
