"""docs/logs.md lists the fields of the log that the function really writes, and no other."""

from __future__ import annotations

from pathlib import Path

from imagelabels.domain.outcomes import State
from imagelabels.views.log_fields import table
from tests.logged import BY_NAME, story, wrong

PAGE = Path(__file__).resolve().parents[2] / "docs" / "logs.md"


def test_every_field_of_every_line_is_defined_with_its_type_and_every_defined_one_is_written() -> None:
    lines = [line for _, line in story().lines]
    assert [complaint for line in lines for complaint in wrong(line)] == []
    assert {name for line in lines for name in line} == BY_NAME.keys()


def test_the_lines_that_are_compared_tell_of_every_outcome_that_an_event_can_have() -> None:
    states = {line["state"] for _, line in story().lines if "state" in line}
    assert states == set(State) - {State.UNDONE}


def test_the_comparison_finds_a_field_that_is_unknown_misplaced_or_of_another_type() -> None:
    line = {"message": "cold start", "level": 1, "uri": "oss://b/k", "signature": "x"}
    assert wrong(line) == ["signature is no field", "uri stands in a line of the kind start", "level is 1"]


def test_the_page_has_the_table_of_the_fields() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), f"put this into docs/logs.md:\n{table()}"
