"""Invokes functions in services of Function Compute 2.0, which the API of 3.0 does not reach.

The SDK writes the path and signs the request. It does not send it: its own way takes keys from the user's .netrc file,
sends again up to five times if there is no connection, and writes headers with the token to the log if that fails.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from typing import Any

import fc2
import requests
from fc2.fc_exceptions import FcError

from imagelabels.domain import calls
from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.invocations import Failure, Reply, failure_of
from imagelabels.domain.tasks import Task, TaskState, TaskStatus, checked_task_id
from imagelabels.providers.aliyun import fc_tasks
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.fc2.failures import calling
from imagelabels.providers.aliyun.fc_meanings import NAME, PERMISSION, READ
from imagelabels.providers.kit.platform import ACCEPT, CONNECT, checked
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.session import NoRedirects

TASK_HEADER = "x-fc-stateful-async-invocation-id"

CONNECTIONS = 4
"""A client keeps so many connections open."""

_SOURCES = os.path.dirname(str(fc2.__file__))


def _is_harmless(record: logging.LogRecord) -> bool:
    """Tell whether a line of the log may be written: the SDK logs the text that it signs, with the token in it."""
    return os.path.dirname(record.pathname) != _SOURCES


# The SDK has no logger of its own.
logging.getLogger().addFilter(_is_harmless)


class _FunctionFailed(Exception):
    """The function ran and failed. The SDK would log this before it raised an error of its own."""

    def __init__(self, request_id: str, failure: Failure) -> None:
        super().__init__(str(failure))
        self.reply = Reply(request_id, failure=failure)


class _Client(fc2.Client):  # type: ignore[misc]  # the SDK has no types
    """It sends each request once, with our session."""

    def __init__(self, session: requests.Session, timeout: tuple[float, float], **options: Any) -> None:
        super().__init__(**options)
        self._our_session, self.timeout = session, timeout

    def ask(self, method: str, path: str) -> requests.Response:
        """Send a request without a body for a path below the version of the API."""
        whole = f"/{self.api_version}{path}"
        return self._do_request(method, whole, self._build_common_headers(method, whole))

    def _do_request(
        self, method: str, path: str, headers: Mapping[str, str], params: Any = None, body: bytes | None = None
    ) -> requests.Response:
        url, sent = f"{self.endpoint}{path}", {"params": params, "data": body, "headers": headers}
        response = self._our_session.request(method, url, timeout=self.timeout, **sent)
        request_id = response.headers.get("x-fc-request-id", "")
        if response.status_code >= 300:
            refusal = _refusal(response.content)
            raise FcError(
                refusal.get("ErrorMessage", ""), response.status_code, refusal.get("ErrorCode", ""), request_id
            )
        if kind := response.headers.get("x-fc-error-type"):
            raise _FunctionFailed(request_id, failure_of(kind, response.content))
        return response


class Fc2Invoker:
    """This is an Invoker at an endpoint, http:// or https://. Time-outs are in seconds."""

    def __init__(
        self,
        endpoint: str,
        credentials: AliyunCredentials,
        connect: float = CONNECT,
        read: float = READ,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._endpoint, self._credentials, self._connect, self._read = endpoint, credentials, connect, read
        self._session = NoRedirects(proxies, CONNECTIONS)

    def close(self) -> None:
        self._session.close()

    def invoke(self, function: str, event: bytes) -> Reply:
        try:
            answer = self._send(function, event, "Sync", self._read)
        except _FunctionFailed as failed:
            return failed.reply
        return Reply(str(answer.headers.get("x-fc-request-id", "")), bytes(answer.data))

    def enqueue(self, function: str, event: bytes) -> str:
        answer = self._send(function, event, "Async", min(self._read, ACCEPT))
        return str(answer.headers.get("x-fc-request-id", ""))

    def start(self, function: str, event: bytes, task_id: str) -> Task:
        answer = self._send(function, event, "Async", min(self._read, ACCEPT), checked_task_id(task_id))
        return Task(task_id, already_there=answer is None)

    def state(self, function: str, task_id: str) -> TaskState:
        answer = self._ask("GetStatefulAsyncInvocation", "GET", function, task_id)
        if answer is None:
            return TaskState(TaskStatus.UNKNOWN)
        told = _fields(answer.content)
        return fc_tasks.state(*(told.get(name, "") for name in ("Status", "InvocationErrorMessage", "ReturnPayload")))

    def stop(self, function: str, task_id: str) -> None:
        self._ask("StopStatefulAsyncInvocation", "PUT", function, task_id)

    def _ask(self, operation: str, method: str, function: str, task_id: str) -> requests.Response | None:
        """Return the answer about a task; None if the task is not there, or is over.

        The SDK has no methods for these operations, so it gets their paths, of the vendor's pages:
        https://www.alibabacloud.com/help/en/fc/developer-reference/api-getstatefulasyncinvocation
        """
        service, name = _names(function)
        path = f"/services/{service}/functions/{name}/stateful-async-invocations/{checked_task_id(task_id)}"
        keys = self._credentials.get_credentials()
        with calling(Call(operation, f"fc:{operation}", function), keys.temporary):
            try:
                return self._client(keys, min(self._read, ACCEPT)).ask(method, path)
            except FcError as error:
                missing = fc_tasks.is_missing(error.status_code, str(error.err_code or ""))
                if error.status_code != fc_tasks.OVER and not missing:
                    raise
                return None

    def _send(self, function: str, event: bytes, kind: str, read: float, task_id: str | None = None) -> Any:
        """Return the answer; None if there is a task with the id already."""
        service, name = _names(function)
        keys = self._credentials.get_credentials()
        headers = {"x-fc-invocation-type": kind, **({TASK_HEADER: task_id} if task_id is not None else {})}
        with calling(Call("InvokeFunction", PERMISSION, function), keys.temporary):
            try:
                return self._client(keys, read).invoke_function(service, name, event, headers)
            except FcError as error:
                if task_id is None or error.status_code != fc_tasks.ALREADY_THERE:
                    raise
                return None

    def _client(self, keys: AliyunKeys, read: float) -> _Client:
        """Return a client for one request. The SDK keeps the keys that it was made with, so no client is kept."""
        options = {"accessKeyID": keys.key_id, "accessKeySecret": keys.secret, "securityToken": keys.token or ""}
        return _Client(self._session, (self._connect, read), endpoint=self._endpoint, **options)


def _names(function: str) -> tuple[str, str]:
    """Return the names of the service and of the function."""
    if "/" not in function:
        raise Misconfigured(f"{function!r} names no service: write SERVICE/NAME for a function of a 2.0 service")
    service, _, name = checked(function, f"{NAME}/{NAME}", "SERVICE/NAME, as pictures/label").partition("/")
    return service, name


def _refusal(content: bytes) -> dict[str, str]:
    """Read what a refusal says. A message that repeats a key is left out."""
    return {name: value for name, value in _fields(content).items() if calls.may_be_quoted(value)}


def _fields(content: bytes) -> dict[str, str]:
    """Read the fields of a document, in either spelling of the vendor's pages, however little of it is there."""
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(fields, dict):
        return {}
    return {f"{name[:1].upper()}{name[1:]}": str(value) for name, value in fields.items() if value is not None}
