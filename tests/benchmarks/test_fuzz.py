"""Damaged files get an answer or a reason, in this process and in a worker that may die."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks import fuzz

INPUTS = 2000


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")
def test_no_damaged_file_does_more_than_be_read_or_be_refused_with_its_reason() -> None:
    outcomes: Counter[str] = Counter()
    for number in range(INPUTS):
        outcomes[fuzz.attempt(fuzz.made(number))] += 1
    assert set(outcomes) == {"read", "corrupt", "not_image", "unsupported_format", "too_many_pixels"}
    # Files that are all broken at once, or hardly at all, would try nothing.
    assert INPUTS / 10 < outcomes["read"] < INPUTS / 2


def test_every_sound_picture_is_read_or_of_a_format_that_is_not() -> None:
    outcomes = Counter(fuzz.attempt(content) for content in fuzz.seeds())
    assert outcomes == {"read": len(fuzz.seeds()) - 2, "unsupported_format": 2}


def test_a_damaged_file_is_the_same_each_time_so_that_a_finding_can_be_looked_at() -> None:
    assert [fuzz.made(number) for number in range(50)] == [fuzz.made(number) for number in range(50)]
    assert len({fuzz.made(number) for number in range(200)}) > 190


def test_an_undocumented_error_is_counted_as_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(content: bytes, side: int) -> None:
        raise OverflowError

    monkeypatch.setattr(fuzz, "decode", broken)
    assert fuzz.attempt(fuzz.seeds()[0]) == "crash: OverflowError"


def test_a_worker_answers_for_each_of_its_inputs_and_says_what_memory_it_took() -> None:
    outcomes, most = fuzz.run(range(40), 2)
    assert sum(outcomes.values()) == 40
    assert 10 * 2**20 < most < fuzz.MEMORY
