"""Invoke and InvokeFunction of SCF, asked for by the vendor's unmodified client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.scf.v20180416 import models

from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.invoking import RunningFunctions, deployed, running_functions

SOURCE = """
    import os, time

    def handler(event, context):
        print("seen", event.get("print", ""))
        while "wait" in event and not os.path.exists(event["wait"]):
            time.sleep(0.01)
        if "raise" in event:
            raise ValueError(event["raise"])
        if "exit" in event:
            os._exit(event["exit"])
        if "make" in event:
            return "x" * event["make"]
        return {"event": event, "request_id": context["request_id"]}
    """
SCF = ServerlessCloudFunction()


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    with running_functions(tmp_path, deployed(tmp_path, "label", SCF, SOURCE)) as running:
        yield running


def refused(emulated: RunningFunctions, *args: Any, **options: Any) -> tuple[str, str]:
    """Return code and message with which the client fails."""
    with pytest.raises(TencentCloudSDKException) as caught:
        emulated.scf(*args, **options)
    return caught.value.get_code(), caught.value.get_message()


def test_the_client_gets_the_functions_result_and_what_it_cost(emulated: RunningFunctions) -> None:
    result = emulated.scf("label", {"key": "照片.jpg"})
    returned = json.loads(result.RetMsg)
    assert (returned["event"], result.InvokeResult, result.ErrMsg) == ({"key": "照片.jpg"}, 0, "")
    assert returned["request_id"] == result.FunctionRequestId
    assert 0 < result.Duration <= result.BillDuration < result.Duration + 1
    assert result.MemUsage > 1_000_000
    assert result.Log == ""
    assert emulated.control("calls") == {"SCF Invoke": 1}


def test_invoke_function_takes_its_event_under_another_name(emulated: RunningFunctions) -> None:
    request = models.InvokeFunctionRequest()
    request.FunctionName, request.Event, request.Qualifier = "label", '{"a": 1}', "$DEFAULT"
    client = emulated.scf_client()
    assert json.loads(client.InvokeFunction(request).Result.RetMsg)["event"] == {"a": 1}
    client.request.conn._session.close()


def test_the_client_gets_the_log_if_it_asks_for_it(emulated: RunningFunctions) -> None:
    result = emulated.scf("label", {"print": "狗"}, LogType="Tail")
    id_ = result.FunctionRequestId
    assert result.Log.splitlines() == [f"START RequestId: {id_}", "seen 狗", f"END RequestId: {id_}"]


def test_a_function_that_raises_has_its_error_in_the_form_of_the_vendors_page(emulated: RunningFunctions) -> None:
    result = emulated.scf("label", {"raise": "no such 狗"})
    error = json.loads(result.RetMsg)
    trace = error.pop("stackTrace")
    assert error == {
        "errorCode": -1,
        "errorMessage": "user code exception caught",
        "requestId": result.FunctionRequestId,
        "statusCode": 430,
    }
    assert (result.InvokeResult, result.ErrMsg) == (1, trace)
    assert trace.splitlines()[0] == "Traceback (most recent call last):"
    assert trace.splitlines()[-1] == "ValueError: no such 狗"


def test_an_unknown_function_is_not_found(emulated: RunningFunctions) -> None:
    assert refused(emulated, "other")[0] == "ResourceNotFound.FunctionName"
