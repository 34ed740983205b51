"""docs/logs.md lists the fields of the log that the function really writes, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imagelabels.domain.outcomes import State
from imagelabels.views.log_fields import FIELDS, Line, table
from tests.logged import story

PAGE = Path(__file__).resolve().parents[2] / "docs" / "logs.md"
KINDS: dict[str, type] = {"text": str, "long": int, "list": list, "object": dict}
BY_NAME = {field.name: field for field in FIELDS}


def wrong(line: dict[str, Any]) -> list[str]:
    """Say what of a logged line is not as the fields are defined."""
    kind: Line = "start" if line["message"] == "cold start" else "record"
    unknown = [f"{name} is no field" for name in line if name not in BY_NAME]
    known = {name: value for name, value in line.items() if name in BY_NAME}
    misplaced = [f"{name} stands in a line of the kind {kind}" for name in known if kind not in BY_NAME[name].lines]
    return [
        *unknown,
        *misplaced,
        *(f"{name} is {value!r}" for name, value in known.items() if type(value) is not KINDS[BY_NAME[name].kind]),
    ]


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
