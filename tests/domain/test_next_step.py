"""A person is told what happens next to a picture."""

from __future__ import annotations

import pytest

from imagelabels.domain.model import EventEntry
from imagelabels.domain.next_step import next_step, stands_since
from imagelabels.domain.outcomes import Reason, State


def _entry(state: State, at: int) -> EventEntry:
    return EventEntry("e", state, None, at)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_says_what_happens_next(reason: Reason) -> None:
    assert next_step(reason.state, reason, None, 0.0)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.BUDGET, "the timer tries again when the function's budget allows it"),
        (Reason.FORBIDDEN, "a person must give the function's role the permission"),
        (Reason.THROTTLED, "the platform delivers the event again"),
        (Reason.TAGS_REFUSED, "a person must mend it"),
        (Reason.CORRUPT, "nothing, until the picture is replaced"),
        (Reason.DETECTOR_REFUSED, "--again"),
    ],
)
def test_who_must_act_is_named(reason: Reason, words: str) -> None:
    assert words in next_step(reason.state, reason, None, 0.0)


def test_a_labelled_picture_needs_nothing() -> None:
    assert next_step(State.LABELLED, None, None, 0.0) == ""


def test_a_lock_is_at_work_until_its_lease_ends() -> None:
    assert next_step(None, None, 100.0, 100.0) == "a delivery is at work on it"
    assert next_step(State.LABELLED, None, 100.0, 100.1) == "the delivery that held it died: the timer tries again"


def test_a_good_row_beside_which_something_waits_is_tried_again() -> None:
    assert "the permission" in next_step(State.LABELLED, Reason.FORBIDDEN, None, 0.0)


def test_a_picture_stands_still_since_its_last_success() -> None:
    history = [_entry(State.PARKED, 1), _entry(State.LABELLED, 2), _entry(State.WAITING, 3), _entry(State.PARKED, 4)]
    assert stands_since(history, Reason.BUDGET) == 3
    assert stands_since(history, Reason.CORRUPT) is None
    assert stands_since(history[:2], Reason.BUDGET) is None
