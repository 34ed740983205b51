"""These tests compare each index with the judge over hundreds of searches.

Each generated index is a separate test, so that several can run at the same time. `python -m
tests.contract.differential` compares more of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.conftest import COMPARED
from tests.contract.differential import QUERIES, compare

pytestmark = pytest.mark.story

WORLDS = 3


@pytest.mark.parametrize("seed", range(WORLDS))
@pytest.mark.parametrize("name", COMPARED)
def test_an_index_answers_as_a_plain_list_does(name: str, seed: int, tmp_path: Path) -> None:
    tally = compare(COMPARED[name], tmp_path, seed)
    assert tally.queries == QUERIES
    assert tally.rows >= 200
    assert tally.partial >= 0.6 * tally.queries
    assert min(tally.operators.values()) >= 20, tally.operators
    assert len(tally.operators) == 19
    assert tally.pages >= 50
    assert tally.added >= 10
