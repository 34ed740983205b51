"""InvokeFunction of FC 3.0, asked for by the vendor's unmodified client."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.invoking import RunningFunctions, deployed, running_functions

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    with running_functions(tmp_path, deployed(tmp_path)) as running:
        yield running


def test_the_client_gets_the_functions_result_and_the_request_id_of_its_context(emulated: RunningFunctions) -> None:
    reply = emulated.fc3("label", {"key": "照片.jpg"})
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
