"""The API of FC 3.0, whose functions belong to no service."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from emulator.aliyun import acs
from emulator.aliyun.fc import async_tasks
from emulator.aliyun.fc.versions import (
    DELETE_ASYNC,
    DELETE_LIMIT,
    FILTERS,
    GET,
    GET_ASYNC,
    GET_LIMIT,
    INVOKE,
    LIST,
    PUT_ASYNC,
    PUT_LIMIT,
    STOP,
    Addressed,
    Route,
    check_qualifier,
    named,
    not_supported,
    only_parameters,
    routed,
)
from emulator.core.http_request import HttpRequest
from emulator.core.keyring import Keyring
from emulator.core.refusal import Refusal
from emulator.functions.running import RunningFunction
from emulator.functions.tasks import Task

FUNCTION = re.compile(r"/2023-03-30/functions/([^/]+)/(.+)")
ROUTES = (
    Route(INVOKE, "POST", "invocations", ("qualifier",)),
    Route(LIST, "GET", "async-tasks", ("qualifier", "includePayload", *FILTERS)),
    Route(GET, "GET", "async-tasks/ID", ("qualifier",)),
    Route(STOP, "PUT", "async-tasks/ID/stop", ("qualifier",)),
    Route(PUT_ASYNC, "PUT", "async-invoke-config", ("qualifier",)),
    Route(GET_ASYNC, "GET", "async-invoke-config", ("qualifier",)),
    Route(DELETE_ASYNC, "DELETE", "async-invoke-config", ("qualifier",)),
    Route(PUT_LIMIT, "PUT", "concurrency"),
    Route(GET_LIMIT, "GET", "concurrency"),
    Route(DELETE_LIMIT, "DELETE", "concurrency"),
)


class Version3:
    """Its requests have signatures of the form ACS3-HMAC-SHA256."""

    prefix = "/2023-03-30/"
    task_header = "x-fc-async-task-id"
    list_of_tasks, switch_of_tasks = "tasks", "asyncTask"
    codes: Mapping[str, str] = {}

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._gate = acs.AcsGate(keyring, clock)

    def signed(self, authorization: str, headers: Sequence[str]) -> bool:
        return authorization.startswith("ACS3-") or "x-acs-action" in headers

    def check_head(self, received: HttpRequest, path: str) -> None:
        self._gate.check(received, received.request.raw_path.partition("?")[0])

    def check_body(self, received: HttpRequest, body: bytes) -> None:
        acs.check_body(received, body)

    def addressed(self, functions: Sequence[RunningFunction], received: HttpRequest, path: str) -> Addressed:
        address = FUNCTION.fullmatch(path)
        found = routed(ROUTES, received, address[2]) if address is not None else None
        if address is None or found is None:
            raise not_supported(received, path)
        (route, task_id), name = found, address[1]
        only_parameters(received, route.operation, *route.parameters)
        function = named(functions, name)
        if function is None:
            raise Refusal("FunctionNotFound", f"function '{name[:100]}' does not exist")
        check_qualifier(received.query.get("qualifier", ""), f"function '{name}'")
        return Addressed(route.operation, function, task_id)

    def document(self, code: str, message: str, request_id: str) -> dict[str, str]:
        """Return the fields that the vendor's client reads."""
        return {"Code": code, "Message": message, "RequestId": request_id}

    def task(self, function: RunningFunction, task: Task, whole: bool) -> dict[str, object]:
        return async_tasks.document(function, task, whole)
