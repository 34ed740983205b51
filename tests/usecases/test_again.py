"""Somebody lets pictures that stand still be tried again: the timer or the function then labels them, and pays once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.pauses import MOST_FAILURES
from imagelabels.usecases import again
from imagelabels.usecases.again import Give, Redriver, Tried
from imagelabels.usecases.gallery import EVERYTHING, Gallery
from tests.api.world import WORDS
from tests.usecases.test_resume import Timer


@pytest.fixture
def timer(tmp_path: Path) -> Timer:
    return Timer(tmp_path)


def redriver(timer: Timer, give: Give | None = None) -> Redriver:
    world = timer.world
    tools = world.worker().tools
    gallery = Gallery(timer.index, world.ledger, WORDS)
    return Redriver(gallery, world.ledger, world.clock, ["oss"], [world.detector.name], lambda scheme: tools, give)


def failed(timer: Timer, *keys: str) -> list[ObjectRef]:
    """Let the store refuse the tags of these pictures."""
    refs = timer.uploads(*keys)
    timer.world.objects.refuse_tags = True
    for ref in refs:
        timer.worker().gets(ref)
    timer.world.objects.refuse_tags = False
    return refs


def resting(timer: Timer, key: str) -> ObjectRef:
    """Let the detector fail so often for this picture that it rests."""
    (ref,) = timer.uploads(key)
    timer.world.detector.fails = [Unavailable("timeout") for _ in range(MOST_FAILURES)]
    for _ in range(MOST_FAILURES):
        timer.worker().gets(ref)
    assert timer.world.state(ref) == "parked"
    return ref


def test_a_failed_picture_would_stay_failed_although_its_cause_is_mended_and_somebody_asks(timer: Timer) -> None:
    (ref,) = failed(timer, "a")
    assert timer.runs_now().states == {}
    redriver(timer).picture(ref)
    assert (timer.world.state(ref), timer.world.row(ref).waiting) == ("failed", "tags_refused")
    assert timer.runs_now().states == {"labelled": 1}
    assert timer.runs_now().states == {}
    assert len(timer.world.detector.asked) == 1


def test_a_picture_that_rests_would_wait_for_hours_although_somebody_asks(timer: Timer) -> None:
    ref = resting(timer, "a")
    assert timer.runs_now().states == {}
    redriver(timer).picture(ref)
    assert timer.runs_now().states == {"labelled": 1}


def test_asking_many_times_would_cost_more_than_asking_once(timer: Timer) -> None:
    ref, (other,) = resting(timer, "a"), failed(timer, "b")
    calls = len(timer.world.detector.asked)
    for _ in range(3):
        redriver(timer).picture(ref)
        redriver(timer).picture(other)
    assert redriver(timer).every(State.FAILED, EVERYTHING) == Tried(0, False)
    assert [line.state for line in timer.world.ledger.history(other)] == ["failed", "waiting"]
    assert timer.runs_now().states == {"labelled": 2}
    assert len(timer.world.detector.asked) == calls + 1
    with pytest.raises(ValueError, match="does not stand still"):
        redriver(timer).picture(ref)


def test_a_bucket_would_stay_held_although_somebody_has_mended_what_it_was_held_for(timer: Timer) -> None:
    (ref,) = timer.uploads("a")
    timer.park(ref)
    now = timer.world.objects.head(ref).date
    for bucket in ("oss://photos", "oss://others"):
        timer.world.ledger.hold(timer.world.detector.name, bucket, "forbidden", now + 600)
    assert timer.runs_now().states == {}
    assert redriver(timer).every(State.PARKED, ["oss://photos/"]) == Tried(0, False)
    assert list(timer.world.ledger.spending(timer.world.detector.name, now).holds) == ["oss://others"]
    assert timer.runs_now().states == {"labelled": 1}


def test_a_picture_that_is_worked_on_would_be_disturbed(timer: Timer) -> None:
    (ref,) = failed(timer, "a")
    now = timer.world.objects.head(ref).date
    assert timer.world.ledger.lock(ref, "another worker", now + 30, now, "event")
    redriver(timer).picture(ref)
    row = timer.world.row(ref)
    assert (row.lock, row.waiting) == ("another worker", None)


def test_pictures_outside_the_prefixes_of_who_asks_would_be_tried_too(timer: Timer) -> None:
    mine, other = failed(timer, "mine/a", "other/b")
    assert redriver(timer).every(State.FAILED, ["oss://photos/mine/"]) == Tried(1, False)
    assert (timer.world.row(mine).waiting, timer.world.row(other).waiting) == ("tags_refused", None)


def test_a_request_would_work_on_without_an_end(timer: Timer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "MOST", 2)
    failed(timer, "a", "b", "c")
    assert redriver(timer).every(State.FAILED, EVERYTHING) == Tried(2, True)
    assert redriver(timer).every(State.FAILED, EVERYTHING) == Tried(1, False)


def test_one_picture_that_cannot_be_looked_at_would_keep_the_others_waiting(timer: Timer) -> None:
    failed(timer, "a", "b")
    stuck = redriver(timer)
    tools = iter([timer.world.worker().fails("ledger.row", Unavailable("index_error")).tools])
    whole = Redriver(
        stuck.gallery, stuck.budget, stuck.clock, ["oss"], (), lambda scheme: next(tools, stuck.tools("oss"))
    )
    assert whole.every(State.FAILED, EVERYTHING) == Tried(1, True)


def test_a_function_would_not_get_the_pictures_that_it_is_to_try(timer: Timer) -> None:
    (parked,) = timer.uploads("parked")
    timer.park(parked)
    (ref,) = failed(timer, "failed")
    given: list[ObjectRef] = []

    def give(refs: Sequence[ObjectRef]) -> None:
        given.extend(refs)
        for one in refs:
            timer.worker().gets(one)

    by = redriver(timer, give)
    by.picture(ref)
    assert by.every(State.PARKED, EVERYTHING) == Tried(1, False)
    assert [one.key for one in given] == ["failed", "parked"]
    assert [timer.world.state(one) for one in (ref, parked)] == ["labelled", "labelled"]


def test_people_would_be_offered_what_makes_no_difference(timer: Timer) -> None:
    (ref,) = timer.uploads("a")
    by, at_once = redriver(timer), redriver(timer, lambda refs: None)
    for state, reason, helps in (
        ("failed", "tags_refused", True),
        ("parked", "forbidden", True),
        ("parked", "budget", False),
        ("waiting", "throttled", False),
        ("skipped", "corrupt", False),
        ("labelled", None, False),
    ):
        assert by.helps(ref, state, reason) is helps
        assert at_once.helps(ref, state, reason) is (state in again.STILL)
    assert not at_once.helps(ObjectRef("file", "", "/a.jpg"), "failed", None)
    with pytest.raises(ValueError, match="file://"):
        by.picture(ObjectRef("file", "", "/a.jpg"))


def test_a_spent_budget_would_be_exceeded_by_asking(timer: Timer) -> None:
    (ref,) = timer.uploads("a")
    timer.park(ref)
    redriver(timer).picture(ref)
    assert timer.runs_now(timer.worker(Limits(total=0))).states == {}
    assert timer.world.detector.asked == []
