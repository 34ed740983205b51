"""Defines what differs between the versions of the API of Function Compute, and finds functions by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from emulator.core.http_request import HttpRequest
from emulator.core.refusal import Refusal
from emulator.functions.running import RunningFunction
from emulator.functions.tasks import Task


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a request asks for: an operation by its name in FC 3.0, a function, and a task of it, if there is one."""

    operation: str
    function: RunningFunction
    task_id: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """An operation on a function: its method, the rest of its path, and the parameters that it takes.

    ID in the path stands for the id of a task.
    """

    operation: str
    method: str
    rest: str
    parameters: tuple[str, ...] = ()


INVOKE, LIST, GET, STOP = "InvokeFunction", "ListAsyncTasks", "GetAsyncTask", "StopAsyncTask"
FILTERS = ("limit", "nextToken", "prefix", "sortOrderByTime", "startedTimeBegin", "startedTimeEnd", "status")
PUT_ASYNC, GET_ASYNC, DELETE_ASYNC = "PutAsyncInvokeConfig", "GetAsyncInvokeConfig", "DeleteAsyncInvokeConfig"
PUT_LIMIT, GET_LIMIT, DELETE_LIMIT = "PutConcurrencyConfig", "GetConcurrencyConfig", "DeleteConcurrencyConfig"


def routed(routes: Sequence[Route], received: HttpRequest, rest: str) -> tuple[Route, str] | None:
    """Return the route of a request with that rest of its path, and the id of the task that it names."""
    for route in routes:
        address = re.fullmatch(route.rest.replace("ID", "([^/]+)"), rest)
        if address is not None and received.method == route.method:
            return route, "".join(address.groups())
    return None


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

    def addressed(self, functions: Sequence[RunningFunction], received: HttpRequest, path: str) -> Addressed:
        """Return what the request asks for. Raise a Refusal if there is no such operation, or no such function."""

    def document(self, code: str, message: str, request_id: str) -> dict[str, str]:
        """Return the error document."""

    @property
    def task_header(self) -> str:
        """The header in which an invocation has the id of its task, in lower case."""

    @property
    def codes(self) -> Mapping[str, str]:
        """The codes of this version for what another version has another code for."""

    def task(self, function: RunningFunction, task: Task, whole: bool) -> dict[str, object]:
        """Return the document of a task, with payload and answer if it is `whole`."""

    @property
    def list_of_tasks(self) -> str:
        """The field that has the tasks in the answer of ListAsyncTasks."""

    @property
    def switch_of_tasks(self) -> str:
        """The field of the asynchronous configuration that makes tasks of invocations."""


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


def only_parameters(received: HttpRequest, operation: str, *known: str) -> None:
    """Raise a Refusal that names a parameter which is not among the known ones."""
    if unknown := received.query.keys() - set(known):
        raise Refusal("InvalidArgument", f"The emulator's {operation} does not take {min(unknown)[:100]}.")


LATEST = "LATEST"
"""The one version of a function here."""


def check_qualifier(qualifier: str, owner: str) -> None:
    """Raise a Refusal unless the qualifier is empty or LATEST. `owner` is what has versions, as in service 'a'."""
    if qualifier in ("", LATEST):
        return
    if qualifier.isascii() and qualifier.isdigit():
        raise Refusal("VersionNotFound", f"version '{qualifier[:100]}' of {owner} does not exist")
    raise Refusal("AliasNotFound", f"alias '{qualifier[:100]}' of {owner} does not exist")
