"""Asynchronous events, states of requests and reserved concurrency, asked for by the vendor's unmodified client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.scf.v20180416 import models

from emulator.functions.settings import Asynchronous, Settings
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.contract.invokers import SCF_SOURCE
from tests.emulator.invoking import RunningFunctions, deployed, running_functions, waiting_call

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

EVENTS = Settings(Asynchronous((), tasks=True), never_waits=True)


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    platform = ServerlessCloudFunction()
    functions = (
        deployed(tmp_path, "label", platform, SCF_SOURCE),
        deployed(tmp_path, "tasks", platform, SCF_SOURCE, instances=1, settings=EVENTS),
    )
    with running_functions(tmp_path, *functions, scf_rates={"GetRequestStatus": 1000.0}) as running:
        yield running


def asked(emulated: RunningFunctions, action: str, **parameters: Any) -> Any:
    request = getattr(models, f"{action}Request")()
    request.from_json_string(json.dumps(parameters))
    with emulated.scf_client() as client:
        return getattr(client, action)(request)


def refused(emulated: RunningFunctions, action: str, **parameters: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as caught:
        asked(emulated, action, **parameters)
    return str(caught.value.get_code())


def run_of(emulated: RunningFunctions, name: str, request_id: str) -> Any:
    (run,) = asked(emulated, "GetRequestStatus", FunctionName=name, FunctionRequestId=request_id).Data
    return run


def test_a_request_tells_its_answer_or_its_error(emulated: RunningFunctions) -> None:
    good = emulated.scf("label", {"key": "a"}, InvocationType="Event").FunctionRequestId
    emulated.settle("label")
    run = run_of(emulated, "label", good)
    assert (run.RetCode, json.loads(run.RetMsg)["event"]) == (0, {"key": "a"})
    bad = emulated.scf("tasks", {"raise": "no dog"}).FunctionRequestId
    emulated.settle("tasks")
    run = run_of(emulated, "tasks", bad)
    assert (run.RetCode, json.loads(run.RetMsg)["statusCode"]) == (-1, 430)
    nobody = asked(emulated, "GetRequestStatus", FunctionName="label", FunctionRequestId="nobody")
    assert (nobody.TotalCount, nobody.Data) == (0, [])


def test_a_function_that_runs_asynchronously_lets_its_events_be_listed_and_ended(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    event = {"touch": str(tmp_path / "begun"), "wait": str(tmp_path / "never")}
    request_id = emulated.scf("tasks", event).FunctionRequestId
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    assert asked(emulated, "GetAsyncEventStatus", InvokeRequestId=request_id).Result.Status == "RUNNING"
    asked(emulated, "TerminateAsyncEvent", FunctionName="tasks", InvokeRequestId=request_id)
    emulated.settle("tasks", failed=0)
    assert asked(emulated, "GetAsyncEventStatus", InvokeRequestId=request_id).Result.Status == "ABORTED"
    events = asked(emulated, "ListAsyncEvents", FunctionName="tasks", Status=["ABORTED"])
    assert [(one.InvokeRequestId, one.Status) for one in events.EventList] == [(request_id, "ABORTED")]
    again = {"FunctionName": "tasks", "InvokeRequestId": request_id}
    assert refused(emulated, "TerminateAsyncEvent", **again) == "FailedOperation.AsyncEventStatus"
    assert refused(emulated, "GetAsyncEventStatus", InvokeRequestId="nobody") == "ResourceNotFound.AsyncEvent"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"Offset": 10**30}, "InvalidParameterValue"),
        ({"Offset": -1}, "InvalidParameterValue"),
        ({"Limit": 101}, "InvalidParameterValue"),
        ({"Status": [["RUNNING"]]}, "InvalidParameter"),
        ({"Status": [{}]}, "InvalidParameter"),
    ],
)
def test_a_list_of_events_that_makes_no_sense_would_end_in_an_internal_error(
    emulated: RunningFunctions, parameters: dict[str, Any], code: str
) -> None:
    class Request(models.ListAsyncEventsRequest):  # type: ignore[misc]
        def _serialize(self, allow_none: bool = False) -> dict[str, Any]:
            return {"FunctionName": "tasks", **parameters}

    with emulated.scf_client() as client, pytest.raises(TencentCloudSDKException) as caught:
        client.ListAsyncEvents(Request())
    assert caught.value.get_code() == code


def test_an_event_of_another_function_cannot_be_ended(emulated: RunningFunctions) -> None:
    request_id = emulated.scf("label", {}, InvocationType="Event").FunctionRequestId
    asking = {"FunctionName": "label", "InvokeRequestId": request_id}
    assert refused(emulated, "TerminateAsyncEvent", **asking) == "ResourceNotFound.AsyncEvent"


def test_calls_above_the_reserved_concurrency_are_refused(emulated: RunningFunctions, tmp_path: Path) -> None:
    assert asked(emulated, "GetReservedConcurrencyConfig", FunctionName="label").ReservedMem is None
    small = {"FunctionName": "label", "ReservedConcurrencyMem": 511}
    assert refused(emulated, "PutReservedConcurrencyConfig", **small) == "InvalidParameterValue"
    asked(emulated, "PutReservedConcurrencyConfig", FunctionName="label", ReservedConcurrencyMem=512)
    assert asked(emulated, "GetReservedConcurrencyConfig", FunctionName="label").ReservedMem == 512
    with waiting_call(lambda event: emulated.scf("label", event), tmp_path):
        result = emulated.scf("label", {})
        assert "concurrency exceeded reserved quota 512 MB" in result.ErrMsg
    asked(emulated, "DeleteReservedConcurrencyConfig", FunctionName="label")
    assert emulated.scf("label", {}).InvokeResult == 0


def test_a_state_is_told_twenty_times_a_second_and_not_more_often(tmp_path: Path) -> None:
    """The pages of these operations have this limit."""
    function, frozen = deployed(tmp_path, "label", ServerlessCloudFunction(), SCF_SOURCE), time.time()
    with running_functions(tmp_path, function, clock=lambda: frozen) as emulated:
        for _ in range(20):
            asked(emulated, "GetRequestStatus", FunctionName="label", FunctionRequestId="x")
        once_more = {"FunctionName": "label", "FunctionRequestId": "x"}
        assert refused(emulated, "GetRequestStatus", **once_more) == "RequestLimitExceeded"
