"""Thousands of searches, answered by each index and by the judge: they must say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.conftest import COMPARED
from tests.contract.differential import compare


@pytest.mark.parametrize("name", COMPARED)
def test_an_index_answers_as_a_plain_list_does(name: str, tmp_path: Path) -> None:
    tally = compare(COMPARED[name], tmp_path)
    assert tally.queries >= 5000
    assert tally.rows >= 2000
    assert tally.partial >= 0.6 * tally.queries
    assert min(tally.operators.values()) >= 300, tally.operators
    assert len(tally.operators) == 19
    assert tally.pages >= 500
    assert tally.added >= 100
