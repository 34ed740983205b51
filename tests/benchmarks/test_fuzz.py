"""These tests check that every damaged file is read or refused, in this process and in a worker that may die."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from benchmarks import fuzz, grammar
from benchmarks.undamaged import seeds
from imagelabels.pictures.picture import sniff

INPUTS = 2000


@pytest.mark.story
@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")
def test_no_damaged_file_does_more_than_be_read_or_be_refused_with_its_reason() -> None:
    outcomes: Counter[str] = Counter()
    for number in range(INPUTS):
        outcomes[fuzz.attempt(fuzz.file(number))] += 1
    assert set(outcomes) == {
        "read",
        "corrupt",
        "not_image",
        "unsupported_format",
        "too_many_pixels",
        "too_costly",
    }
    # The test would be useless if nearly all files were completely broken, or if hardly any were damaged.
    assert INPUTS / 10 < outcomes["read"] < INPUTS / 2


def test_every_sound_picture_is_read_or_of_a_format_that_is_not() -> None:
    outcomes = Counter(fuzz.attempt(content) for content in seeds())
    assert outcomes == {"read": len(seeds()) - 2, "unsupported_format": 2}


def test_a_damaged_file_is_the_same_each_time_so_that_a_finding_can_be_looked_at() -> None:
    assert [fuzz.file(number) for number in range(50)] == [fuzz.file(number) for number in range(50)]
    assert len({fuzz.file(number) for number in range(200)}) > 190


def test_an_undocumented_error_is_counted_as_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(content: bytes, side: int) -> None:
        raise OverflowError

    monkeypatch.setattr(fuzz, "decode", broken)
    assert fuzz.attempt(seeds()[0]) == "crash: OverflowError: "


def test_a_head_that_is_read_too_often_is_counted_as_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "READS", 0)
    assert fuzz.attempt(seeds()[0]) == "crash: ValueError: too many reads"


@pytest.mark.story
def test_a_worker_answers_for_each_of_its_inputs_and_says_what_time_and_memory_they_took() -> None:
    findings = fuzz.run(range(40), 2)
    assert sum(findings.outcomes.values()) == 40
    assert 10 * 2**20 < findings.most < fuzz.MEMORY
    assert findings.slowest[0] > 0
    assert findings.slowest_look[0] > 0
    assert {findings.slowest[1], findings.slowest_look[1]} <= set(range(40))


@pytest.mark.parametrize(
    ("limit", "value", "complaint"), [("MEMORY", 1 << 20, " MB"), ("LOOK_SECONDS", -1.0, "the head took")]
)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_an_input_that_takes_more_than_was_promised_is_counted_as_a_crash(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: float, complaint: str
) -> None:
    # This process may have held much for the tests before this one.
    monkeypatch.setattr(fuzz, "MEMORY", 1 << 40)
    monkeypatch.setattr(fuzz, limit, value)
    findings = fuzz.Findings()
    fuzz.measure(1, findings)
    (crash,) = findings.crashes
    assert complaint in crash
    assert "(input 1)" in crash


@pytest.mark.parametrize("kind", grammar._GRAMMARS, ids=lambda kind: kind.__name__)
def test_every_grammar_makes_files_that_are_what_they_are_made_to_be(kind: Callable[[random.Random], bytes]) -> None:
    seen = Counter(sniff(kind(random.Random(number))) for number in range(40))
    assert sum(count for name, count in seen.items() if name is not None) > 10


@pytest.mark.story
def test_a_run_is_started_by_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--inputs", "3", "--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith("3 damaged or generated pictures in ")
    with pytest.raises(SystemExit):
        fuzz.main(["--inputs", "0"])
    assert "at least 1" in capsys.readouterr().err
