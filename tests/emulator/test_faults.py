"""The faults for tests of clients of Tablestore, and the state that each fault leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tablestore
import urllib3

from tests.emulator import faults
from tests.emulator.aliyun.tablestore.asking import IGNORE, create, get
from tests.emulator.running import running_tablestore


@pytest.fixture
def planned() -> faults.Faults:
    return faults.Faults()


@pytest.fixture
def client(tmp_path: Path, planned: faults.Faults) -> Iterator[Any]:
    with running_tablestore(tmp_path, around=planned) as running:
        client = running.ots(socket_timeout=0.1)
        create(client)
        yield client


ROW = tablestore.Row([("pk", "a")], [("n", 1)])


@pytest.mark.parametrize(("code", "status"), [("OTSServerBusy", 503), ("OTSQuotaExhausted", 403)])
def test_a_refused_call_does_nothing_and_the_next_is_served(
    client: Any, planned: faults.Faults, code: str, status: int
) -> None:
    planned.next("/PutRow", faults.refused(code), times=2)
    for _ in range(2):
        with pytest.raises(tablestore.OTSServiceError) as caught:
            client.put_row("t", ROW, IGNORE)
        assert (caught.value.get_http_status(), caught.value.get_error_code()) == (status, code)
        assert get(client, "a") is None
    client.put_row("t", ROW, IGNORE)
    assert get(client, "a") == {"n": 1}


def test_the_sdk_s_own_retries_see_a_throttled_call_through(client: Any, planned: faults.Faults) -> None:
    class AtOnce(tablestore.DefaultRetryPolicy):  # type: ignore[misc]
        def get_retry_delay(self, *args: Any) -> float:
            return 0.0

    client.retry_policy = AtOnce()
    planned.next("/PutRow", faults.refused("OTSServerBusy"), times=2)
    client.put_row("t", ROW, IGNORE)
    assert get(client, "a") == {"n": 1}


@pytest.mark.parametrize("fault", [faults.lost, faults.cut, faults.late(0.15)])
def test_a_call_whose_answer_does_not_come_was_done_all_the_same(
    client: Any, planned: faults.Faults, fault: Any
) -> None:
    planned.next("/PutRow", fault)
    with pytest.raises((urllib3.exceptions.HTTPError, tablestore.OTSClientError)):
        client.put_row("t", ROW, IGNORE)
    assert get(client, "a") == {"n": 1}
