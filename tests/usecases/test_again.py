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
from imagelabels.usecases.again import Giver, Redriver, Tried
from imagelabels.usecases.gallery import EVERYTHING, Gallery
from tests.api.world import WORDS
from tests.usecases.test_resume import Timer


@pytest.fixture
def timer(tmp_path: Path) -> Timer:
    return Timer(tmp_path)


def redriver(timer: Timer, giver: Giver | None = None) -> Redriver:
    world = timer.world
    tools = world.worker().tools
    gallery = Gallery(timer.index, world.ledger, WORDS)
    return Redriver(gallery, world.ledger, world.clock, ["oss"], [world.detector.name], lambda scheme: tools, giver)


class Function:
    """A function that labels the pictures that it is given, at once if it has a timer's world. It takes no picture
    with the key `refused`."""

    def __init__(self, timer: Timer | None = None, refused: str = "") -> None:
        self.given: list[ObjectRef] = []
        self._timer, self._refused = timer, refused

    def takes(self, ref: ObjectRef) -> bool:
        return ref.key != self._refused

    def give(self, refs: Sequence[ObjectRef]) -> None:
        self.given.extend(refs)
        if self._timer is not None:
            for one in refs:
                self._timer.worker().gets(one)


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
    redriver(timer).picture(ref, EVERYTHING)
    assert (timer.world.state(ref), timer.world.row(ref).waiting) == ("failed", "tags_refused")
    assert timer.runs_now().states == {"labelled": 1}
    assert timer.runs_now().states == {}
    assert len(timer.world.detector.asked) == 1


def test_a_picture_that_rests_would_wait_for_hours_although_somebody_asks(timer: Timer) -> None:
    ref = resting(timer, "a")
    assert timer.runs_now().states == {}
    redriver(timer).picture(ref, EVERYTHING)
    assert timer.runs_now().states == {"labelled": 1}


def test_asking_many_times_would_cost_more_than_asking_once(timer: Timer) -> None:
    ref, (other,) = resting(timer, "a"), failed(timer, "b")
    calls = len(timer.world.detector.asked)
    for _ in range(3):
        redriver(timer).picture(ref, EVERYTHING)
        redriver(timer).picture(other, EVERYTHING)
    assert redriver(timer).every(State.FAILED, EVERYTHING) == Tried(0)
    assert [line.state for line in timer.world.ledger.history(other)] == ["failed", "waiting"]
    assert timer.runs_now().states == {"labelled": 2}
    assert len(timer.world.detector.asked) == calls + 1
    with pytest.raises(ValueError, match="does not stand still"):
        redriver(timer).picture(ref, EVERYTHING)


def test_a_bucket_would_stay_held_although_somebody_has_mended_what_it_was_held_for(timer: Timer) -> None:
    (ref,) = timer.uploads("a")
    timer.park(ref)
    now = timer.world.objects.head(ref).date
    for bucket in ("oss://photos", "oss://others"):
        timer.world.ledger.hold(timer.world.detector.name, bucket, "forbidden", now + 600)
    assert timer.runs_now().states == {}
    assert redriver(timer).every(State.PARKED, ["oss://photos/"]) == Tried(0)
    assert list(timer.world.ledger.spending(timer.world.detector.name, now).holds) == ["oss://others"]
    assert timer.runs_now().states == {"labelled": 1}


def test_somebody_who_sees_a_part_of_a_bucket_would_end_what_all_of_it_is_held_for(timer: Timer) -> None:
    (mine,) = timer.uploads("mine/a")
    timer.park(mine)
    budget, name = timer.world.ledger, timer.world.detector.name
    now = timer.world.objects.head(mine).date
    for bucket in ("oss://photos", "oss://photos-2", "cos://photos"):
        budget.hold(name, bucket, "forbidden", now + 600)
    for within in (["oss://photos/mine/"], ["oss://photos/mine/", "oss://photos-2/x"], ["oss://photo"]):
        redriver(timer).every(State.PARKED, within)
        redriver(timer).picture(mine, within)
    assert set(budget.spending(name, now).holds) == {"oss://photos", "oss://photos-2", "cos://photos"}
    redriver(timer).picture(mine, ["oss://photos-2", "oss://photos"])
    assert set(budget.spending(name, now).holds) == {"oss://photos-2", "cos://photos"}
    redriver(timer).every(State.PARKED, EVERYTHING)
    assert set(budget.spending(name, now).holds) == {"cos://photos"}  # Nobody tries pictures of that store here.


def test_one_picture_that_no_event_can_name_would_keep_all_others_from_the_function(timer: Timer) -> None:
    failed(timer, "a", "b", "c")
    function = Function(refused="b")
    by = redriver(timer, function)
    assert by.every(State.FAILED, EVERYTHING) == Tried(3, by="timer")
    assert [ref.key for ref in function.given] == ["a", "c"]
    assert by.picture(ObjectRef("oss", "photos", "b"), EVERYTHING) == "timer"
    assert by.picture(ObjectRef("oss", "photos", "a"), EVERYTHING) == "function"


def test_a_picture_that_is_worked_on_would_be_disturbed(timer: Timer) -> None:
    (ref,) = failed(timer, "a")
    now = timer.world.objects.head(ref).date
    assert timer.world.ledger.lock(ref, "another worker", now + 30, now, "event")
    redriver(timer).picture(ref, EVERYTHING)
    row = timer.world.row(ref)
    assert (row.lock, row.waiting) == ("another worker", None)


def test_pictures_outside_the_prefixes_of_who_asks_would_be_tried_too(timer: Timer) -> None:
    mine, other = failed(timer, "mine/a", "other/b")
    assert redriver(timer).every(State.FAILED, ["oss://photos/mine/"]) == Tried(1)
    assert (timer.world.row(mine).waiting, timer.world.row(other).waiting) == ("tags_refused", None)


def test_a_request_would_work_on_without_an_end(timer: Timer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "PAGE", 1)
    monkeypatch.setattr(again, "MOST", 2)
    failed(timer, "a", "b", "c")
    first = redriver(timer).every(State.FAILED, EVERYTHING)
    assert (first.pictures, first.next is not None) == (2, True)
    assert redriver(timer).every(State.FAILED, EVERYTHING, first.next or "") == Tried(1)


def test_the_pictures_behind_those_of_the_first_request_would_never_get_a_turn(
    timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "PAGE", 1)
    monkeypatch.setattr(again, "MOST", 2)
    failed(timer, "a", "b", "c")
    function = Function()
    first = redriver(timer, function).every(State.FAILED, EVERYTHING)
    last = redriver(timer, function).every(State.FAILED, EVERYTHING, first.next or "")
    assert (first.by, last) == ("function", Tried(1, by="function"))
    assert [ref.key for ref in function.given] == ["a", "b", "c"]
    with pytest.raises(ValueError, match="page token"):
        redriver(timer).every(State.PARKED, EVERYTHING, first.next or "")


def test_one_picture_that_cannot_be_looked_at_would_keep_the_others_waiting(timer: Timer) -> None:
    failed(timer, "a", "b")
    stuck = redriver(timer)
    tools = iter([timer.world.worker().fails("ledger.row", Unavailable("index_error")).tools])
    whole = Redriver(
        stuck.gallery, stuck.budget, stuck.clock, ["oss"], (), lambda scheme: next(tools, stuck.tools("oss"))
    )
    assert whole.every(State.FAILED, EVERYTHING) == Tried(1, failed=1)


def test_a_function_would_not_get_the_pictures_that_it_is_to_try(timer: Timer) -> None:
    (parked,) = timer.uploads("parked")
    timer.park(parked)
    (ref,) = failed(timer, "failed")
    function = Function(timer)
    by = redriver(timer, function)
    by.picture(ref, EVERYTHING)
    assert by.every(State.PARKED, EVERYTHING) == Tried(1, by="function")
    assert [one.key for one in function.given] == ["failed", "parked"]
    assert [timer.world.state(one) for one in (ref, parked)] == ["labelled", "labelled"]


def test_people_would_be_offered_what_makes_no_difference(timer: Timer) -> None:
    (ref,) = timer.uploads("a")
    by, at_once = redriver(timer), redriver(timer, Function())
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
        by.picture(ObjectRef("file", "", "/a.jpg"), EVERYTHING)


def test_a_spent_budget_would_be_exceeded_by_asking(timer: Timer) -> None:
    (ref,) = timer.uploads("a")
    timer.park(ref)
    redriver(timer).picture(ref, EVERYTHING)
    assert timer.runs_now(timer.worker(Limits(total=0))).states == {}
    assert timer.world.detector.asked == []
