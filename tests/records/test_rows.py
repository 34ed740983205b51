"""These tests check that stored rows are read back unchanged, and that a damaged row is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import SCHEMA, Answer, Asked, Corrections, Detection, ImageRecord, crc64
from imagelabels.domain.outcomes import Note, Reason, State
from imagelabels.records.rows import (
    MOST,
    YEAR_10000,
    answer_json,
    categories,
    forgets,
    image_pk,
    milliseconds,
    modified,
    octets,
    postings,
    read_answer,
    read_record,
    record_json,
    text,
    undamaged,
    unfinished,
)
from tests.contract.samples import HEAD, REF, label, record

SAID = Corrections("c0ffee", without=("cat",), add=("dog",))


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    row = json.loads(record_json(record()))
    change(row)
    return json.dumps(row)


def test_a_row_is_read_as_it_was_written() -> None:
    whole = replace(record(), corrections=SAID, notes=("corrected",), tags_written={"label:dog": "mammal"})
    assert read_record(REF, SCHEMA, record_json(whole)) == whole


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.update(updated_at=-1),
        lambda row: row.update(updated_at=YEAR_10000),
        lambda row: row.update(updated_at="1"),
        lambda row: row.update(updated_at=True),
        lambda row: row.update(width=MOST + 1),
        lambda row: row.update(width="640"),
        lambda row: row.update(state=None),
        lambda row: row.pop("state"),
        lambda row: row.update(labels={}),
        lambda row: row["labels"].append("dog"),
        lambda row: row["head"].update(size=1.5),
        lambda row: row.update(notes="corrected"),
        lambda row: row.update(notes=[1]),
        lambda row: row.update(tags_written={"a": 1}),
        lambda row: row.update(ancestors=[]),
        lambda row: row.update(corrections={"content": "c"}),
    ],
)
def test_a_damaged_row_is_named_and_says_how_it_is_cured(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(
        Unavailable, match=r"the row of 'oss://.*' in the index is damaged .*reconcile PREFIX --repair"
    ) as caught:
        read_record(REF, SCHEMA, changed(change))
    assert caught.value.reason == "index_error"


@pytest.mark.parametrize("stored", ["", "[]", "null", "[" * 100_000, '{"state": "labelled"'])
def test_what_is_no_row_at_all_is_named(stored: str) -> None:
    with pytest.raises(Unavailable, match="is damaged"):
        read_record(REF, SCHEMA, stored)


def test_values_at_the_limits_are_read() -> None:
    assert read_record(REF, SCHEMA, changed(lambda row: row.update(updated_at=0))).updated_at == 0
    latest = YEAR_10000 - 1
    assert read_record(REF, SCHEMA, changed(lambda row: row.update(updated_at=latest))).updated_at == latest
    assert read_record(REF, SCHEMA, changed(lambda row: row.update(width=MOST))).width == MOST
    assert read_record(REF, SCHEMA, changed(lambda row: row.update(width=-MOST))).width == -MOST


def test_names_of_a_later_version_are_passed_over_and_missing_ones_filled_in() -> None:
    assert read_record(REF, SCHEMA, changed(lambda row: row.update(later={"x": 1}))) == record()
    assert read_record(REF, SCHEMA, changed(lambda row: row.pop("updated_at"))).updated_at == 0


def test_an_answer_is_read_as_it_was_written_and_a_damaged_one_is_named() -> None:
    detection = Detection((label("dog", 0.9),), "imm", "v1", "{}", True)
    for answer in (
        Answer(detection=detection, width=640, height=480, asked=Asked("nonce", REF, HEAD)),
        Answer(Reason.DETECTOR_REFUSED, "BadPicture"),
    ):
        assert read_answer(answer_json(answer)) == answer
    for stored in ('{"reason": "no such reason"}', '{"asked": {}}', "7"):
        with pytest.raises(Unavailable, match="the kept answer c0ffee in the index is damaged"):
            read_answer(stored, "c0ffee")


def test_only_labelled_rows_are_found_by_labels() -> None:
    whole = record(labels=(label("dog", 0.9), label("mammal", 0.6)), ancestors={"dog": ("pet", "mammal")})
    whole = replace(whole, labels=(whole.labels[0], replace(whole.labels[1], level=1)))
    assert postings(whole) == {"dog": 0.9, "pet": 0.9, "mammal": 0.9}
    assert categories(whole) == {"mammal"}
    waiting = replace(whole, state=State.WAITING)
    assert (postings(waiting), categories(waiting)) == ({}, frozenset())


def test_a_label_that_nothing_was_named_above_has_no_category() -> None:
    assert categories(record(labels=(label("dog", 0.9),), ancestors={})) == frozenset()


def test_a_row_of_an_object_that_was_not_seen_has_no_time_of_its_own() -> None:
    assert modified(record()) == HEAD.last_modified * 1000
    assert modified(unfinished(REF, "throttled")) is None


@pytest.mark.parametrize(
    ("new", "old", "forgotten"),
    [
        (None, SAID, True),
        (None, replace(SAID, content="another"), False),
        (None, Corrections("c0ffee"), False),
        (None, None, False),
        (Corrections("c0ffee"), SAID, False),
    ],
)
def test_a_row_that_knows_nothing_of_what_was_said_must_not_replace_one_that_does(
    new: Corrections | None, old: Corrections | None, forgotten: bool
) -> None:
    def row(corrections: Corrections | None) -> ImageRecord:
        return replace(record(), content="c0ffee", corrections=corrections)

    assert forgets(row(new), row(old)) is forgotten
    assert not forgets(row(new), None)


def test_names_that_are_no_text_are_kept_in_the_order_of_their_bytes() -> None:
    for name in ("a", "é", "\udcff", "🐕"):
        assert text(octets(name)) == name


def test_a_row_that_was_written_before_an_update_is_found_under_its_key_after_it() -> None:
    assert image_pk(REF) == "1a65283881112b9b8d30a59d2973e6de"
    assert image_pk(replace(REF, version="v2")) == image_pk(REF)


def test_times_are_stored_in_whole_milliseconds() -> None:
    assert milliseconds(1_700_000_000.125) == 1_700_000_000_125
    assert milliseconds(0.0004) == 0


def test_the_first_moment_that_is_refused_is_the_year_10000() -> None:
    last = datetime(9999, 12, 31, tzinfo=timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert timedelta(milliseconds=YEAR_10000) == last + timedelta(days=1)
    with pytest.raises(Unavailable, match="a time outside the calendar"):
        read_record(REF, SCHEMA, changed(lambda row: row.update(updated_at=YEAR_10000 + 1)))


def test_the_largest_number_is_the_last_one_up_to_which_a_reader_with_floats_loses_none() -> None:
    assert [int(float(number)) for number in (MOST - 1, MOST)] == [MOST - 1, MOST]
    assert int(float(MOST + 1)) == MOST


@pytest.mark.parametrize("width", [MOST + 1, -MOST - 1])
def test_a_number_that_some_reader_of_json_would_round_is_refused(width: int) -> None:
    with pytest.raises(Unavailable, match="a number above"):
        read_record(REF, SCHEMA, changed(lambda row: row.update(width=width)))


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValueError("no row"), "ValueError: no row"),
        (KeyError("state"), "KeyError: 'state'"),
        (TypeError("é\x1b"), r"TypeError: \xe9\x1b"),
        (ValueError("x" * 99), "ValueError: " + "x" * 99),
        (ValueError("x" * 999), "ValueError: " + "x" * 100),
    ],
)
def test_what_is_wrong_with_a_row_is_told_in_one_short_line_of_ascii(error: Exception, shown: str) -> None:
    with pytest.raises(Unavailable) as caught, undamaged("the row"):
        raise error
    assert str(caught.value) == f"the row in the index is damaged ({shown}): restore the index from a copy"


@pytest.mark.parametrize("state", ["skipped", "parked", "waiting", "failed"])
def test_a_row_in_another_state_than_labelled_is_found_by_no_label(state: str) -> None:
    row = replace(record(ancestors={"dog": ("mammal",)}), state=State(state))
    assert (postings(row), categories(row)) == ({}, frozenset())


@pytest.mark.parametrize(("level", "category"), [(1, "dog"), (2, "animal"), (3, "animal")])
def test_a_label_of_level_1_is_its_own_category_whatever_its_answer_names_above_it(level: int, category: str) -> None:
    dog = replace(label("dog", 0.9), level=level)
    assert categories(record(labels=(dog,), ancestors={"dog": ("mammal", "animal")})) == {category}


def test_a_row_of_the_first_releases_is_read_with_its_words_and_its_crc() -> None:
    """What was stored then, byte for byte, and it is still stored so."""
    stored = (
        '{"state":"skipped","reason":"unsupported_format","head":{"etag":"5D41402ABC4B2A76B9719D911017C592","size":5,'
        '"crc64":"123","last_modified":1700000000,"version":null,"content_type":null,"archived":false,"symlink":false},'
        '"content":"c0ffee","setting":"oss","policy":"0123456789abcdef","detector":"oss","model":"","labels":[],'
        '"ancestors":{},"notes":["tags_left_out","format_heic"],"tags_written":{},"tags_left_out":[],"width":null,'
        '"height":null,"taken_at":null,"updated_at":1700000000125,"corrections":null}'
    )
    row = read_record(REF, SCHEMA, stored)
    assert (row.state, row.reason) == (State.SKIPPED, Reason.UNSUPPORTED_FORMAT)
    assert row.notes == (Note.TAGS_LEFT_OUT, "format_heic")
    assert isinstance(row.notes[0], Note)
    assert row.head is not None
    assert row.head.crc64 == crc64("xz", "123")
    assert record_json(row) == stored


def test_reasons_and_notes_of_a_newer_version_are_read_as_words_and_a_state_of_no_version_is_damage() -> None:
    newer = read_record(REF, SCHEMA, changed(lambda row: row.update(reason="too_blue", notes=["very_blue"])))
    assert (newer.reason, newer.notes) == ("too_blue", ("very_blue",))
    with pytest.raises(Unavailable, match="is damaged"):
        read_record(REF, SCHEMA, changed(lambda row: row.update(state="blue")))
