"""A changed policy is applied from kept answers: no detector is asked, nothing is half done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import EventEntry, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.policy import Policy
from imagelabels.usecases.relabel import Change, foresee, relabel
from imagelabels.usecases.undo import undo
from tests.fakes import Killed, label
from tests.world import TIMEOUT, K, Worker, World

LOW = Policy(threshold=0.3)
CAT, CAR = {"label:cat": "mammal"}, {"label:car": "vehicle"}
SHOWS = (label("cat", 0.9, "pet"), label("car", 0.4, "vehicle"))


@pytest.fixture
def labelled(world: World) -> World:
    world.detector.shows["both"] = SHOWS
    world.user_puts(K, "both", tags={"trip": "x"})()
    world.worker().gets(K)
    assert world.tags(K) == {"trip": "x"} | CAT

    def never(*_: object) -> None:
        raise AssertionError("a detector was asked")

    world.detector.detect = never  # type: ignore[assignment,method-assign]
    return world


def relabelled(world: World, worker: Worker | None = None, ref: ObjectRef = K) -> Change | str:
    worker = worker or world.worker(policy=LOW)
    try:
        return relabel(worker.tools, ref, world.clock.monotonic() + TIMEOUT)
    except Killed:
        return "killed"
    except LabelingError as error:
        return error.reason


def done(world: World) -> bool:
    return world.tags(K) == {"trip": "x"} | CAT | CAR and world.labels(K) == ("cat", "car")


COMES = frozenset({"car"}), frozenset[str](), frozenset({"label:car"}), frozenset[str]()


def test_a_lower_threshold_brings_labels_and_tags_without_a_call_a_claim_or_a_count(labelled: World) -> None:
    calls = getattr(labelled.ledger, "calls", None)
    worker = labelled.worker(policy=LOW)
    assert relabelled(labelled, worker) == Change(K, "changed", *COMES, current=False)
    assert done(labelled)
    assert not {"detector.detect", "ledger.take", "ledger.claim", "ledger.store", "objects.read"} & {*worker.wire.calls}
    assert getattr(labelled.ledger, "calls", None) == calls
    line = labelled.ledger.history(K)[-1]
    assert (line.state, line.paid_calls) == ("labelled", 0)


def test_a_higher_threshold_takes_labels_and_tags_away(labelled: World) -> None:
    change = relabelled(labelled, labelled.worker(policy=Policy(threshold=0.95)))
    assert change == Change(
        K, "changed", frozenset(), frozenset({"cat"}), frozenset(), frozenset({"label:cat"}), current=False
    )
    assert (labelled.tags(K), labelled.labels(K)) == ({"trip": "x"}, ())


def test_what_is_foreseen_is_what_is_done_and_foreseeing_writes_nothing(labelled: World) -> None:
    worker = labelled.worker(policy=LOW)
    assert foresee(worker.tools, K) == relabelled(labelled)
    assert set(worker.wire.calls) == {"ledger.row", "objects.head", "objects.tags", "ledger.answer"}


def test_relabelling_again_finds_nothing_to_do_and_takes_no_lock(labelled: World) -> None:
    relabelled(labelled)
    worker = labelled.worker(policy=LOW)
    assert relabelled(labelled, worker) == Change(K, "unchanged")
    assert set(worker.wire.calls) == {"ledger.row", "objects.head", "objects.tags", "ledger.answer"}


def test_a_policy_that_changes_nothing_for_a_picture_is_noted_in_its_row_all_the_same(labelled: World) -> None:
    assert relabelled(labelled, labelled.worker(policy=Policy(threshold=0.8))) == Change(K, "unchanged", current=False)
    assert labelled.worker(policy=Policy(threshold=0.8)).gets(K).state == "unchanged"  # type: ignore[union-attr]


def test_another_language_and_another_tag_value_are_changes(labelled: World) -> None:
    assert relabelled(labelled, labelled.worker(policy=Policy(language="zh-Hans"))) == Change(
        K, "changed", current=False
    )
    change = relabelled(labelled, labelled.worker(policy=Policy(tag_value="confidence")))
    key = frozenset({"label:cat"})
    assert isinstance(change, Change)
    assert (change.tags_come, change.tags_go, change.labels_come) == (key, key, frozenset())
    assert labelled.tags(K) == {"trip": "x", "label:cat": "0.90"}


def test_a_replaced_picture_without_an_answer_is_left_as_it_is(labelled: World) -> None:
    before = labelled.ledger.row(K)
    labelled.user_puts(K, "dog")()
    worker = labelled.worker(policy=LOW)
    assert relabelled(labelled, worker) == Change(K, "no_answer")
    assert "ledger.lock" not in worker.wire.calls
    assert labelled.ledger.row(K) == before


def test_a_picture_that_is_replaced_under_our_hands_is_left_to_its_own_event(labelled: World) -> None:
    before = labelled.ledger.row(K)
    worker = labelled.worker(policy=LOW).before("ledger.lock", labelled.user_puts(K, "dog"))
    relabelled(labelled, worker)
    assert (labelled.ledger.row(K), labelled.tags(K)) == (before, {})


def test_an_undone_picture_does_not_get_its_labels_back_by_relabelling(labelled: World) -> None:
    def undo_it() -> None:
        undo(labelled.worker().tools, K, labelled.clock.monotonic() + TIMEOUT)

    worker = labelled.worker(policy=LOW).before("ledger.lock", undo_it)
    relabelled(labelled, worker)
    assert (labelled.ledger.row(K), labelled.tags(K)) == (None, {"trip": "x"})
    assert relabelled(labelled) == Change(K, "no_answer")


def test_an_object_that_is_gone_is_left_to_its_own_event(labelled: World) -> None:
    labelled.objects.delete(K)
    assert relabelled(labelled) == Change(K, "no_answer")
    assert labelled.labels(K) == ("cat",)


def test_the_answer_of_an_older_detector_setting_is_chosen_from_and_stays_that_setting_s(labelled: World) -> None:
    labelled.detector.setting = "fake, newer"
    assert relabelled(labelled) == Change(K, "changed", *COMES, current=False)
    row = labelled.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert row.record.setting == "fake"
    assert done(labelled)


def test_a_refused_picture_stays_refused(world: World) -> None:
    world.detector.refuses.add("blur")
    world.user_puts(K, "blur")()
    world.worker().gets(K)
    assert relabelled(world) == Change(K, "unchanged", current=False)
    assert world.state(K) == "skipped"


def test_a_policy_that_labels_nothing_takes_everything_back_and_one_that_does_brings_it_again(labelled: World) -> None:
    nothing = Policy(label=False)
    change = relabelled(labelled, labelled.worker(policy=nothing))
    assert isinstance(change, Change)
    assert (change.labels_go, change.tags_go) == (frozenset({"cat"}), frozenset({"label:cat"}))
    assert (labelled.state(K), labelled.tags(K)) == ("skipped", {"trip": "x"})
    assert relabelled(labelled, labelled.worker(policy=nothing)) == Change(K, "unchanged")
    relabelled(labelled)
    assert done(labelled)


@pytest.mark.parametrize("call", ["ledger.lock", "objects.put_tags", "ledger.finish"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_relabelling_that_was_killed_anywhere_is_finished_by_relabelling_again(
    labelled: World, call: str, moment: str
) -> None:
    worker = labelled.worker(policy=LOW)
    (worker.dies_before if moment == "before" else worker.dies_after)(call)
    assert relabelled(labelled, worker) == "killed"
    labelled.wait(60)
    assert isinstance(relabelled(labelled), Change)
    assert done(labelled)


@pytest.mark.parametrize(
    "error",
    [Misconfigured("give the role"), Rejected("tags_refused"), Unavailable("throttled")],
    ids=lambda e: e.reason,
)
def test_a_store_that_refuses_leaves_the_row_as_it_was(labelled: World, error: LabelingError) -> None:
    def fails(*_: object) -> None:
        raise error

    before = labelled.ledger.row(K)
    assert before is not None
    assert relabelled(labelled, labelled.worker(policy=LOW).instead("objects.put_tags", fails)) == error.reason
    labelled.wait(60)
    row = labelled.ledger.row(K)
    assert row is not None
    assert replace(row, lock=None, lock_until=None) == before


def test_relabelling_a_changed_picture_takes_nine_calls_and_asks_no_detector(labelled: World) -> None:
    """The command foresees first, and so knows the store's time; the safeguards of a delivery are all there."""
    worker = labelled.worker(policy=LOW)
    assert foresee(worker.tools, K).fate == "changed"
    worker.wire.calls.clear()
    change = relabelled(labelled, worker)
    assert isinstance(change, Change)
    assert change.fate == "changed"
    assert worker.wire.calls == [
        "ledger.row",
        "ledger.answer",
        "ledger.lock",
        "ledger.row",
        "objects.head",
        "objects.tags",
        "objects.put_tags",
        "ledger.finish",
        "objects.head",
    ]


def test_the_first_picture_of_a_process_is_looked_at_once_more_to_learn_the_store_s_time(labelled: World) -> None:
    worker = labelled.worker(policy=LOW)
    relabelled(labelled, worker)
    assert worker.wire.calls[:2] == ["ledger.row", "objects.head"]
    assert len(worker.wire.calls) == 10


def test_relabelling_finds_out_under_the_lock_that_the_picture_is_another_than_its_row_says(labelled: World) -> None:
    worker = labelled.worker(policy=LOW)
    worker.tools.look(K)
    before = labelled.ledger.row(K)
    labelled.user_puts(K, "dog", tags={"trip": "new"})()
    assert relabelled(labelled, worker) == Change(K, "no_answer")
    assert (labelled.ledger.row(K), labelled.tags(K)) == (before, {"trip": "new"})


def test_relabelling_finds_out_under_the_lock_that_the_picture_is_gone_or_cannot_be_looked_at(labelled: World) -> None:
    before = labelled.ledger.row(K)
    worker = labelled.worker(policy=LOW)
    worker.tools.look(K)
    worker.fails("objects.head", Rejected("unsignable_key"))
    assert relabelled(labelled, worker) == "unsignable_key"
    labelled.objects.delete(K)
    assert relabelled(labelled, worker) == Change(K, "no_answer")
    assert labelled.ledger.row(K) == before


def test_a_tag_that_was_put_back_by_hand_is_a_change_though_the_policy_is_the_same(labelled: World) -> None:
    relabelled(labelled)
    labelled.objects.user_tag(K, "label:dog", "mammal")
    change = relabelled(labelled)
    assert change == Change(K, "changed", tags_go=frozenset({"label:dog"}))
    assert done(labelled)


def test_a_row_that_never_saw_its_object_is_chosen_anew_from_what_is_there_now(labelled: World) -> None:
    worker = labelled.worker(policy=LOW)
    worker.tools.look(K)
    token, now = "token", labelled.clock.store
    assert labelled.ledger.lock(K, token, now + 30, now, "event")
    unseen = replace(labelled.record(K), head=None)
    assert labelled.ledger.finish(K, token, unseen, EventEntry("event", State.PARKED, None, 1))
    assert relabelled(labelled, worker) == Change(K, "changed", *COMES, current=False)
    assert done(labelled)
