"""A row that cannot be read is told once, and not at each question again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from imagelabels.domain.errors import Damaged
from imagelabels.domain.query import LeftOut
from imagelabels.records import left_out
from tests.contract.samples import REF


@pytest.fixture(autouse=True)
def _nothing_was_said() -> Iterator[None]:
    left_out.forget()
    yield
    left_out.forget()


def test_a_row_that_is_left_out_would_be_told_at_each_question_or_never(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        assert left_out.left_out(REF.uri, REF, Damaged("it is cut off")) == LeftOut(REF.uri, REF)
    left_out.warn("another", Damaged("it is empty"))
    said = "A row was left out of a list: "
    assert caplog.messages == [f"{said}it is cut off", f"{said}it is empty"]


def test_a_damaged_index_would_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    for number in range(left_out.MOST + 5):
        left_out.warn(f"row {number}", Damaged("it is empty"))
    assert len(caplog.messages) == left_out.MOST
