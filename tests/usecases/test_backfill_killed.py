"""A backfill is killed at every call to a port and at every step on files, and the next run goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from imagelabels.domain import checkpoint
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import StoredRow
from imagelabels.usecases.walking import WINDOW
from tests.backfilling import TASK, Bucket, DyingFiles
from tests.world import Worker

OBJECTS = 12
FRESH = checkpoint.text(checkpoint.Checkpoint("run", TASK, 0.0))
"""What stands in for a checkpoint that was not written yet."""


def _is_right(bucket: Bucket, paid_twice: int = 0) -> None:
    """Every key has one line in the report, and every content was paid for once."""
    assert Counter(line["uri"] for line in bucket.lines()) == Counter(f"oss://photos/{key}" for key in bucket.keys)
    assert {line["state"] for line in bucket.lines()} <= {"labelled", "skipped", "unchanged"}
    asked = Counter(bucket.world.detector.asked)
    assert asked.total() - len(asked) <= paid_twice, asked
    assert not any(row.lock or row.waiting for row in bucket.world.ledger.there.values())  # type: ignore[attr-defined]


def _calls(folder: Path) -> list[str]:
    folder.mkdir()
    bucket = Bucket(folder).fill(OBJECTS)
    assert bucket.run() is not None
    assert bucket.worker is not None
    return bucket.worker.wire.calls


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_a_call_would_lose_a_key_tell_it_twice_or_pay_twice(tmp_path: Path, moment: str) -> None:
    calls = _calls(tmp_path / "whole")
    for number, call in enumerate(calls, 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        bucket = Bucket(folder).fill(OBJECTS)
        assert bucket.run(kill_at=(number, moment)) is None, call
        bucket.until_done()
        between = (call, moment) in (("detector.detect", "after"), ("ledger.store", "before"))
        _is_right(bucket, paid_twice=1 if between else 0)


@pytest.mark.parametrize("moment", ["before", "half", "after"])
def test_a_kill_at_a_step_on_files_would_lose_a_key_or_tell_it_twice(tmp_path: Path, moment: str) -> None:
    steps = Bucket(tmp_path).fill(OBJECTS)
    steps.run()
    assert steps.files.steps > 3
    for number in range(1, steps.files.steps + 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        bucket = Bucket(folder).fill(OBJECTS)
        assert bucket.run(files=DyingFiles((number, moment))) is None
        if not checkpoint.read(bucket.checkpoint.read_text() if bucket.checkpoint.exists() else FRESH).finished:
            bucket.until_done()
        _is_right(bucket)


def test_what_a_killed_run_paid_would_be_missing_in_the_report(tmp_path: Path) -> None:
    bucket = Bucket(tmp_path).fill(OBJECTS)
    bucket.run(files=DyingFiles((4, "before")))
    paid = len(bucket.world.detector.asked)
    assert paid > 0
    ran = bucket.until_done()
    assert sum(line["paid_calls"] for line in bucket.lines()) == len(bucket.world.detector.asked) >= paid
    assert ran.counts["paid_calls"] == len(bucket.world.detector.asked)


def test_a_run_that_goes_on_would_read_more_keys_again_than_the_window_has(tmp_path: Path) -> None:
    bucket = Bucket(tmp_path)
    for number in range(2 * WINDOW + 300):
        bucket.put(f"{number:05}.jpg", "same")
    bucket.world.wait(2)
    first: list[str] = []
    bucket.run(kill_at=(4000, "before"), prepare=lambda worker: worker)
    first = [uri for uri, row in bucket.world.ledger.there.items() if row.record is not None]  # type: ignore[attr-defined]
    assert len(first) > 300
    bucket.world.wait(120)
    seen: list[int] = []

    def counted(refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        seen.append(sum(ref.uri in first for ref in refs))
        return bucket.world.ledger.rows(refs)

    def prepare(worker: Worker) -> None:
        worker.wire.instead["ledger.rows"] = [counted] * 100

    assert bucket.run(prepare=prepare) is not None
    assert sum(seen) <= WINDOW
    _is_right(bucket, paid_twice=0)


def test_keys_that_come_before_and_behind_the_position_would_be_lost(tmp_path: Path) -> None:
    bucket = Bucket(tmp_path).fill(40)
    calls = 0

    def come() -> None:
        nonlocal calls
        calls += 1
        bucket.world.wait(2)
        bucket.put(f"0000-{calls}.jpg")
        bucket.put(f"9999-{calls}.jpg")

    assert bucket.run(prepare=lambda worker: worker.before("detector.detect", *[come])) is not None
    assert calls == 1
    _is_right(bucket)
    assert len(bucket.keys) == 42


def test_a_bucket_that_is_done_would_cost_more_than_its_list_and_its_rows(tmp_path: Path) -> None:
    bucket = Bucket(tmp_path).fill(40)
    bucket.run()
    bucket.report.unlink()
    assert bucket.run() is not None
    assert bucket.worker is not None
    assert Counter(bucket.worker.wire.calls) == {"objects.head": 1, "objects.list": 1, "ledger.rows": 1}
    assert {line["fate"] for line in bucket.lines()} == {"done"}
