"""What keeps us from looking after an object harms nothing that is recorded of it already."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.query import Query, Term
from imagelabels.providers import sqlite
from tests.world import K, World

CAT, DOG = {"label:cat": "mammal"}, {"label:dog": "mammal"}
FORBIDDEN = Misconfigured("give the role that permission")
UNBOUND = Misconfigured("no project is bound to photos", "detector_unbound")

IN_THE_WAY: list[tuple[str, LabelingError]] = [
    ("objects.head", FORBIDDEN),
    ("objects.tags", FORBIDDEN),
    ("objects.put_tags", FORBIDDEN),
    ("detector.detect", UNBOUND),
    ("detector.detect", Unavailable("detector_error")),
]
IDS = [f"{call} {error.reason}" for call, error in IN_THE_WAY]


def outcome(got: Outcome | str) -> Outcome:
    assert isinstance(got, Outcome), got
    return got


@pytest.fixture
def labelled(world: World) -> World:
    world.user_puts(K, "cat", tags={"trip": "2026"})()
    world.worker().gets(K)
    return world


def to_do(world: World, call: str) -> None:
    """Make the next delivery need that call."""
    if call == "detector.detect":
        world.detector.setting = "fake, newer"
    if call == "objects.put_tags":
        world.objects.there[K.uri].tags = {"trip": "2026"}


@pytest.mark.parametrize(("call", "error"), IN_THE_WAY, ids=IDS)
def test_a_good_row_of_the_same_object_stays_and_says_what_it_waits_for(
    labelled: World, call: str, error: LabelingError
) -> None:
    to_do(labelled, call)
    record, tags = labelled.record(K), labelled.tags(K)
    got = labelled.worker().fails(call, error).gets(K, event_id="second")
    if isinstance(error, Unavailable):
        assert got == error.reason
    else:
        assert outcome(got).state == "parked"
        assert outcome(got).reason == error.reason
    row = labelled.row(K)
    assert (row.record, row.waiting, row.lock) == (record, error.reason, None)
    assert labelled.tags(K) == tags
    (line,) = [line for line in labelled.ledger.history(K) if line.event_id == "second"]
    assert (line.reason, line.tags_before) == (error.reason, None)


@pytest.mark.parametrize(("call", "error"), IN_THE_WAY, ids=IDS)
def test_the_next_delivery_clears_what_a_good_row_waited_for(labelled: World, call: str, error: LabelingError) -> None:
    to_do(labelled, call)
    labelled.worker().fails(call, error).gets(K)
    labelled.wait(700)
    outcome(labelled.worker().gets(K))
    assert labelled.row(K).waiting is None
    assert (labelled.tags(K), labelled.labels(K)) == (CAT | {"trip": "2026"}, ("cat",))


def test_a_skipped_picture_s_row_stays_too(world: World) -> None:
    world.detector.refuses.add("noise")
    world.user_puts(K, "noise")()
    world.worker().gets(K)
    outcome(world.worker().fails("objects.head", FORBIDDEN).gets(K))
    assert (world.state(K), world.row(K).waiting) == ("skipped", "forbidden")


def test_a_good_row_that_waits_is_found_by_a_search(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    world = World(sqlite.open_ledger(path))
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    outcome(world.worker().fails("objects.tags", FORBIDDEN).gets(K))
    page = sqlite.open_label_index(path).search(Query((Term(frozenset({"cat"})),)))
    assert [record.ref for record in page.records] == [K]


def test_a_row_of_another_picture_is_parked_and_says_that_the_tags_were_not_seen(labelled: World) -> None:
    labelled.user_puts(K, "dog", tags=CAT)()
    got = labelled.worker().fails("objects.tags", FORBIDDEN).gets(K, event_id="second")
    assert outcome(got) == Outcome(State.PARKED, Reason.FORBIDDEN, ("tags_not_seen",), (), 1)
    record = labelled.record(K)
    assert (record.state, record.reason, record.notes) == ("parked", "forbidden", ("tags_not_seen",))
    assert (labelled.labels(K), record.head) == ((), labelled.objects.there[K.uri].head)
    last = labelled.ledger.history(K)[-1]
    assert (last.event_id, last.tags_before, last.tags_after) == ("second", None, None)
    assert outcome(labelled.worker().gets(K)).paid_calls == 0
    assert (labelled.tags(K), labelled.labels(K), labelled.record(K).notes) == (DOG, ("dog",), ())


def test_a_late_delivery_that_is_hindered_does_not_replace_the_row_of_a_newer_picture(labelled: World) -> None:
    labelled.user_puts(K, "cat", tags={"trip": "2027"})()
    newer = [labelled.user_puts(K, "dog"), lambda: labelled.worker().gets(K, event_id="newer")]
    late = labelled.worker().before("ledger.lock", *newer).fails("objects.tags", FORBIDDEN)
    assert late.gets(K, event_id="late") == Outcome(State.PARKED, Reason.FORBIDDEN)
    assert (labelled.tags(K), labelled.labels(K), labelled.state(K)) == (DOG, ("dog",), "labelled")
    assert labelled.row(K).waiting == "forbidden"


def test_a_late_delivery_that_may_not_even_look_again_leaves_the_row_as_it_is(labelled: World) -> None:
    labelled.user_puts(K, "cat", tags={"trip": "2027"})()
    newer = [labelled.user_puts(K, "dog"), lambda: labelled.worker().gets(K, event_id="newer")]
    late = labelled.worker()
    late.before("ledger.lock", *newer, lambda: late.fails("objects.head", FORBIDDEN, times=2))
    assert late.gets(K, event_id="late") == Outcome(State.PARKED, Reason.FORBIDDEN)
    assert (labelled.labels(K), labelled.row(K).waiting) == (("dog",), "forbidden")


def test_a_row_that_could_not_be_looked_after_twice_still_says_that_the_tags_were_not_seen(labelled: World) -> None:
    labelled.user_puts(K, "dog", tags=CAT)()
    for _ in range(2):
        got = outcome(labelled.worker().fails("objects.tags", FORBIDDEN).gets(K))
        assert (got.notes, labelled.record(K).notes) == (("tags_not_seen",), ("tags_not_seen",))


def test_a_row_that_waited_already_when_its_picture_was_replaced_says_that_the_tags_were_not_seen(
    labelled: World,
) -> None:
    outcome(labelled.worker().fails("objects.tags", FORBIDDEN).gets(K))
    assert labelled.row(K).waiting == "forbidden"
    labelled.user_puts(K, "dog", tags=CAT)()
    got = outcome(labelled.worker().fails("objects.tags", FORBIDDEN).gets(K))
    assert got.notes == ("tags_not_seen",)


def test_a_picture_that_never_had_tags_of_ours_is_parked_without_that_note(world: World) -> None:
    world.user_puts(K, "cat")()
    got = world.worker().fails("objects.tags", FORBIDDEN).gets(K)
    assert outcome(got) == Outcome(State.PARKED, Reason.FORBIDDEN, (), (), 1)
