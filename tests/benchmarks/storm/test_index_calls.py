"""These tests count the requests to the index in lists of calls."""

from __future__ import annotations

from typing import Any

from benchmarks.storm.evidence import Call
from benchmarks.storm.index_calls import IndexCalls, counted

REFUSED: dict[str, Any] = {"status": 403, "code": "OTSConditionCheckFail"}


def asked(at: float, operation: str, key: str = "imagelabels_images/a", invocation: str = "one", **more: Any) -> Call:
    fields: dict[str, Any] = {"function": "f", "process": 1, "status": 200, "code": "", "faults": ()}
    fields |= {"content": "", "etag": "", "detected": ""} | more
    return Call(at, at, "Tablestore", operation, "storm", key, invocation=invocation, **fields)


def test_an_ordinary_delivery_would_count_its_requests_as_polls() -> None:
    calls = [asked(1, "UpdateRow"), asked(2, "GetRow"), asked(3, "BatchWriteRow", "")]
    assert counted(calls) == IndexCalls(1, {"UpdateRow": 1, "GetRow": 1, "BatchWriteRow": 1}, 0, 0)


def test_the_reads_of_a_delivery_that_waits_for_a_lock_would_not_be_told_from_those_that_it_needs() -> None:
    waiting = [asked(1, "UpdateRow", **REFUSED), asked(2, "PutRow", **REFUSED), asked(3, "GetRow"), asked(4, "GetRow")]
    calls = [*waiting, asked(5, "UpdateRow", **REFUSED), asked(6, "GetRow"), asked(7, "UpdateRow"), asked(8, "GetRow")]
    told = counted(calls)
    assert (told.deliveries, told.polls, told.while_polling) == (1, 3, 4)
    assert (told.each, told.each_without_polls) == (8.0, 4.0)


def test_requests_of_clients_or_of_nobody_would_count() -> None:
    assert counted([asked(1, "GetRow", invocation="")]) == IndexCalls(0, {}, 0, 0)
