"""Undo takes back what we wrote and nothing else, whatever happens meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.undo import Written, undo, written
from tests.fakes import Killed
from tests.world import TIMEOUT, K, Worker, World

CAT, DOG = {"label:cat": "mammal"}, {"label:dog": "mammal"}
MINE = {"label:summer": "1", "label:dog": "mine", "trip": "a b"}


def undone(world: World, worker: Worker | None = None, ref: ObjectRef = K) -> Written | str:
    """What was found; or the reason that the user hears, or "killed"."""
    worker = worker or world.worker()
    try:
        return undo(worker.tools, ref, world.clock.monotonic() + TIMEOUT)
    except Killed:
        return "killed"
    except LabelingError as error:
        return error.reason


@pytest.fixture
def labelled(world: World) -> World:
    world.user_puts(K, "cat", tags=MINE)()
    world.worker().gets(K)
    assert world.tags(K) == MINE | CAT
    return world


def nothing_of_ours(world: World) -> bool:
    return world.tags(K) == MINE and world.ledger.row(K) is None


def test_undo_takes_our_tags_and_the_row_and_leaves_the_user_s_tags_and_a_line_of_history(labelled: World) -> None:
    assert undone(labelled) == Written(K, CAT, True)
    assert nothing_of_ours(labelled)
    line = labelled.ledger.history(K)[-1]
    assert (line.state, line.reason, line.paid_calls) == ("undone", None, 0)
    assert (line.tags_before, line.tags_after) == (MINE | CAT, MINE)
    assert labelled.detector.asked == ["cat"]


def test_a_dry_run_says_what_undo_would_take_and_writes_nothing(labelled: World) -> None:
    worker = labelled.worker()
    assert written(worker.tools, K) == Written(K, CAT, True)
    assert set(worker.wire.calls) == {"ledger.row", "objects.head", "objects.tags"}
    assert labelled.tags(K) == MINE | CAT


def test_undo_a_second_time_finds_nothing_writes_nothing_and_takes_no_lock(labelled: World) -> None:
    undone(labelled)
    worker = labelled.worker()
    assert undone(labelled, worker) == Written(K, {}, False)
    assert set(worker.wire.calls) == {"ledger.row", "objects.head", "objects.tags"}
    assert len(labelled.ledger.history(K)) == 2


def test_tags_whose_row_was_lost_are_taken_back_all_the_same(world: World) -> None:
    world.user_puts(K, "cat", tags=MINE | CAT)()
    assert undone(world) == Written(K, CAT, False)
    assert nothing_of_ours(world)


def test_tags_of_any_value_setting_are_taken_back(world: World) -> None:
    world.user_puts(K, "cat", tags=MINE | {"label:cat": "0.93", "label:imm:=E7=8B=97": "imm"})()
    undone(world)
    assert nothing_of_ours(world)


def test_the_row_of_an_object_that_is_gone_is_taken_back(labelled: World) -> None:
    labelled.objects.delete(K)
    assert undone(labelled) == Written(K, {}, True)
    assert labelled.ledger.row(K) is None


def test_an_undone_picture_is_labelled_again_without_a_call(labelled: World) -> None:
    undone(labelled)
    labelled.worker().gets(K)
    assert labelled.tags(K) == MINE | CAT
    assert labelled.labels(K) == ("cat",)
    assert labelled.detector.asked == ["cat"]


def test_undo_waits_out_the_lock_of_a_dead_worker_and_takes_back_what_it_wrote(world: World) -> None:
    world.user_puts(K, "cat", tags=MINE)()
    world.worker().dies_after("objects.put_tags").gets(K)
    assert world.tags(K) == MINE | CAT
    assert undone(world) == Written(K, CAT, True)
    assert nothing_of_ours(world)


@pytest.mark.parametrize("call", ["ledger.lock", "objects.tags", "objects.put_tags", "ledger.drop"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_undo_that_was_killed_anywhere_is_finished_by_undoing_again(labelled: World, call: str, moment: str) -> None:
    worker = labelled.worker()
    (worker.dies_before if moment == "before" else worker.dies_after)(call)
    assert undone(labelled, worker) == "killed"
    labelled.wait(60)
    assert isinstance(undone(labelled), Written)
    assert nothing_of_ours(labelled)


def test_an_undo_whose_tag_write_hangs_does_not_strip_a_later_picture(labelled: World) -> None:
    assert undone(labelled, labelled.worker().tag_write_hangs()) == "timeout"
    labelled.user_puts(K, "dog", tags={"trip": "new"})()
    labelled.until_done(K)
    labelled.objects.land()
    assert labelled.tags(K) == {"trip": "new"} | DOG


def test_a_failing_index_leaves_no_trace_that_asks_for_labels(world: World) -> None:
    def fails(*_: object) -> None:
        raise Unavailable("index_error")

    world.user_puts(K, "cat", tags=CAT)()
    worker = world.worker().instead("objects.tags", lambda _: CAT).instead("ledger.drop", fails)
    world.objects.there[K.uri].tags.clear()
    assert undone(world, worker) == "index_error"
    assert world.ledger.row(K) is None


def test_a_failing_store_leaves_the_row_as_it_was_and_nothing_that_waits(labelled: World) -> None:
    def fails(*_: object) -> None:
        raise Unavailable("throttled")

    before = labelled.ledger.row(K)
    assert undone(labelled, labelled.worker().instead("objects.put_tags", fails)) == "throttled"
    labelled.wait(60)
    row = labelled.ledger.row(K)
    assert row is not None
    assert before is not None
    assert (row.record, row.waiting) == (before.record, None)


def test_an_undo_that_the_store_forbids_leaves_tags_row_and_no_lock(labelled: World) -> None:
    def forbids(*_: object) -> None:
        raise Misconfigured("give the role oss:PutObjectTagging")

    before = labelled.ledger.row(K)
    assert undone(labelled, labelled.worker().instead("objects.put_tags", forbids)) == "forbidden"
    assert labelled.tags(K) == MINE | CAT
    assert labelled.ledger.row(K) == before


def test_a_picture_that_goes_during_its_undo_is_undone(labelled: World) -> None:
    worker = labelled.worker().before("objects.put_tags", lambda: labelled.objects.delete(K))
    assert undone(labelled, worker) == Written(K, CAT, True)
    assert labelled.ledger.row(K) is None


def test_an_undo_that_slept_through_its_lease_takes_nothing_from_the_newer_row(labelled: World) -> None:
    def sleep() -> None:
        labelled.wait(60)
        labelled.user_puts(K, "dog")()
        labelled.worker().gets(K)

    worker = labelled.worker().before("ledger.drop", sleep)
    assert isinstance(undone(labelled, worker), Written)
    # The lease was lost, so it looked again: what the newer delivery wrote was found, and undone as a whole.
    assert (labelled.tags(K), labelled.ledger.row(K)) == ({}, None)
    assert [line.state for line in labelled.ledger.history(K)][-1] == "undone"


def test_the_tags_of_a_link_are_its_target_s_and_stay(labelled: World) -> None:
    there = labelled.objects.there[K.uri]
    there.head = replace(there.head, symlink=True)
    assert undone(labelled) == Written(K, {}, True)
    assert labelled.tags(K) == MINE | CAT
    assert labelled.ledger.row(K) is None


def test_undo_of_a_labelled_picture_takes_eight_calls(labelled: World) -> None:
    worker = labelled.worker()
    undone(labelled, worker)
    assert worker.wire.calls == [
        "ledger.row",
        "objects.head",
        "objects.tags",
        "objects.head",
        "ledger.lock",
        "objects.tags",
        "objects.put_tags",
        "ledger.drop",
    ]
