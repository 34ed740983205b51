"""What a backfill through a function does with lost tasks, lost answers, throttling, failures and kills."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.policy import Policy
from imagelabels.domain.tasks import TaskState, TaskStatus, task_id
from imagelabels.usecases.through import MOST_FAILURES, OLDEST, UNHEARD, ThroughFunction, check
from imagelabels.usecases.walking import WINDOW
from tests.backfilling import DyingFiles
from tests.fakes import Killed
from tests.invoking import DeployedFunction, FakeInvoker
from tests.throughs import FUNCTION, ThroughBucket
from tests.world import Worker


@pytest.fixture(params=[False, True], ids=["own ids", "platform's ids"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> ThroughBucket:
    bucket = ThroughBucket(tmp_path)
    bucket.fill(100)
    return bucket.deployed(own_ids=request.param)


def _is_right(bucket: ThroughBucket, paid_twice: int = 0) -> None:
    """Every key has one line in the report, and every content was paid for once."""
    assert Counter(line["uri"] for line in bucket.lines()) == Counter(f"oss://photos/{key}" for key in bucket.keys)
    assert {line["state"] for line in bucket.lines()} <= {"labelled", "skipped", "removed"}
    asked = Counter(bucket.world.detector.asked)
    assert asked.total() - len(asked) <= paid_twice, asked


def test_objects_would_not_get_their_labels_or_go_in_batches_that_are_too_large(bucket: ThroughBucket) -> None:
    ran = bucket.run()
    assert ran is not None
    _is_right(bucket)
    assert [len(batch) for batch in bucket.batches] == [40, 40, 20]
    assert ran.counts["paid_calls"] == len(bucket.world.detector.asked) == 70
    assert sum(line["paid_calls"] for line in bucket.lines()) == 70
    bucket.report.unlink()
    assert bucket.run() is not None
    assert {line["fate"] for line in bucket.lines()} == {"done"}
    assert len(bucket.batches) == 3


def test_long_keys_would_make_an_event_longer_than_platforms_take(bucket: ThroughBucket) -> None:
    for number in range(100):
        bucket.put(f"long/{number:02}{'x' * 1000}.jpg")
    bucket.world.wait(2)
    assert bucket.run() is not None
    assert max(map(len, bucket.platform.events)) <= 40_000
    assert max(map(len, bucket.batches)) <= 40
    _is_right(bucket)


def test_a_lost_answer_would_start_a_task_twice(bucket: ThroughBucket) -> None:
    bucket.platform.loses = [Unavailable("timeout")] * 3
    assert bucket.run() is not None
    _is_right(bucket)
    if len(bucket.platform.tasks) > 3:  # This platform takes no ids from its callers.
        assert any(name.startswith("task-") for _, name in bucket.platform.tasks)
    else:
        assert len(bucket.batches) == 3


def test_a_task_that_is_lost_or_stopped_would_lose_its_objects(bucket: ThroughBucket) -> None:
    start = FakeInvoker.start
    gone = iter([TaskStatus.STOPPED, TaskStatus.UNKNOWN])

    def losing(invoker: FakeInvoker, function: str, event: bytes, task_id: str) -> object:
        task = start(invoker, function, event, task_id)
        if (status := next(gone, None)) is not None:
            invoker.tasks[function, task.id] = TaskState(status)
        return task

    bucket.platform.start = losing.__get__(bucket.platform)  # type: ignore[method-assign]
    before = bucket.world.clock.now
    assert bucket.run() is not None
    _is_right(bucket)
    assert UNHEARD <= bucket.world.clock.now - before < 2 * UNHEARD
    assert [len(batch) for batch in bucket.batches] == [20, 40, 40]


def test_a_task_that_never_ends_would_stop_the_walk_for_ever(bucket: ThroughBucket) -> None:
    run, stuck = bucket.platform.run_tasks, list[tuple[str, str]]()

    def never(most: int | None = None) -> int:
        if not stuck and bucket.platform.tasks:
            stuck.append(next(iter(bucket.platform.tasks)))
            bucket.platform.tasks[stuck[0]] = TaskState(TaskStatus.RUNNING)
        return run(most)

    bucket.platform.run_tasks = never  # type: ignore[method-assign]
    before = bucket.world.clock.now
    assert bucket.run() is not None
    _is_right(bucket)
    assert OLDEST <= bucket.world.clock.now - before < 2 * OLDEST


def test_a_platform_that_keeps_no_states_would_be_waited_for_in_vain(bucket: ThroughBucket) -> None:
    bucket.platform.state = lambda function, task_id: (  # type: ignore[method-assign]
        (bucket.platform.run_tasks(1) and None) or TaskState(TaskStatus.UNKNOWN)
    )
    before = bucket.world.clock.now
    assert bucket.run() is not None
    _is_right(bucket)
    assert bucket.world.clock.now - before < UNHEARD


def test_a_throttled_platform_would_be_asked_all_the_harder_or_count_as_a_failure(bucket: ThroughBucket) -> None:
    calls = 0

    def throttled() -> None:
        nonlocal calls
        calls += 1
        if calls % 2:
            raise Unavailable("throttled", "429")

    def every_second(worker: Worker) -> None:
        for name in ("invoker.start", "invoker.state"):
            worker.wire.before[name] = [throttled] * 1000

    ran = bucket.run(prepare=every_second)
    assert ran is not None
    _is_right(bucket)
    assert calls < 60


def test_a_platform_that_is_throttled_for_long_would_end_the_walk(bucket: ThroughBucket) -> None:
    bucket.platform.fails = [Unavailable("throttled")] * (3 * MOST_FAILURES)
    before = bucket.world.clock.now
    assert bucket.run() is not None
    _is_right(bucket)
    assert bucket.world.clock.now - before > 300


def test_a_platform_out_of_reach_would_be_asked_for_ever_or_lose_the_checkpoint(bucket: ThroughBucket) -> None:
    bucket.platform.fails = [Unavailable("timeout", "no answer")] * 100
    with pytest.raises(Unavailable, match="no answer"):
        bucket.run()
    assert len(bucket.platform.fails) >= 100 - 3 * MOST_FAILURES
    bucket.platform.fails = []
    bucket.until_done()
    _is_right(bucket)


def test_a_function_that_is_taken_away_would_end_in_a_row_of_failures(bucket: ThroughBucket) -> None:
    bucket.platform._functions = {}
    with pytest.raises(Misconfigured, match="there is no function 'imagelabels-backfill'"):
        bucket.run()
    assert bucket.lines() == []
    bucket.platform._functions = {FUNCTION: bucket._act}
    bucket.until_done()
    _is_right(bucket)


def test_the_failed_rest_of_a_batch_would_be_lost_or_the_rest_of_it_done_twice(bucket: ThroughBucket) -> None:
    turns = iter(range(10**6))

    def half(worker: Worker) -> None:
        if next(turns) % 2 and len(bucket.batches) <= 3:
            worker.fails("objects.read", Unavailable("store_error"))

    bucket.prepared = half
    assert bucket.run() is not None
    _is_right(bucket)
    first, rest = sum(map(len, bucket.batches[:3])), bucket.batches[3:]
    assert first == 100
    assert 0 < sum(map(len, rest)) <= 50


def test_an_object_that_always_fails_would_be_sent_for_ever(bucket: ThroughBucket) -> None:
    bucket.prepared = lambda worker: worker.fails("objects.tags", Unavailable("store_error"))
    assert bucket.run() is not None
    states = Counter((line["state"], line["reason"]) for line in bucket.lines())
    assert states["waiting", "store_error"] > 0
    assert max(Counter(key for batch in bucket.batches for key in batch).values()) == 3
    assert Counter(line["uri"] for line in bucket.lines()).most_common(1)[0][1] == 1


def test_an_index_that_fails_for_the_moment_would_lose_a_batch(bucket: ThroughBucket) -> None:
    ran = bucket.run(prepare=lambda worker: worker.fails("ledger.history", Unavailable("index_error"), 3))
    assert ran is not None
    _is_right(bucket)
    assert [len(batch) for batch in bucket.batches] == [40, 40, 20]


def test_a_finished_row_that_waits_would_count_as_done(bucket: ThroughBucket) -> None:
    assert bucket.run() is not None
    bucket.report.unlink()
    bucket.prepared = lambda worker: worker.fails("objects.tags", Unavailable("store_error"))

    def stricter(worker: Worker) -> None:
        object.__setattr__(worker.tools, "policy", Policy(threshold=0.95))

    assert bucket.run(prepare=stricter) is not None
    states = Counter((line["fate"], line["state"], line["reason"]) for line in bucket.lines())
    assert states["replan", "waiting", "store_error"] > 70


def test_an_old_row_that_stands_still_would_be_told_for_what_a_dead_function_did(bucket: ThroughBucket) -> None:
    bucket.prepared = lambda worker: worker.fails("detector.detect", Misconfigured("give a permission"))
    assert bucket.run() is not None
    assert "parked" in {line["state"] for line in bucket.lines()}
    before = len(bucket.batches)
    bucket.report.unlink()
    times = iter([MemoryError()])

    def dies_once(event: bytes) -> object:
        if (error := next(times, None)) is not None:
            raise error
        return bucket._act(event)

    bucket.world.ledger.held.clear()  # type: ignore[attr-defined]
    bucket.prepared = lambda worker: None
    bucket.platform._functions = {FUNCTION: dies_once}
    assert bucket.run() is not None
    assert len(bucket.batches) > before
    assert {line["state"] for line in bucket.lines()} == {"labelled", "skipped"}


def test_a_reason_of_a_newer_version_would_end_the_walk(bucket: ThroughBucket) -> None:
    def newer(event: bytes) -> None:
        for row in bucket.world.ledger.there.values():  # type: ignore[attr-defined]
            row.lock = None
        for key in json.loads(event)[1]:
            ref = ObjectRef("oss", "photos", key)
            bucket.world.ledger.lock(ref, "token", 0.0, 0.0, "event")
            bucket.world.ledger.release(ref, "token", "from_the_future")
        raise MemoryError

    bucket.platform._functions = {FUNCTION: newer}
    assert bucket.run() is not None
    assert {line["reason"] for line in bucket.lines()} == {"from_the_future"}


def test_a_function_that_dies_at_once_would_count_as_one_that_is_done(bucket: ThroughBucket) -> None:
    def dies(event: bytes) -> None:
        raise MemoryError

    bucket.platform._functions = {FUNCTION: dies}
    assert bucket.run() is not None
    assert Counter((line["state"], line["reason"]) for line in bucket.lines())["waiting", "unsettled"] == 100


def test_a_function_with_another_index_would_label_a_whole_bucket_for_nobody(bucket: ThroughBucket) -> None:
    bucket.platform._functions = {FUNCTION: lambda event: {"records": []}}
    with pytest.raises(Misconfigured, match="writes to another index"):
        bucket.run()
    assert len(bucket.platform.tasks) <= 3


def test_a_function_with_another_detector_would_label_a_bucket_that_is_never_done(bucket: ThroughBucket) -> None:
    def differs(worker: Worker) -> None:
        object.__setattr__(worker.tools, "detector", replace(worker.tools.detector, setting="mine"))

    with pytest.raises(Misconfigured, match="the detector setting 'fake'"):
        bucket.run(prepare=differs)


def test_an_object_that_no_event_can_name_would_keep_the_others_from_going_on(bucket: ThroughBucket) -> None:
    bucket.put("unnamed.jpg")
    bucket.world.wait(2)
    ran = bucket.run()
    assert ran is not None
    by_key = {line["uri"].rpartition("/")[2]: line for line in bucket.lines()}
    assert (by_key["unnamed.jpg"]["state"], by_key["unnamed.jpg"]["reason"]) == ("failed", "bad_event")
    assert len(bucket.lines()) == 101


def test_what_every_batch_would_meet_would_be_met_by_every_batch(bucket: ThroughBucket) -> None:
    bucket.platform.fails = [Rejected("too_large", "the events are too long")]
    with pytest.raises(Rejected, match="too long"):
        bucket.run()
    bucket.until_done()
    _is_right(bucket)


def test_an_object_that_vanishes_or_changes_would_be_reported_as_a_failure(bucket: ThroughBucket) -> None:
    gone, changed = (ObjectRef("oss", "photos", f"000{number}.jpg") for number in (1, 2))

    def meanwhile() -> None:
        bucket.world.objects.delete(gone)
        bucket.put("0002.jpg", "another")
        bucket.world.wait(2)

    assert bucket.run(prepare=lambda worker: worker.before("invoker.start", meanwhile)) is not None
    states = {line["uri"]: line["state"] for line in bucket.lines()}
    assert (states[gone.uri], states[changed.uri]) == ("removed", "labelled")
    assert len(states) == len(bucket.lines()) == 100


@pytest.mark.parametrize("limit", [1, 39, 41, 69])
def test_a_run_would_pay_for_more_calls_than_its_limit_over_all_of_its_resumes(
    bucket: ThroughBucket, limit: int
) -> None:
    ran = bucket.run(limit=limit)
    assert ran is not None
    assert (ran.stopped_by, ran.left) == ("limit", True)
    assert len(bucket.world.detector.asked) == limit
    ran = bucket.run(limit=limit)
    assert len(bucket.world.detector.asked) == limit
    assert bucket.run(limit=70) is not None
    assert len(bucket.world.detector.asked) == 70
    _is_right(bucket)


def test_a_changed_policy_would_exceed_the_limit_where_the_kept_answers_are_not_shared_any_more(
    bucket: ThroughBucket,
) -> None:
    def other(worker: Worker) -> None:
        object.__setattr__(worker.tools, "policy", Policy(threshold=0.5))
        object.__setattr__(worker.tools, "reuse", "object")

    bucket.run()
    before = len(bucket.world.detector.asked)
    bucket.report.unlink()
    bucket.prepared = other
    ran = bucket.run(limit=5, prepare=other)
    assert ran is not None
    assert (ran.stopped_by, ran.counts["paid_calls"]) == ("limit", 5)
    assert len(bucket.world.detector.asked) - before == 5


def test_archived_objects_that_were_restored_would_exceed_the_limit(tmp_path: Path) -> None:
    bucket = ThroughBucket(tmp_path).deployed()
    for number in range(10):
        bucket.put(f"{number}.jpg")
    bucket.world.wait(2)

    def as_archived(worker: Worker) -> None:
        def list_of(name: str, prefix: str = "", after: str = "") -> Iterator[Listed]:
            return (replace(one, storage_class="Archive") for one in bucket.world.objects.list(name, prefix, after))

        worker.instead("objects.list", list_of)

    ran = bucket.run(limit=3, prepare=as_archived)
    assert ran is not None
    assert (ran.stopped_by, ran.counts["paid_calls"], len(bucket.world.detector.asked)) == ("limit", 3, 3)


def test_a_killed_run_would_exceed_its_limit_with_what_it_had_under_way(bucket: ThroughBucket) -> None:
    for number in range(4, 40, 5):
        bucket.run(limit=30, kill_at=(number, "after"))
        bucket.platform.run_tasks()
        bucket.world.wait(120)
    bucket.until_done(limit=30)
    assert len(bucket.world.detector.asked) == 30
    assert sum(line["paid_calls"] for line in bucket.lines()) == 30


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_a_call_would_lose_a_key_tell_it_twice_or_pay_twice(tmp_path: Path, moment: str) -> None:
    def opened(name: str) -> ThroughBucket:
        (tmp_path / name).mkdir()
        bucket = ThroughBucket(tmp_path / name)
        bucket.fill(12)
        return bucket.deployed()

    whole = opened("whole")
    assert whole.run() is not None
    assert whole.worker is not None
    calls = whole.worker.wire.calls
    assert {"invoker.start", "invoker.state", "ledger.rows", "ledger.history"} <= set(calls)
    for number, call in enumerate(calls, 1):
        bucket = opened(str(number))
        assert bucket.run(kill_at=(number, moment)) is None, call
        ran = bucket.until_done()
        _is_right(bucket)
        assert ran.counts["paid_calls"] == len(bucket.world.detector.asked), call
        assert len({name for _, name in bucket.platform.tasks}) <= 2, call


def test_a_run_that_goes_on_would_start_the_tasks_again_that_still_wait(tmp_path: Path) -> None:
    bucket = ThroughBucket(tmp_path)
    bucket.fill(100)
    bucket.deployed()
    bucket.platform.state = lambda function, task_id: TaskState(TaskStatus.WAITING)  # type: ignore[method-assign]

    def killed() -> None:
        raise Killed

    assert bucket.run(prepare=lambda worker: worker.before("invoker.state", killed)) is None
    assert len(bucket.platform.tasks) == 3
    del bucket.platform.state
    assert bucket.run() is not None
    assert len(bucket.platform.tasks) == 3
    assert len(bucket.batches) == 3
    _is_right(bucket)


def test_more_objects_would_be_under_way_than_the_window_has(tmp_path: Path) -> None:
    bucket = ThroughBucket(tmp_path)
    for number in range(WINDOW + 500):
        bucket.put(f"{number:05}.jpg", "same")
    bucket.world.wait(2)
    bucket.deployed()
    most = 0

    def count() -> None:
        nonlocal most
        waiting = sum(not state.status.is_over for state in bucket.platform.tasks.values())
        most = max(most, 40 * waiting)

    def prepare(worker: Worker) -> None:
        worker.wire.before["invoker.state"] = [count] * 10_000

    assert bucket.run(prepare=prepare) is not None
    assert 400 < most <= WINDOW
    _is_right(bucket)


def test_the_first_ctrl_c_would_not_wait_and_the_second_would_leave_tasks_running(bucket: ThroughBucket) -> None:
    runners = list[ThroughFunction]()
    run_pass = ThroughBucket._opened

    def opened(self: ThroughBucket, *args: object) -> object:
        ran = run_pass(self, *args)  # type: ignore[arg-type]
        inner = ran.run_pass

        def kept(job: object) -> object:
            runners.append(inner(job))  # type: ignore[arg-type]
            return runners[-1]

        ran.run_pass = kept  # type: ignore[assignment]
        return ran

    bucket._opened = opened.__get__(bucket)  # type: ignore[method-assign]

    def second_ctrl_c() -> None:
        runners[-1]._batches.append(replace(runners[-1]._batches[0], known_as=None))  # It is not taken yet.
        runners[-1].give_up()
        raise Killed

    bucket.platform.run_tasks = lambda most=None: 0  # type: ignore[method-assign]
    assert bucket.run(prepare=lambda worker: worker.before("invoker.state", second_ctrl_c)) is None
    assert {state.status for state in bucket.platform.tasks.values()} == {TaskStatus.STOPPED}
    del bucket.platform.run_tasks
    bucket.until_done()
    _is_right(bucket)


def test_a_step_on_files_that_fails_would_send_a_batch_as_another_task(tmp_path: Path) -> None:
    bucket = ThroughBucket(tmp_path)
    bucket.fill(30)
    bucket.deployed()
    bucket.run(files=DyingFiles((3, "before")))
    bucket.until_done()
    _is_right(bucket)


def test_a_function_that_cannot_work_would_be_found_out_by_the_first_batch(bucket: ThroughBucket) -> None:
    by = bucket.world.worker().tools

    def broken(event: bytes) -> None:
        raise ValueError("IMAGELABELS_INDEX is not set")

    others = FakeInvoker({"broken": broken, "other": lambda event: "hello", "ours": lambda event: {"records": []}})
    for name, words in (
        ("broken", "IMAGELABELS_INDEX is not set"),
        ("other", "no function of imagelabels"),
        ("x", "x"),
    ):
        with pytest.raises(Misconfigured, match=words):
            check(others, name, b"{}", by)
    others.fails = [Unavailable("throttled")] * 4
    check(others, "ours", b"{}", by)
    others.fails = [Unavailable("timeout")]
    with pytest.raises(Unavailable):
        check(others, "ours", b"{}", by)


class Queueing(FakeInvoker):
    """It queues each event, and runs the oldest task when somebody has asked about one twice."""

    looks = 0

    def state(self, function: str, task_id: str) -> TaskState:
        self.looks += 1
        if self.looks % 2 == 0:
            self.run_tasks(1)
        return super().state(function, task_id)


def test_a_function_that_runs_asynchronously_would_be_taken_for_a_foreign_one(bucket: ThroughBucket) -> None:
    by = bucket.world.worker().tools

    def broken(event: bytes) -> None:
        raise ValueError("IMAGELABELS_INDEX is not set")

    functions: dict[str, DeployedFunction] = {
        "broken": broken,
        "other": lambda event: "hello",
        "ours": lambda event: {"records": []},
    }
    queueing = Queueing(functions, own_ids=True, never_waits=True)
    check(queueing, "ours", b"{}", by)
    for name, words in (("broken", "IMAGELABELS_INDEX is not set"), ("other", "no function of imagelabels")):
        with pytest.raises(Misconfigured, match=words):
            check(queueing, name, b"{}", by)
    check(Queueing(functions, own_ids=True, keeps_answers=False, never_waits=True), "other", b"{}", by)


def test_a_queue_that_is_full_would_keep_the_next_run_from_going_on(bucket: ThroughBucket) -> None:
    by = bucket.world.worker().tools
    queueing = FakeInvoker({"ours": lambda event: {"records": []}}, own_ids=True, never_waits=True)
    check(queueing, "ours", b"{}", by)
    assert bucket.world.clock.slept[-5:] == [1.0, 2.0, 4.0, 8.0, 15.0]


def test_a_function_that_is_busy_with_what_a_killed_run_has_sent_would_keep_the_next_run_from_going_on(
    tmp_path: Path,
) -> None:
    bucket = ThroughBucket(tmp_path).deployed()
    bucket.platform.fails = [Unavailable("throttled")] * 5
    check(bucket.platform, FUNCTION, b"{}", bucket.world.worker().tools)
    assert bucket.platform.fails == []


def test_a_batch_would_have_the_id_of_another_one() -> None:
    ids = {
        task_id("backfill-1-1", [("a", 0), ("b", 0)]),
        task_id("backfill-1-2", [("a", 0), ("b", 0)]),
        task_id("backfill-1-1", [("a", 0), ("b", 1)]),
        task_id("backfill-1-1", [("a", 0)]),
    }
    assert len(ids) == 4
