"""A function as we ship it, deployed on the emulated control planes of both clouds. Tests change what those tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tests.deploy.doctor.live import function_control
from tests.deploy.doctor.live.account import INDEX, Account
from tests.deploy.tencent.control_plane import ControlPlane, Refused

NAME = "imagelabels"
ALBUM = "imagelabels-album"
TIMER = "imagelabels-timer"
WEBHOOKS = "imagelabels-webhooks"
ENVIRONMENT = {"IMAGELABELS_INDEX": INDEX}


class Deployed(Protocol):
    """A function that is deployed as we ship it. Tests change what its platform tells of it."""

    running: Account

    def change(self, **values: Any) -> None: ...
    def environment(self, **values: str) -> None: ...
    def retries(self, retries: int, longest: int) -> None: ...
    def lose_failures(self) -> None: ...
    def trigger(self, change: Callable[[dict[str, Any]], None]) -> None: ...
    def again(self, prefix: str, suffix: str = "", whole: bool = True) -> None: ...
    def remove(self) -> None: ...
    def refuse(self, operation: str, code: str) -> None: ...
    def beside(self, name: str, bucket: str) -> None: ...
    def timer(self, **values: Any) -> None: ...
    def album(self, **values: Any) -> None: ...
    def webhooks(self, **values: Any) -> None: ...


@dataclass
class OnFunctionCompute:
    running: Account

    def __post_init__(self) -> None:
        self.control = self.running.functions
        self.function = function_control.deploy(self.control, NAME, self.running.bucket, dict(ENVIRONMENT))
        self.of_timer = function_control.deploy(self.control, TIMER, self.running.bucket, dict(ENVIRONMENT))
        self.of_timer["timeout"] = 300
        self.timer(minutes=10)

    def change(self, **values: Any) -> None:
        names = {
            "runtime": "runtime",
            "timeout": "timeout",
            "memory": "memorySize",
            "layers": "layers",
            "state": "state",
        }
        self.function.update({names[name]: value for name, value in values.items()})

    def environment(self, **values: str) -> None:
        self.function["environmentVariables"].update(values)
        self.timer()

    def retries(self, retries: int, longest: int) -> None:
        config = self.control.answers["GetAsyncInvokeConfig"][NAME]
        config |= {"maxAsyncRetryAttempts": retries, "maxAsyncEventAgeInSeconds": longest}

    def lose_failures(self) -> None:
        del self.control.answers["GetAsyncInvokeConfig"][NAME]["destinationConfig"]

    def trigger(self, change: Callable[[dict[str, Any]], None]) -> None:
        for trigger in self._triggers:
            config = json.loads(trigger["triggerConfig"])
            plain = {"events": config["events"], **config["filter"]["key"]}
            change(plain)
            config["events"] = plain["events"]
            config["filter"]["key"] = {name: plain[name] for name in ("prefix", "suffix")}
            trigger["triggerConfig"] = json.dumps(config)

    def again(self, prefix: str, suffix: str = "", whole: bool = True) -> None:
        config = json.loads(self._triggers[0]["triggerConfig"])
        config["filter"]["key"] = {"prefix": prefix, "suffix": suffix}
        self._triggers.append(function_control.trigger(self.running.bucket, config, "second"))

    def remove(self) -> None:
        del self.control.answers["GetFunction"][NAME]

    def refuse(self, operation: str, code: str) -> None:
        status = {"forbidden": 403, "throttled": 429, "broken": 500}[code]
        self.control.refused[operation] = (status, {"forbidden": "AccessDenied"}.get(code, "Unknown"))

    def beside(self, name: str, bucket: str) -> None:
        function_control.deploy(self.control, name, bucket, {})

    def timer(self, **values: Any) -> None:
        """Change the function for the timer, or its timer. `there` tells whether there is such a function."""
        self.of_timer["role"] = values.get("role", self.function["role"])
        self.of_timer["environmentVariables"] = self.function["environmentVariables"] | values.get("environment", {})
        self.of_timer["state"] = values.get("state", "Active")
        config = {"cronExpression": f"@every {values.get('minutes', 10)}m", "enable": values.get("enabled", True)}
        timer = {"triggerName": "timer", "triggerType": "timer", "triggerConfig": json.dumps(config)}
        self.control.answers["ListTriggers"][TIMER] = {"triggers": [timer] * values.get("timers", 1)}
        if not values.get("there", True):
            del self.control.answers["GetFunction"][TIMER]

    def album(self, **values: Any) -> None:
        """Deploy the function for the HTTP API."""
        self.control.answers["GetFunction"][ALBUM] = {
            **self.function,
            "functionName": ALBUM,
            "role": self.function["role"] if values.get("same_role") else "acs:ram::1:role/album",
            "environmentVariables": self.function["environmentVariables"] | values.get("environment", {}),
            "state": values.get("state", "Active"),
        }
        config = {
            "authType": "anonymous" if values.get("anonymous", True) else "function",
            "methods": ["GET"],
            "disableURLInternet": not values.get("enabled", True),
        }
        address = {"triggerName": "http", "triggerType": "http", "triggerConfig": json.dumps(config)}
        self.control.answers["ListTriggers"][ALBUM] = {"triggers": [address] * values.get("addresses", 1)}

    def webhooks(self, **values: Any) -> None:
        """Deploy the function for webhooks."""
        self.control.answers["GetFunction"][WEBHOOKS] = {
            **self.function,
            "functionName": WEBHOOKS,
            "environmentVariables": self.function["environmentVariables"] | values.get("environment", {}),
            "state": values.get("state", "Active"),
        }
        config = {"cronExpression": "@every 2m", "enable": values.get("enabled", True)}
        timer = {"triggerName": "timer", "triggerType": "timer", "triggerConfig": json.dumps(config)}
        self.control.answers["ListTriggers"][WEBHOOKS] = {"triggers": [timer] * values.get("timers", 1)}

    @property
    def _triggers(self) -> list[dict[str, Any]]:
        triggers: list[dict[str, Any]] = self.control.answers["ListTriggers"][NAME]["triggers"]
        return triggers


class Plane(ControlPlane):
    """A control plane that lists functions too, which no deployment asks for."""

    def answer(self, service: str, action: str, given: dict[str, Any]) -> dict[str, Any]:
        if action != "ListFunctions":
            return super().answer(service, action, given)
        self.calls.append(action)
        if refused := self.fail(action):
            raise Refused(refused)
        return {"Functions": [{"FunctionName": name} for name in self.functions], "TotalCount": len(self.functions)}

    def ListTriggers(self, given: dict[str, Any]) -> dict[str, Any]:
        """Show the triggers of the function that is named, and of no other."""
        self._function(given)
        theirs = [one for one in self.triggers if one["FunctionName"] == given["FunctionName"]]
        shown = [{name: value for name, value in one.items() if name != "FunctionName"} for one in theirs]
        return {"Triggers": shown, "TotalCount": len(shown)}


EVENTS = (
    "cos:ObjectCreated:Put",
    "cos:ObjectCreated:Post",
    "cos:ObjectCreated:Copy",
    "cos:ObjectCreated:CompleteMultipartUpload",
    "cos:ObjectRemove:Delete",
    "cos:ObjectRemove:DeleteMarkerCreated",
)


class OnScf:
    def __init__(self, running: Account, plane: ControlPlane) -> None:
        self.running, self.plane = running, plane
        plane.functions[NAME] = self.function = {
            "FunctionName": NAME,
            "Runtime": "Python3.10",
            "Timeout": 90,
            "MemorySize": 512,
            "Layers": [{"LayerName": NAME, "LayerVersion": 1}],
            "Environment": {"Variables": [{"Key": key, "Value": value} for key, value in ENVIRONMENT.items()]},
            "DeadLetterConfig": {"Type": "CMQ-QUEUE", "Name": "failures"},
            "Status": "Active",
            "Role": "imagelabels-function",
        }
        plane.invoke[NAME] = {"RetryConfig": [{"RetryNum": 2}], "MsgTTL": 21600}
        plane.triggers = [self._trigger(event, "", "") for event in EVENTS]
        self.timer()

    def change(self, **values: Any) -> None:
        names = {
            "runtime": "Runtime",
            "timeout": "Timeout",
            "memory": "MemorySize",
            "layers": "Layers",
            "state": "Status",
        }
        self.function.update({names[name]: value for name, value in values.items()})

    def environment(self, **values: str) -> None:
        variables: Any = self.function["Environment"]
        kept = [one for one in variables["Variables"] if one["Key"] not in values]
        variables["Variables"] = [*kept, *({"Key": key, "Value": value} for key, value in values.items())]
        self.timer()

    def retries(self, retries: int, longest: int) -> None:
        self.plane.invoke[NAME] = {"RetryConfig": [{"RetryNum": retries}], "MsgTTL": longest}

    def lose_failures(self) -> None:
        del self.function["DeadLetterConfig"]

    def trigger(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Each trigger of SCF has one event, so the changed list of events becomes as many triggers."""
        described = json.loads(self.plane.triggers[0]["TriggerDesc"])
        key = described["filter"]
        events = [json.loads(one["TriggerDesc"])["event"] for one in self.plane.triggers if one["Type"] == "cos"]
        plain = {"events": events, "prefix": key["Prefix"], "suffix": key["Suffix"]}
        change(plain)
        self.plane.triggers = [self._trigger(event, plain["prefix"], plain["suffix"]) for event in plain["events"]]
        self.timer()

    def again(self, prefix: str, suffix: str = "", whole: bool = True) -> None:
        self.plane.triggers += [self._trigger(event, prefix, suffix) for event in EVENTS]

    def remove(self) -> None:
        del self.plane.functions[NAME]

    def refuse(self, operation: str, code: str) -> None:
        codes = {"forbidden": "UnauthorizedOperation", "throttled": "RequestLimitExceeded", "broken": "InternalError"}
        operation = {"GetAsyncInvokeConfig": "GetFunctionEventInvokeConfig"}.get(operation, operation)
        self.plane.fail = lambda action: codes[code] if action == operation else None

    def beside(self, name: str, bucket: str) -> None:
        self.plane.functions[name] = dict(self.function)
        host = f"{bucket}.cos.ap-guangzhou.myqcloud.com"
        again = {"FunctionName": name, "TriggerName": host}
        self.plane.triggers += [one | again for one in self.plane.triggers if one["FunctionName"] == NAME]

    def timer(self, **values: Any) -> None:
        """Change the function for the timer, or its timer. `there` tells whether there is such a function."""
        variables = self.function["Environment"]["Variables"]  # type: ignore[index]
        more = [{"Key": key, "Value": value} for key, value in values.get("environment", {}).items()]
        self.plane.functions[TIMER] = {
            **self.function,
            "FunctionName": TIMER,
            "Timeout": 300,
            "Role": values.get("role", self.function["Role"]),
            "Environment": {"Variables": [*variables, *more]},
            "Status": values.get("state", "Active"),
        }
        timer = {
            "FunctionName": TIMER,
            "TriggerName": "timer",
            "Type": "timer",
            "TriggerDesc": json.dumps({"cron": f"0 */{values.get('minutes', 10)} * * * * *"}),
            "Enable": int(values.get("enabled", True)),
        }
        others = [one for one in self.plane.triggers if one["FunctionName"] != TIMER]
        self.plane.triggers = others + [timer] * values.get("timers", 1)
        if not values.get("there", True):
            del self.plane.functions[TIMER]

    def album(self, **values: Any) -> None:
        """Deploy the function for the HTTP API."""
        variables = self.function["Environment"]["Variables"]  # type: ignore[index]
        others = values.get("environment", {})
        kept = [one for one in variables if one["Key"] not in others]
        self.plane.functions[ALBUM] = {
            **self.function,
            "FunctionName": ALBUM,
            "Role": self.function["Role"] if values.get("same_role") else "album",
            "Environment": {"Variables": [*kept, *({"Key": key, "Value": value} for key, value in others.items())]},
            "Status": values.get("state", "Active"),
        }
        net = {"EnableIntranet": False, "EnableExtranet": values.get("enabled", True)}
        described = {"AuthType": "NONE" if values.get("anonymous", True) else "CAM", "NetConfig": net}
        address = {"FunctionName": ALBUM, "TriggerName": "http", "Type": "http", "TriggerDesc": json.dumps(described)}
        self.plane.triggers += [address | {"Enable": 1}] * values.get("addresses", 1)

    def webhooks(self, **values: Any) -> None:
        """Deploy the function for webhooks."""
        others = values.get("environment", {})
        variables = self.function["Environment"]["Variables"]  # type: ignore[index]
        kept = [one for one in variables if one["Key"] not in others]
        self.plane.functions[WEBHOOKS] = {
            **self.function,
            "FunctionName": WEBHOOKS,
            "Environment": {"Variables": [*kept, *({"Key": key, "Value": value} for key, value in others.items())]},
            "Status": values.get("state", "Active"),
        }
        timer = {
            "FunctionName": WEBHOOKS,
            "TriggerName": "timer",
            "Type": "timer",
            "TriggerDesc": json.dumps({"cron": "0 */2 * * * * *"}),
            "Enable": int(values.get("enabled", True)),
        }
        self.plane.triggers += [timer] * values.get("timers", 1)

    def _trigger(self, event: str, prefix: str, suffix: str) -> dict[str, Any]:
        description = json.dumps({"event": event, "filter": {"Prefix": prefix, "Suffix": suffix}})
        name = f"{self.running.bucket}.cos.ap-guangzhou.myqcloud.com"
        return {"FunctionName": NAME, "TriggerName": name, "Type": "cos", "TriggerDesc": description, "Enable": 1}
