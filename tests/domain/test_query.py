"""These tests check that a query which no index can answer is refused with the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.query import Counts, Query, Term, most_first, summed


@pytest.mark.parametrize("limit", [-1, 0, 1001])
def test_a_limit_that_is_no_page_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        Query(limit=limit)


def test_an_order_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="newest, oldest, confidence, uri"):
        Query(order="random")  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["", "Labelled", "removed"])
def test_a_state_that_no_row_has_is_refused(state: str) -> None:
    with pytest.raises(ValueError, match="labelled, skipped, parked, waiting, failed, any"):
        Query(state=state)


@pytest.mark.parametrize("bucket", ["photos", "oss://", "oss://photos/", "oss://photos/2026", "OSS://photos"])
def test_a_bucket_that_is_not_written_as_in_a_uri_is_refused(bucket: str) -> None:
    with pytest.raises(ValueError, match="oss://photos"):
        Query(bucket=bucket)


def test_a_prefix_of_no_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="name the bucket too"):
        Query(prefix="2026/")


@pytest.mark.parametrize("least", [-0.01, 1.01, float("nan")])
@pytest.mark.parametrize("where", ["all_of", "any_of", "none_of"])
def test_a_least_confidence_that_is_none_is_refused(least: float, where: str) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        Query(**{where: (Term(frozenset({"dog"}), least),)})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["from_time", "until_time", "since"])
def test_a_time_that_no_column_holds_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="milliseconds"):
        Query(**{name: 2**63})  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_time_that_every_reader_of_json_takes_can_be_asked_for_and_no_later_one(sign: int) -> None:
    latest = sign * (2**53 - 1)
    assert Query(from_time=latest, until_time=latest, since=latest).since == latest
    for name in ("from_time", "until_time", "since"):
        with pytest.raises(ValueError, match="milliseconds"):
            replace(Query(), **{name: latest + sign})  # type: ignore[arg-type]  # The names are of times.


def test_a_page_of_one_row_can_be_asked_for_and_twenty_are_shown_where_nobody_says_how_many() -> None:
    assert Query(limit=1).limit == 1
    assert Query().limit == 20


def test_counts_of_parts_add_up_with_the_most_frequent_first_and_equals_by_id() -> None:
    first = Counts(3, {"dog": 2, "cat": 1}, {"mammal": 3}, {"labelled": 3})
    second = Counts(4, {"car": 2, "cat": 1}, {"vehicle": 2}, {"labelled": 2, "skipped": 2}, {"corrupt": 2}, {"x": 1})
    together = summed([first, second])
    assert together == Counts(
        7,
        {"car": 2, "cat": 2, "dog": 2},
        {"mammal": 3, "vehicle": 2},
        {"labelled": 5, "skipped": 2},
        {"corrupt": 2},
        {"x": 1},
    )
    assert list(together.labels) == ["car", "cat", "dog"]
    assert list(together.categories) == ["mammal", "vehicle"]
    assert summed([]) == Counts(0, {}, {})


def test_ids_that_were_found_equally_often_are_listed_by_name_behind_more_frequent_ones() -> None:
    assert list(most_first({"zebra": 1, "b": 3, "a": 3, "ant": 1})) == ["a", "b", "ant", "zebra"]
