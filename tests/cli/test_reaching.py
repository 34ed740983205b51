"""A command must not be silent for long while its index does not answer, nor try it once for each object."""

from __future__ import annotations

import threading

import pytest

from imagelabels.cli import reaching
from imagelabels.cli.reaching import reach_index
from imagelabels.domain.errors import Damaged, Unavailable
from imagelabels.usecases.walk import Place
from tests.world import World

PLACE = Place("oss", "photos", "2026/")


def test_a_person_would_wait_without_a_word_for_an_index_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    words: list[str] = []

    def hear(text: str) -> None:
        words.append(text)
        told.set()

    def silent(*_: object) -> None:
        told.wait()
        raise Unavailable("index_error", "the index does not answer")

    monkeypatch.setattr(reaching, "say", hear)
    with pytest.raises(Unavailable, match="the index does not answer"):
        reach_index(World().worker().instead("ledger.row", silent).tools, PLACE, slow=0.0)
    assert words == ["the index has not answered yet: still trying"]


def test_an_index_that_answers_at_once_would_be_called_slow_or_damaged(capsys: pytest.CaptureFixture[str]) -> None:
    reach_index(World().worker().fails("ledger.row", Damaged("the row is damaged")).tools, PLACE)
    assert capsys.readouterr().err == ""
