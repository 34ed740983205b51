"""The one decision: when a row says already what is true, and when it must be written again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imagelabels.domain.content import content_id
from imagelabels.domain.model import (
    Answer,
    Corrections,
    Detection,
    DetectorTraits,
    ImageRecord,
    Label,
    ObjectHead,
    crc64,
)
from imagelabels.domain.outcomes import Note, Reason, State
from imagelabels.domain.plan import Plan, Seen, hindered, needs_no_answer, plan, take_back, without_tags
from imagelabels.domain.policy import Policy
from tests.fakes import label
from tests.world import CONCEPTS, K

HEAD = ObjectHead("5D41402ABC4B2A76B9719D911017C592", 5, crc64("xz", "123"), 1_700_000_000)
FAKE = DetectorTraits("fake", "fake", 1000, (".jpg",))
UNTAGGED = Policy(tag_limit=0)
"""Under this policy no tag can tell that the labels have changed."""


def answer(*labels: Label) -> Answer:
    return Answer(detection=Detection(labels, "fake", "fake-1", "{}", True))


def seen(answer: Answer | None, **changes: Any) -> Seen:
    """Return the simplest of what can be seen, with the changes: the object, its answer, and no tags."""
    return replace(Seen(K, HEAD, UNTAGGED, CONCEPTS, FAKE, answer, "fake", {}), **changes)


def planned(labels: tuple[Label, ...], row: ImageRecord | None = None, **changes: Any) -> Plan:
    return plan(seen(answer(*labels), record=row, may_stay=True, **changes))


def written(labels: tuple[Label, ...], said: Corrections | None = None) -> ImageRecord:
    """Return the row that a delivery of this answer leaves."""
    of = seen(answer(*labels), said=said)
    row = plan(of).row(of, 1)
    assert row is not None
    return row


CAT, DOG = (label("cat"),), (label("dog"),)


def test_a_row_that_says_all_of_it_is_left_as_it_is() -> None:
    made = planned(CAT, written(CAT))
    assert made.state == "unchanged"
    assert made.row(seen(answer(*CAT)), 2) is None


def test_a_row_with_other_labels_is_written_again_where_no_tag_shows_it() -> None:
    made = planned(DOG, written(CAT))
    assert (made.state, made.tags) == ("labelled", None)
    assert made.chosen.labels == DOG


def test_what_a_person_said_is_recorded_where_it_changes_no_label() -> None:
    said = Corrections(content_id(HEAD), without=("car",))
    made = planned(CAT, written(CAT), said=said)
    assert (made.state, made.chosen.labels, made.corrections) == ("labelled", CAT, said)


def test_a_row_forgets_what_a_person_took_back() -> None:
    said = Corrections(content_id(HEAD), without=("car",))
    made = planned(CAT, written(CAT, said), said=Corrections(content_id(HEAD)))
    assert (made.state, made.chosen.labels, bool(made.corrections)) == ("labelled", CAT, False)


def test_what_a_person_said_stays_with_the_row_of_the_same_content() -> None:
    said = Corrections(content_id(HEAD), without=("cat",))
    made = planned(CAT, written(CAT, said))
    assert (made.state, made.chosen.labels, made.corrections) == ("unchanged", (), said)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "skipped"},
        {"reason": "corrupt"},
        {"head": replace(HEAD, last_modified=1_700_000_001)},
        {"setting": "another detector"},
        {"policy": "another policy"},
        {"tags_written": {"label:cat": "mammal"}},
    ],
)
def test_a_row_that_differs_in_any_fact_is_written_again(change: dict[str, object]) -> None:
    row = replace(written(CAT), **change)  # type: ignore[arg-type]  # The changes are of several fields' types.
    assert planned(CAT, row).state == "labelled"


def test_tags_that_are_to_be_written_are_a_change_whatever_the_row_says() -> None:
    policy = Policy()
    row = replace(written(CAT), policy=policy.digest(CONCEPTS.version), tags_written={"label:cat": "mammal"})
    assert planned(CAT, row, policy=policy).tags == {"label:cat": "mammal"}
    assert planned(CAT, row, policy=policy).state == "labelled"


def test_an_object_that_is_gone_needs_no_answer() -> None:
    assert plan(seen(None, head=None, record=written(CAT))) == Plan(State.REMOVED)


def test_words_about_another_picture_are_not_said_of_this_one() -> None:
    other = Corrections("another content", without=("cat",))
    made = planned(CAT, said=other)
    assert (made.chosen.labels, made.corrections, made.notes) == (CAT, None, ())


def test_a_refused_picture_has_no_labels_whatever_stands_beside_the_refusal() -> None:
    refused = replace(answer(*CAT), reason=Reason.CORRUPT)
    made = plan(seen(refused, policy=Policy()))
    assert (made.state, made.chosen.labels, made.tags) == ("skipped", (), None)


def test_an_answer_without_a_detection_has_no_labels() -> None:
    made = plan(seen(Answer(), policy=Policy(), tags={"label:cat": "mammal"}))
    assert (made.state, made.notes, made.tags) == ("labelled", ("no_labels",), {})


# Refusals for which nobody needs to be asked.


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"policy": Policy(label=False)}, Reason.EXCLUDED),
        ({"head": replace(HEAD, symlink=True)}, Reason.SYMLINK),
        ({"head": replace(HEAD, size=0)}, Reason.EMPTY),
        ({"head": replace(HEAD, size=0), "ref": replace(K, key="2026/")}, Reason.FOLDER_MARKER),
        ({"head": replace(HEAD, size=1001)}, Reason.TOO_LARGE),
        ({"head": replace(HEAD, archived=True)}, Reason.ARCHIVED),
        ({"ref": replace(K, key="k.gif")}, Reason.UNSUPPORTED_FORMAT),
    ],
)
def test_what_needs_no_answer_is_refused_whatever_answer_is_kept(change: dict[str, Any], reason: Reason) -> None:
    of = seen(answer(*CAT), **change)
    assert needs_no_answer(of) == Answer(reason)
    assert (plan(of).state, plan(of).reason, plan(of).chosen.labels) == (State.SKIPPED, reason, ())


@pytest.mark.parametrize("change", [{}, {"head": replace(HEAD, size=1000)}, {"ref": replace(K, key="K.JPG")}])
def test_a_picture_at_the_limits_needs_an_answer(change: dict[str, Any]) -> None:
    assert needs_no_answer(seen(None, **change)) is None


def test_an_object_that_cannot_be_seen_is_refused_by_the_policy_alone() -> None:
    assert needs_no_answer(seen(None, head=None)) is None
    assert needs_no_answer(seen(None, head=None, policy=Policy(label=False))) == Answer(Reason.EXCLUDED)


# What may pass another time.


def test_a_row_that_is_right_stays_while_the_detector_cannot_be_asked() -> None:
    row = written(CAT)
    made = plan(seen(Answer(Reason.THROTTLED), record=row))
    assert (made.state, made.reason, made.stands) == (State.WAITING, Reason.THROTTLED, True)
    assert made.row(seen(None), 1) is None
    assert not plan(seen(Answer(Reason.CORRUPT), record=row)).stands


@pytest.mark.parametrize(
    "row", [None, replace(written(CAT), head=replace(HEAD, size=6)), replace(written(CAT), state=State.PARKED)]
)
def test_a_row_that_is_not_right_says_what_its_object_waits_for(row: ImageRecord | None) -> None:
    made = plan(seen(Answer(Reason.THROTTLED), record=row, tags={"label:cat": "mammal"}, policy=Policy()))
    assert (made.state, made.stands, made.tags) == (State.WAITING, False, {})


def test_what_waits_is_told_again_though_the_row_says_so_already() -> None:
    waits = seen(Answer(Reason.THROTTLED), may_stay=True)
    row = plan(waits).row(waits, 1)
    assert plan(replace(waits, record=row)).state is State.WAITING


def test_a_row_whose_delivery_waits_is_written_again() -> None:
    assert plan(seen(answer(*CAT), record=written(CAT), may_stay=False)).state is State.LABELLED


# What stands in the way.


def test_a_row_that_is_right_stays_where_its_object_cannot_be_looked_at() -> None:
    made = hindered(seen(None, head=None, record=written(CAT)), Reason.FORBIDDEN)
    assert (made.state, made.reason, made.stands, made.notes) == (State.PARKED, Reason.FORBIDDEN, True, ())


@pytest.mark.parametrize(
    ("row", "notes"),
    [
        (None, ()),
        (replace(written(CAT), head=None), ()),
        (replace(written(CAT), head=None, tags_written={"label:cat": "mammal"}), (Note.TAGS_NOT_SEEN,)),
        (replace(written(CAT), head=None, notes=(Note.TAGS_NOT_SEEN,)), (Note.TAGS_NOT_SEEN,)),
    ],
)
def test_a_row_says_that_tags_of_an_earlier_content_may_still_be_there(
    row: ImageRecord | None, notes: tuple[Note, ...]
) -> None:
    made = hindered(seen(None, record=row), Reason.FORBIDDEN)
    assert (made.state, made.stands, made.notes) == (State.PARKED, False, notes)


def test_words_of_a_person_outlive_a_row_that_cannot_be_looked_after() -> None:
    said = Corrections("another content", without=("cat",))
    assert hindered(seen(None, record=replace(written(CAT), head=None, corrections=said)), Reason.FORBIDDEN) == Plan(
        State.PARKED, Reason.FORBIDDEN, corrections=said, answer=Answer(Reason.FORBIDDEN)
    )


def test_a_store_that_refuses_the_tags_for_good_fails_the_row_and_one_that_may_pass_leaves_a_right_one() -> None:
    of = seen(answer(*CAT), record=written(CAT), policy=Policy())
    failed = without_tags(plan(of), of, Reason.TAGS_REFUSED)
    assert (failed.state, failed.stands, failed.tags, failed.written) == (State.FAILED, False, None, {})
    assert failed.chosen.labels == CAT
    assert without_tags(plan(of), of, Reason.FORBIDDEN).stands
    parked = without_tags(plan(of), replace(of, record=None), Reason.FORBIDDEN)
    assert (parked.state, parked.stands, parked.written) == (State.PARKED, False, {})


# Decisions of people.


def test_taking_back_leaves_the_tags_of_the_user() -> None:
    tags = {"label:cat": "mammal", "label:cat=": "mine", "trip": "x"}
    assert take_back(seen(None, tags=tags)) == Plan(State.UNDONE, tags={"label:cat=": "mine", "trip": "x"})
    assert take_back(seen(None, tags={"trip": "x"})) == Plan(State.UNDONE)
    assert take_back(seen(None, tags=None)).tags is None
