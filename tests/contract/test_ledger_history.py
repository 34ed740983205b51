"""These tests check what every ledger promises about the history of an object."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.domain.model import EventEntry, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.ports import Ledger
from tests.contract.samples import NOW, REF, entry, put, record

OTHER = ObjectRef("oss", "album", "summer/cat.jpg")


def _lock(ledger: Ledger, token: str) -> bool:
    return ledger.lock(REF, token, NOW + 30, NOW, f"event-of-{token}")


def test_a_second_delivery_of_an_event_does_not_hide_what_the_first_one_paid(ledger: Ledger) -> None:
    first = entry("e1", at=1_700_000_001_000)
    again = entry("e1", "unchanged", at=1_700_000_009_000)
    assert _lock(ledger, "a")
    assert ledger.finish(REF, "a", record(), first)
    assert _lock(ledger, "b")
    assert ledger.finish(REF, "b", None, again)
    assert ledger.history(REF) == (first, again)


def test_a_write_that_is_sent_twice_has_one_line(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    assert ledger.finish(REF, "a", record(), entry("e1"))
    ledger.finish(REF, "a", record(), entry("e1"))
    assert ledger.history(REF) == (entry("e1"),)


def test_one_event_of_two_objects_has_a_line_for_each(ledger: Ledger) -> None:
    put(ledger, record(), "e1")
    put(ledger, record(OTHER), "e1")
    assert len(ledger.history(REF)) == len(ledger.history(OTHER)) == 1


def test_history_is_told_from_the_oldest_on(ledger: Ledger) -> None:
    lines = [entry(event_id, at=1_700_000_000_000 + at) for at, event_id in enumerate(["z", "a", "m", "b"])]
    for line in lines:
        assert _lock(ledger, line.event_id)
        assert ledger.finish(REF, line.event_id, record(), line)
    assert ledger.history(REF) == tuple(lines)


def test_a_line_reads_back_whole_with_and_without_its_optional_parts(ledger: Ledger) -> None:
    bare = EventEntry("e0", State.SKIPPED, "not_image", 5)
    assert _lock(ledger, "a")
    assert ledger.finish(REF, "a", record(), bare)
    assert _lock(ledger, "b")
    assert ledger.finish(REF, "b", record(), replace(entry("e1"), tags_after={}, tags_before=None))
    assert ledger.history(REF) == (bare, replace(entry("e1"), tags_after={}, tags_before=None))


def test_an_object_that_nothing_happened_to_has_no_row_and_no_history(ledger: Ledger) -> None:
    assert ledger.row(REF) is None
    assert ledger.history(REF) == ()
