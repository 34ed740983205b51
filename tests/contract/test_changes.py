"""Every adapter of the port Changes keeps these promises, together with the ledger that writes the changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.changes import Change
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.records.rows import image_pk
from tests.contract.keeping import KEEPERS, Kept
from tests.contract.samples import NOW, entry, record, ref

DOG, CAT = ref("dog.jpg"), ref("cat \udc80 <b>.jpg")


@pytest.fixture(params=sorted(KEEPERS))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    with KEEPERS[request.param](tmp_path) as opened:
        yield opened


def write(kept: Kept, of: ObjectRef, token: str = "t", at: int = int(NOW * 1000)) -> None:
    assert kept.ledger.lock(of, token, NOW + 30, NOW, "e")
    assert kept.ledger.finish(of, token, record(of, "c", "s"), entry("e", State.LABELLED, at))


def remove(kept: Kept, of: ObjectRef, token: str = "r", at: int = int(NOW * 1000)) -> None:
    assert kept.ledger.lock(of, token, NOW + 30, NOW, "e")
    assert kept.ledger.drop(of, token, entry("e", State.REMOVED, at))


def told(kept: Kept, cursor: str | None, limit: int = 100) -> tuple[list[Change], str]:
    """Read until there is nothing more."""
    everything: list[Change] = []
    while True:
        changes, cursor = kept.changes.since(cursor, limit)
        if not changes:
            return everything, cursor
        everything += changes


def test_an_index_without_rows_has_no_changes_and_a_cursor_all_the_same(kept: Kept) -> None:
    changes, cursor = kept.changes.since(None)

    assert changes == ()
    assert kept.changes.since(cursor)[0] == ()


def test_what_came_and_what_went_is_told_with_its_name_and_id(kept: Kept) -> None:
    write(kept, CAT)
    changes, cursor = told(kept, None)
    assert [(one.ref.uri, one.picture, one.kind) for one in changes] == [(CAT.uri, image_pk(CAT), "written")]

    remove(kept, CAT)
    gone = [one for one in told(kept, kept_cursor(kept, cursor))[0]]
    assert [(one.ref, one.kind) for one in gone][-1:] == [(replace(CAT, version=None), "removed")]


def kept_cursor(kept: Kept, cursor: str) -> str:
    """The changes of a test are written within a second, and a reader of Tablestore is told of moments."""
    return cursor
