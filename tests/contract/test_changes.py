"""Every adapter of the port Changes keeps these promises, together with the ledger that writes the changes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from imagelabels.domain.changes import Change
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.records.rows import image_pk
from tests.contract.keeping import KEEPERS, Kept
from tests.contract.samples import ODD_KEYS, entry, record

DOG, CAT = ObjectRef("oss", "photos", "dog.jpg"), ObjectRef("oss", "photos", "cat.jpg")
HOLDING = 15
SEARCHED = 400
"""After so many seconds, every search shows a row."""
"""After so many seconds every index tells of what was written."""

_tokens = count()


@pytest.fixture(params=sorted(KEEPERS))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    with KEEPERS[request.param](tmp_path) as opened:
        yield opened


def end(kept: Kept, ref: ObjectRef, row: ImageRecord | None, late: float = 0.0) -> None:
    """End a delivery: write this row, or keep the present one. The delivery says that it was `late` seconds earlier."""
    token, now = f"token-{next(_tokens)}", kept.now()
    assert kept.ledger.lock(ref, token, now + 30, now, "e")
    assert kept.ledger.finish(ref, token, row, entry("e", at=round((now - late) * 1000)))


def write(kept: Kept, ref: ObjectRef, late: float = 0.0) -> None:
    end(kept, ref, record(ref), late)


def remove(kept: Kept, ref: ObjectRef) -> None:
    token, now = f"token-{next(_tokens)}", kept.now()
    assert kept.ledger.lock(ref, token, now + 30, now, "e")
    assert kept.ledger.drop(ref, token, entry("e", "removed", round(now * 1000)))


def told(kept: Kept, cursor: str | None, limit: int = 100) -> tuple[list[Change], str]:
    """Let the time pass that readers wait, and read until there is nothing more."""
    kept.later(HOLDING)
    everything: list[Change] = []
    while True:
        changes, cursor = kept.changes.since(cursor, limit)
        if not changes:
            return everything, cursor
        assert len(changes) <= limit
        everything += changes


def test_an_index_without_rows_has_no_changes_and_a_cursor_all_the_same(kept: Kept) -> None:
    changes, cursor = kept.changes.since(None)

    assert changes == ()
    assert kept.changes.since(cursor)[0] == ()


def test_what_came_and_what_went_is_told_with_its_name_and_id(kept: Kept) -> None:
    write(kept, DOG)
    changes, cursor = told(kept, None)
    assert [(one.ref, one.picture, one.kind) for one in changes] == [(DOG, image_pk(DOG), "written")]

    remove(kept, DOG)
    changes, cursor = told(kept, cursor)
    assert [(one.ref, one.kind) for one in changes] == [(DOG, "removed")]
    assert told(kept, cursor)[0] == []


def test_the_last_change_of_a_picture_says_what_became_of_it(kept: Kept) -> None:
    write(kept, DOG)
    write(kept, CAT)
    remove(kept, DOG)
    remove(kept, CAT)
    write(kept, CAT)

    last = {one.ref: one.kind for one in told(kept, None)[0]}
    assert last == {DOG: "removed", CAT: "written"}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_no_change_is_missed_across_pages_whatever_their_size(kept: Kept, limit: int) -> None:
    refs = [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(6)]
    for ref in refs:
        write(kept, ref)

    assert sorted(one.ref.key for one in told(kept, None, limit)[0]) == [ref.key for ref in refs]


def test_what_is_written_between_two_pages_is_told(kept: Kept) -> None:
    for number in range(4):
        write(kept, ObjectRef("oss", "photos", f"{number}.jpg"))
    kept.later(HOLDING)
    first, cursor = kept.changes.since(None, 2)
    write(kept, ObjectRef("oss", "photos", "0.jpg"))
    write(kept, CAT)

    rest, _ = told(kept, cursor, 2)
    assert len(first) == 2
    assert {one.ref.key for one in rest} >= {"0.jpg", "cat.jpg"}
    assert {one.ref.key for one in (*first, *rest)} == {"0.jpg", "1.jpg", "2.jpg", "3.jpg", "cat.jpg"}


def test_a_row_that_is_written_long_after_its_delivery_looked_at_the_clock_is_not_missed(kept: Kept) -> None:
    write(kept, DOG)
    _, cursor = told(kept, None)
    write(kept, CAT, late=900)

    assert [one.ref for one in told(kept, cursor)[0]] == [CAT]


def test_many_writers_at_once_lose_no_change(kept: Kept) -> None:
    refs = [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(40)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda ref: write(kept, ref), refs))

    assert {one.ref for one in told(kept, None, 7)[0]} == set(refs)


def test_a_reader_that_begins_at_the_end_is_told_of_everything_later(kept: Kept) -> None:
    write(kept, DOG)
    kept.later(SEARCHED)
    cursor = kept.changes.end()
    write(kept, CAT)

    assert [one.ref for one in told(kept, cursor)[0]] == [CAT]


def test_a_delivery_that_only_locked_or_waits_changes_no_picture(kept: Kept) -> None:
    now = kept.now()
    for key, waiting in (("a", None), ("b", "throttled")):
        ref = ObjectRef("oss", "photos", key)
        assert kept.ledger.lock(ref, "t", now + 30, now, "e")
        kept.ledger.release(ref, "t", waiting)

    assert told(kept, None)[0] == []


def test_a_refused_write_leaves_no_change_that_says_that_the_picture_is_there(kept: Kept) -> None:
    now = kept.now()
    assert kept.ledger.lock(DOG, "t", now + 30, now, "e")
    assert not kept.ledger.finish(DOG, "another", record(DOG), entry(at=round(now * 1000)))

    assert "written" not in [one.kind for one in told(kept, None)[0]]


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_key_of_any_kind_is_told_as_it_is(kept: Kept, key: str) -> None:
    ref = ObjectRef("oss", "photos", key)
    write(kept, ref)

    assert [one.ref for one in told(kept, None)[0]] == [ref]
    assert kept.ledger.ref_by_id(image_pk(ref)) == ref


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "99999999", "[]", "\udc80", "é", "A" * 5000, "W10"])
def test_what_is_no_cursor_is_refused_and_says_what_to_do(kept: Kept, cursor: str) -> None:
    write(kept, DOG)
    with pytest.raises(ValueError, match="start from an export"):
        kept.changes.since(cursor)


def test_a_picture_is_found_by_its_id_until_it_is_removed(kept: Kept) -> None:
    write(kept, replace(DOG, version="v7"))
    found = kept.ledger.ref_by_id(image_pk(DOG))
    assert found is not None
    assert found.uri == DOG.uri

    remove(kept, DOG)
    assert kept.ledger.ref_by_id(image_pk(DOG)) is None


@pytest.mark.parametrize("picture", ["", "nobody", "\udc80", "' OR 1=1 --", "0" * 32, "鹿" * 1000])
def test_any_text_may_be_asked_for_as_an_id(kept: Kept, picture: str) -> None:
    write(kept, DOG)

    assert kept.ledger.ref_by_id(picture) is None
