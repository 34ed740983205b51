"""An emulated control plane of ROS, which checks every request: the signature, the template and its parameters.

The vendor's unmodified SDK talks to it. It makes no resources; a stack is a record of what there would be.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl

from emulator.aliyun import acs
from emulator.core.http_request import HttpRequest, split
from emulator.core.keyring import Keyring
from emulator.core.refusal import Refusal
from imagelabels.deploy.template.document import Template, read
from imagelabels.deploy.template.resolve import Resource, stack
from tests.deploy.aliyun.stack_parameters import Refused, checked, typed

VERSION = "2019-09-10"
KNOWN = {
    "ListStacks": {"StackName.1", "PageSize"},
    "GetStack": {"StackId"},
    "CreateStack": {"StackName", "TemplateBody"},
    "UpdateStack": {"StackId", "TemplateBody", "ReplacementOption"},
    "PreviewStack": {"StackId", "StackName", "TemplateBody"},
    "DeleteStack": {"StackId"},
    "ListStackEvents": {"StackId", "PageSize", "PageNumber", "Status.1", "Status.2", "Status.3"},
}
"""The parameters that a test may send, besides RegionId and the stack's parameters."""
LOOKS = frozenset({"ListStacks", "GetStack", "PreviewStack", "ListStackEvents"})
REPLACED = {"Layer": {"Code"}, "Instances": {"ReservedConcurrency"}}
"""These properties cannot be changed in place, which the pages of both resource types say."""


@dataclass
class Record:
    """A stack. `next_status` is what the status becomes after one more look."""

    id: str
    name: str
    body: str
    values: dict[str, str]
    status: str
    next_status: str
    reason: str = ""
    events: list[dict[str, str]] = field(default_factory=list)

    def template(self) -> Template:
        return read(self.body)

    def resources(self) -> Mapping[str, Resource]:
        return stack(self.template(), typed(self.template(), self.values)).resources


class ControlPlane:
    """The stacks on an account, and the calls that were made. `fail` may refuse a call by its action.

    `breaks` names a resource that cannot be made, and why.
    """

    region = "cn-hangzhou"

    def __init__(self) -> None:
        self.stacks: dict[str, Record] = {}
        self.calls: list[str] = []
        self.fail: Callable[[str], Refused | None] = lambda action: None
        self.breaks: tuple[str, str] | None = None

    @property
    def changes(self) -> list[str]:
        """The calls that do more than look."""
        return [call for call in self.calls if call not in LOOKS]

    def answer(self, action: str, given: dict[str, str]) -> dict[str, Any]:
        self.calls.append(action)
        if action not in KNOWN:
            raise Refused(404, "InvalidAction.NotFound", action)
        plain = {name for name in given if not name.startswith("Parameters.")}
        if unknown := plain - KNOWN[action] - {"RegionId"}:
            raise Refused(400, "InvalidParameter", f"unknown: {sorted(unknown)}")
        if given["RegionId"] != self.region:
            raise Refused(404, "InvalidRegionId", given["RegionId"])
        if refused := self.fail(action):
            raise refused
        answer: dict[str, Any] = getattr(self, action)(given)
        return answer

    def ListStacks(self, given: dict[str, str]) -> dict[str, Any]:
        named = [record for record in self.stacks.values() if record.name == given["StackName.1"]]
        shown = [{"StackId": record.id, "StackName": record.name, "Status": record.status} for record in named]
        return {"Stacks": shown, "TotalCount": len(shown), "PageNumber": 1, "PageSize": 50}

    def GetStack(self, given: dict[str, str]) -> dict[str, Any]:
        record = self._record(given)
        shown = {
            "StackId": record.id,
            "StackName": record.name,
            "Status": record.status,
            "StatusReason": record.reason,
            "Description": _description(record.body),
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in {**record.values, "ALIYUN::StackId": record.id}.items()
            ],
            "Outputs": _outputs(record),
        }
        record.status = record.next_status
        return shown

    def CreateStack(self, given: dict[str, str]) -> dict[str, Any]:
        name = given["StackName"]
        if any(record.name == name and record.status != "DELETE_COMPLETE" for record in self.stacks.values()):
            raise Refused(409, "StackExists", f"The Stack ({name}) already exists.")
        body, values = given["TemplateBody"], checked(given["TemplateBody"], given)
        record = Record(f"id-{len(self.stacks) + 1}", name, body, values, "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
        self._break(record, "CREATE_FAILED", "CREATE_ROLLBACK_COMPLETE")
        self.stacks[record.id] = record
        return {"StackId": record.id}

    def UpdateStack(self, given: dict[str, str]) -> dict[str, Any]:
        record = self._record(given)
        if record.status.endswith("_IN_PROGRESS"):
            raise Refused(409, "ActionInProgress", f"Stack {record.name} already has an action in progress.")
        body, values = given["TemplateBody"], checked(given["TemplateBody"], given)
        if (body, values) == (record.body, record.values):
            raise Refused(400, "NotSupported", "Update the completely same stack is not supported.")
        changes = self._changes(record, body, values)
        if given.get("ReplacementOption") != "Enabled" and any(change.get("Replacement") for change in changes):
            raise Refused(400, "NotSupported", "Replacement update is not allowed.")
        record.status, record.next_status, before = "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", record.values
        record.body, record.values = body, values
        if self._break(record, "UPDATE_FAILED", "ROLLBACK_COMPLETE"):
            record.values = before
        return {"StackId": record.id}

    def PreviewStack(self, given: dict[str, str]) -> dict[str, Any]:
        if ("StackId" in given) == ("StackName" in given):
            raise Refused(400, "InvalidParameter", "one of StackId and StackName")
        values = checked(given["TemplateBody"], given)
        old = self._record(given) if "StackId" in given else None
        return {"Stack": {"Resources": self._changes(old, given["TemplateBody"], values)}}

    def DeleteStack(self, given: dict[str, str]) -> dict[str, Any]:
        record = self._record(given)
        record.status, record.next_status = "DELETE_IN_PROGRESS", "DELETE_COMPLETE"
        self._break(record, "DELETE_FAILED", "DELETE_FAILED")
        return {}

    def ListStackEvents(self, given: dict[str, str]) -> dict[str, Any]:
        wanted = {value for name, value in given.items() if name.startswith("Status.")}
        events = [event for event in self._record(given).events if event["Status"] in wanted]
        return {"Events": events, "TotalCount": len(events)}

    def _record(self, given: dict[str, str]) -> Record:
        if given["StackId"] not in self.stacks:
            raise Refused(404, "StackNotFound", f"The Stack ({given['StackId']}) could not be found.")
        return self.stacks[given["StackId"]]

    def _break(self, record: Record, failed: str, at_last: str) -> bool:
        """Let the operation fail if a resource is to break, and tell whether one is."""
        if self.breaks is None:
            return False
        resource, why = self.breaks
        record.next_status, record.reason = at_last, f"Resource {resource} failed: {why}"
        kind = record.template().resources[resource]["Type"]
        for name, sort in ((resource, kind), (record.name, "ALIYUN::ROS::Stack")):
            record.events.append(
                {
                    "CreateTime": f"2026-11-28T10:00:{len(record.events):02}",
                    "LogicalResourceId": name,
                    "ResourceType": sort,
                    "Status": failed,
                    "StatusReason": why,
                }
            )
        return True

    def _changes(self, old: Record | None, body: str, values: dict[str, str]) -> list[dict[str, Any]]:
        before = old.resources() if old else {}
        after = stack(read(body), typed(read(body), values)).resources
        shown = []
        for name, resource in after.items():
            change: dict[str, Any] = {"LogicalResourceId": name, "ResourceType": resource.kind, "Action": "Add"}
            if name in before:
                now, then = resource.properties, before[name].properties
                differing = {key for key in now if now[key] != then.get(key)}
                change["Action"] = "Modify" if differing else "None"
                if differing & REPLACED.get(name, set()):
                    change["Replacement"] = "True"
            shown.append(change)
        gone = [{"LogicalResourceId": name, "Action": "Remove"} for name in before if name not in after]
        return shown + gone


def _description(body: str) -> str:
    found = re.search(r"^Description: (?:>-\n)?((?:.+\n)(?:  .+\n)*)", body, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def _outputs(record: Record) -> list[dict[str, str]]:
    if not record.status.endswith("COMPLETE"):
        return []
    name, instance = record.values["Name"], record.values["InstanceName"]
    outputs = {"Function": name, "Index": f"tablestore://{instance}", "Logs": f"{name}-logs/function"}
    outputs |= {"Failures": f"https://mns.example/queues/{name}-failures"}
    outputs |= (
        {"BindBucket": "imagelabels attach oss://my-photos imagelabels"} if record.values["Detector"] == "oss" else {}
    )
    if record.values["CreateAlbum"] == "true":
        outputs["AlbumAddress"] = f"https://{name}-album-abc.cn-hangzhou.fcapp.run"
    return [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]


@contextmanager
def serving(plane: ControlPlane, keyring: Keyring) -> Iterator[str]:
    """Serve a control plane over HTTP to whoever has a key of the ring; the value is its address."""
    gate = acs.AcsGate(keyring, time.time)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            status, answer = 200, {"RequestId": "1"}
            try:
                answer |= plane.answer(self.headers["x-acs-action"], self._verified(body))
            except Refused as error:
                status, answer = error.status, {**answer, "Code": error.code, "Message": error.message}
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _verified(self, body: bytes) -> dict[str, str]:
            assert self.headers["x-acs-version"] == VERSION
            _, params = split(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = HttpRequest(
                method="POST", params=params, headers=headers, remote="", request=cast(Any, None), request_id="1"
            )
            try:
                gate.check(request)
                acs.check_body(request, body)
            except Refusal as error:
                # The vendor's gateway repeats what was signed.
                raise Refused(400, error.code, f"{error.code} of {headers['authorization']}") from None
            return dict(params) | dict(parse_qsl(body.decode(), keep_blank_values=True))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # The base class names it so.
            """Tests need no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
