"""Faults of a deployed function are planted in the emulated control planes of both clouds one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.doctor.live import timer
from imagelabels.deploy.tencent import run
from tests.deploy.doctor.live.account import INDEX, account
from tests.deploy.doctor.live.deployed import NAME, Deployed, OnFunctionCompute, OnScf, Plane
from tests.deploy.tencent.control_plane import KEY, SECRET, serving

pytestmark = pytest.mark.story


@pytest.fixture(params=["aliyun", "tencent"])
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployed]:
    plane = Plane()
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
    "memory": ({"memory": 128}, "memory-too-small"),
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


@pytest.mark.parametrize(("retries", "longest", "check"), [(0, 21600, "retries"), (2, 269, "event-age")])
def test_events_that_fail_for_a_moment_would_be_lost(
    deployed: Deployed, retries: int, longest: int, check: str
) -> None:
    deployed.retries(retries, longest)
    assert checks(deployed) == [check]


def test_pauses_that_only_one_cloud_makes_would_be_demanded_of_the_other(deployed: Deployed) -> None:
    timeout, pauses = 90, {"aliyun": 0, "tencent": 60}[deployed.running.cloud]
    least = 3 * timeout + 2 * pauses
    deployed.retries(2, least)
    assert checks(deployed) == []
    deployed.retries(2, least - 1)
    assert checks(deployed) == ["event-age"]


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
        deployed.function |= {"lastUpdateStatus": "Successful", "state": "Inactive"}
        assert checks(deployed) == [], "its next event wakes it"
        deployed.environment(IMAGELABELS_DETECTOR="embedded")
        running.environ["IMAGELABELS_DETECTOR"] = "embedded"
        assert checks(deployed) == []
        deployed.change(memory=256)
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


def test_another_function_on_the_same_objects_would_go_unnoticed(deployed: Deployed) -> None:
    deployed.beside("thumbnails", "elsewhere-1250000000")
    assert checks(deployed) == []
    deployed.beside("other", deployed.running.bucket)
    found = look(deployed)
    assert {finding.check for finding in found} == {"another-function"}
    assert all(finding.where.startswith("function other, trigger") for finding in found)


def test_an_account_with_many_functions_would_cost_a_call_for_each(deployed: Deployed) -> None:
    for number in range(30):
        deployed.beside(f"other{number}", "elsewhere-1250000000")
    assert checks(deployed) == []
    control = [request for request in deployed.running.requests if "/2023-03-30/" in request]
    calls = control if deployed.running.cloud == "aliyun" else deployed.plane.calls  # type: ignore[attr-defined]
    assert len(calls) == 29


def test_a_trigger_of_another_bucket_would_be_taken_for_ours(deployed: Deployed) -> None:
    deployed.running.store.create_bucket("other-1250000000")
    found = [one.check for one in deployed.running.look(function=NAME, bucket="other-1250000000")]
    assert "trigger-missing" in found
    assert set(found) <= {"trigger-missing", "imm-binding-missing"}


def test_triggers_of_function_compute_that_cannot_be_read_would_end_the_look(tmp_path: Path) -> None:
    with account(tmp_path, "aliyun") as running:
        deployed = OnFunctionCompute(running)
        (trigger,) = deployed.control.answers["ListTriggers"][NAME]["triggers"]
        config = trigger["triggerConfig"]
        trigger["triggerConfig"] = config.replace('{"key"', 'null, "unused": {"key"')
        assert checks(deployed) == []
        for text in ("[1]", "[" * 100_000):
            trigger["triggerConfig"] = text
            assert checks(deployed) == ["could-not-look"]
        trigger |= {"triggerType": "timer"}
        assert checks(deployed) == ["trigger-missing"]


def test_more_pages_of_triggers_than_there_can_be_would_be_read(tmp_path: Path) -> None:
    with account(tmp_path, "aliyun") as running:
        deployed = OnFunctionCompute(running)
        deployed.control.answers["ListTriggers"][NAME]["nextToken"] = "for ever"
        assert set(checks(deployed)) == {"trigger-overlap"}, "the same page came again"
        assert sum(f"/{NAME}/triggers" in request for request in running.requests) == 3


def test_a_trigger_that_is_off_would_go_unnoticed(tmp_path: Path) -> None:
    plane = Plane()
    with account(tmp_path, "tencent", key=(KEY, SECRET)) as running, serving(plane) as endpoint:
        running.environ["IMAGELABELS_ENDPOINT_SCF"] = endpoint
        deployed = OnScf(running, plane)
        plane.triggers[0]["Enable"] = 0
        assert checks(deployed) == ["trigger-off"]
        for text in ("no json", "[" * 100_000):
            plane.triggers[0]["TriggerDesc"] = text
            assert checks(deployed) == ["could-not-look"]


@pytest.mark.parametrize("operation", ["GetFunction", "GetAsyncInvokeConfig", "ListTriggers", "ListFunctions"])
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
    assert len(calls) == 10


def test_our_own_deployment_would_be_called_ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plane = Plane()
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
        assert main(["deploy", "tencent", "--no-proof", "--endpoint", endpoint, "--param", *words]) == 0
        assert running.look(function=NAME) == []


@pytest.mark.parametrize(
    ("values", "check"),
    [
        ({"there": False}, "timer-missing"),
        ({"timers": 0}, "timer-missing"),
        ({"enabled": False}, "timer-off"),
        ({"minutes": 5}, "timer-interval"),
        ({"role": "another"}, "timer-role"),
        ({"environment": {"IMAGELABELS_TAG_LIMIT": "3"}}, "timer-settings"),
        ({"state": "Failed"}, "timer-stopped"),
    ],
)
def test_pictures_that_stand_still_would_wait_for_a_timer_that_does_not_look_after_them(
    deployed: Deployed, values: dict[str, Any], check: str
) -> None:
    deployed.timer(**values)
    (finding,) = look(deployed)
    assert (finding.check, finding.where.partition(",")[0]) == (check, "function imagelabels-timer")


@pytest.mark.parametrize(
    ("values", "check"),
    [
        ({}, None),
        ({"addresses": 0}, "album-address"),
        ({"enabled": False}, "album-address"),
        ({"anonymous": False}, "album-address"),
        ({"same_role": True}, "album-role"),
        ({"environment": {"IMAGELABELS_INDEX": "tablestore://another"}}, "album-settings"),
        ({"environment": {"IMAGELABELS_POLICY": "another"}}, "album-settings"),
        ({"environment": {"IMAGELABELS_TAG_LIMIT": "3"}}, None),
        ({"environment": {"IMAGELABELS_TAG_LIMIT": "3", "IMAGELABELS_CORRECTIONS": "on"}}, "album-settings"),
        ({"environment": {"IMAGELABELS_CORRECTIONS": "on"}}, None),
        ({"state": "Failed"}, "album-stopped"),
    ],
)
def test_clients_of_the_api_would_get_no_answer_or_could_make_its_function_write(
    deployed: Deployed, values: dict[str, Any], check: str | None
) -> None:
    deployed.album(**values)
    found = [(finding.check, finding.where) for finding in look(deployed)]
    assert found == ([(check, "function imagelabels-album")] if check else [])


@pytest.mark.parametrize(
    ("values", "check"),
    [
        ({}, None),
        ({"timers": 0}, "webhooks-timer"),
        ({"enabled": False}, "webhooks-timer"),
        ({"environment": {"IMAGELABELS_INDEX": "tablestore://another"}}, "webhooks-settings"),
        ({"environment": {"IMAGELABELS_POLICY": "another"}}, "webhooks-settings"),
        ({"state": "Failed"}, "webhooks-stopped"),
    ],
)
def test_receivers_would_be_told_nothing_and_nobody_would_know_why(
    deployed: Deployed, values: dict[str, Any], check: str | None
) -> None:
    deployed.webhooks(**values)
    found = [(finding.check, finding.where) for finding in look(deployed)]
    assert found == ([(check, "function imagelabels-webhooks")] if check else [])


@pytest.mark.parametrize(
    ("schedule", "interval"),
    [
        ("@every 10m", 600),
        ("@every 1h30m", 5400),
        ("@every 90s", 90),
        ("0 */10 * * * * *", 600),
        ("0 */15 * * * *", 900),
        ("0 0 4 * * *", None),
        ("@every ", None),
        ("", None),
    ],
)
def test_only_schedules_of_a_known_form_are_judged(schedule: str, interval: int | None) -> None:
    assert timer.seconds(schedule) == interval
