"""Invoke and InvokeFunction of SCF, asked for by the vendor's unmodified client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.scf.v20180416 import models

from emulator.core.parts import Key
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.invoking import RunningFunctions, deployed, running_functions, waiting_call
from tests.emulator.running import ROOT

SOURCE = """
    import os, pathlib, time

    def handler(event, context):
        print("seen", event.get("print", ""))
        if "touch" in event:
            pathlib.Path(event["touch"]).touch()
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
MB = 1024 * 1024
SCF = ServerlessCloudFunction()


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    functions = (
        deployed(tmp_path, "label", SCF, SOURCE),
        deployed(tmp_path, "single", SCF, SOURCE, instances=1),
        deployed(tmp_path, "hasty", SCF, SOURCE, timeout=0.5),
        deployed(tmp_path, "foreign"),
    )
    with running_functions(tmp_path, *functions) as running:
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
    with emulated.scf_client() as client:
        assert json.loads(client.InvokeFunction(request).Result.RetMsg)["event"] == {"a": 1}


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


def test_a_function_that_takes_too_long_has_the_number_of_a_time_out(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    result = emulated.scf("hasty", {"wait": str(tmp_path / "never")})
    assert (result.InvokeResult, result.ErrMsg) == (1, "Invoking task timed out after 0.5 seconds")
    assert json.loads(result.RetMsg)["statusCode"] == 433
    assert result.Duration >= 500


def test_a_process_that_ends_has_its_number_and_the_next_call_is_served(emulated: RunningFunctions) -> None:
    result = emulated.scf("label", {"exit": 3}, LogType="Tail")
    assert (result.InvokeResult, json.loads(result.RetMsg)["statusCode"]) == (1, 439)
    assert "seen" in result.Log
    assert emulated.scf("label").InvokeResult == 0


def test_a_result_above_6_mb_is_an_error(emulated: RunningFunctions) -> None:
    result = emulated.scf("label", {"make": 6 * MB})
    assert (result.InvokeResult, json.loads(result.RetMsg)["statusCode"]) == (1, 407)
    assert len(emulated.scf("label", {"make": 6 * MB - 2}).RetMsg) == 6 * MB


def test_an_async_event_of_128_kb_is_queued_and_a_larger_one_is_refused(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    fits = json.dumps({"touch": str(tmp_path / "seen")}).ljust(128 * 1024)
    result = emulated.scf("label", fits, InvocationType="Event")
    assert (result.RetMsg, result.Log, result.ErrMsg, result.InvokeResult) == ("", "", "", 0)
    assert len(result.FunctionRequestId) == 36
    emulated.settle("label", delivered=1)
    assert (tmp_path / "seen").exists()
    code, message = refused(emulated, "label", fits + " ", InvocationType="Event")
    assert (code, "131072" in message) == ("InvalidParameter.RequestTooLarge", True)


def test_a_sync_event_above_6_mb_is_refused(emulated: RunningFunctions) -> None:
    assert emulated.scf("label", "{}".ljust(6 * MB)).InvokeResult == 0
    assert refused(emulated, "label", "{}".ljust(6 * MB + 1))[0] == "InvalidParameter.RequestTooLarge"
    assert refused(emulated, "label", " " * 11 * MB)[0] == "RequestSizeLimitExceeded"


def test_an_async_event_on_which_the_function_fails_is_retried_and_kept(emulated: RunningFunctions) -> None:
    emulated.scf("label", {"raise": "always"}, InvocationType="Event")
    emulated.settle("label", failed=1)
    assert [failure["attempts"] for failure in emulated.control("functions/label/failures")["failures"]] == [3]


def test_a_call_above_the_limit_of_instances_is_throttled_until_one_is_free(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    with waiting_call(lambda event: emulated.scf("single", event), tmp_path) as waited:
        result = emulated.scf("single")
        assert (result.InvokeResult, json.loads(result.RetMsg)["statusCode"]) == (1, 432)
        assert result.ErrMsg == "Function [ single ] concurrency exceeded reserved quota 512 MB"
        assert emulated.scf("label").InvokeResult == 0
    assert waited().InvokeResult == 0
    assert emulated.scf("single").InvokeResult == 0


def test_requests_above_the_rate_are_refused_in_that_second(tmp_path: Path) -> None:
    now = [time.time() // 1]
    function, rates = deployed(tmp_path, "label", SCF, SOURCE), {"Invoke": 2.0, "InvokeFunction": 1.0}
    with running_functions(tmp_path, function, clock=lambda: now[0], scf_rates=rates) as emulated:
        assert [emulated.scf("label").InvokeResult for _ in range(2)] == [0, 0]
        assert refused(emulated, "label")[0] == "RequestLimitExceeded"
        now[0] += 1
        assert emulated.scf("label").InvokeResult == 0


@pytest.mark.parametrize("name", ["other", "foreign"])
def test_an_unknown_function_and_one_of_another_cloud_are_not_found(emulated: RunningFunctions, name: str) -> None:
    assert refused(emulated, name)[0] == "ResourceNotFound.FunctionName"


@pytest.mark.parametrize(
    ("event", "options", "code", "said"),
    [
        ("{", {}, "InvalidParameter.Payload", ""),
        ("[" * 100_000, {}, "InvalidParameter.Payload", ""),
        ("\ud800", {}, "InvalidParameter.Payload", ""),
        ("{}", {"Namespace": "other"}, "ResourceNotFound.Namespace", "other"),
        ("{}", {"Qualifier": "7"}, "ResourceNotFound.Qualifier", "7"),
        ("{}", {"InvocationType": "Later"}, "InvalidParameterValue", "InvocationType"),
        ("{}", {"LogType": "Head"}, "InvalidParameterValue", "LogType"),
        ("{}", {"RoutingKey": "{}"}, "UnknownParameter", "RoutingKey"),
    ],
)
def test_what_the_emulator_does_not_have_is_refused_by_name(
    emulated: RunningFunctions, event: str, options: dict[str, str], code: str, said: str
) -> None:
    found, message = refused(emulated, "label", event, **options)
    assert (found, said in message) == (code, True)
    assert emulated.control("functions/label")["invocations"] == 0


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"FunctionName": 7}, "InvalidParameter"),
        ({}, "MissingParameter"),
        ([], "InvalidParameter"),
        ({"FunctionName": "label", "ClientContext": {"a": 1}}, "InvalidParameter"),
    ],
)
def test_parameters_of_a_wrong_form_are_refused(emulated: RunningFunctions, params: Any, code: str) -> None:
    with emulated.scf_client() as client, pytest.raises(TencentCloudSDKException) as caught:
        client.call("Invoke", params)
    assert caught.value.get_code() == code


def test_other_operations_and_versions_are_not_pretended(emulated: RunningFunctions) -> None:
    with emulated.scf_client() as client:
        with pytest.raises(TencentCloudSDKException) as caught:
            client.ListFunctions(models.ListFunctionsRequest())
        assert (caught.value.get_code(), "ListFunctions" in caught.value.get_message()) == ("InvalidAction", True)
        client._apiVersion = "2017-01-01"
        with pytest.raises(TencentCloudSDKException) as caught:
            client.call("Invoke", {"FunctionName": "label"})
        assert caught.value.get_code() == "NoSuchVersion"


def test_a_client_that_leaves_the_body_out_of_its_signature_is_let_in(emulated: RunningFunctions) -> None:
    with emulated.scf_client() as client:
        client.profile.unsignedPayload = True
        assert json.loads(client.call("Invoke", {"FunctionName": "label"}))["Response"]["Result"]["InvokeResult"] == 0


def test_temporary_keys_are_good_with_their_token_until_they_expire(emulated: RunningFunctions) -> None:
    key = emulated.keyring.issue(600)
    assert emulated.scf("label", key=key).InvokeResult == 0
    for wrong in (Key(key.id, key.secret, "another"), Key(key.id, key.secret), emulated.keyring.issue(-1)):
        assert refused(emulated, "label", key=wrong)[0] == "AuthFailure.TokenFailure"


def test_an_unknown_key_and_a_wrong_secret_are_refused(emulated: RunningFunctions) -> None:
    assert refused(emulated, "label", key=Key("nobody", "x"))[0] == "AuthFailure.SecretIdNotFound"
    assert refused(emulated, "label", key=Key(ROOT.id, "wrong"))[0] == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_time_six_minutes_off_is_refused(tmp_path: Path, minutes: int) -> None:
    function = deployed(tmp_path, "label", SCF, SOURCE)
    with running_functions(tmp_path, function, clock=lambda: time.time() + 60 * minutes) as emulated:
        assert refused(emulated, "label")[0] == "AuthFailure.SignatureExpire"
