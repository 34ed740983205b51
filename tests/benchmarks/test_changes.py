"""A small storm over the changes of both indexes. `python -m benchmarks changes` runs a large one."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.changes import Options, Written, judged, storm
from imagelabels import opening
from imagelabels.domain.model import ObjectRef
from tests.api.serving import filled

pytestmark = pytest.mark.story


@pytest.mark.parametrize(("index", "writes"), [("sqlite", 25), ("tablestore", 12)])
def test_a_reader_that_pages_amid_several_writers_would_miss_a_change(tmp_path: Path, index: str, writes: int) -> None:
    line, wrong = storm(Options(index, writers=2, writes=writes, pictures=8, kills=1, ahead=9.0), tmp_path)
    assert wrong == [], line


def test_the_judge_would_overlook_a_change_that_was_missed_or_told_in_another_order(tmp_path: Path) -> None:
    opened = opening.index(filled(tmp_path / "labels.db", 2), {})
    assert opened.ledger().row(ObjectRef("oss", "photos", "000.jpg")) is not None
    written = Written({("000.jpg", 1), ("000.jpg", 2), ("001.jpg", 3), ("001.jpg", 4)})
    told = [("000.jpg", 1, "written"), ("000.jpg", 2, "removed"), ("001.jpg", 4, "written"), ("001.jpg", 3, "written")]
    assert list(judged(told, written, opened, True)) == [
        "the changes of 001.jpg were told in another order",
        "the last change of 000.jpg says removed",
    ]
    assert list(judged(told[:1] + told[2:], written, opened, False)) == ["000.jpg at 2 was missed"]
