"""Invokes functions of Function Compute 3.0: InvokeFunction of the API of 2023-03-30."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from alibabacloud_fc20230330.client import Client
from alibabacloud_fc20230330.models import (
    GetAsyncTaskRequest,
    InvokeFunctionHeaders,
    InvokeFunctionRequest,
    StopAsyncTaskRequest,
)
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.invocations import Reply, failure_of
from imagelabels.domain.tasks import Task, TaskState, TaskStatus, checked_task_id
from imagelabels.providers.aliyun import fc_tasks
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.fc3.failures import calling
from imagelabels.providers.aliyun.fc_meanings import NAME, PERMISSION, READ
from imagelabels.providers.aliyun.openapi import opened
from imagelabels.providers.kit.platform import ACCEPT, CONNECT, checked
from imagelabels.providers.kit.proxies import DIRECT, Proxies

CONNECTIONS = 4
"""A client keeps so many connections open."""


class Fc3Invoker:
    """This is an Invoker at an endpoint, http:// or https://. The SDK sends each request once. Time-outs are in
    seconds."""

    def __init__(
        self,
        endpoint: str,
        credentials: AliyunCredentials,
        connect: float = CONNECT,
        read: float = READ,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._credentials, self._connect, self._read = credentials, connect, read
        self._client, self._session = opened(Client, endpoint, credentials, CONNECTIONS, proxies)

    def close(self) -> None:
        self._session.close()

    def invoke(self, function: str, event: bytes) -> Reply:
        answer = self._send(function, event, "Sync", self._read)
        body, kind = answer.body.read(), answer.headers.get("x-fc-error-type")
        request_id = answer.headers.get("x-fc-request-id", "")
        return Reply(request_id, failure=failure_of(kind, body)) if kind else Reply(request_id, body)

    def enqueue(self, function: str, event: bytes) -> str:
        answer = self._send(function, event, "Async", min(self._read, ACCEPT))
        return str(answer.headers.get("x-fc-request-id", ""))

    def start(self, function: str, event: bytes, task_id: str) -> Task:
        answer = self._send(function, event, "Async", min(self._read, ACCEPT), checked_task_id(task_id))
        return Task(task_id, already_there=answer is None)

    def state(self, function: str, task_id: str) -> TaskState:
        send = partial(self._client.get_async_task_with_options, _name(function), checked_task_id(task_id))
        answer = self._ask("GetAsyncTask", function, partial(send, GetAsyncTaskRequest()))
        if answer is None:
            return TaskState(TaskStatus.UNKNOWN)
        body = answer.body
        return fc_tasks.state(str(body.status), body.task_error_message or "", body.return_payload or "")

    def stop(self, function: str, task_id: str) -> None:
        send = partial(self._client.stop_async_task_with_options, _name(function), checked_task_id(task_id))
        self._ask("StopAsyncTask", function, partial(send, StopAsyncTaskRequest()))

    def _ask(self, operation: str, name: str, send: Callable[..., Any]) -> Any:
        """Return the answer about a task; None if the task is not there, or is over."""
        with calling(Call(operation, f"fc:{operation}", name), self._credentials.get_credentials().temporary):
            try:
                return send({}, self._runtime(min(self._read, ACCEPT)))
            except AlibabaCloudException as error:
                status = error.status_code or 0
                if status != fc_tasks.OVER and not fc_tasks.is_missing(status, error.code or ""):
                    raise
                return None

    def _send(self, function: str, event: bytes, kind: str, read: float, task_id: str | None = None) -> Any:
        """Return the answer; None if there is a task with the id already."""
        name = _name(function)
        headers = InvokeFunctionHeaders(x_fc_invocation_type=kind, x_fc_async_task_id=task_id)
        temporary = self._credentials.get_credentials().temporary
        with calling(Call("InvokeFunction", PERMISSION, name), temporary):
            request = InvokeFunctionRequest(body=BytesIO(event))
            try:
                answer = self._client.invoke_function_with_options(name, request, headers, self._runtime(read))
            except AlibabaCloudException as error:
                if task_id is None or error.status_code != fc_tasks.ALREADY_THERE:
                    raise
                return None
            if answer.status_code >= 300:
                raise ValueError(f"the answer has status {answer.status_code}")
            return answer

    def _runtime(self, read: float) -> RuntimeOptions:
        return RuntimeOptions(connect_timeout=_milliseconds(self._connect), read_timeout=_milliseconds(read))


def _name(function: str) -> str:
    if "/" in function:
        raise Misconfigured(f"{function!r} is in a service of Function Compute 2.0: add --through fc2")
    return checked(function, NAME, "NAME, as imagelabels-label")


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
