"""Invokes functions of Function Compute 3.0: InvokeFunction of the API of 2023-03-30."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from alibabacloud_fc20230330.client import Client
from alibabacloud_fc20230330.models import InvokeFunctionHeaders, InvokeFunctionRequest
from darabonba.runtime import RuntimeOptions

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.invocations import Reply, failure_of
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

    def _send(self, function: str, event: bytes, kind: str, read: float) -> Any:
        if "/" in function:
            raise Misconfigured(f"{function!r} is in a service of Function Compute 2.0: add --through fc2")
        name = checked(function, NAME, "NAME, as imagelabels-label")
        runtime = RuntimeOptions(connect_timeout=_milliseconds(self._connect), read_timeout=_milliseconds(read))
        headers = InvokeFunctionHeaders(x_fc_invocation_type=kind)
        temporary = self._credentials.get_credentials().temporary
        with calling(Call("InvokeFunction", PERMISSION, name), temporary):
            request = InvokeFunctionRequest(body=BytesIO(event))
            answer = self._client.invoke_function_with_options(name, request, headers, runtime)
            if answer.status_code >= 300:
                raise ValueError(f"the answer has status {answer.status_code}")
            return answer


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
