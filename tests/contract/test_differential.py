"""Thousands of searches, answered by each index and by the judge: they must say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.conftest import COMPARED, FEWER_WORLDS
from tests.contract.differential import WORLDS, compare


@pytest.mark.parametrize("name", COMPARED)
def test_an_index_answers_as_a_plain_list_does(name: str, tmp_path: Path) -> None:
    worlds = FEWER_WORLDS.get(name, WORLDS)
    tally, part = compare(COMPARED[name], tmp_path, worlds), worlds / WORLDS
    assert tally.queries >= 5000 * part
    assert tally.rows >= 2000 * part
    assert tally.partial >= 0.6 * tally.queries
    assert min(tally.operators.values()) >= 300 * part, tally.operators
    assert len(tally.operators) == 17
    assert tally.pages >= 500 * part
    assert tally.added >= 100 * part
