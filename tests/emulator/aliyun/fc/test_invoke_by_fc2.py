"""InvokeFunction of FC 2.0, asked for by the vendor's unmodified client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fc2.fc_exceptions
import pytest

from tests.emulator.invoking import RunningFunctions, deployed, running_functions


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    functions = deployed(tmp_path, service="pictures"), deployed(tmp_path, "alone")
    with running_functions(tmp_path, *functions) as running:
        yield running


def refused(emulated: RunningFunctions, *args: Any, **options: Any) -> tuple[int, str, str]:
    """Return status, code and message with which the client fails."""
    with pytest.raises(fc2.fc_exceptions.FcError) as caught:
        emulated.fc2(*args, **options)
    return caught.value.status_code, caught.value.err_code, json.loads(caught.value.message)["ErrorMessage"]


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
