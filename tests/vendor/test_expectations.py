"""The lists of what is expected of the vendors' tests, and the comparison with what happened."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.vendor import expectations
from tests.vendor.__main__ import LISTS
from tests.vendor.expectations import Difference, Expected, WrongList
from tests.vendor.suites import SUITES

ROOT = Path(__file__).parents[2]


def line(test: str, outcome: str, *statuses: int) -> str:
    return json.dumps({"test": test, "outcome": outcome, "statuses": statuses})


def test_a_list_that_is_written_is_read_as_the_same() -> None:
    others = {"t.py::b": "other service: KMS", "t.py::c[x: y]": "not built yet"}
    written = expectations.written(["t.py::a"], {"t.py::b": others["t.py::b"]})
    assert expectations.read(written) == Expected(frozenset({"t.py::a"}), {"t.py::b": "other service: KMS"})


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: too hard", "line 1: 'too hard' is no reason"), ("a\nb\na: not built yet", "line 3: a is there twice")],
)
def test_a_wrong_list_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(WrongList, match=re.escape(said)):
        expectations.read(text)


def test_a_test_that_stopped_passing_and_one_that_passes_now_are_told_apart() -> None:
    expected = Expected(frozenset({"a", "b", "c"}), {"d": "not built yet", "e": "real network"})
    lines = [line("a", "collected"), line("a", "passed"), line("b", "failed"), line("d", "passed"), line("e", "failed")]
    outcome = expectations.outcomes([*lines, line("f", "failed")])
    stopped = {"b": "failed", "c": "not found"}
    assert expectations.compare(expected, outcome) == Difference(stopped, ("d",), ("f",))


def test_a_pass_that_hides_a_refusal_does_not_count() -> None:
    assert expectations.outcomes([line("a", "passed", 200, 501)]) == {"a": expectations.HIDDEN}


def test_a_test_that_passes_whatever_happens_is_not_counted() -> None:
    expected = Expected(frozenset(), {"a": "shows nothing: it returns at once", "b": "real network"})
    outcome = expectations.counted({"a": "passed", "b": "passed"}, expected)
    assert expectations.compare(expected, outcome).new == ("b",)


def test_a_test_that_never_ended_has_not_passed() -> None:
    outcome = expectations.outcomes([line("a", "collected")])
    assert expectations.compare(Expected(frozenset({"a"}), {}), outcome).stopped == {"a": "collected"}


def test_a_list_is_parted_by_the_names_of_files_alone() -> None:
    here, rest = expectations.parted(Expected(frozenset({"x/a_b.py::t", "x/c.py::a_b"}), {"x/a_b.py::u": "w"}), ["a_b"])
    assert here == Expected(frozenset({"x/a_b.py::t"}), {"x/a_b.py::u": "w"})
    assert rest == Expected(frozenset({"x/c.py::a_b"}), {})


def test_every_list_can_be_read_and_belongs_to_a_suite() -> None:
    for path in LISTS.glob("*.txt"):
        assert path.stem in SUITES
        assert expectations.read(path.read_text(encoding="utf-8")).passing
