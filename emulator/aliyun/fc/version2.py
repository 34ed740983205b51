"""The API of FC 2.0, whose functions belong to services. A function without a service cannot be reached by it.

Signatures are those that the vendor's client makes (fc2/auth.py). They do not cover the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime

from emulator.aliyun.fc import async_tasks
from emulator.aliyun.fc.versions import (
    DELETE_ASYNC,
    FILTERS,
    GET,
    GET_ASYNC,
    INVOKE,
    LIST,
    PUT_ASYNC,
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
from emulator.core.keyring import Keyring, same_secret
from emulator.core.parts import Key
from emulator.core.refusal import Refusal
from emulator.functions.running import RunningFunction
from emulator.functions.tasks import Task

FUNCTION = re.compile(r"/2016-08-15/services/([^/.]+)(?:\.([^/]*))?/functions/([^/]+)/(.+)")
"""The name of a service may be followed by a dot and a qualifier."""
ROUTES = (
    Route(INVOKE, "POST", "invocations"),
    Route(LIST, "GET", "stateful-async-invocations", ("includePayload", "qualifier", *FILTERS)),
    Route(GET, "GET", "stateful-async-invocations/ID", ("qualifier",)),
    Route(STOP, "PUT", "stateful-async-invocations/ID", ("qualifier",)),
    Route(PUT_ASYNC, "PUT", "async-invoke-config"),
    Route(GET_ASYNC, "GET", "async-invoke-config"),
    Route(DELETE_ASYNC, "DELETE", "async-invoke-config"),
)
"""https://www.alibabacloud.com/help/en/fc/developer-reference/api-getstatefulasyncinvocation and its neighbours."""
# Unproven skew-of-fc2: Function Compute 2.0 refuses a request whose date is wrong by more than 900 seconds.
# Why: no page was found that tells the limit.
# Ask: invoke a function of a service with dates that are 840, 960 and 3660 seconds old: which are refused.
SKEW = 900
"""A request is refused if its date is wrong by more seconds than this."""


class Version2:
    """Its requests have signatures of the form `FC id:signature`. `clock` gives seconds since the epoch.

    A wrong signature is refused with the codes that AcsGate has.
    """

    prefix = "/2016-08-15/"
    task_header = "x-fc-stateful-async-invocation-id"
    list_of_tasks, switch_of_tasks = "invocations", "statefulInvocation"
    codes: Mapping[str, str] = {
        "AsyncTaskAlreadyCompleted": "StatefulAsyncInvocationAlreadyCompleted",
        "AsyncTaskAlreadyExists": "StatefulAsyncInvocationAlreadyExists",
        "AsyncTaskNotFound": "StatefulAsyncInvocationNotFound",
    }

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._keyring, self._clock = keyring, clock

    def signed(self, authorization: str, headers: Sequence[str]) -> bool:
        return authorization.startswith("FC ")

    def check_head(self, received: HttpRequest, path: str) -> None:
        form, _, rest = received.header("authorization").partition(" ")
        key_id, colon, theirs = rest.partition(":")
        if form != "FC" or not colon:
            raise Refusal("IncompleteSignature")
        key = self._key(key_id, received.header("x-fc-security-token"))
        self._check_date(received.header("date"))
        if not same_secret(signature(key.secret, received, path), theirs):
            raise Refusal("SignatureDoesNotMatch")

    def _key(self, key_id: str, token: str) -> Key:
        key = self._keyring.find(key_id)
        if key is None:
            raise Refusal("InvalidAccessKeyId.NotFound", details={"AccessKeyId": key_id})
        if key.expired(self._clock()):
            raise Refusal("InvalidSecurityToken.Expired")
        if not same_secret(key.token or "", token):
            raise Refusal("InvalidSecurityToken.MismatchWithAccessKey")
        return key

    def _check_date(self, date: str) -> None:
        try:
            at = parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError, IndexError, OverflowError):
            raise Refusal("InvalidTimeStamp.Format") from None
        if abs(at - self._clock()) > SKEW:
            raise Refusal("InvalidTimeStamp.Expired")

    def check_body(self, received: HttpRequest, body: bytes) -> None:
        digest = received.header("content-md5")
        ours = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        if digest and digest != ours:
            raise Refusal("InvalidArgument", "The header Content-MD5 is not that of the body.")

    def addressed(self, functions: Sequence[RunningFunction], received: HttpRequest, path: str) -> Addressed:
        address = FUNCTION.fullmatch(path)
        found = routed(ROUTES, received, address[4]) if address is not None else None
        if address is None or found is None:
            raise not_supported(received, path)
        route, task_id = found
        only_parameters(received, route.operation, *route.parameters)
        service, qualifier, name, _ = address.groups(default="")
        if all(function.deployed.function.service != service for function in functions):
            raise Refusal("ServiceNotFound", f"service '{service[:100]}' does not exist")
        check_qualifier(qualifier, f"service '{service}'")
        function = named(functions, name, service)
        if function is None:
            raise Refusal("FunctionNotFound", f"function '{name[:100]}' does not exist in service '{service}'")
        return Addressed(route.operation, function, task_id)

    def document(self, code: str, message: str, request_id: str) -> dict[str, str]:
        """Return the fields that the vendor's client reads. The page on errors writes them with small letters."""
        return {"ErrorCode": code, "ErrorMessage": message}

    def task(self, function: RunningFunction, task: Task, whole: bool) -> dict[str, object]:
        """Return the fields of https://www.alibabacloud.com/help/en/functioncompute/api-fc-open-2021-04-06-struct-statefulasyncinvocation."""
        document = async_tasks.document(function, task, whole)
        named = {async_tasks.NAMES_OF_VERSION_2.get(name, name): value for name, value in document.items()}
        ours = function.deployed.function
        return {**named, "functionName": ours.name, "serviceName": ours.service}


def signature(secret: str, received: HttpRequest, path: str) -> str:
    """Return the signature of a request with this decoded path."""
    lines = [received.method, *(received.header(name) for name in ("content-md5", "content-type", "date"))]
    ours = sorted(name for name in received.headers if name.startswith("x-fc-"))
    lines += [f"{name}:{received.header(name)}" for name in ours]
    text = "\n".join([*lines, path])
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("utf-8", "surrogateescape"), "sha256")).decode()
