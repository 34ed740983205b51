"""InvokeFunction of FC 2.0, asked for by the vendor's unmodified client."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fc2.fc_exceptions
import pytest

from emulator.core.parts import Key
from tests.emulator.invoking import RunningFunctions, deployed, running_functions, waiting_call
from tests.emulator.running import ROOT


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    functions = (
        deployed(tmp_path, service="pictures"),
        deployed(tmp_path, "single", service="pictures", instances=1),
        deployed(tmp_path, "alone"),
    )
    with running_functions(tmp_path, *functions) as running:
        yield running


def refused(emulated: RunningFunctions, *args: Any, **options: Any) -> tuple[int, str, str]:
    """Return status, code and message with which the client fails.

    The message of an error of the function is in the form of the function.
    """
    with pytest.raises(fc2.fc_exceptions.FcError) as caught:
        emulated.fc2(*args, **options)
    return caught.value.status_code, caught.value.err_code, _message(caught.value)


def _message(error: Any) -> str:
    document = json.loads(error.message)
    return str(document.get("ErrorMessage") or document["errorMessage"])


def test_the_client_gets_the_functions_result_and_the_request_id_of_its_context(emulated: RunningFunctions) -> None:
    reply = emulated.fc2("pictures", "label", {"key": "照片.jpg"})
    assert (reply.json["event"], reply.json["service"]) == ({"key": "照片.jpg"}, "pictures")
    assert reply.headers["x-fc-request-id"] == reply.json["request_id"]
    assert emulated.fc2("pictures", "label", {}, qualifier="LATEST").json["event"] == {}


def test_a_service_that_no_function_has_is_not_found(emulated: RunningFunctions) -> None:
    assert refused(emulated, "elsewhere", "label", {}) == (404, "ServiceNotFound", "service 'elsewhere' does not exist")


def test_a_function_without_a_service_is_not_reached_by_fc2(emulated: RunningFunctions) -> None:
    assert refused(emulated, "pictures", "alone", {})[:2] == (404, "FunctionNotFound")


@pytest.mark.parametrize(("qualifier", "code"), [("3", "VersionNotFound"), ("prod", "AliasNotFound")])
def test_a_qualifier_other_than_latest_is_refused_by_name(
    emulated: RunningFunctions, qualifier: str, code: str
) -> None:
    status, found, message = refused(emulated, "pictures", "label", {}, qualifier=qualifier)
    assert (status, found) == (404, code)
    assert f"'{qualifier}' of service 'pictures'" in message


def test_a_function_that_raises_is_an_error_of_the_client_with_the_functions_message(
    emulated: RunningFunctions,
) -> None:
    assert refused(emulated, "pictures", "label", {"raise": "no such 狗"}) == (200, "", "no such 狗")


def test_an_async_event_of_128_kb_is_queued_and_a_larger_one_is_refused(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    headers = {"x-fc-invocation-type": "Async"}
    fits = json.dumps({"touch": str(tmp_path / "seen")}).encode().ljust(128 * 1024)
    reply = emulated.fc2("pictures", "label", fits, headers=headers)
    assert (reply.body, len(reply.headers["x-fc-request-id"])) == (b"", 36)
    emulated.settle("label", delivered=1)
    assert (tmp_path / "seen").exists()
    assert refused(emulated, "pictures", "label", fits + b" ", headers=headers)[:2] == (400, "EntityTooLarge")


def test_the_client_gets_the_log_if_it_asks_for_it(emulated: RunningFunctions) -> None:
    reply = emulated.fc2("pictures", "label", {"print": "狗"}, headers={"x-fc-log-type": "Tail"})
    assert "seen 狗\n" in base64.b64decode(reply.headers["x-fc-log-result"]).decode()


def test_a_call_above_the_limit_of_instances_is_throttled(emulated: RunningFunctions, tmp_path: Path) -> None:
    with waiting_call(lambda event: emulated.fc2("pictures", "single", event), tmp_path) as reply:
        assert refused(emulated, "pictures", "single", {})[:2] == (429, "ResourceExhausted")
    assert reply().json["service"] == "pictures"


def test_temporary_keys_are_good_with_their_token_until_they_expire(emulated: RunningFunctions) -> None:
    key = emulated.keyring.issue(600)
    assert emulated.fc2("pictures", "label", {}, key).json["event"] == {}
    for wrong in (Key(key.id, key.secret, "another"), Key(key.id, key.secret), emulated.keyring.issue(-1)):
        assert refused(emulated, "pictures", "label", {}, wrong)[:2] == (403, "AccessDenied")


def test_an_unknown_key_and_a_wrong_secret_are_refused(emulated: RunningFunctions) -> None:
    assert refused(emulated, "pictures", "label", {}, Key("nobody", "x"))[:2] == (403, "InvalidAccessKeyID")
    assert refused(emulated, "pictures", "label", {}, Key(ROOT.id, "wrong"))[:2] == (403, "SignatureNotMatch")


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_date_twenty_minutes_off_is_refused(tmp_path: Path, minutes: int) -> None:
    function = deployed(tmp_path, service="pictures")
    with running_functions(tmp_path, function, clock=lambda: time.time() + 60 * minutes) as emulated:
        assert refused(emulated, "pictures", "label", {})[:2] == (403, "AccessDenied")


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 01 Jan 0001 00:00:00 -0000", "9" * 300])
def test_a_date_that_is_none_is_refused(emulated: RunningFunctions, date: str) -> None:
    assert refused(emulated, "pictures", "label", {}, headers={"date": date})[0] in (400, 403)


def test_other_operations_are_not_pretended(emulated: RunningFunctions) -> None:
    client = emulated.fc2_client()
    with pytest.raises(fc2.fc_exceptions.FcError) as caught:
        client.get_service("pictures")
    assert (caught.value.status_code, caught.value.err_code) == (400, "PathNotSupported")
