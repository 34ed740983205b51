"""The changes that `make mutants` tries are those that a test could notice."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.mutants import leave_out_the_pointless, main, read

SOURCE = """\
def least(first: int | None, second: int | None = 1 + 2) -> int | None:
    total: int | None = 1 + 2
    return total if first == second else None

@dataclass(frozen=True)
class Least: ...
"""
LINES = SOURCE.splitlines()


@pytest.fixture
def session(tmp_path: Path) -> Path:
    path = tmp_path / "session.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE mutation_specs (job_id TEXT, operator_name TEXT, start_pos_row INT, start_pos_col INT)"
        )
        connection.execute("CREATE TABLE work_items (job_id TEXT)")
        connection.execute("CREATE TABLE work_results (job_id TEXT, test_outcome TEXT, diff TEXT)")
    return path


def left(session: Path, *changes: tuple[str, int, int]) -> list[int]:
    """Return the places in `changes` (an operator, a line and a column) that are still to be tried."""
    with sqlite3.connect(session) as connection:
        for number, (operator, row, column) in enumerate(changes):
            connection.execute("INSERT INTO mutation_specs VALUES (?, ?, ?, ?)", (str(number), operator, row, column))
            connection.execute("INSERT INTO work_items VALUES (?)", (str(number),))
    leave_out_the_pointless(session, SOURCE)
    with sqlite3.connect(session) as connection:
        items = [int(job) for (job,) in connection.execute("SELECT job_id FROM work_items ORDER BY job_id")]
        assert items == [int(job) for (job,) in connection.execute("SELECT job_id FROM mutation_specs ORDER BY job_id")]
    return items


def test_what_is_not_evaluated_is_not_changed_and_the_values_beside_it_are(session: Path) -> None:
    union, plus = "core/ReplaceBinaryOperator_BitOr_BitAnd", "core/ReplaceBinaryOperator_Add_Sub"
    places = [(union, 1, column) for column, char in enumerate(LINES[0]) if char == "|"]
    places += [(union, 2, LINES[1].index("|"))]
    places += [("core/ReplaceTrueWithFalse", 5, LINES[4].index("True"))]
    values = [(plus, 1, LINES[0].index("+")), (plus, 2, LINES[1].index("+"))]
    assert left(session, *places, *values) == [5, 6]


def test_a_change_that_no_test_could_notice_or_that_says_the_same_as_another_is_left_out(session: Path) -> None:
    equal = LINES[2].index("==")
    changes = [
        ("core/ReplaceComparisonOperator_Eq_Is", 3, equal),
        ("core/ReplaceComparisonOperator_NotEq_IsNot", 3, equal),
        ("core/ReplaceBinaryOperator_Add_Mul", 2, LINES[1].index("+")),
        ("core/ReplaceComparisonOperator_Eq_NotEq", 3, equal),
        ("core/ReplaceComparisonOperator_Is_IsNot", 3, equal),
        ("core/NumberReplacer", 2, LINES[1].index("1")),
    ]
    assert left(session, *changes) == [3, 4, 5]


def test_a_survivor_is_told_with_its_change(session: Path) -> None:
    with sqlite3.connect(session) as connection:
        rows = [("0", "SURVIVED", "- a\n+ b"), ("1", "KILLED", "- a\n+ c"), ("2", "INCOMPETENT", "- a\n+ d")]
        connection.executemany("INSERT INTO work_results VALUES (?, ?, ?)", rows)
    result = read(session, "domain/plan.py")
    assert (result.tried, result.survivors) == (3, ("- a\n+ b",))


def test_a_module_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["domain/none.py"]) == 2
    assert "shared/imagelabels: domain/none.py" in capsys.readouterr().out
