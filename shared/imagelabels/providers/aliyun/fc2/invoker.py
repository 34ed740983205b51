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
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.fc2.failures import calling
from imagelabels.providers.aliyun.fc_meanings import NAME, PERMISSION, READ
from imagelabels.providers.kit.platform import ACCEPT, CONNECT, checked
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.session import NoRedirects

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

    def _do_request(
        self, method: str, path: str, headers: Mapping[str, str], params: Any = None, body: bytes | None = None
    ) -> requests.Response:
        url, sent = f"{self.endpoint}{path}", {"params": params, "data": body, "headers": headers}
        response = self._our_session.request(method, url, timeout=self.timeout, **sent)
        request_id = response.headers.get("x-fc-request-id", "")
        if response.status_code >= 300:
            refusal = _refusal(response)
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

    def _send(self, function: str, event: bytes, kind: str, read: float) -> Any:
        if "/" not in function:
            raise Misconfigured(f"{function!r} names no service: write SERVICE/NAME for a function of a 2.0 service")
        checked(function, f"{NAME}/{NAME}", "SERVICE/NAME, as pictures/label")
        service, _, name = function.partition("/")
        keys = self._credentials.get_credentials()
        options = {"accessKeyID": keys.key_id, "accessKeySecret": keys.secret, "securityToken": keys.token or ""}
        with calling(Call("InvokeFunction", PERMISSION, function), keys.temporary):
            # The SDK keeps the keys that it was made with, so no client is kept.
            client = _Client(self._session, (self._connect, read), endpoint=self._endpoint, **options)
            return client.invoke_function(service, name, event, {"x-fc-invocation-type": kind})


def _refusal(response: requests.Response) -> dict[str, str]:
    """Read what a refusal says, in either spelling of the vendor's pages, however little of it is there.

    A message that repeats a key is left out.
    """
    try:
        fields = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(fields, dict):
        return {}
    refusal = {f"{name[:1].upper()}{name[1:]}": str(value) for name, value in fields.items()}
    return {name: value for name, value in refusal.items() if calls.may_be_quoted(value)}
