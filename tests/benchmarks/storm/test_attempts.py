"""These tests read attempts of deliveries from logs of functions."""

from __future__ import annotations

from pathlib import Path

from benchmarks.storm.attempts import Attempt, attempts, of_call

LOG = """\
2026-01-01T00:00:01.000+00:00 a FC Invoke Start RequestId: a
2026-01-01T00:00:01.500+00:00 b START RequestId: b
2026-01-01T00:00:02.000+00:00 a Process exited unexpectedly before completing request (duration: 1000ms)
2026-01-01T00:00:03.000+00:00 a FC Invoke Start RequestId: a
2026-01-01T00:00:03.500+00:00 b {"level":"INFO","message":"labelled"}
2026-01-01T00:00:04.000+00:00 b END RequestId: b
2026-01-01T00:00:05.000+00:00 a {"errorMessage": "waits", "errorType": "Unavailable"}
2026-01-01T00:00:05.000+00:00 a FC Invoke End RequestId: a
2026-01-01T00:00:06.000+00:00 a FC Invoke Start RequestId: a
2026-01-01T00:00:07.000+00:00 a FC Invoke End RequestId: a
2026-01-01T00:00:08.000+00:00 c FC Invoke Start RequestId: c
2026-01-01T00:00:09.000+00:00  a line of no invocation
"""
DAY = 1767225600.0


def test_an_attempt_that_was_killed_or_raised_would_count_as_good(tmp_path: Path) -> None:
    (tmp_path / "f.log").write_text(LOG)
    told = attempts([tmp_path / "f.log"])
    assert told["a"] == [
        Attempt(DAY + 1, DAY + 2, "died"),
        Attempt(DAY + 3, DAY + 5, "raised"),
        Attempt(DAY + 6, DAY + 7, "good"),
    ]
    assert told["b"] == [Attempt(DAY + 1.5, DAY + 4, "good")]
    assert told["c"] == [Attempt(DAY + 8, DAY + 8, "died")]


def test_a_call_would_belong_to_another_attempt_than_that_in_which_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "f.log").write_text(LOG)
    told = attempts([tmp_path / "f.log"])
    assert of_call(told, "a", DAY + 4) == told["a"][1]
    assert of_call(told, "a", DAY) is None
    assert of_call(told, "d", DAY + 4) is None
