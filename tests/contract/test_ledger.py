"""These tests check what every ledger promises about locks and rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.model import Corrections, ImageRecord, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.ports import MARGIN, Ledger, StoredRow
from tests.contract.samples import NOW, ODD_KEYS, REF, entry, label, put, record, remove

UNTIL = NOW + 30
OTHER = ObjectRef("oss", "album", "summer/cat.jpg")


def _lock(ledger: Ledger, token: str, now: float = NOW, ref: ObjectRef = REF) -> bool:
    return ledger.lock(ref, token, now + 30, now, f"event-of-{token}")


# lock


def test_a_free_key_can_be_locked(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    assert ledger.row(REF) == StoredRow(None, None, "a", UNTIL)


def test_a_held_key_is_never_given_to_a_second_worker(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    assert not _lock(ledger, "b")
    assert ledger.row(REF) == StoredRow(None, None, "a", UNTIL)


def test_a_lock_whose_reply_was_lost_can_be_asked_for_again(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    assert _lock(ledger, "a")


def test_keys_are_locked_apart(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    assert _lock(ledger, "b", ref=OTHER)


def test_versions_of_an_object_share_one_lock_and_one_row(ledger: Ledger) -> None:
    assert _lock(ledger, "a", ref=replace(REF, version="v1"))
    assert not _lock(ledger, "b", ref=replace(REF, version="v2"))
    assert ledger.row(REF) is not None


@pytest.mark.parametrize("late", [0.0, 0.001, 1.0, MARGIN])
def test_a_lease_that_ended_less_than_the_margin_ago_is_not_stolen(ledger: Ledger, late: float) -> None:
    assert _lock(ledger, "a")
    assert not ledger.lock(REF, "b", UNTIL + 60, UNTIL + late, "e2")


def test_a_lock_is_not_stolen_before_its_lease_ends(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    assert not ledger.lock(REF, "b", UNTIL + 60, UNTIL - 0.001, "e2")


def test_the_lock_of_a_dead_worker_is_taken_over_after_the_margin(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    assert ledger.lock(REF, "b", UNTIL + 60, UNTIL + MARGIN + 0.01, "e2")
    assert ledger.row(REF) == StoredRow(None, None, "b", UNTIL + 60)


def test_locking_leaves_the_row_as_it_is(ledger: Ledger) -> None:
    put(ledger, record())
    assert _lock(ledger, "a")
    assert ledger.row(REF) == StoredRow(record(), None, "a", UNTIL)


# release


def test_a_released_key_without_a_state_leaves_nothing(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    ledger.release(REF, "a")
    assert ledger.row(REF) is None
    assert _lock(ledger, "b")


def test_a_delivery_that_gave_up_leaves_its_reason(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    ledger.release(REF, "a", waiting="throttled")
    assert ledger.row(REF) == StoredRow(None, "throttled", None, None)
    assert _lock(ledger, "b")


def test_the_trace_of_a_delivery_that_gave_up_outlives_a_later_lock_and_release(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    ledger.release(REF, "a", waiting="throttled")
    assert _lock(ledger, "b")
    assert ledger.row(REF) == StoredRow(None, "throttled", "b", UNTIL)
    ledger.release(REF, "b")
    assert ledger.row(REF) == StoredRow(None, "throttled", None, None)


def test_the_newest_reason_to_wait_is_the_one_that_is_shown(ledger: Ledger) -> None:
    for token, reason in (("a", "throttled"), ("b", "timeout")):
        assert _lock(ledger, token)
        ledger.release(REF, token, waiting=reason)
    assert ledger.row(REF) == StoredRow(None, "timeout", None, None)


def test_a_finished_row_is_kept_by_a_release_with_and_without_a_reason(ledger: Ledger) -> None:
    put(ledger, record())
    assert _lock(ledger, "a")
    ledger.release(REF, "a")
    assert ledger.row(REF) == StoredRow(record(), None, None, None)
    assert _lock(ledger, "b")
    ledger.release(REF, "b", waiting="busy")
    assert ledger.row(REF) == StoredRow(record(), "busy", None, None)


@pytest.mark.parametrize("waiting", [None, "throttled"])
def test_a_release_by_somebody_else_frees_nothing(ledger: Ledger, waiting: str | None) -> None:
    assert _lock(ledger, "a")
    ledger.release(REF, "b", waiting)
    assert ledger.row(REF) == StoredRow(None, None, "a", UNTIL)


@pytest.mark.parametrize("waiting", [None, "throttled"])
def test_a_release_that_is_repeated_late_does_not_free_the_next_worker(ledger: Ledger, waiting: str | None) -> None:
    assert _lock(ledger, "a")
    ledger.release(REF, "a", waiting)
    ledger.release(REF, "a", waiting)
    assert _lock(ledger, "b")
    ledger.release(REF, "a", waiting)
    assert not _lock(ledger, "c")


def test_releasing_what_was_never_locked_is_harmless(ledger: Ledger) -> None:
    ledger.release(REF, "a", waiting="busy")
    assert ledger.row(REF) is None


# finish


def test_a_finished_row_reads_back_whole_and_free(ledger: Ledger) -> None:
    row = record(
        replace(REF, version="v7"),
        (label("dog", 0.9312345678901234, "mammal"), label("imm:露营", 0.1, None, "露营"), label("a", 1.0)),
        ancestors={"dog": ("mammal", "animal")},
    )
    assert _lock(ledger, "a", ref=row.ref)
    assert ledger.finish(row.ref, "a", row, entry())
    assert ledger.row(REF) == StoredRow(row, None, None, None)


def test_a_row_with_as_little_as_possible_reads_back_whole(ledger: Ledger) -> None:
    row = ImageRecord(REF, State.SKIPPED, "not_image", None, None, "s", "", "", "")
    put(ledger, row)
    assert ledger.row(REF) == StoredRow(row, None, None, None)


def test_a_later_finish_replaces_the_whole_row(ledger: Ledger) -> None:
    put(ledger, record(replace(REF, version="v7")))
    row = ImageRecord(REF, State.PARKED, "budget", None, None, "s", "", "", "")
    put(ledger, row, "e2")
    assert ledger.row(REF) == StoredRow(row, None, None, None)


def test_a_finish_without_the_lock_changes_nothing(ledger: Ledger) -> None:
    assert not ledger.finish(REF, "a", record(), entry())
    assert ledger.row(REF) is None
    put(ledger, record(), "e1")
    assert not ledger.finish(REF, "e1", record(state="skipped", reason="corrupt"), entry("e1", "skipped"))
    assert ledger.row(REF) == StoredRow(record(), None, None, None)
    assert ledger.history(REF) == (entry("e1"),)


def test_a_sleeper_whose_lock_was_taken_over_cannot_finish(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    assert ledger.lock(REF, "b", UNTIL + 60, UNTIL + MARGIN + 1, "e2")
    assert not ledger.finish(REF, "a", record(), entry("e1"))
    assert not ledger.drop(REF, "a", entry("e1"))
    assert ledger.row(REF) == StoredRow(None, None, "b", UNTIL + 60)
    assert ledger.history(REF) == ()
    assert ledger.finish(REF, "b", record(), entry("e2"))


def test_a_holder_whose_lease_ended_may_finish_while_nobody_has_taken_over(ledger: Ledger) -> None:
    assert _lock(ledger, "a", now=NOW - 3600)
    assert ledger.finish(REF, "a", record(), entry())


def test_finishing_clears_what_an_earlier_delivery_left(ledger: Ledger) -> None:
    assert _lock(ledger, "a")
    ledger.release(REF, "a", waiting="throttled")
    put(ledger, record(), "e2")
    assert ledger.row(REF) == StoredRow(record(), None, None, None)


def test_finishing_an_unchanged_row_leaves_it_and_clears_what_waited(ledger: Ledger) -> None:
    put(ledger, record(), "e1")
    assert _lock(ledger, "a")
    ledger.release(REF, "a", waiting="timeout")
    assert _lock(ledger, "b")
    assert ledger.finish(REF, "b", None, entry("e2", "unchanged"))
    assert ledger.row(REF) == StoredRow(record(), None, None, None)
    assert [line.state for line in ledger.history(REF)] == ["labelled", "unchanged"]


@pytest.mark.parametrize("waited", [None, "throttled"])
def test_finishing_without_a_row_leaves_none_but_its_history(ledger: Ledger, waited: str | None) -> None:
    assert _lock(ledger, "a")
    ledger.release(REF, "a", waited)
    assert _lock(ledger, "b")
    assert ledger.finish(REF, "b", None, entry("e2", "unchanged"))
    assert ledger.row(REF) is None
    assert ledger.history(REF) == (entry("e2", "unchanged"),)


def test_a_finish_touches_no_other_object(ledger: Ledger) -> None:
    put(ledger, record(), "e1")
    put(ledger, record(OTHER), "e2")
    remove(ledger, OTHER)
    assert ledger.row(REF) == StoredRow(record(), None, None, None)
    assert ledger.row(OTHER) is None
    assert ledger.history(REF) == (entry("e1"),)


# drop


def test_a_dropped_row_is_gone_and_its_history_stays(ledger: Ledger) -> None:
    put(ledger, record(), "e1")
    remove(ledger, REF)
    assert ledger.row(REF) is None
    assert [line.event_id for line in ledger.history(REF)] == ["e1", "removal"]
    assert _lock(ledger, "b")


def test_a_drop_whose_reply_was_lost_does_not_drop_the_next_row(ledger: Ledger) -> None:
    put(ledger, record(), "e1")
    remove(ledger, REF)
    assert not ledger.drop(REF, "removal", entry("removal", "removed"))
    put(ledger, record(), "e2")
    assert not ledger.drop(REF, "removal", entry("removal", "removed"))
    assert ledger.row(REF) == StoredRow(record(), None, None, None)


def test_a_drop_without_the_lock_changes_nothing(ledger: Ledger) -> None:
    put(ledger, record(), "e1")
    assert not ledger.drop(REF, "e1", entry("e2", "removed"))
    assert _lock(ledger, "a")
    assert not ledger.drop(REF, "b", entry("e2", "removed"))
    assert ledger.row(REF) == StoredRow(record(), None, "a", UNTIL)
    assert ledger.history(REF) == (entry("e1"),)


# keys and numbers


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: ascii(key)[:40])
def test_any_key_that_a_store_allows_has_a_row_of_its_own(ledger: Ledger, key: str) -> None:
    put(ledger, record(), "e1")
    row = record(ObjectRef("oss", "album", key))
    put(ledger, row, "e1")
    assert ledger.row(row.ref) == StoredRow(row, None, None, None)
    assert len(ledger.history(row.ref)) == 1
    remove(ledger, row.ref)
    assert ledger.row(row.ref) is None
    assert ledger.row(REF) == StoredRow(record(), None, None, None)


def test_the_same_key_in_another_bucket_or_store_is_another_object(ledger: Ledger) -> None:
    refs = [ObjectRef(store, bucket, "a.jpg") for store in ("oss", "cos") for bucket in ("one", "two")]
    for ref in refs:
        put(ledger, record(ref, (label(f"{ref.store}-{ref.bucket}"),)))
    stored = [ledger.row(ref) for ref in refs]
    assert [row.record.ref for row in stored if row is not None and row.record is not None] == refs


def test_times_keep_their_milliseconds(ledger: Ledger) -> None:
    assert ledger.lock(REF, "a", 1_700_000_030.789, NOW, "e1")
    row = ledger.row(REF)
    assert row is not None
    assert row.lock_until == pytest.approx(1_700_000_030.789, abs=0.0006)


def test_corrections_are_not_overwritten_by_a_writer_who_knew_of_none_of_the_same_content(ledger: Ledger) -> None:
    corrected = replace(record(), corrections=Corrections("c0ffee", ("dog",)))
    put(ledger, corrected)
    assert _lock(ledger, "a")
    assert not ledger.finish(REF, "a", record(), entry())
    row = ledger.row(REF)
    assert row is not None
    assert (row.record, row.lock) == (corrected, "a")
    assert ledger.finish(REF, "a", replace(corrected, policy="new"), entry())
    put(ledger, replace(record(), corrections=Corrections("c0ffee")))
    put(ledger, record())


def test_corrections_of_another_content_are_overwritten(ledger: Ledger) -> None:
    put(ledger, replace(record(), corrections=Corrections("c0ffee", (), ("my boat",))))
    put(ledger, replace(record(), content="another"))
    row = ledger.row(REF)
    assert row is not None
    assert row.record == replace(record(), content="another")


def test_a_later_round_of_a_delivery_takes_the_key_that_its_former_round_holds(ledger: Ledger) -> None:
    assert ledger.lock(REF, "round one", UNTIL, NOW, "e")
    assert not ledger.lock(REF, "another", UNTIL, NOW, "e", "somebody")
    assert ledger.lock(REF, "round two", UNTIL, NOW, "e", "round one")
    assert not ledger.finish(REF, "round one", record(), entry("e"))
    assert ledger.finish(REF, "round two", record(), entry("e"))


def test_what_stands_in_the_way_is_noted_beside_a_row_that_stays(ledger: Ledger) -> None:
    put(ledger, record(), "e1")
    assert ledger.lock(REF, "t", UNTIL, NOW, "e2")
    assert ledger.finish(REF, "t", None, entry("e2", "parked", at=1_700_000_009_000), None, "forbidden")
    assert ledger.row(REF) == StoredRow(record(), "forbidden", None, None)
    assert [line.state for line in ledger.history(REF)] == ["labelled", "parked"]
    put(ledger, record(), "e3")
    assert ledger.row(REF) == StoredRow(record(), None, None, None)
