"""States, reasons and notes are closed lists whose members are plain words wherever they are stored or printed."""

from __future__ import annotations

import json
import sqlite3
from enum import Enum

import pytest

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.outcomes import PARKED, WAITING, Note, Reason, State, known_note, known_reason, reason_of

MEMBERS: list[Enum] = [*State, *Reason, *Note]


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_is_stored_and_printed_as_its_word(member: Enum) -> None:
    word = member.value
    assert (str(member), f"{member}", f"{member:<3}") == (word,) * 2 + (f"{word:<3}",)
    assert json.dumps({member: member}) == f'{{"{word}": "{word}"}}'
    (stored,) = sqlite3.connect(":memory:").execute("SELECT ?", (member,)).fetchone()
    assert (type(stored), stored) == (str, word)
    assert ", ".join([str(member), word]) == f"{word}, {word}"


def test_every_reason_belongs_to_the_state_that_decides_whether_it_is_tried_again() -> None:
    by_state = {state: {reason.value for reason in Reason if reason.state is state} for state in State}
    assert (
        by_state[State.PARKED]
        == {reason.value for reason in PARKED}
        == {
            *("budget", "forbidden", "detector_unbound", "detector_failing"),
        }
    )
    assert by_state[State.FAILED] == {"tags_refused", "bad_event"}
    assert {reason.value for reason in WAITING} == by_state[State.WAITING]
    assert by_state[State.WAITING] == {
        *("throttled", "timeout", "store_error", "detector_error"),
        *("index_error", "busy", "unsettled", "credentials_expired"),
    }
    assert len(by_state[State.SKIPPED]) == 14
    assert sum(map(len, by_state.values())) == len(Reason)


def test_what_may_pass_says_nothing_about_the_picture() -> None:
    assert {reason.state for reason in Reason if reason.may_pass} == {State.PARKED, State.WAITING}
    assert not Reason.CORRUPT.may_pass


def test_words_of_other_versions_stay_words() -> None:
    assert known_note("format_heic") == "format_heic"
    assert not isinstance(known_note("format_heic"), Note)
    assert known_note("corrected") is Note.CORRECTED
    assert known_reason("too_blue") == "too_blue"
    assert known_reason("corrupt") is Reason.CORRUPT


def test_a_reason_that_nobody_can_look_up_is_refused_at_once() -> None:
    assert reason_of("throttled") is Reason.THROTTLED
    with pytest.raises(ValueError, match="'bad luck' is not a reason"):
        reason_of("bad luck")
    with pytest.raises(ValueError, match="'bad luck' is not a reason"):
        LabelingError("bad luck")
