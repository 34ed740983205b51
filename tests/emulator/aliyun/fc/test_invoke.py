"""InvokeFunction of FC 3.0, asked for by the vendor's unmodified client."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330.models import GetFunctionRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from emulator.core.parts import Key
from emulator.functions import log
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.aliyun.imm.running import sdk_clock
from tests.emulator.invoking import RunningFunctions, deployed, running_functions, waiting_call
from tests.emulator.running import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

MB = 1024 * 1024


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    functions = deployed(tmp_path), deployed(tmp_path, "single", instances=1), deployed(tmp_path, "hasty", timeout=0.5)
    with running_functions(tmp_path, *functions) as running:
        yield running


def refused(emulated: RunningFunctions, *args: Any, **options: Any) -> tuple[int, str, str]:
    """Return status, code and message with which the client fails."""
    with pytest.raises(AlibabaCloudException) as caught:
        emulated.fc3(*args, **options)
    return caught.value.status_code, caught.value.code, caught.value.data["Message"]


def test_the_client_gets_the_functions_result_and_the_request_id_of_its_context(emulated: RunningFunctions) -> None:
    reply = emulated.fc3("label", {"key": "照片.jpg"}, qualifier="LATEST")
    assert (reply.status, reply.json["event"]) == (200, {"key": "照片.jpg"})
    assert reply.headers["x-fc-request-id"] == reply.json["request_id"]
    assert "x-fc-error-type" not in reply.headers
    assert emulated.control("calls") == {"FC InvokeFunction": 1}


def test_the_client_gets_the_last_4_kb_of_the_log_if_it_asks_for_them(emulated: RunningFunctions) -> None:
    reply = emulated.fc3("label", {"print": "狗"}, x_fc_log_type="Tail")
    lines = base64.b64decode(reply.headers["x-fc-log-result"]).decode().splitlines()
    request_id = reply.headers["x-fc-request-id"]
    assert lines == [f"FC Invoke Start RequestId: {request_id}", "seen 狗", f"FC Invoke End RequestId: {request_id}"]
    reply = emulated.fc3("label", {"print": "x" * 5000}, x_fc_log_type="Tail")
    assert len(base64.b64decode(reply.headers["x-fc-log-result"])) == 4096
    assert "x-fc-log-result" not in emulated.fc3("label", {}, x_fc_log_type="None").headers


def test_an_invocation_is_in_the_log_of_the_function_as_an_event_is(emulated: RunningFunctions, tmp_path: Path) -> None:
    request_id = emulated.fc3("label", {"print": "here"}, x_fc_log_type="Tail").headers["x-fc-request-id"]
    assert f" {request_id} seen here\n" in (tmp_path / "functions" / "label.log").read_text()


def test_a_function_that_raises_is_answered_with_200_and_an_error_type(emulated: RunningFunctions) -> None:
    reply = emulated.fc3("label", {"raise": "no such 狗"})
    assert (reply.status, reply.headers["x-fc-error-type"]) == (200, "UnhandledInvocationError")
    assert (reply.json["errorType"], reply.json["errorMessage"]) == ("ValueError", "no such 狗")


def test_a_function_that_takes_too_long_is_answered_with_its_time_out(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    reply = emulated.fc3("hasty", {"wait": str(tmp_path / "never")})
    assert (reply.status, reply.headers["x-fc-error-type"]) == (200, "UnhandledInvocationError")
    assert reply.json["errorMessage"] == "Function time out after 0.5 seconds"


def test_a_process_that_ends_is_answered_with_an_error_and_the_next_call_is_served(emulated: RunningFunctions) -> None:
    reply = emulated.fc3("label", {"exit": 3}, x_fc_log_type="Tail")
    assert reply.headers["x-fc-error-type"] == "UnhandledInvocationError"
    assert "Process exited unexpectedly" in reply.json["errorMessage"]
    assert b"seen" in base64.b64decode(reply.headers["x-fc-log-result"])
    assert emulated.fc3("label", {}).json["event"] == {}


def test_an_unknown_function_and_other_versions_are_not_found(emulated: RunningFunctions) -> None:
    assert refused(emulated, "other", {}) == (404, "FunctionNotFound", "function 'other' does not exist")
    assert refused(emulated, "label", {}, qualifier="7")[:2] == (404, "VersionNotFound")
    assert refused(emulated, "label", {}, qualifier="prod")[:2] == (404, "AliasNotFound")


def test_a_function_of_another_cloud_is_not_found(tmp_path: Path) -> None:
    with running_functions(tmp_path, deployed(tmp_path, platform=ServerlessCloudFunction())) as emulated:
        assert refused(emulated, "label", {})[1] == "FunctionNotFound"


def test_an_async_event_of_128_kb_is_queued_and_a_larger_one_is_refused(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    fits = json.dumps({"touch": str(tmp_path / "seen")}).encode().ljust(128 * 1024)
    reply = emulated.fc3("label", fits, x_fc_invocation_type="Async")
    assert (reply.status, reply.body) == (202, b"")
    assert len(reply.headers["x-fc-request-id"]) == 36
    emulated.settle("label", delivered=1)
    assert (tmp_path / "seen").exists()
    status, code, message = refused(emulated, "label", fits + b" ", x_fc_invocation_type="Async")
    assert (status, code, "131072" in message) == (400, "EntityTooLarge", True)


def test_a_sync_event_above_32_mb_is_refused(emulated: RunningFunctions) -> None:
    status, code, message = refused(emulated, "label", bytes(32 * MB + 1))
    assert (status, code, "33554432" in message) == (400, "EntityTooLarge", True)
    assert emulated.fc3("label", b"{}".ljust(8 * MB)).json["event"] == {}


def test_an_async_event_on_which_the_function_fails_is_retried_and_kept(emulated: RunningFunctions) -> None:
    emulated.fc3("label", {"raise": "always"}, x_fc_invocation_type="Async")
    emulated.settle("label", failed=1)
    (failure,) = emulated.control("functions/label/failures")["failures"]
    assert (failure["attempts"], failure["error"]["errorMessage"]) == (4, "always")


def test_a_call_above_the_limit_of_instances_is_throttled_until_one_is_free(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    with waiting_call(lambda event: emulated.fc3("single", event), tmp_path) as reply:
        assert refused(emulated, "single", {})[:2] == (429, "ResourceExhausted")
        assert emulated.fc3("label", {}).status == 200
    assert reply().json["event"].keys() == {"touch", "wait"}
    assert emulated.fc3("single", {}).json["event"] == {}


def test_calls_of_a_function_without_a_limit_wait_for_each_other(emulated: RunningFunctions, tmp_path: Path) -> None:
    event, replies = {"wait": str(tmp_path / "go")}, []
    callers = [threading.Thread(target=lambda: replies.append(emulated.fc3("label", event))) for _ in range(5)]
    for caller in callers:
        caller.start()
    (tmp_path / "go").touch()
    for caller in callers:
        caller.join()
    assert [reply.status for reply in replies] == [200] * 5


def test_a_slow_function_blocks_no_other_request(emulated: RunningFunctions, tmp_path: Path) -> None:
    with waiting_call(lambda event: emulated.fc3("label", event), tmp_path) as reply:
        assert emulated.control("health")["status"] == "ok"
        assert emulated.fc3("single", {"raise": "at once"}).json["errorType"] == "ValueError"
    assert reply().status == 200


def test_temporary_keys_are_good_with_their_token_until_they_expire(emulated: RunningFunctions) -> None:
    key = emulated.keyring.issue(600)
    assert emulated.fc3("label", {}, key).status == 200
    for wrong in (Key(key.id, key.secret, "another"), Key(key.id, key.secret), emulated.keyring.issue(-1)):
        assert refused(emulated, "label", {}, wrong)[:2] == (403, "AccessDenied")


def test_an_unknown_key_and_a_wrong_secret_are_refused(emulated: RunningFunctions) -> None:
    code = (403, "InvalidAccessKeyID", "invalid access key ID 'nobody'")
    assert refused(emulated, "label", {}, Key("nobody", "x")) == code
    assert refused(emulated, "label", {}, Key(ROOT.id, "wrong"))[:2] == (403, "SignatureNotMatch")
    assert emulated.control("functions/label")["invocations"] == 0


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_date_twenty_minutes_off_is_refused(emulated: RunningFunctions, minutes: int) -> None:
    with sdk_clock(60 * minutes):
        assert refused(emulated, "label", {})[:2] == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x_fc_invocation_type", "Later"),
        ("x_fc_log_type", "Head"),
        ("x_fc_async_task_id", "1-task"),
    ],
)
def test_what_a_header_cannot_say_is_refused_by_name(emulated: RunningFunctions, header: str, value: str) -> None:
    status, code, message = refused(emulated, "label", {}, **{header: value})
    assert (status, code) == (400, "InvalidArgument")
    assert header.replace("_", "-") in message


def test_other_operations_are_not_pretended(emulated: RunningFunctions) -> None:
    with pytest.raises(AlibabaCloudException) as caught:
        emulated.fc3_client().get_function("label", GetFunctionRequest())
    assert (caught.value.status_code, caught.value.code) == (400, "PathNotSupported")
    assert "'GET' against '/2023-03-30/functions/label'" in caught.value.data["Message"]


def test_a_function_that_closes_its_output_does_not_keep_the_client_waiting_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "WAIT", 0.1)
    source = """
        import os
        def handler(event, context):
            print("last words")
            os.close(1)
            os.close(2)
            return "done"
        """
    with running_functions(tmp_path, deployed(tmp_path, source=source)) as emulated:
        reply = emulated.fc3("label", {}, x_fc_log_type="Tail")
        assert reply.body == b"done"
        assert b"last words" in base64.b64decode(reply.headers["x-fc-log-result"])
