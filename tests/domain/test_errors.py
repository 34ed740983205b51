"""An error always says why."""

from __future__ import annotations

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.outcomes import Reason


def test_an_error_without_words_says_its_reason() -> None:
    assert str(LabelingError("throttled")) == "throttled"
    assert str(LabelingError("throttled", "too many requests")) == "too many requests"
    assert LabelingError("throttled").reason is Reason.THROTTLED
