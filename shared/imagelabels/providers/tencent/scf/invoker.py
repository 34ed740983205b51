"""Invokes functions of SCF: the operation Invoke of the API of 2018-04-16."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.scf.v20180416.models import (
    GetRequestStatusRequest,
    InvokeRequest,
    Result,
    TerminateAsyncEventRequest,
)
from tencentcloud.scf.v20180416.scf_client import ScfClient

from imagelabels.domain import calls
from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.invocations import Reply
from imagelabels.domain.tasks import Task, TaskState, TaskStatus, checked_task_id
from imagelabels.providers.kit.platform import ACCEPT, ANSWER, CONNECT, checked
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.session import NoRedirects
from imagelabels.providers.tencent.credentials import TencentCredentials
from imagelabels.providers.tencent.scf import results
from imagelabels.providers.tencent.scf.client import CONNECTIONS, opened
from imagelabels.providers.tencent.scf.failures import calling

READ = 310.0
"""An answer is waited for so many seconds. The operation itself ends after 300:
https://cloud.tencent.com/document/api/583/17243"""

BEIJING, TIME = timezone(timedelta(hours=8)), "%Y-%m-%d %H:%M:%S"
KEPT, LATER = timedelta(days=3), timedelta(minutes=5)
"""The states of so long are asked for, and the clocks of this machine and of the platform may differ by so much:
https://cloud.tencent.com/document/product/583/63969."""

NO_TASK = ("ResourceNotFound.AsyncEvent", "FailedOperation.AsyncEventStatus")
"""The task is not there, or has a state in which it cannot be stopped."""

_NAME = "[A-Za-z](?:[A-Za-z0-9_-]{0,58}[A-Za-z0-9])?"
"""A function is called so: https://cloud.tencent.com/document/api/583/18586"""


class ScfInvoker:
    """This is an Invoker of one region. `endpoint` is http:// or https://, or empty for the vendor's own address.

    Time-outs are in seconds. The SDK sends a request once.
    """

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: TencentCredentials,
        connect: float = CONNECT,
        read: float = READ,
        proxies: Proxies = DIRECT,
    ) -> None:
        if not region:
            raise Misconfigured("TENCENTCLOUD_REGION is not set: name the function's region, as ap-guangzhou")
        self._endpoint, self._region, self._credentials = endpoint, region, credentials
        self._connect, self._read = connect, read
        self._session = NoRedirects(proxies, CONNECTIONS)

    def close(self) -> None:
        self._session.close()

    def invoke(self, function: str, event: bytes) -> Reply:
        return results.reply(self._send(function, event, "RequestResponse", self._read), _call(function))

    def enqueue(self, function: str, event: bytes) -> str:
        return str(self._send(function, event, "Event", min(self._read, ACCEPT)).FunctionRequestId or "")

    def start(self, function: str, event: bytes, task_id: str) -> Task:
        checked_task_id(task_id)
        return Task(self.enqueue(function, event))

    def state(self, function: str, task_id: str) -> TaskState:
        """Return the state. The platform forgets it after three days, and tells nothing of a task that waits."""
        request, now = GetRequestStatusRequest(), datetime.now(BEIJING)
        request.FunctionName, request.FunctionRequestId = _name(function), task_id
        request.StartTime, request.EndTime = f"{now - KEPT:{TIME}}", f"{now + LATER:{TIME}}"
        answer = self._ask("GetRequestStatus", function, lambda client: client.GetRequestStatus(request))
        runs = [run for run in getattr(answer, "Data", None) or () if run.RequestId == task_id]
        return results.state(max(runs, key=lambda run: run.RetryNum or 0)) if runs else TaskState(TaskStatus.UNKNOWN)

    def stop(self, function: str, task_id: str) -> None:
        """Stop the task. The platform stops only those of functions that run asynchronously, and leaves the others."""
        request = TerminateAsyncEventRequest()
        request.FunctionName, request.InvokeRequestId = _name(function), task_id
        self._ask("TerminateAsyncEvent", function, lambda client: client.TerminateAsyncEvent(request))

    def _ask(self, operation: str, name: str, send: Callable[[ScfClient], Any]) -> Any:
        """Return the answer about a task; None if the task is not there, or is over."""
        keys = self._credentials.keys
        with calling(Call(operation, f"scf:{operation}", name), keys.token is not None):
            client = opened(self._endpoint, self._region, keys, (self._connect, min(self._read, ACCEPT)), self._session)
            try:
                return send(client)
            except TencentCloudSDKException as error:
                if error.__context__ is not None or error.get_code() not in NO_TASK:
                    raise
                return None

    def _send(self, function: str, event: bytes, kind: str, read: float) -> Result:
        name = _name(function)
        request, keys = InvokeRequest(), self._credentials.keys
        request.FunctionName, request.InvocationType, request.ClientContext = name, kind, event.decode()
        with calling(_call(name), keys.token is not None):
            client = opened(self._endpoint, self._region, keys, (self._connect, read), self._session)
            result = client.Invoke(request).Result
        if result is None:
            raise calls.raised(ANSWER, _call(name), ["no Result"], "")
        return result


def _call(function: str) -> Call:
    return Call("Invoke", "scf:Invoke", function)


def _name(function: str) -> str:
    return checked(function, _NAME, "NAME, as imagelabels-label")
