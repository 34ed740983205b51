"""Defines what differs between the versions of the API of Function Compute, and finds functions by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from emulator.core.http_request import HttpRequest
from emulator.core.refusal import Refusal
from emulator.functions.running import RunningFunction


class ApiVersion(Protocol):
    """One version of the API."""

    @property
    def prefix(self) -> str:
        """The text with which all its paths begin."""

    def signed(self, authorization: str, headers: Sequence[str]) -> bool:
        """Tell by the header Authorization, and by the names of all headers, whether a request is signed for it."""

    def check_head(self, received: HttpRequest, path: str) -> None:
        """Raise a Refusal unless the head of the request is signed with a key that is known and valid now.

        `path` is decoded.
        """

    def check_body(self, received: HttpRequest, body: bytes) -> None:
        """Raise a Refusal unless the body is the one that was signed."""

    def function(self, functions: Sequence[RunningFunction], received: HttpRequest, path: str) -> RunningFunction:
        """Return the function that the decoded path names. Raise a Refusal if the path is none of an invocation."""

    def document(self, code: str, message: str, request_id: str) -> dict[str, str]:
        """Return the error document."""


def named(functions: Sequence[RunningFunction], name: str, service: str | None = None) -> RunningFunction | None:
    """Return the function of Function Compute with this name, in the service if one is named."""
    for running in functions:
        function = running.deployed.function
        ours = running.deployed.platform.cloud == "aliyun" and function.name == name
        if ours and service in (None, function.service):
            return running
    return None


def not_supported(received: HttpRequest, path: str) -> Refusal:
    return Refusal("PathNotSupported", f"'{received.method}' against '{path[:200]}' is not supported")


def only_parameters(received: HttpRequest, *known: str) -> None:
    """Raise a Refusal that names a parameter which is not among the known ones."""
    if unknown := received.query.keys() - set(known):
        raise Refusal("InvalidArgument", f"The emulator's InvokeFunction does not take {min(unknown)[:100]}.")


LATEST = "LATEST"
"""The one version of a function here."""


def check_qualifier(qualifier: str, owner: str) -> None:
    """Raise a Refusal unless the qualifier is empty or LATEST. `owner` is what has versions, as in service 'a'."""
    if qualifier in ("", LATEST):
        return
    if qualifier.isascii() and qualifier.isdigit():
        raise Refusal("VersionNotFound", f"version '{qualifier[:100]}' of {owner} does not exist")
    raise Refusal("AliasNotFound", f"alias '{qualifier[:100]}' of {owner} does not exist")
