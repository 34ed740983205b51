"""The requests that the program of a custom runtime serves as they come, and its answers."""

from __future__ import annotations

from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]
"""Headers in the order in which they came, each with its name as it was written."""


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A client's request. `target` is the path with its query, both as the client wrote them."""

    method: str
    target: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """The head of a program's answer."""

    status: int
    headers: Headers
