"""docs/operate.md says what becomes of each kind of event, and names the test that shows it."""

from __future__ import annotations

import re

from imagelabels.cli.main import program
from tests import shown
from tests.usecases import test_kinds_of_events as kinds

PAGE = shown.ROOT / "docs" / "operate.md"


def _rows() -> list[str]:
    _, _, section = PAGE.read_text("utf-8").partition("## What each kind of event does\n")
    return [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| ")][1:]


def test_a_row_would_name_a_test_that_does_not_exist() -> None:
    named = [re.findall(r"`(test_\w+)` \|$", row) for row in _rows()]
    assert all(len(names) == 1 for names in named)
    assert {name for names in named for name in names} == {name for name in dir(kinds) if name.startswith("test_")}


def test_a_row_would_name_a_drift_that_reconcile_does_not_find() -> None:
    from imagelabels.usecases.drift import Drift

    words = {word for row in _rows() for word in re.findall(r"`(\w+)`", row.split("|")[3])} - {"reconcile"}
    assert words <= {drift.value for drift in Drift}
    assert "reconcile" in program().list_commands(None)  # type: ignore[arg-type]
