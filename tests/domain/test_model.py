"""The values that pass between the rooms say of themselves what nobody else set."""

from __future__ import annotations

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Delivered, EventEntry, ObjectChange, ObjectRef, Outcome
from imagelabels.domain.outcomes import State
from imagelabels.records.rows import unfinished

NAMED, DECODED = ObjectRef("oss", "photos", "a+b.jpg"), ObjectRef("oss", "photos", "a b.jpg")
CHANGE = ObjectChange(NAMED, "created", "event", "2026-01-01T00:00:00Z", decoded=DECODED)


def test_nothing_counts_as_paid_or_written_that_nobody_said_was() -> None:
    assert Outcome(State.SKIPPED).paid_calls == 0
    assert EventEntry("event", State.SKIPPED, None, 1).paid_calls == 0
    assert unfinished(NAMED, None).updated_at == 0


def test_a_delivery_names_the_decoded_key_only_where_its_outcome_says_that_it_was_used() -> None:
    assert Delivered(CHANGE, Outcome(State.LABELLED, notes=("key_decoded",))).ref == DECODED
    assert Delivered(CHANGE, Outcome(State.LABELLED)).ref == NAMED
    assert Delivered(CHANGE, None, Unavailable("busy", "wait")).ref == NAMED
