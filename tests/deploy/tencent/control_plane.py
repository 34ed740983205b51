"""An emulated control plane of CAM and SCF, which checks every request by the vendor's model and the TC3 signature."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from imagelabels.deploy.tencent import api

KEY, SECRET = "AKIDexample", "a-secret-that-nobody-prints"


class Refused(Exception):
    """The control plane answers with this error code."""


class ControlPlane:
    """The things on an account by their kind, and the calls that were made. `fail` may refuse the next calls."""

    def __init__(self) -> None:
        self.roles: dict[str, dict[str, Any]] = {}
        self.policies: dict[int, dict[str, Any]] = {}
        self.attached: list[tuple[str, int]] = []
        self.layers: list[dict[str, Any]] = []
        self.functions: dict[str, dict[str, Any]] = {}
        self.invoke: dict[str, dict[str, Any]] = {}
        self.reserved: dict[str, int] = {}
        self.triggers: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.fail: Callable[[str], str | None] = lambda action: None
        self._number = 100

    @property
    def changes(self) -> list[str]:
        """The calls that do more than look."""
        return [call for call in self.calls if not call.startswith(("Get", "List"))]

    def answer(self, service: str, action: str, given: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(action)
        if findings := list(api.check(service, action, given)):
            raise Refused(f"InvalidParameter: {findings}")
        if refused := self.fail(action):
            raise Refused(refused)
        answer: dict[str, Any] = getattr(self, action)(given)
        for name in answer:
            assert api.member(service, action, name) is not None, f"{action} answers with no {name}"
        return answer

    def _next(self) -> int:
        self._number += 1
        return self._number

    def CreateRole(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["RoleName"] in self.roles:
            raise Refused("InvalidParameter.RoleNameInUse")
        self.roles[given["RoleName"]] = dict(given)
        return {"RoleId": str(self._next())}

    def GetRole(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"RoleInfo": self._role(given)}

    def UpdateAssumeRolePolicy(self, given: dict[str, Any]) -> dict[str, Any]:
        self._role(given).update(given)
        return {}

    UpdateRoleDescription = UpdateAssumeRolePolicy

    def DeleteRole(self, given: dict[str, Any]) -> dict[str, Any]:
        del self.roles[self._role(given)["RoleName"]]
        return {}

    def _role(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["RoleName"] not in self.roles:
            raise Refused("InvalidParameter.RoleNotExist")
        return self.roles[given["RoleName"]]

    def CreatePolicy(self, given: dict[str, Any]) -> dict[str, Any]:
        number = self._next()
        self.policies[number] = {**given, "PolicyId": number}
        return {"PolicyId": number}

    def ListPolicies(self, given: dict[str, Any]) -> dict[str, Any]:
        named = [policy for policy in self.policies.values() if given["Keyword"] in policy["PolicyName"]]
        shown = [{name: value for name, value in policy.items() if name != "PolicyDocument"} for policy in named]
        return {"TotalNum": len(shown), "List": shown}

    def UpdatePolicy(self, given: dict[str, Any]) -> dict[str, Any]:
        self.policies[given["PolicyId"]].update(given)
        return {}

    def DeletePolicy(self, given: dict[str, Any]) -> dict[str, Any]:
        for number in given["PolicyId"]:
            del self.policies[number]
        return {}

    def AttachRolePolicy(self, given: dict[str, Any]) -> dict[str, Any]:
        assert given["PolicyId"] in self.policies
        assert given["AttachRoleName"] in self.roles
        self.attached.append((given["AttachRoleName"], given["PolicyId"]))
        return {}

    def ListAttachedRolePolicies(self, given: dict[str, Any]) -> dict[str, Any]:
        self._role(given)
        numbers = [number for role, number in self.attached if role == given["RoleName"]]
        shown = [{"PolicyId": number, "PolicyName": self.policies[number]["PolicyName"]} for number in numbers]
        return {"List": shown, "TotalNum": len(shown)}

    def DetachRolePolicy(self, given: dict[str, Any]) -> dict[str, Any]:
        self.attached.remove((given["DetachRoleName"], given["PolicyId"]))
        return {}

    def PublishLayerVersion(self, given: dict[str, Any]) -> dict[str, Any]:
        version = max((layer["LayerVersion"] for layer in self.layers), default=0) + 1
        self.layers.insert(0, {**given, "LayerVersion": version, "Status": "Publishing"})
        return {"LayerVersion": version}

    def ListLayerVersions(self, given: dict[str, Any]) -> dict[str, Any]:
        named = [layer for layer in self.layers if layer["LayerName"] == given["LayerName"]]
        shown = [{name: value for name, value in layer.items() if name != "Content"} for layer in named]
        for layer in named:
            layer["Status"] = "Active"
        return {"LayerVersions": shown}

    def DeleteLayerVersion(self, given: dict[str, Any]) -> dict[str, Any]:
        assert not self.functions, "a function uses the layer"
        self.layers = [layer for layer in self.layers if layer["LayerVersion"] != given["LayerVersion"]]
        return {}

    def CreateFunction(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["FunctionName"] in self.functions:
            raise Refused("ResourceInUse.Function")
        if "Role" in given and given["Role"] not in self.roles:
            raise Refused("InvalidParameterValue.Role")
        self.functions[given["FunctionName"]] = {**given, "Status": "Creating"}
        self.invoke[given["FunctionName"]] = {"RetryConfig": [{"RetryNum": 2}], "MsgTTL": 3600}
        return {}

    def GetFunction(self, given: dict[str, Any]) -> dict[str, Any]:
        function = self._function(given)
        hidden = ("Code", "AsyncRunEnable")
        shown = {name: value for name, value in function.items() if name not in hidden}
        if function["Status"] in ("Creating", "Updating"):
            function["Status"] = "Active"
        return shown

    def UpdateFunctionCode(self, given: dict[str, Any]) -> dict[str, Any]:
        function = self._function(given)
        if function["Status"] != "Active":
            raise Refused("FailedOperation.UpdateFunctionConfiguration")
        function.update(given, Status="Updating")
        return {}

    UpdateFunctionConfiguration = UpdateFunctionCode

    def DeleteFunction(self, given: dict[str, Any]) -> dict[str, Any]:
        del self.functions[self._function(given)["FunctionName"]]
        self.triggers = [one for one in self.triggers if one["FunctionName"] != given["FunctionName"]]
        return {}

    def GetFunctionEventInvokeConfig(self, given: dict[str, Any]) -> dict[str, Any]:
        self._function(given)
        return {"AsyncTriggerConfig": self.invoke[given["FunctionName"]]}

    def UpdateFunctionEventInvokeConfig(self, given: dict[str, Any]) -> dict[str, Any]:
        self._function(given)
        self.invoke[given["FunctionName"]] = given["AsyncTriggerConfig"]
        return {}

    def GetReservedConcurrencyConfig(self, given: dict[str, Any]) -> dict[str, Any]:
        self._function(given)
        memory = self.reserved.get(given["FunctionName"])
        return {} if memory is None else {"ReservedMem": memory}

    def PutReservedConcurrencyConfig(self, given: dict[str, Any]) -> dict[str, Any]:
        self._function(given)
        self.reserved[given["FunctionName"]] = given["ReservedConcurrencyMem"]
        return {}

    def CreateTrigger(self, given: dict[str, Any]) -> dict[str, Any]:
        if self._function(given)["Status"] != "Active":
            raise Refused("FailedOperation.FunctionStatusError")
        if any(_same_trigger(one, given) for one in self.triggers):
            raise Refused("ResourceInUse.Trigger")
        self.triggers.append({**given, "Enable": 1})
        return {}

    def ListTriggers(self, given: dict[str, Any]) -> dict[str, Any]:
        self._function(given)
        ours = [one for one in self.triggers if one["FunctionName"] == given["FunctionName"]]
        shown = [{name: value for name, value in one.items() if name != "FunctionName"} for one in ours]
        return {"Triggers": shown, "TotalCount": len(shown)}

    def DeleteTrigger(self, given: dict[str, Any]) -> dict[str, Any]:
        kept = [one for one in self.triggers if not _same_trigger(one, given)]
        assert len(kept) == len(self.triggers) - 1, "no such trigger"
        self.triggers = kept
        return {}

    def _function(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["FunctionName"] not in self.functions:
            raise Refused("ResourceNotFound.Function")
        return self.functions[given["FunctionName"]]


def _same_trigger(trigger: dict[str, Any], given: dict[str, Any]) -> bool:
    """A function has one timer of a name. Triggers of a bucket have the same name, and differ in their descriptions."""
    names = ("FunctionName", "TriggerName", "Type", *(("TriggerDesc",) if given["Type"] == "cos" else ()))
    return all(trigger[name] == given[name] for name in names)


@contextmanager
def serving(plane: ControlPlane) -> Iterator[str]:
    """Serve a control plane over HTTP; the value is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service = self.headers["Authorization"].split("/")[2]
            response: dict[str, Any] = {"RequestId": "1"}
            try:
                _verify(self, service, body)
                response |= plane.answer(service, self.headers["X-TC-Action"], json.loads(body))
            except Refused as error:
                response["Error"] = {"Code": str(error).partition(":")[0], "Message": str(error)}
            text = json.dumps({"Response": response}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

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


def _verify(handler: BaseHTTPRequestHandler, service: str, body: bytes) -> None:
    """Compare the TC3 signature: https://cloud.tencent.com/document/api/1278/46714."""
    fields = dict(part.split("=", 1) for part in handler.headers["Authorization"].split(" ", 1)[1].split(", "))
    key, scope = fields["Credential"].split("/", 1)
    if key != KEY:
        raise Refused("AuthFailure.SecretIdNotFound")
    names = fields["SignedHeaders"].split(";")
    headers = "".join(f"{name}:{handler.headers[name].strip().lower()}\n" for name in names)
    request = "\n".join(("POST", "/", "", headers, fields["SignedHeaders"], hashlib.sha256(body).hexdigest()))
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(("TC3-HMAC-SHA256", handler.headers["X-TC-Timestamp"], scope, digest))
    secret = f"TC3{SECRET}".encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    if hmac.new(secret, text.encode(), hashlib.sha256).hexdigest() != fields["Signature"]:
        raise Refused("AuthFailure.SignatureFailure")
