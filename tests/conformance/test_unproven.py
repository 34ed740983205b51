"""These tests keep the marks of guesses whole, and docs/unproven.md up to date."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.conformance import unproven
from tests.conformance.marks import FOLDERS, ROOT, Mark, WrongMark, all_marks, loose_words, of_source
from tests.conformance.questions import asked_by_program

WHOLE = """\
X = 1


class Form:
    # Unproven most-fields: A form may have 100
    #   fields.
    # Why: no page gives a number.
    # Ask: POST a form.
    #   Look at it.
    most = 100

    def read(self) -> None:
        # Unproven code-of-form: The code.
        # Why: no page has it.
        # Ask: POST nothing.
        # Another comment stands below.
        print()
"""


def test_the_page_would_not_show_the_marks_in_the_code() -> None:
    assert unproven.PAGE.read_text("utf-8") == unproven.current(), "run .venv/bin/python -m tests.conformance.unproven"


def test_a_guess_would_have_no_request_that_settles_it() -> None:
    marks = all_marks()
    assert len(marks) > 90
    assert all(mark.guess and mark.why and mark.ask and mark.owner for mark in marks)


def test_the_code_would_call_something_a_guess_without_saying_what_settles_it() -> None:
    loose = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in loose_words(path.read_text("utf-8"))
    ]
    assert not loose, "write these as marks (docs/unproven.md)"


def test_a_cell_of_the_page_would_begin_with_an_address() -> None:
    assert [mark.name for mark in all_marks() for text in (mark.why, mark.ask) if text.startswith("http")] == []


def test_a_question_would_settle_a_mark_that_does_not_exist() -> None:
    assert asked_by_program() <= {mark.name for mark in all_marks()}


def test_a_mark_would_be_read_wrongly() -> None:
    first, second = of_source(WHOLE, "a.py")
    assert first == Mark(
        "most-fields",
        "A form may have 100 fields.",
        "no page gives a number.",
        "POST a form. Look at it.",
        "a.py",
        "Form.most",
    )
    assert (second.name, second.owner, second.ask) == ("code-of-form", "Form.read", "POST nothing.")
    assert list(loose_words(WHOLE)) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("# Unproven a: B.\n# Why: c.\nX = 1\n", "a.py:1: the mark a has no line `# Ask: `"),
        ("X = 1\n# Unproven a: B.\n# Ask: c.\n", "a.py:2: the mark a has no line `# Why: `"),
        ("# Unproven a: B.\n# Why: c.\n\n# Ask: d.\n", "has no line `# Ask: `"),
        ("# Unproven a: B.\n# Why: c.\n# Why: d.\n", "two lines `# Why: `"),
        ("# Unproven A b: C.\n", "a mark begins with"),
        ("# Unproven: C.\n", "a mark begins with"),
    ],
)
def test_a_mark_that_lacks_something_would_pass(source: str, said: str) -> None:
    with pytest.raises(WrongMark) as caught:
        list(of_source(source, "a.py"))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('X = 1\n"""This number is invented."""\n', [2]),
        ("# No page tells it.\nX = 1\n", [1]),
        ("# Unproven a: B.\n# Why: no page.\n# Ask: c.\n# It is not documented.\n", [4]),
        ("# Unproven a: B.\n# Why: no page.\n# Ask: c.\nX = 1  # undocumented\n", [4]),
    ],
)
def test_a_word_for_a_guess_outside_of_marks_would_be_overlooked(source: str, lines: Sequence[int]) -> None:
    assert loose_words(source) == lines
