"""These tests check what every ledger promises about reading the rows of many objects at once."""

from __future__ import annotations

from imagelabels.domain.model import ObjectRef
from imagelabels.ports import Ledger, StoredRow
from tests.contract.samples import NOW, ODD_KEYS, record
from tests.contract.samples import put as put_row


def test_many_rows_are_those_that_are_read_one_by_one_in_the_order_asked_for(ledger: Ledger) -> None:
    refs = [ObjectRef("oss", "album", key) for key in ODD_KEYS]
    for ref in refs[::2]:
        put_row(ledger, record(ref))
    assert ledger.rows(refs) == tuple(ledger.row(ref) for ref in refs)
    assert [row is not None for row in ledger.rows(refs[::-1])] == [n % 2 == 0 for n in range(len(refs))][::-1]


def test_more_rows_than_one_request_may_read_are_all_read(ledger: Ledger) -> None:
    refs = [ObjectRef("oss", "album", f"{number:04}.jpg") for number in range(501)]
    there = (refs[0], refs[99], refs[100], refs[500])
    for ref in there:
        put_row(ledger, record(ref))
    found = ledger.rows(refs)
    assert {ref for ref, row in zip(refs, found, strict=True) if row is not None} == set(there)
    assert found[100] == StoredRow(record(refs[100]), None, None, None)


def test_a_lock_and_an_object_named_twice_are_read_among_many(ledger: Ledger) -> None:
    ref = ObjectRef("oss", "album", "a.jpg")
    assert ledger.lock(ref, "token", NOW + 30, NOW, "event")
    locked = StoredRow(None, None, "token", NOW + 30)
    assert ledger.rows((ref, ObjectRef("oss", "album", "b.jpg"), ref)) == (locked, None, locked)


def test_no_objects_have_no_rows(ledger: Ledger) -> None:
    assert ledger.rows(()) == ()
