"""An index of files: what is looked at, what is written, and what is forgotten, in a world in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectRef, Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.policy import Policy
from imagelabels.providers import sqlite
from imagelabels.usecases.local import Examined, examine, forget_missing, write
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.walk import Place
from tests.world import World

CAT, DOG = ObjectRef("file", "", "photos/cat.jpg"), ObjectRef("file", "", "photos/dog.jpg")
FILES = Policy(tag_limit=0)


class Folder:
    def __init__(self, path: Path) -> None:
        self.ledger = sqlite.open_ledger(path)
        self.index = sqlite.open_label_index(path)
        self.world = World(self.ledger)
        self.world.user_puts(CAT, "cat")()
        self.world.user_puts(DOG, "dog")()

    def labeler(self, policy: Policy = FILES) -> Labeler:
        return self.world.worker(policy=policy).labeler

    def keep(self, *refs: ObjectRef, **labeler: Any) -> list[Outcome]:
        by = self.labeler(**labeler)
        return write(by, self.ledger, [examine(by, ref) for ref in refs])

    def state(self, ref: ObjectRef) -> str | None:
        return self.world.state(ref)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "labels.db")


def test_rows_say_what_the_detector_saw_and_a_second_time_nothing_is_written(folder: Folder) -> None:
    assert [one.state for one in folder.keep(CAT, DOG)] == ["labelled", "labelled"]
    assert folder.world.labels(CAT) == ("cat",)
    history = folder.ledger.history(CAT)
    assert [one.state for one in folder.keep(CAT, DOG)] == ["unchanged", "unchanged"]
    assert folder.ledger.history(CAT) == history
    assert len(folder.world.detector.asked) == 2


def test_no_tag_is_written_and_none_is_missed(folder: Folder) -> None:
    folder.keep(CAT)
    row = folder.ledger.row(CAT)
    assert row is not None
    assert row.record is not None
    assert (row.record.tags_written, row.record.tags_left_out, row.record.notes) == ({}, (), ())
    assert folder.world.tags(CAT) == {}


def test_another_policy_chooses_from_the_kept_answer(folder: Folder) -> None:
    folder.keep(CAT)
    assert folder.keep(CAT, policy=Policy(tag_limit=0, threshold=0.99)) == [
        Outcome(State.LABELLED, None, ("no_labels",))
    ]
    assert len(folder.world.detector.asked) == 1


def test_what_is_excluded_is_not_looked_at(folder: Folder) -> None:
    assert [one.reason for one in folder.keep(CAT, policy=Policy(tag_limit=0, label=False))] == ["excluded"]
    assert folder.world.detector.asked == []


def test_all_rows_of_a_batch_are_written_or_none(folder: Folder) -> None:
    by = folder.labeler()
    good = examine(by, CAT)
    broken = Examined(DOG, good.head, None if good.answer is None else _Broken())  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        write(by, folder.ledger, [good, broken])
    assert folder.ledger.row(CAT) is None


class _Broken:
    """No answer at all."""


def test_a_file_that_a_person_corrects_just_now_is_left_for_the_next_run(folder: Folder) -> None:
    folder.keep(CAT)
    now = folder.world.clock.store
    assert folder.ledger.lock(CAT, "somebody", now + 30, now, "correct")
    assert folder.keep(CAT, policy=Policy(tag_limit=0, threshold=0.99)) == [Outcome(State.WAITING, Reason.BUSY)]
    folder.ledger.release(CAT, "somebody")
    assert folder.world.labels(CAT) == ("cat",)


def test_a_row_goes_with_its_file_and_no_other_does(folder: Folder) -> None:
    other = ObjectRef("file", "", "photos2/cat.jpg")
    folder.world.user_puts(other, "cat")()
    folder.keep(CAT, DOG, other)
    for ref in (CAT, other):
        folder.world.objects.there.pop(ref.uri)
    place = Place("file", "", "photos/")
    assert forget_missing(folder.labeler(), folder.ledger, folder.index, place, {DOG.key}) == 1
    assert (folder.state(CAT), folder.state(DOG), folder.state(other)) == (None, "labelled", "labelled")
    assert folder.ledger.history(CAT)[-1].state == "removed"


def test_what_cannot_be_looked_at_keeps_its_row(folder: Folder) -> None:
    folder.keep(CAT)

    def fails(ref: ObjectRef) -> None:
        raise Unavailable("store_error")

    folder.world.objects.head = fails  # type: ignore[method-assign,assignment]
    place = Place("file", "", "photos/")
    assert forget_missing(folder.labeler(), folder.ledger, folder.index, place, set()) == 0
    assert folder.state(CAT) == "labelled"


def test_a_missing_file_is_told_by_its_path(folder: Folder) -> None:
    with pytest.raises(Unavailable, match=r"there is no file or folder /photos/nothing\.jpg"):
        examine(folder.labeler(), ObjectRef("file", "", "photos/nothing.jpg"))


def test_an_answer_that_nobody_has_confirmed_is_not_used(folder: Folder) -> None:
    assert folder.world.worker().dies_after("ledger.store").gets(CAT) == "killed"
    folder.world.wait(60)
    folder.keep(CAT)
    assert folder.world.labels(CAT) == ("cat",)
    assert folder.world.detector.asked == ["cat", "cat"]
