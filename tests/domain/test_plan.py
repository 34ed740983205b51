"""The one decision: when a row says already what is true, and when it must be written again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.content import content_id
from imagelabels.domain.model import Answer, Corrections, Detection, ImageRecord, Label, ObjectHead
from imagelabels.domain.plan import Plan, plan
from imagelabels.domain.policy import Policy
from tests.fakes import label
from tests.world import CONCEPTS, K

HEAD = ObjectHead("5D41402ABC4B2A76B9719D911017C592", 5, "123", 1_700_000_000)
UNTAGGED = Policy(tag_limit=0)
"""Under this policy no tag can tell that the labels have changed."""


def answer(*labels: Label) -> Answer:
    return Answer(detection=Detection(labels, "fake", "fake-1", "{}", True))


def planned(
    labels: tuple[Label, ...],
    row: ImageRecord | None = None,
    head: ObjectHead = HEAD,
    policy: Policy = UNTAGGED,
    setting: str = "fake",
    corrections: Corrections | None = None,
) -> Plan:
    return plan(head, row, {}, answer(*labels), policy, CONCEPTS, setting, corrections)


def written(labels: tuple[Label, ...], corrections: Corrections | None = None) -> ImageRecord:
    """Return the row that a delivery of this answer leaves."""
    digest = UNTAGGED.digest(CONCEPTS.version)
    row = planned(labels, corrections=corrections).row(K, HEAD, answer(*labels), "fake", "fake", digest, 1)
    assert row is not None
    return row


CAT, DOG = (label("cat"),), (label("dog"),)


def test_a_row_that_says_all_of_it_is_left_as_it_is() -> None:
    made = planned(CAT, written(CAT))
    assert made.state == "unchanged"
    assert made.row(K, HEAD, answer(*CAT), "fake", "fake", "policy", 2) is None


def test_a_row_with_other_labels_is_written_again_where_no_tag_shows_it() -> None:
    made = planned(DOG, written(CAT))
    assert (made.state, made.tags) == ("labelled", None)
    assert made.chosen.labels == DOG


def test_what_a_person_said_is_recorded_where_it_changes_no_label() -> None:
    said = Corrections(content_id(HEAD), without=("car",))
    made = planned(CAT, written(CAT), corrections=said)
    assert (made.state, made.chosen.labels, made.corrections) == ("labelled", CAT, said)


def test_a_row_forgets_what_a_person_took_back() -> None:
    said = Corrections(content_id(HEAD), without=("car",))
    made = planned(CAT, written(CAT, said))
    assert (made.state, made.corrections) == ("labelled", None)


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
    assert plan(None, written(CAT), {}, Answer(), UNTAGGED, CONCEPTS, "fake") == Plan("removed")


def test_words_about_another_picture_are_not_said_of_this_one() -> None:
    other = Corrections("another content", without=("cat",))
    made = planned(CAT, corrections=other)
    assert (made.chosen.labels, made.corrections, made.notes) == (CAT, None, ())


def test_a_refused_picture_has_no_labels_whatever_stands_beside_the_refusal() -> None:
    refused = replace(answer(*CAT), reason="corrupt")
    made = plan(HEAD, None, {}, refused, Policy(), CONCEPTS, "fake")
    assert (made.state, made.chosen.labels, made.tags) == ("skipped", (), None)


def test_an_answer_without_a_detection_has_no_labels() -> None:
    made = plan(HEAD, None, {"label:cat": "mammal"}, Answer(), Policy(), CONCEPTS, "fake")
    assert (made.state, made.notes, made.tags) == ("labelled", ("no_labels",), {})
