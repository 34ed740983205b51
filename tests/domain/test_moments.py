"""These tests check that every form of a time that we print can be read."""

from __future__ import annotations

import pytest

from imagelabels.domain.moments import iso, milliseconds, shown

AT = 1_795_839_039_044  # 2026-11-28T04:10:39.044Z


@pytest.mark.parametrize(
    "text",
    [
        "1795839039044",
        " 1795839039044\n",
        "2026-11-28T04:10:39.044Z",
        "2026-11-28 04:10:39.044Z",
        "2026-11-28 04:10:39.044",
        "2026-11-28t04:10:39,044z",
        "2026-11-28T12:10:39.044+08:00",
        "2026-11-28T12:10:39.044+0800",
        "2026-11-28T12:10:39.044+08",
        "2026-11-27T23:10:39.044-05:00",
        "2026-11-28 12:10:39.044 +08:00",
        "2026-11-28T04:10:39.044999999Z",
    ],
)
def test_every_way_of_writing_one_moment_is_that_moment(text: str) -> None:
    assert milliseconds(text) == AT


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-28", 1_795_824_000_000),
        ("2026-11-28T04:10", 1_795_839_000_000),
        ("2026-11-28T04:10Z", 1_795_839_000_000),
        ("2026-11-28 04:10:39Z", 1_795_839_039_000),
        ("2026-11-28T04:10:39.5Z", 1_795_839_039_500),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("1970-01-01", 0),
        ("0001-01-01T00:00+23:59", -62_135_683_140_000),
    ],
)
def test_what_is_left_out_is_zero_and_a_part_of_a_millisecond_is_cut_off(text: str, at: int) -> None:
    assert milliseconds(text) == at


@pytest.mark.parametrize("at", [0, 1_795_839_039_044, 253_402_300_799_999])
def test_the_moment_that_is_printed_is_read_back_at_its_second(at: int) -> None:
    assert milliseconds(shown(at)) == at // 1000 * 1000


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "yesterday", "2026", "20261128", "2026-02-30", "2026-11-28T24:61", "2026-11-28T"),
        *("2026-11-28T04:10X", "2026-11-28T04:10:39.0440000000Z", "-1795839039044", "1795839039044.5", "9" * 16),
        *("２０２６-11-28", "١" * 13),
    ],
)
def test_what_is_no_time_is_refused_with_what_is_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time: write 2026-11-21, 2026-11-21T08:30:15.250Z or milliseconds"):
        milliseconds(text)


def test_seconds_are_not_taken_for_milliseconds_of_1970() -> None:
    with pytest.raises(
        ValueError, match=r"looks like seconds: write milliseconds, 1795839039000, .* 2026-11-28 04:10:39Z"
    ):
        milliseconds("1795839039")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00.000Z", "0999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"])
def test_an_album_since_an_early_year_could_not_be_saved_again_as_it_was_read(text: str) -> None:
    assert iso(milliseconds(text)) == text
    assert shown(milliseconds(text)) == f"{text[:10]} {text[11:19]}Z"


@pytest.mark.parametrize("fraction", ["0", "04", "044", "0440", "04405", "044050", "0440500"])
def test_a_fraction_of_any_length_is_read_as_a_decimal_fraction(fraction: str) -> None:
    at = AT // 1000 * 1000 + int(f"{fraction}00"[:3])
    assert milliseconds(f"2026-11-28T04:10:39.{fraction}Z") == at


@pytest.mark.parametrize(("at", "text"), [(10**18, "9999-12-31 23:59:59Z"), (-(10**18), "0001-01-01 00:00:00Z")])
def test_a_moment_outside_of_the_calendar_is_shown_as_its_end(at: int, text: str) -> None:
    assert shown(at).endswith(text)
    assert text[:-1].replace(" ", "T") in iso(at)
