"""An emulated control plane of Function Compute 3.0, which tells how functions are deployed and checks signatures."""

from __future__ import annotations

import json
import time
import urllib.parse
from typing import Any

from aiohttp import web

from emulator.aliyun.acs import AcsGate
from emulator.core.http_request import HttpRequest, headers_of, split
from emulator.core.keyring import Keyring
from emulator.core.refusal import Refusal
from emulator.core.service import Host

PATHS = {
    "GetFunction": "",
    "GetAsyncInvokeConfig": "/async-invoke-config",
    "GetConcurrencyConfig": "/concurrency",
    "ListTriggers": "/triggers",
}
LIST = "/2023-03-30/functions"
BEGINS = f"{LIST}/"


class FunctionControl:
    """This is a service of the emulator. `answers` are those for the functions by operation and name."""

    host_names = ""

    def __init__(self, keyring: Keyring) -> None:
        self._gate = AcsGate(keyring, time.time)
        self.answers: dict[str, dict[str, Any]] = {operation: {} for operation in PATHS}
        self.refused: dict[str, tuple[int, str]] = {}

    def owns(self, host_name: str) -> bool:
        return False

    def recognises(self, request: web.Request, host: Host) -> bool:
        return request.method == "GET" and (request.path == LIST or request.path.startswith(BEGINS))

    async def answer(self, request: web.Request, host: Host) -> web.StreamResponse:
        path, params = split(request.raw_path)
        received = HttpRequest(
            method=request.method,
            params=params,
            headers=headers_of(request),
            remote=request.remote or "",
            request=request,
        )
        try:
            self._gate.check(received, request.raw_path.partition("?")[0])
        except Refusal as refusal:
            return _refused(403, refusal.code)
        if path == LIST:
            if "ListFunctions" in self.refused:
                return _refused(*self.refused["ListFunctions"])
            return web.json_response({"functions": list(self.answers["GetFunction"].values())})
        name, slash, rest = path.removeprefix(BEGINS).partition("/")
        operation = next(operation for operation, end in PATHS.items() if end == slash + rest)
        if operation in self.refused:
            return _refused(*self.refused[operation])
        found = self.answers[operation].get(urllib.parse.unquote(name))
        if found is None:
            return _refused(404, "FunctionNotFound" if operation == "GetFunction" else "ResourceNotFound")
        return web.json_response(found)


def _refused(status: int, code: str) -> web.Response:
    return web.Response(
        status=status,
        text=json.dumps({"Code": code, "Message": "as planted", "RequestId": "1"}),
        content_type="application/json",
    )


def deploy(control: FunctionControl, name: str, bucket: str, environment: dict[str, str]) -> dict[str, Any]:
    """Deploy a function as our template does, and return the body that GetFunction answers with."""
    function = {
        "functionName": name,
        "runtime": "python3.10",
        "handler": "index.handler",
        "role": "acs:ram::1:role/imagelabels-function",
        "timeout": 90,
        "memorySize": 1024,
        "cpu": 0.5,
        "instanceConcurrency": 1,
        "layers": [{"arn": "acs:fc:cn-hangzhou:1:layers/imagelabels/versions/1", "size": 1}],
        "environmentVariables": environment,
        "state": "Active",
        "lastUpdateStatus": "Successful",
    }
    config = {
        "events": [
            "oss:ObjectCreated:PutObject",
            "oss:ObjectCreated:PostObject",
            "oss:ObjectCreated:CopyObject",
            "oss:ObjectCreated:CompleteMultipartUpload",
            "oss:ObjectRemoved:DeleteObject",
            "oss:ObjectRemoved:DeleteObjects",
        ],
        "filter": {"key": {"prefix": "", "suffix": ""}},
    }
    control.answers["GetFunction"][name] = function
    control.answers["GetConcurrencyConfig"][name] = {"reservedConcurrency": 10}
    control.answers["GetAsyncInvokeConfig"][name] = {
        "maxAsyncRetryAttempts": 3,
        "maxAsyncEventAgeInSeconds": 86400,
        "destinationConfig": {"onFailure": {"destination": "acs:mns:cn-hangzhou:1:/queues/failures/messages"}},
    }
    control.answers["ListTriggers"][name] = {"triggers": [trigger(bucket, config)]}
    return function


def trigger(bucket: str, config: dict[str, Any], name: str = "objects") -> dict[str, Any]:
    return {
        "triggerName": name,
        "triggerType": "oss",
        "sourceArn": f"acs:oss:cn-hangzhou:1:{bucket}",
        "triggerConfig": json.dumps(config),
    }
