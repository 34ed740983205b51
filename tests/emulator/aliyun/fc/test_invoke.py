"""InvokeFunction of FC 3.0, asked for by the vendor's unmodified client."""

from __future__ import annotations

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
