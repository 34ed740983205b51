"""The judge of killed backfills sees each harm, and takes no loss by a kill for one."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.backfill_kills.seen import Seen


def call(operation: str, began: float, key: str = "a.jpg", **more: Any) -> dict[str, Any]:
    common = {"bucket": "photos", "key": key, "operation": operation, "began": began, "ended": began + 0.1}
    return common | {"invocation": "", "faults": [], "content": "1 2"} | more


def judged(*calls: dict[str, Any], killed: tuple[int, ...] = ()) -> list[str | None]:
    """Return why each call for a content that was paid for before was made, as the judge says it."""
    pages = [{"forgotten": 0, "calls": list(calls), "next": 1}, {"forgotten": 0, "calls": [], "next": 1}]
    seen = Seen(lambda path: pages.pop(0), "photos")
    seen.started = [10.0, 20.0]
    seen.killed.update(killed)
    seen.collect()
    return [seen.why(first) for first, _ in seen.repeats()]


PAID = call("DetectImageLabels", 11, detected="labels")
AGAIN = call("DetectImageLabels", 21, "b.jpg", detected="labels")
WROTE = call("PUT object?tagging", 12)


@pytest.mark.parametrize(
    ("calls", "killed", "why"),
    [
        ((PAID, AGAIN), (), [None]),
        ((PAID, AGAIN), (0,), ["the command was killed"]),
        ((PAID, WROTE, AGAIN), (0,), [None]),
        ((PAID, AGAIN | {"content": "other"}), (0,), []),
        ((PAID | {"invocation": "i"}, AGAIN), (0,), [None]),
        (
            (PAID | {"invocation": "i"}, call("HEAD object", 11.5, faults=["kill"], invocation="i"), AGAIN),
            (),
            ["a worker was killed"],
        ),
    ],
)
def test_a_content_that_was_paid_for_twice_would_have_a_wrong_cause(
    calls: tuple[dict[str, Any], ...], killed: tuple[int, ...], why: list[str | None]
) -> None:
    assert judged(*calls, killed=killed) == why
