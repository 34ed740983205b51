"""These tests check that reasons are a closed list and that each belongs to one state."""

from __future__ import annotations

import pytest

from imagelabels.domain.errors import FAILED, PARKED, SKIPPED, WAITING, LabelingError, state_of


def test_every_reason_has_one_state() -> None:
    sets = {"skipped": SKIPPED, "parked": PARKED, "waiting": WAITING, "failed": FAILED}
    assert sum(map(len, sets.values())) == len(frozenset().union(*sets.values()))
    for state, reasons in sets.items():
        assert {state_of(reason) for reason in reasons} == {state}


def test_a_reason_that_nobody_can_look_up_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="'bad luck' is not a reason"):
        LabelingError("bad luck")


def test_an_error_without_words_says_its_reason() -> None:
    assert str(LabelingError("throttled")) == "throttled"
    assert str(LabelingError("throttled", "too many requests")) == "too many requests"
