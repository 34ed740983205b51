"""What a backfill does with its limits, with failures, and with a bucket that is not as it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.cli.backfilling import Backfilling
from imagelabels.cli.journal import Journal
from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import Look, ObjectRef
from imagelabels.domain.policy import Policy
from imagelabels.ports import StoredRow
from imagelabels.usecases.backfill import MOST_FORBIDDEN, TRIES
from imagelabels.usecases.run_budget import CountedLimit, RunBudget
from imagelabels.usecases.slowing import MOST_THROTTLED
from tests.backfilling import Bucket
from tests.world import Worker


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(tmp_path).fill(20)


def states(bucket: Bucket) -> Counter[str]:
    return Counter(line["state"] for line in bucket.lines())


def test_objects_would_not_get_their_labels_or_a_line_would_say_something_else(bucket: Bucket) -> None:
    assert bucket.run() is not None
    by_key = {line["uri"].rpartition("/")[2]: line for line in bucket.lines()}
    assert list(by_key) == bucket.keys
    assert by_key["0000.jpg"] == {
        "uri": "oss://photos/0000.jpg",
        "fate": "ask",
        "state": "labelled",
        "reason": None,
        "notes": [],
        "labels": 1,
        "paid_calls": 1,
    }
    assert (by_key["0019.jpg"]["state"], by_key["0019.jpg"]["paid_calls"]) == ("labelled", 0)
    assert (by_key["0005.jpg"]["fate"], by_key["0005.jpg"]["reason"]) == ("no_call", "archived")
    assert (by_key["0007.jpg"]["fate"], by_key["0007.jpg"]["reason"]) == ("ask", "not_image")
    assert len(bucket.world.detector.asked) == 14


@pytest.mark.parametrize("limit", [1, 5, 13])
def test_a_run_would_pay_for_more_calls_than_its_limit_over_all_of_its_resumes(bucket: Bucket, limit: int) -> None:
    ran = bucket.run(limit=limit)
    assert ran is not None
    assert (ran.stopped_by, ran.left, len(bucket.world.detector.asked)) == ("limit", True, limit)
    ran = bucket.run(limit=limit)
    assert ran is not None
    assert len(bucket.world.detector.asked) == limit
    parked = [row for row in bucket.world.ledger.there.values() if row.record is None or row.record.state == "parked"]  # type: ignore[attr-defined]
    assert parked == []
    done = bucket.run(limit=14)
    assert done is not None
    assert (done.stopped_by, len(bucket.world.detector.asked)) == (None, 14)
    assert Counter(line["uri"] for line in bucket.lines()).most_common(1)[0][1] == 1
    assert len(bucket.lines()) == 20


def test_calls_that_were_made_before_there_was_a_limit_would_not_count(bucket: Bucket) -> None:
    with pytest.raises(Misconfigured):
        bucket.run(prepare=lambda worker: worker.after("detector.detect", *[lambda: stop(worker)]))
    before = len(bucket.world.detector.asked)
    assert 0 < before < 10
    for limit in (before, 10, 10):
        ran = bucket.run(limit=limit)
        assert ran is not None
        assert (ran.stopped_by, len(bucket.world.detector.asked)) == ("limit", limit)
    done = bucket.run()
    assert done is not None
    assert (done.counts["paid_calls"], len(bucket.world.detector.asked)) == (14, 14)


class Clustered(Bucket):
    """Workers elsewhere count the calls of the run in the index, and the command counts what they tell."""

    def _opened(self, worker: Worker, journal: Journal, limit: int | None) -> Backfilling:
        ran = super()._opened(worker, journal, limit)
        assert isinstance(ran.limit, RunBudget)
        ran.limit = CountedLimit(ran.limit.most, ran.limit.taken, knows_former=True)
        return ran


def test_what_a_killed_run_had_paid_on_a_cluster_would_count_twice_and_stop_the_next_run(tmp_path: Path) -> None:
    bucket = Clustered(tmp_path).fill(20)
    assert bucket.run(limit=14, kill_at=(120, "after")) is None
    assert len(bucket.world.detector.asked) > 2
    bucket.world.wait(120)
    ran = bucket.run(limit=14)
    assert ran is not None
    assert (ran.stopped_by, len(bucket.world.detector.asked)) == (None, 14)
    assert Counter(line["uri"] for line in bucket.lines()).most_common(1)[0][1] == 1


def test_an_upload_in_parts_that_began_long_before_it_was_there_would_be_lost(bucket: Bucket) -> None:
    def ends() -> None:
        began = int(bucket.world.clock.store) - 7200
        bucket.put("0000-late.jpg", etag=f"{1:032X}-2", last_modified=began)

    ran = bucket.run(prepare=lambda worker: worker.after("detector.detect", ends))
    assert ran is not None
    assert bucket.world.labels(ObjectRef("oss", "photos", "0000-late.jpg")) is not None
    assert Counter(line["uri"] for line in bucket.lines()) == Counter(f"oss://photos/{key}" for key in bucket.keys)


def test_a_later_pass_would_read_the_rows_of_old_objects_again(bucket: Bucket) -> None:
    bucket.world.wait(2000)
    read: list[int] = []

    def count(worker: Worker) -> None:
        def rows(refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
            read.append(len(refs))
            worker.instead("ledger.rows", rows)
            return bucket.world.ledger.rows(refs)

        worker.instead("ledger.rows", rows)

    ran = bucket.run(prepare=count)
    assert ran is not None
    assert (read, ran.counts["objects"]) == ([20], 20)


def test_a_failure_where_nothing_is_paid_would_end_the_walk_or_tell_a_vanished_object_as_one(tmp_path: Path) -> None:
    bucket = Bucket(tmp_path)
    gone, other = bucket.put("gone.jpg"), bucket.put("other.jpg")
    bucket.world.wait(2)

    def fail(worker: Worker) -> None:
        worker.before("objects.head", lambda: None)  # This look asks for the time alone.
        worker.before("objects.head", lambda: bucket.world.objects.delete(gone))
        worker.instead("ledger.lock", bucket.world.ledger.lock)
        worker.fails("ledger.lock", Unavailable("index_error"))

    ran = bucket.run(limit=0, prepare=fail)
    assert ran is not None
    assert {line["uri"]: line["state"] for line in bucket.lines()} == {gone.uri: "removed", other.uri: "parked"}


def stop(worker: Worker) -> None:
    """Let the keys be refused from now on."""
    worker.fails("ledger.rows", Misconfigured("no"), 1).fails("ledger.lock", Misconfigured("no"), 100)


def test_a_limit_of_nothing_would_pay_or_leave_undone_what_is_free(bucket: Bucket) -> None:
    kept = bucket.put("kept.jpg", "cat")
    bucket.world.wait(2)
    assert bucket.world.worker().gets(kept) == bucket.world.worker().gets(kept) or True
    bucket.put("a-copy.jpg", "cat")
    bucket.world.wait(2)
    asked = list(bucket.world.detector.asked)
    ran = bucket.run(limit=0)
    assert ran is not None
    assert bucket.world.detector.asked == asked
    assert ran.left
    by_key = {line["uri"].rpartition("/")[2]: line for line in bucket.lines()}
    assert by_key["a-copy.jpg"]["state"] == "labelled"
    assert (by_key["0005.jpg"]["state"], by_key["0005.jpg"]["reason"]) == ("skipped", "archived")
    assert (by_key["0007.jpg"]["state"], by_key["0007.jpg"]["reason"]) == ("skipped", "not_image")
    assert (by_key["0000.jpg"]["state"], by_key["0000.jpg"]["reason"]) == ("parked", "budget")
    assert "oss://photos/0000.jpg" not in bucket.world.ledger.there  # type: ignore[attr-defined]


def test_a_spent_budget_of_the_settings_would_park_a_whole_bucket(bucket: Bucket) -> None:
    def limited(worker: Worker) -> None:
        object.__setattr__(worker.labeler, "limits", Limits(total=3))

    ran = bucket.run(prepare=limited)
    assert ran is not None
    assert (ran.stopped_by, ran.left) == ("budget", False)
    assert len(bucket.world.detector.asked) == 3
    assert states(bucket)["parked"] <= 4


def test_a_failure_of_one_object_would_end_the_walk(bucket: Bucket) -> None:
    def failing(worker: Worker) -> None:
        worker.fails("objects.read", Unavailable("store_error"), TRIES - 1)
        worker.fails("detector.detect", Unavailable("detector_error"))

    ran = bucket.run(prepare=failing)
    assert ran is not None
    assert states(bucket) == {"labelled": 15, "waiting": 1, "skipped": 4}


def test_an_object_that_always_waits_would_be_tried_for_ever(bucket: Bucket) -> None:
    bucket.world.detector.fails = [Unavailable("timeout")] * 1000
    ran = bucket.run()
    assert ran is not None
    assert states(bucket) == {"waiting": 16, "skipped": 4}
    assert ran.counts["reason:timeout"] == 16
    assert bucket.worker is not None
    assert ran.counts["paid_calls"] == bucket.worker.wire.calls.count("detector.detect") == 16


def test_runs_that_pay_in_vain_would_never_end(bucket: Bucket) -> None:
    bucket.world.detector.fails = [Unavailable("timeout")] * 1000
    calls = []
    for _ in range(5):
        assert bucket.run() is not None
        assert bucket.worker is not None
        calls.append(bucket.worker.wire.calls.count("detector.detect"))
        lines = bucket.lines()
        bucket.report.unlink()
    # Each run calls once for each object, until the content has failed three times; two contents have two objects.
    assert calls == [16, 14, 12, 0, 0]
    assert Counter(line["reason"] for line in lines if line["state"] == "parked") == {"detector_failing": 16}


def test_a_request_that_costs_nothing_would_be_tried_once_only(bucket: Bucket) -> None:
    bucket.world.detector.fails = []
    ran = bucket.run(prepare=lambda worker: worker.fails("objects.read", Unavailable("timeout"), 2 * TRIES))
    assert ran is not None
    assert states(bucket) == {"labelled": 16, "skipped": 4}


def test_a_throttled_service_would_be_called_all_the_harder(bucket: Bucket) -> None:
    bucket.world.detector.fails = [Unavailable("throttled")] * (3 * (MOST_THROTTLED + 3))
    before = bucket.world.clock.now
    ran = bucket.run()
    assert ran is not None
    assert states(bucket) == {"labelled": 16, "skipped": 4}
    assert bucket.world.clock.now - before > 2


def test_throttling_on_every_second_call_would_leave_something_undone(bucket: Bucket) -> None:
    def every_second(worker: Worker) -> None:
        detect = worker.world.detector.detect
        turns = iter(range(10**6))

        def throttled(picture: object) -> object:
            if next(turns) % 2 == 0:
                raise Unavailable("throttled")
            return detect(picture)  # type: ignore[arg-type]

        worker.wire.instead["detector.detect"] = [throttled] * 10**4

    ran = bucket.run(prepare=every_second)
    assert ran is not None
    assert states(bucket) == {"labelled": 16, "skipped": 4}


def test_what_every_object_meets_would_be_met_by_every_object(tmp_path: Path) -> None:
    bucket = Bucket(tmp_path).fill(100)
    error = Misconfigured("forbidden: give the user oss:GetObject")
    with pytest.raises(Misconfigured, match="oss:GetObject"):
        bucket.run(prepare=lambda worker: worker.fails("objects.read", error, 1000))
    assert len(bucket.lines()) < 2 * MOST_FORBIDDEN + 20
    with pytest.raises(Misconfigured, match="no such table"):
        bucket.run(prepare=lambda worker: worker.fails("ledger.rows", Misconfigured("no such table"), 1000))
    expired = Unavailable("credentials_expired", "the keys have expired")
    with pytest.raises(Unavailable, match="expired"):
        bucket.run(prepare=lambda worker: worker.fails("objects.head", expired, 1000))
    assert bucket.run() is not None
    assert Counter(line["uri"] for line in bucket.lines()).most_common(1)[0][1] == 1


def test_the_end_at_a_bucket_that_the_detector_refuses_would_not_say_what_to_do(bucket: Bucket) -> None:
    unbound = Misconfigured("bind an IMM project to the bucket", "detector_unbound")
    with pytest.raises(Misconfigured, match=r"refuses the whole bucket: .+\. `imagelabels why oss://photos/.+` says"):
        bucket.run(prepare=lambda worker: worker.fails("detector.detect", unbound, 1000))


def test_a_list_that_fails_for_the_moment_would_end_the_walk(bucket: Bucket) -> None:
    ran = bucket.run(prepare=lambda worker: worker.fails("objects.list", Unavailable("throttled"), 3))
    assert ran is not None
    assert len(bucket.lines()) == 20


def test_a_bucket_that_nobody_may_list_would_end_in_a_row_of_failures(bucket: Bucket) -> None:
    with pytest.raises(Misconfigured, match="oss:ListObjects"):
        bucket.run(prepare=lambda worker: worker.fails("objects.list", Misconfigured("give oss:ListObjects"), 9))
    assert bucket.lines() == []
    assert bucket.run() is not None
    assert len(bucket.lines()) == 20


def test_a_damaged_row_would_keep_the_other_rows_from_being_read(bucket: Bucket) -> None:
    ran = bucket.run(
        prepare=lambda worker: worker.fails("ledger.rows", Unavailable("index_error"), 1).fails(
            "ledger.row", Unavailable("index_error", "the row is damaged"), 1
        )
    )
    assert ran is not None
    assert len(bucket.lines()) == 20


def test_an_object_that_vanishes_would_be_reported_as_a_failure(bucket: Bucket) -> None:
    ref = ObjectRef("oss", "photos", "0003.jpg")
    ran = bucket.run(prepare=lambda worker: worker.before("ledger.rows", lambda: bucket.world.objects.delete(ref)))
    assert ran is not None
    assert {line["uri"]: line["state"] for line in bucket.lines()}[ref.uri] == "removed"


def test_a_prefix_with_nothing_would_be_a_failure(tmp_path: Path) -> None:
    bucket = Bucket(tmp_path)
    ran = bucket.run()
    assert ran is not None
    assert (ran.stopped_by, ran.counts["objects"], bucket.lines()) == (None, 0, [])


def test_a_changed_policy_would_cost_calls(bucket: Bucket) -> None:
    bucket.run()
    asked = len(bucket.world.detector.asked)
    bucket.report.unlink()

    def other(worker: Worker) -> None:
        object.__setattr__(worker.tools, "policy", Policy(threshold=0.95))

    ran = bucket.run(prepare=other)
    assert ran is not None
    assert len(bucket.world.detector.asked) == asked
    assert Counter(line["fate"] for line in bucket.lines()) == {"replan": 18, "no_call": 2}
    assert bucket.world.labels(ObjectRef("oss", "photos", "0000.jpg")) == ()


def test_a_link_would_be_looked_at_and_told_in_every_pass(bucket: Bucket) -> None:
    link, dangling = bucket.put("link.jpg", symlink=True), bucket.put("nowhere.jpg", symlink=True)
    bucket.world.wait(2)

    def prepare(worker: Worker) -> None:
        def head(ref: ObjectRef) -> Look:
            look = bucket.world.objects.head(ref)
            return replace(look, head=None) if ref.uri == dangling.uri else look

        worker.wire.instead["objects.head"] = [head] * 10**4

    ran = bucket.run(prepare=prepare)
    assert ran is not None
    told = [(line["uri"], line["state"]) for line in bucket.lines() if line["uri"] in (link.uri, dangling.uri)]
    assert told == [(link.uri, "skipped"), (dangling.uri, "removed")]
    assert ran.journal.now.number == 2


def test_an_object_on_which_another_backfill_is_at_work_would_be_told_twice(tmp_path: Path) -> None:
    bucket = Bucket(tmp_path)
    bucket.put("a.jpg", "cat")
    bucket.put("b.jpg", "dog")
    bucket.world.objects.put(ObjectRef("oss", "photos", "c.jpg"), b"no picture")
    bucket.world.wait(2)

    def locked(refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        return tuple(row and replace(row, lock="another's") for row in bucket.world.ledger.rows(refs))

    def prepare(worker: Worker) -> None:
        worker.wire.instead["ledger.rows"] = [bucket.world.ledger.rows, locked, locked, locked]

    ran = bucket.run(prepare=prepare)
    assert ran is not None
    assert [line["state"] for line in bucket.lines()] == ["labelled", "labelled", "skipped"]
    assert (ran.counts["objects"], ran.journal.now.number) == (3, 2)
