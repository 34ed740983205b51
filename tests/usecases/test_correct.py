"""A person's corrections, and what becomes of them when the detector, the policy and the object go on living."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.policy import Policy
from imagelabels.usecases.calling import TRIES
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.relabel import Change, foresee, relabel
from imagelabels.usecases.undo import undo
from tests.fakes import Killed, label
from tests.world import TIMEOUT, J, K, Worker, World

SHOWS = (label("cat", 0.9, "pet"), label("dog", 0.8, "pet"), label("car", 0.4, "vehicle"))
CAT, BOAT = {"label:cat": "mammal"}, {"label:user:my boat": "user"}


@pytest.fixture
def labelled(world: World) -> World:
    world.detector.shows["pets"] = SHOWS
    world.user_puts(K, "pets", tags={"trip": "x"})()
    world.worker().gets(K)
    return world


def says(
    world: World,
    without: Sequence[str] = (),
    add: Sequence[str] = (),
    forget: bool = False,
    worker: Worker | None = None,
) -> ImageRecord | str:
    worker = worker or world.worker()
    try:
        return correct(worker.tools, K, Said(without, add, forget), world.clock.monotonic() + TIMEOUT)
    except Killed:
        return "killed"
    except LabelingError as error:
        return error.reason


@pytest.fixture
def corrected(labelled: World) -> World:
    says(labelled, ["dog"], ["my boat"])
    return labelled


def stands(world: World) -> bool:
    """The corrections, in row and tags."""
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    words = row.record.corrections
    assert words is None or words.content == row.record.content or row.record.content is None
    return (
        world.tags(K) == {"trip": "x"} | CAT | BOAT
        and world.labels(K) == ("user:my boat", "cat")
        and words is not None
        and (words.without, words.add) == (("dog",), ("my boat",))
    )


def test_labels_tags_row_and_history_follow_a_correction_and_no_detector_is_asked(labelled: World) -> None:
    asked = list(labelled.detector.asked)
    worker = labelled.worker()
    got = says(labelled, ["dog"], ["my boat"], worker=worker)
    assert isinstance(got, ImageRecord)
    assert stands(labelled)
    assert "corrected" in got.notes
    assert labelled.detector.asked == asked
    assert not {"detector.detect", "ledger.claim", "ledger.take"} & {*worker.wire.calls}
    line = labelled.ledger.history(K)[-1]
    assert (line.state, line.paid_calls) == ("labelled", 0)


def test_corrections_survive_a_new_event_of_the_same_content(corrected: World) -> None:
    assert corrected.worker().gets(K).state == "unchanged"  # type: ignore[union-attr]
    corrected.user_puts(K, "pets", tags={"trip": "x"})()
    corrected.worker().gets(K)
    assert stands(corrected)


def test_corrections_survive_relabelling(corrected: World) -> None:
    low = corrected.worker(policy=Policy(threshold=0.3))
    change = relabel(low.tools, K, corrected.clock.monotonic() + TIMEOUT)
    assert change.labels_come == {"car"}
    assert corrected.labels(K) == ("user:my boat", "cat", "car")
    assert foresee(corrected.worker(policy=Policy(threshold=0.3)).tools, K) == Change(K, "unchanged")


def test_corrections_survive_a_detector_of_another_setting_which_is_asked_anew(corrected: World) -> None:
    corrected.detector.setting = "fake, newer"
    assert corrected.until_done(K) != "unsettled"
    assert len(corrected.detector.asked) == 2
    assert stands(corrected)


def test_corrections_survive_a_time_in_which_nothing_could_be_read_or_written(corrected: World) -> None:
    def forbids(*_: object) -> None:
        raise Misconfigured("give the role oss:GetObject")

    for call in ("objects.head", "objects.put_tags", "objects.tags"):
        corrected.detector.setting += "."
        corrected.objects.user_tag(K, "label:car", "vehicle")  # something to write
        worker = corrected.worker()
        for _ in range(4):
            worker.instead(call, forbids)
        got = worker.gets(K)
        assert getattr(got, "state", None) == "parked", call
        corrected.until_done(K)
        assert stands(corrected), call


def test_corrections_survive_where_the_same_picture_is_put_again_and_its_tags_cannot_be_read(corrected: World) -> None:
    corrected.user_puts(K, "pets", tags={"trip": "x"})()
    got = corrected.worker().fails("objects.tags", Misconfigured("give the role that permission"), times=4).gets(K)
    assert getattr(got, "state", got) == "parked"
    corrected.until_done(K)
    assert stands(corrected)


def test_corrections_survive_a_delivery_that_waits(corrected: World) -> None:
    corrected.detector.setting = "fake, newer"
    corrected.detector.fails += [Unavailable("throttled")] * 2 * TRIES
    assert corrected.worker().gets(K) == "throttled"
    row = corrected.ledger.row(K)
    assert row is not None
    assert row.waiting == "throttled"
    corrected.until_done(K)
    assert stands(corrected)


def test_corrections_survive_a_policy_that_labels_nothing_for_a_while(corrected: World) -> None:
    assert corrected.worker(policy=Policy(label=False)).gets(K).state == "skipped"  # type: ignore[union-attr]
    assert corrected.tags(K) == {"trip": "x"}
    corrected.until_done(K)
    assert stands(corrected)


def test_a_new_picture_under_the_same_name_drops_them_and_they_do_not_come_back_with_the_old_one(
    corrected: World,
) -> None:
    corrected.user_puts(J, "dog")()
    corrected.worker().gets(J)
    corrected.user_puts(K, "dog")()
    corrected.worker().gets(K)
    assert corrected.labels(K) == ("dog",)
    corrected.user_puts(K, "pets")()
    corrected.worker().gets(K)
    assert corrected.labels(K) == ("cat", "dog")


def test_a_copy_of_the_picture_under_another_name_is_not_corrected(corrected: World) -> None:
    corrected.user_puts(J, "pets")()
    corrected.worker().gets(J)
    assert corrected.labels(J) == ("cat", "dog")


def test_a_removed_picture_s_corrections_are_gone(corrected: World) -> None:
    corrected.objects.delete(K)
    corrected.worker().gets(K, kind="removed")
    corrected.user_puts(K, "pets")()
    corrected.worker().gets(K)
    assert corrected.labels(K) == ("cat", "dog")


def test_undo_takes_the_tags_that_corrections_brought_and_the_corrections(corrected: World) -> None:
    undo(corrected.worker().tools, K, corrected.clock.monotonic() + TIMEOUT)
    assert corrected.tags(K) == {"trip": "x"}
    corrected.worker().gets(K)
    assert corrected.labels(K) == ("cat", "dog")


def test_corrections_can_be_forgotten_and_said_again(corrected: World) -> None:
    says(corrected, forget=True)
    assert (corrected.labels(K), corrected.tags(K)) == (("cat", "dog"), {"trip": "x"} | CAT | {"label:dog": "mammal"})
    corrected.detector.setting = "fake, newer"
    corrected.worker().gets(K)
    assert corrected.labels(K) == ("cat", "dog")
    says(corrected, ["dog"], ["my boat"])
    assert stands(corrected)
    says(corrected, ["cat"], forget=True)
    assert corrected.labels(K) == ("dog",)


def test_two_people_who_correct_at_once_both_are_heard(labelled: World) -> None:
    def other() -> None:
        says(labelled, ["dog"])

    says(labelled, (), ["my boat"], worker=labelled.worker().before("ledger.lock", other))
    assert stands(labelled)


def test_a_correction_said_twice_changes_nothing(corrected: World) -> None:
    before = corrected.ledger.row(K)
    says(corrected, ["dog"], ["my boat"])
    assert corrected.ledger.row(K) == before


def test_what_cannot_be_corrected_is_told_and_nothing_is_written(labelled: World) -> None:
    def refused(words: str) -> None:
        worker = labelled.worker()
        with pytest.raises(ValueError, match=words):
            says(labelled, ["cat"], worker=worker)
        assert not {"ledger.lock", "ledger.finish", "objects.put_tags"} & {*worker.wire.calls}

    with pytest.raises(ValueError, match="nothing is called dgo"):
        says(labelled, ["dgo"])
    labelled.user_puts(K, "new")()
    refused("was replaced")
    labelled.objects.delete(K)
    refused("no such object")
    labelled.worker().gets(K, kind="removed")
    labelled.user_puts(K, "blur")()
    refused("not been labelled yet")
    labelled.detector.refuses.add("blur")
    labelled.worker().gets(K)
    refused("skipped, detector_refused")


def test_a_picture_that_is_replaced_while_it_is_corrected_is_not_corrected(labelled: World) -> None:
    worker = labelled.worker().before("ledger.lock", labelled.user_puts(K, "dog"))
    with pytest.raises(ValueError, match="nothing was corrected"):
        says(labelled, ["cat"], worker=worker)
    labelled.worker().gets(K)
    assert labelled.labels(K) == ("dog",)
    row = labelled.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert row.record.corrections is None


@pytest.mark.parametrize("call", ["ledger.lock", "objects.put_tags", "ledger.finish"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_correction_that_was_killed_anywhere_can_be_said_again(labelled: World, call: str, moment: str) -> None:
    worker = labelled.worker()
    (worker.dies_before if moment == "before" else worker.dies_after)(call)
    assert says(labelled, ["dog"], ["my boat"], worker=worker) == "killed"
    labelled.wait(60)
    assert isinstance(says(labelled, ["dog"], ["my boat"]), ImageRecord)
    assert stands(labelled)


def test_no_label_at_all_is_a_possible_correction(labelled: World) -> None:
    says(labelled, ["mammal"])
    assert (labelled.labels(K), labelled.tags(K)) == ((), {"trip": "x"})
    row = labelled.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert {"no_labels", "corrected"} <= {*row.record.notes}
