"""Faults of a deployed function are planted in the emulated control planes of both clouds one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.doctor.finding import Finding
from imagelabels.deploy.tencent import run
from tests.deploy.doctor.live import function_control
from tests.deploy.doctor.live.account import INDEX, Account, account
from tests.deploy.tencent.control_plane import KEY, SECRET, ControlPlane, serving

pytestmark = pytest.mark.story

NAME = "imagelabels"
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


@dataclass
class OnFunctionCompute:
    running: Account

    def __post_init__(self) -> None:
        self.control = self.running.functions
        self.function = function_control.deploy(self.control, NAME, self.running.bucket, dict(ENVIRONMENT))

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

    @property
    def _triggers(self) -> list[dict[str, Any]]:
        triggers: list[dict[str, Any]] = self.control.answers["ListTriggers"][NAME]["triggers"]
        return triggers


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
        }
        plane.invoke[NAME] = {"RetryConfig": [{"RetryNum": 2}], "MsgTTL": 21600}
        plane.triggers = [self._trigger(event, "", "") for event in EVENTS]

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

    def retries(self, retries: int, longest: int) -> None:
        self.plane.invoke[NAME] = {"RetryConfig": [{"RetryNum": retries}], "MsgTTL": longest}

    def lose_failures(self) -> None:
        del self.function["DeadLetterConfig"]

    def trigger(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Each trigger of SCF has one event, so the changed list of events becomes as many triggers."""
        described = json.loads(self.plane.triggers[0]["TriggerDesc"])
        key = described["filter"]
        events = [json.loads(trigger["TriggerDesc"])["event"] for trigger in self.plane.triggers]
        plain = {"events": events, "prefix": key["Prefix"], "suffix": key["Suffix"]}
        change(plain)
        self.plane.triggers = [self._trigger(event, plain["prefix"], plain["suffix"]) for event in plain["events"]]

    def again(self, prefix: str, suffix: str = "", whole: bool = True) -> None:
        self.plane.triggers += [self._trigger(event, prefix, suffix) for event in EVENTS]

    def remove(self) -> None:
        del self.plane.functions[NAME]

    def refuse(self, operation: str, code: str) -> None:
        codes = {"forbidden": "UnauthorizedOperation", "throttled": "RequestLimitExceeded", "broken": "InternalError"}
        operation = {"GetAsyncInvokeConfig": "GetFunctionEventInvokeConfig"}.get(operation, operation)
        self.plane.fail = lambda action: codes[code] if action == operation else None

    def _trigger(self, event: str, prefix: str, suffix: str) -> dict[str, Any]:
        description = json.dumps({"event": event, "filter": {"Prefix": prefix, "Suffix": suffix}})
        name = f"{self.running.bucket}.cos.ap-guangzhou.myqcloud.com"
        return {"FunctionName": NAME, "TriggerName": name, "Type": "cos", "TriggerDesc": description, "Enable": 1}


@pytest.fixture(params=["aliyun", "tencent"])
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployed]:
    plane = ControlPlane()
    with account(tmp_path, request.param, key=(KEY, SECRET)) as running, serving(plane) as endpoint:
        running.environ["IMAGELABELS_ENDPOINT_SCF"] = endpoint
        yield OnFunctionCompute(running) if request.param == "aliyun" else OnScf(running, plane)


def look(deployed: Deployed) -> list[Finding]:
    return deployed.running.look(function=NAME)


def checks(deployed: Deployed) -> list[str]:
    return [finding.check for finding in look(deployed)]


def test_a_function_as_we_ship_it_would_be_called_ill(deployed: Deployed) -> None:
    assert look(deployed) == []


def test_a_function_that_is_not_there_would_be_waited_for(deployed: Deployed) -> None:
    deployed.remove()
    (finding,) = look(deployed)
    assert (finding.check, finding.where) == ("function-absent", "function imagelabels")


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "runtime": ({"runtime": "python3.9"}, "runtime-unsupported"),
    "timeout": ({"timeout": 74}, "timeout-below-lease"),
    "memory": ({"memory": 256}, "memory-too-small"),
    "layers": ({"layers": []}, "function-without-layer"),
    "state": ({"state": "Failed"}, "function-stopped"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_function_that_cannot_do_its_work_would_go_unnoticed(deployed: Deployed, fault: str) -> None:
    values, check = FAULTS[fault]
    deployed.change(**values)
    assert checks(deployed) == [check]


@pytest.mark.parametrize(
    ("variable", "value", "check"),
    [
        ("IMAGELABELS_TAG_LIMITS", "3", "setting-value"),
        ("IMAGELABELS_THRESHOLD", "80", "setting-value"),
        ("IMAGELABELS_TAG_PREFIX", "auto:", "settings-differ"),
        ("IMAGELABELS_INDEX", "sqlite:////tmp/labels.db", "index-does-not-last"),
        ("IMAGELABELS_INDEX", "tablestore://other-inst", "settings-differ"),
    ],
)
def test_settings_of_the_function_would_be_taken_for_those_here(
    deployed: Deployed, variable: str, value: str, check: str
) -> None:
    deployed.environment(**{variable: value})
    assert check in (found := checks(deployed))
    assert set(found) <= {check, "settings-differ"}


def test_a_secret_of_the_function_would_be_shown(deployed: Deployed) -> None:
    deployed.environment(ALIBABA_CLOUD_ACCESS_KEY_SECRET="top-secret", IMAGELABELS_TAG_LIMIT="top")
    shown = repr(look(deployed))
    assert "setting-value" in shown
    assert "top-secret" not in shown


def test_events_that_fail_would_be_lost(deployed: Deployed) -> None:
    deployed.lose_failures()
    assert checks(deployed) == ["failures-lost"]


@pytest.mark.parametrize(("retries", "longest", "check"), [(0, 21600, "retries"), (2, 300, "event-age")])
def test_events_that_fail_for_a_moment_would_be_lost(
    deployed: Deployed, retries: int, longest: int, check: str
) -> None:
    deployed.retries(retries, longest)
    assert checks(deployed) == [check]


def test_a_backlog_could_take_all_instances(tmp_path: Path) -> None:
    with account(tmp_path, "aliyun") as running:
        deployed = OnFunctionCompute(running)
        del deployed.control.answers["GetConcurrencyConfig"][NAME]
        assert checks(deployed) == ["instances-unlimited"]
        deployed.control.answers["GetConcurrencyConfig"][NAME] = {"reservedConcurrency": 0}
        assert checks(deployed) == ["no-instance"]
        deployed.control.answers["GetConcurrencyConfig"][NAME] = {"reservedConcurrency": 1}
        deployed.function["instanceConcurrency"] = 20
        assert checks(deployed) == ["instance-concurrency"]
        deployed.function |= {
            "instanceConcurrency": 1,
            "lastUpdateStatus": "Failed",
            "lastUpdateStatusReason": "no disk",
        }
        assert ["no disk" in finding.cause for finding in look(deployed)] == [True]
        del deployed.function["lastUpdateStatus"]
        deployed.environment(IMAGELABELS_DETECTOR="embedded")
        running.environ["IMAGELABELS_DETECTOR"] = "embedded"
        assert checks(deployed) == []
        deployed.change(memory=512)
        assert checks(deployed) == ["memory-too-small"]
        del deployed.control.answers["GetAsyncInvokeConfig"][NAME]
        assert checks(deployed) == ["memory-too-small", "failures-lost"]


def replace(plain: dict[str, Any], old: str, new: str) -> None:
    plain["events"] = [new if event.endswith(old) else event for event in plain["events"]]


TRIGGERS: dict[str, tuple[Callable[[dict[str, Any]], None], set[str]]] = {
    "wildcard": (lambda plain: replace(plain, "Put", "cos:ObjectCreated:*"), {"event-wildcard", "trigger-overlap"}),
    "part": (lambda plain: plain["events"].append("x:ObjectCreated:UploadPart"), {"event-of-a-part"}),
    "appended": (lambda plain: plain["events"].append("x:ObjectCreated:AppendObject"), {"event-of-a-part"}),
    "loop": (lambda plain: plain["events"].append("x:ObjectModified:UpdateObjectMeta"), {"event-loop"}),
    "unneeded": (lambda plain: plain["events"].append("x:ObjectReplication:ObjectCreated"), {"event-unneeded"}),
    "missing": (lambda plain: plain["events"].pop(), {"event-missing"}),
    "slash": (lambda plain: plain.update(prefix="/photos/"), {"filter-slash"}),
    "star": (lambda plain: plain.update(suffix="*.jpg"), {"filter-wildcard", "letter-case"}),
    "letter case": (lambda plain: plain.update(suffix=".jpg"), {"letter-case"}),
}


@pytest.mark.parametrize("fault", TRIGGERS)
def test_a_trigger_that_brings_too_much_or_too_little_would_go_unnoticed(deployed: Deployed, fault: str) -> None:
    change, expected = TRIGGERS[fault]
    if fault == "wildcard" and deployed.running.cloud == "aliyun":
        change, expected = (
            (lambda plain: plain.update(events=["oss:ObjectCreated:*", *plain["events"][4:]])),
            {"event-wildcard"},
        )
    deployed.trigger(change)
    assert set(checks(deployed)) == expected


def test_triggers_that_overlap_would_go_unnoticed(deployed: Deployed) -> None:
    deployed.again("photos/")
    assert set(checks(deployed)) == {"trigger-overlap"}


def test_triggers_of_both_letter_cases_would_be_called_ill(deployed: Deployed) -> None:
    deployed.trigger(lambda plain: plain.update(suffix=".jpg"))
    deployed.again("", ".JPG")
    assert checks(deployed) == []


def test_a_trigger_of_another_bucket_would_be_taken_for_ours(deployed: Deployed) -> None:
    deployed.running.store.create_bucket("other-1250000000")
    found = [one.check for one in deployed.running.look(function=NAME, bucket="other-1250000000")]
    assert "trigger-missing" in found
    assert set(found) <= {"trigger-missing", "imm-binding-missing"}


def test_a_trigger_that_is_off_would_go_unnoticed(tmp_path: Path) -> None:
    plane = ControlPlane()
    with account(tmp_path, "tencent", key=(KEY, SECRET)) as running, serving(plane) as endpoint:
        running.environ["IMAGELABELS_ENDPOINT_SCF"] = endpoint
        deployed = OnScf(running, plane)
        plane.triggers[0]["Enable"] = 0
        assert checks(deployed) == ["trigger-off"]
        plane.triggers[0]["TriggerDesc"] = "no json"
        assert checks(deployed) == ["could-not-look"]


@pytest.mark.parametrize("operation", ["GetFunction", "GetAsyncInvokeConfig", "ListTriggers"])
@pytest.mark.parametrize("code", ["forbidden", "throttled", "broken"])
def test_a_control_plane_that_refuses_would_end_the_look(deployed: Deployed, operation: str, code: str) -> None:
    deployed.refuse(operation, code)
    assert checks(deployed) == ["could-not-look"]


def test_a_control_plane_that_is_not_there_would_end_the_look(deployed: Deployed) -> None:
    for name in ("FC", "SCF"):
        deployed.running.environ[f"IMAGELABELS_ENDPOINT_{name}"] = "http://127.0.0.1:9"
    assert checks(deployed) == ["could-not-look"]


def test_more_calls_than_the_page_says_would_be_made(deployed: Deployed) -> None:
    assert look(deployed) == []
    control = [request for request in deployed.running.requests if "/2023-03-30/" in request]
    calls = control if deployed.running.cloud == "aliyun" else deployed.plane.calls  # type: ignore[attr-defined]
    assert len(calls) == 4


def test_our_own_deployment_would_be_called_ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plane = ControlPlane()
    monkeypatch.setattr(run, "PAUSE", 0.0)
    with account(tmp_path, "tencent", key=(KEY, SECRET)) as running, serving(plane) as endpoint:
        running.environ |= {"IMAGELABELS_ENDPOINT_SCF": endpoint, "IMAGELABELS_DETECTOR": "ci"}
        for name, value in running.environ.items():
            monkeypatch.setenv(name, value)
        given = {
            "Region": "ap-guangzhou",
            "AppId": "1250000000",
            "Bucket": running.bucket,
            "DeadLetterQueue": "failures",
            "Index": INDEX,
            "IndexEndpoint": running.address,
            "IndexRegion": "cn-hangzhou",
        }
        for name in ("Code", "Layer"):
            (tmp_path / name).write_bytes(b"an archive")
            given[name] = str(tmp_path / name)
        words = [f"{name}={value}" for name, value in given.items()]
        assert main(["deploy", "tencent", "--endpoint", endpoint, "--param", *words]) == 0
        assert running.look(function=NAME) == []
