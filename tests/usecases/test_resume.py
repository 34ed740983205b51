"""What stands still is brought to an end: by the timer alone, without another upload, and without calls in vain."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagelabels.domain.budget import UNLIMITED, Limits
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import Delivered, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.resumption import Ended, Resumed, Scope, scope
from imagelabels.ports import LabelIndex, Unfinished
from imagelabels.providers import sqlite
from imagelabels.usecases.calling import HOLD, TRIES
from imagelabels.usecases.resume import MOST_FOLDERS, MOST_THROTTLED, PAGE, resume
from tests.fakes import Killed
from tests.world import Worker, World

OSS = Scope("oss")
RUN_SECONDS = 300.0


class CountedIndex:
    """An index that notes how often it was asked for unfinished rows."""

    def __init__(self, index: LabelIndex) -> None:
        self.index, self.questions = index, 0
        self.fails_at: int | None = None
        """The question of this number is answered by an error."""

    def unfinished(
        self,
        now: float,
        bucket: str = "",
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        without: Collection[str] = (),
    ) -> tuple[Unfinished, ...]:
        self.questions += 1
        if self.questions == self.fails_at:
            raise Unavailable("index_error")
        return self.index.unfinished(now, bucket, prefix, after, limit, without)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.index, name)


class Lagging(CountedIndex):
    """It still finds rows by the reasons that they had before."""

    def unfinished(self, now: float, *words: Any) -> tuple[Unfinished, ...]:
        return super().unfinished(now, *words[:-1])


class Timer:
    """A world whose rows are in SQLite, and a timer that looks after them."""

    def __init__(self, folder: Path) -> None:
        self.world = World(sqlite.open_ledger(folder / "labels.db"))
        self.index = CountedIndex(sqlite.open_label_index(folder / "labels.db"))
        self.told: list[Delivered] = []
        self.runs = 0

    def uploads(self, *keys: str, bucket: str = "photos") -> list[ObjectRef]:
        refs = [ObjectRef("oss", bucket, key) for key in keys]
        for ref in refs:
            self.world.user_puts(ref, f"{ref.bucket} {ref.key}")()
        self.world.wait(2)
        return refs

    def worker(self, limits: Limits = UNLIMITED) -> Worker:
        worker = self.world.worker()
        worker.labeler = replace(worker.labeler, limits=limits)
        return worker

    def park(self, *refs: ObjectRef) -> None:
        for ref in refs:
            outcome = self.worker(Limits(total=0)).gets(ref)
            assert not isinstance(outcome, str)
            assert outcome.state is State.PARKED

    def runs_now(
        self, worker: Worker | None = None, where: Scope = OSS, seconds: float = RUN_SECONDS, at_once: int = 1
    ) -> Resumed:
        self.runs += 1
        self.index.questions = 0
        labeler = (worker or self.worker()).labeler
        deadline = self.world.clock.monotonic() + seconds
        with ThreadPoolExecutor(at_once) as executor:
            run = f"r{self.runs}"
            return resume(labeler, self.index, run, where, deadline, executor, at_once, self.told.append)


@pytest.fixture
def timer(tmp_path: Path) -> Timer:
    return Timer(tmp_path)


def test_pictures_that_a_budget_parked_are_labelled_when_it_is_raised_without_another_upload(timer: Timer) -> None:
    refs = timer.uploads("a", "b", "c")
    timer.park(*refs)
    done = timer.runs_now()
    assert done == Resumed(Ended.DONE, {"labelled": 3}, 3, {})
    assert [timer.world.state(ref) for ref in refs] == ["labelled"] * 3
    assert [one.change.event_id for one in timer.told] == ["resume r1 0", "resume r1 1", "resume r1 2"]
    assert timer.runs_now() == Resumed(Ended.DONE)


def test_a_budget_lets_go_on_exactly_as_many_as_it_was_raised_by(timer: Timer) -> None:
    timer.park(*timer.uploads(*"abcdefgh"))
    assert timer.runs_now(timer.worker(Limits(total=5))).states == {"labelled": 5, "parked": 1}
    assert len(timer.world.detector.asked) == 5


def test_parked_pictures_cost_a_handful_of_questions_while_the_budget_is_spent(timer: Timer) -> None:
    timer.park(*timer.uploads(*(f"{number:03}" for number in range(2 * PAGE + 1))))
    done = timer.runs_now(timer.worker(Limits(total=0)))
    assert done == Resumed(Ended.DONE, passed_over={"*": ("budget",)})
    assert timer.index.questions == 2
    assert timer.told == []


def test_a_budget_with_room_for_less_than_one_request_keeps_the_timer_from_trying_in_vain(timer: Timer) -> None:
    timer.world.detector.calls = 5
    first, second = timer.uploads("a", "b")
    timer.park(first, second)
    limited = Limits(total=8)
    assert timer.runs_now(timer.worker(limited)).states == {"labelled": 1, "parked": 1}
    timer.told.clear()
    assert timer.runs_now(timer.worker(limited)) == Resumed(Ended.DONE, passed_over={"*": ("budget",)})
    assert timer.told == []


def test_what_waits_for_another_reason_is_tried_while_the_budget_is_spent(timer: Timer) -> None:
    first, second = timer.uploads("a", "b")
    timer.park(first)
    assert timer.world.worker().fails("objects.tags", Unavailable("store_error")).gets(second) == "store_error"
    timer.world.objects.delete(second)
    assert timer.runs_now(timer.worker(Limits(total=0))).states == {"removed": 1}


def test_a_bucket_that_is_held_is_passed_over_until_the_hold_ends_and_no_other_is(timer: Timer) -> None:
    ours, theirs = timer.uploads("a", "b"), timer.uploads("a", bucket="photos2")
    timer.park(*ours, *theirs)
    timer.world.ledger.hold("fake", "oss://photos", "detector_unbound", timer.world.clock.store + HOLD)
    assert timer.runs_now() == Resumed(Ended.DONE, {"labelled": 1}, 1, {"oss://photos": ("detector_unbound",)})
    assert [one.ref.uri for one in timer.told] == [theirs[0].uri]
    timer.world.wait(HOLD + 1)
    assert timer.runs_now().states == {"labelled": 2}


def test_after_one_vain_attempt_the_rest_of_a_bucket_with_that_reason_is_left_to_the_next_run(timer: Timer) -> None:
    keys = [f"{number:03}" for number in range(PAGE + 20)]
    refs, others = timer.uploads(*keys), timer.uploads("a", bucket="photos2")
    for ref in refs:
        timer.world.worker().fails("objects.tags", Misconfigured("no", "forbidden")).gets(ref)
    timer.park(*others)
    timer.world.detector.asked.clear()
    worker = timer.worker().fails("objects.tags", Misconfigured("no", "forbidden"))
    done = timer.runs_now(worker)
    assert done.states == {"parked": 1, "labelled": 1}
    assert done.passed_over == {"oss://photos": ("forbidden",)}
    assert timer.index.questions <= 5
    assert timer.runs_now().states == {"labelled": len(refs)}


def test_what_waits_for_another_reason_in_that_bucket_is_tried_all_the_same(timer: Timer) -> None:
    refs = timer.uploads("a", "b", "c")
    for ref, reason in zip(refs, ("forbidden", "forbidden", "detector_unbound"), strict=True):
        timer.world.worker().fails("objects.tags", Misconfigured("no", reason)).gets(ref)
    done = timer.runs_now(timer.worker().fails("objects.tags", Misconfigured("no", "forbidden")))
    assert done.states == {"parked": 1, "labelled": 1}
    assert timer.world.state(refs[2]) == "labelled"


def test_one_picture_that_nobody_can_mend_does_not_keep_those_behind_it_waiting_for_ever(timer: Timer) -> None:
    refs = timer.uploads(*(f"{number:02}" for number in range(20)))
    for ref in refs:
        timer.world.worker().fails("objects.tags", Misconfigured("no", "forbidden")).gets(ref)

    class OneForbidden:
        def __getattr__(self, name: str) -> Any:
            return getattr(timer.world.objects, name)

        def tags(self, ref: ObjectRef) -> Any:
            if ref.key == "00":
                raise Misconfigured("no", "forbidden")
            return timer.world.objects.tags(ref)

    for _ in range(12):
        worker = timer.worker()
        tools = replace(worker.labeler.tools, objects=OneForbidden())
        worker.labeler = replace(worker.labeler, tools=tools)
        timer.runs_now(worker)
    assert [timer.world.state(ref) for ref in refs] == ["parked"] + ["labelled"] * 19


class Forbidden:
    """A store that shows no tags below some prefixes."""

    def __init__(self, objects: Any, *prefixes: str) -> None:
        self._objects, self._prefixes = objects, prefixes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)

    def tags(self, ref: ObjectRef) -> Any:
        if ref.key.startswith(self._prefixes):
            raise Misconfigured("no", "forbidden")
        return self._objects.tags(ref)


def forbidden_below(timer: Timer, *prefixes: str) -> Worker:
    worker = timer.worker()
    tools = replace(worker.labeler.tools, objects=Forbidden(timer.world.objects, *prefixes))
    worker.labeler = replace(worker.labeler, tools=tools)
    return worker


@pytest.mark.parametrize("where", [OSS, Scope("oss", "oss://photos"), Scope("oss", "oss://photos", "20")])
def test_more_than_a_page_of_pictures_in_a_forbidden_folder_does_not_keep_the_next_folder_waiting_for_ever(
    timer: Timer, where: Scope
) -> None:
    forbidden = timer.uploads(*(f"2025/{number:03}" for number in range(PAGE + 5)))
    mended = timer.uploads("2026/a", "2026/b", "2027/c/d")
    for ref in (*forbidden, *mended):
        forbidden_below(timer, "").gets(ref)
    done = timer.runs_now(forbidden_below(timer, "2025/"), where)
    assert done == Resumed(Ended.DONE, {"parked": 1, "labelled": 3}, 0, {"oss://photos": ("forbidden",)})
    assert timer.index.questions <= 7


@pytest.mark.parametrize("lags", [False, True])
def test_a_run_ends_where_a_bucket_is_unbound_and_one_of_its_folders_is_forbidden_too(timer: Timer, lags: bool) -> None:
    refs = timer.uploads(*(f"{folder}/{number:02}" for folder in ("2025", "2026") for number in range(8)))
    for number, ref in enumerate(refs):
        reason = "detector_unbound" if number % 2 else "forbidden"
        timer.world.worker().fails("objects.tags", Misconfigured("no", reason)).gets(ref)
    if lags:
        timer.index = Lagging(timer.index.index)

    def refuses(ref: ObjectRef, *_: object) -> Any:
        raise Misconfigured("no", "detector_unbound" if int(ref.key[-2:]) % 2 else "forbidden")

    worker = timer.worker()
    for _ in refs:
        worker.instead("objects.tags", refuses)
    done = timer.runs_now(worker)
    assert done.states == {"parked": 3}
    assert done.passed_over == {"oss://photos": ("detector_unbound", "forbidden")}
    assert timer.index.questions <= 12


@pytest.mark.parametrize("runs_before", range(4))
def test_pictures_around_a_forbidden_folder_are_tried_once_each_in_every_run(timer: Timer, runs_before: int) -> None:
    timer.runs = runs_before  # Each run begins with another picture of a folder.
    refs = timer.uploads("a1", "b/1", "b/2", "b0", "c", "d/e/1", "d/f", "e")
    for ref in refs:
        forbidden_below(timer, "").gets(ref)
    done = timer.runs_now(forbidden_below(timer, "b/", "d/e/"))
    assert done.states == {"parked": 2, "labelled": 5}
    assert len({one.ref.uri for one in timer.told}) == len(timer.told)


def test_a_run_is_refused_in_a_handful_of_folders_at_most_however_many_a_bucket_has(timer: Timer) -> None:
    refs = timer.uploads(*(f"{number:03}/a" for number in range(PAGE + 5)))
    timer.park(*timer.uploads("a", bucket="photos2"))
    for ref in refs:
        forbidden_below(timer, "").gets(ref)
    done = timer.runs_now(forbidden_below(timer, "0", "1"))
    assert done.states == {"parked": MOST_FOLDERS + 1, "labelled": 1}
    assert timer.index.questions <= 2 * MOST_FOLDERS + 5


def test_a_search_index_that_lags_does_not_keep_a_run_from_ending(timer: Timer) -> None:
    refs = timer.uploads(*"abc")
    for ref in refs:
        timer.world.worker().fails("objects.tags", Misconfigured("no", "forbidden")).gets(ref)

    timer.index = Lagging(timer.index.index)
    timer.runs_now(timer.worker().fails("objects.tags", Misconfigured("no", "forbidden"), 9))
    assert len(timer.told) == 1
    assert timer.index.questions <= 4


def test_a_delivery_that_died_is_made_up_for(timer: Timer) -> None:
    (ref,) = timer.uploads("a")
    assert timer.world.worker().dies_before("detector.detect").gets(ref) == "killed"
    assert timer.runs_now() == Resumed(Ended.DONE)
    timer.world.wait(300)
    assert timer.runs_now().states == {"labelled": 1}


def test_nothing_is_begun_that_could_not_end_in_time_and_the_next_run_goes_on(timer: Timer) -> None:
    refs = timer.uploads("a", "b", "c")
    timer.park(*refs)
    slow = timer.worker().before("detector.detect", lambda: timer.world.wait(14))
    done = timer.runs_now(slow, seconds=65)
    assert (done.ended, done.states) == (Ended.NO_TIME, {"labelled": 1})
    assert timer.runs_now().states == {"labelled": 2}


def test_a_run_that_is_too_short_for_any_object_says_what_a_person_must_mend(timer: Timer) -> None:
    timer.park(*timer.uploads("a"))
    done = timer.runs_now(seconds=20)
    assert (done.ended, done.states) == (Ended.NO_TIME, {})
    assert "give the timer's function a longer timeout, such as 300 seconds" in done.message
    assert timer.runs_now(seconds=300).message == ""


def test_a_claim_of_the_timer_outlives_its_process(timer: Timer) -> None:
    (ref,) = timer.uploads("a")
    timer.park(ref)
    worker = timer.worker().dies_after("ledger.claim")
    began = timer.world.clock.store
    with pytest.raises(Killed):
        timer.runs_now(worker)
    kept = timer.world.ledger.answer(timer.world.answer_id(ref))
    assert kept is not None
    assert kept.claimed_until is not None
    assert kept.claimed_until >= began + RUN_SECONDS


def test_a_run_ends_early_where_it_is_throttled_again_and_again(timer: Timer) -> None:
    timer.park(*timer.uploads(*(f"{number:03}" for number in range(3 * MOST_THROTTLED))))
    timer.world.detector.fails += [Unavailable("throttled")] * TRIES * 3 * MOST_THROTTLED
    done = timer.runs_now()
    assert (done.ended, done.states) == (Ended.THROTTLED, {"waiting": MOST_THROTTLED})
    assert len(timer.world.detector.asked) == TRIES * MOST_THROTTLED


def test_a_success_between_throttled_pictures_lets_the_run_go_on(timer: Timer) -> None:
    timer.park(*timer.uploads(*(f"{number:03}" for number in range(4))))
    timer.world.detector.fails += [Unavailable("throttled")] * TRIES * 2
    assert timer.runs_now().states == {"waiting": 2, "labelled": 2}


def test_a_fault_of_the_program_on_one_picture_does_not_keep_the_others_waiting(timer: Timer) -> None:
    refs = timer.uploads("a", "b")
    timer.park(*refs)

    def breaks(*_: object) -> None:
        raise ValueError("a text that might hold a signature")

    done = timer.runs_now(timer.worker().instead("objects.tags", breaks))
    assert done.states == {"waiting": 1, "labelled": 1}
    error = timer.told[0].error
    assert error is not None
    assert "ValueError" in str(error)
    assert "signature" not in str(error)


def test_rows_of_the_other_cloud_and_outside_the_prefix_are_not_touched(timer: Timer) -> None:
    inside, outside = timer.uploads("2026/a", "2025/a")
    (other,) = timer.uploads("2026/a", bucket="photos2")
    timer.park(inside, outside, other)
    before, after = (replace(inside, store=store) for store in ("cos", "zzz"))
    for ref in (before, after):
        assert timer.world.ledger.lock(ref, "t", timer.world.clock.store + 30, timer.world.clock.store, "e")
        timer.world.ledger.release(ref, "t", waiting="throttled")
    assert timer.runs_now(where=scope("oss://photos/2026/", "oss")).states == {"labelled": 1}
    assert timer.runs_now().states == {"labelled": 2}
    for ref in (before, after):
        assert timer.world.row(ref).waiting == "throttled"


def test_every_picture_is_tried_once_a_run_whatever_becomes_of_it(timer: Timer) -> None:
    timer.park(*timer.uploads(*(f"{number:03}" for number in range(PAGE + 5))))
    timer.world.detector.fails += [Unavailable("detector_error")] * (PAGE + 5)
    assert timer.runs_now(at_once=4).states == {"waiting": PAGE + 5}
    assert len({one.ref.uri for one in timer.told}) == len(timer.told)


def test_an_index_that_fails_midway_loses_nothing_of_what_was_begun(timer: Timer) -> None:
    refs = timer.uploads(*(f"{number:03}" for number in range(PAGE + 2)))
    timer.park(*refs)
    timer.index.fails_at = 3
    with pytest.raises(Unavailable):
        timer.runs_now(at_once=4)
    assert len(timer.told) == PAGE
    timer.index.fails_at = None
    assert timer.runs_now().states == {"labelled": 2}


def test_a_store_without_unfinished_rows_is_not_asked_about_those_of_another(timer: Timer) -> None:
    timer.park(*timer.uploads("a"))
    worker = timer.worker()
    assert timer.runs_now(worker, where=Scope("cos")) == Resumed(Ended.DONE)
    assert worker.wire.calls == []


def test_a_timer_that_carries_something_else_than_a_prefix_of_its_store_is_set_up_wrong() -> None:
    assert scope("", "oss") == OSS
    assert scope("oss://photos", "oss") == Scope("oss", "oss://photos")
    for text in ("cos://photos-1250000000/", "photos", "oss:///a", "oss://"):
        with pytest.raises(Misconfigured, match="the timer carries"):
            scope(text, "oss")
