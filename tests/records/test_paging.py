"""These tests check that a page token belongs to one query, and that an invented token cannot make an index fail."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from imagelabels.domain.query import Query, Term
from imagelabels.records.paging import PagePosition, place, token

QUERY = Query(all_of=(Term(frozenset({"dog", "cat"}), 0.5),), bucket="oss://photos", order="newest", limit=10)
LAST = PagePosition(1_700_000_000_125, "oss://photos/a.jpg")


def with_token(query: Query, page: str) -> Query:
    return replace(query, page=page)


def made_up(*parts: Any) -> str:
    """Return a token with the digest of the true query, followed by these parts."""
    digest = json.loads(base64.urlsafe_b64decode(token(QUERY, LAST) + "=="))[0]
    return base64.urlsafe_b64encode(json.dumps([digest, *parts]).encode()).decode().rstrip("=")


def test_the_first_page_begins_nowhere() -> None:
    assert place(QUERY) is None


@pytest.mark.parametrize(
    "uri", ["oss://photos/a.jpg", "oss://photos/狗.jpg", "oss://b/\udcff", "oss://b/" + "x" * 1023]
)
def test_a_page_goes_on_where_the_last_one_ended_whatever_its_limit(uri: str) -> None:
    last = replace(LAST, uri=uri)
    assert place(with_token(replace(QUERY, limit=99), token(QUERY, last))) == last


@pytest.mark.parametrize(
    "change",
    [
        {"all_of": (Term(frozenset({"dog"}), 0.5),)},
        {"all_of": (Term(frozenset({"dog", "cat"}), 0.6),)},
        {"any_of": (Term(frozenset({"dog"}), 0.5),)},
        {"none_of": (Term(frozenset({"dog"}), 0.5),)},
        {"bucket": "oss://others"},
        {"prefix": "2026/"},
        {"state": "skipped"},
        {"reason": "corrupt"},
        {"from_time": 1},
        {"until_time": 1},
        {"since": 1},
        {"order": "oldest"},
    ],
)
def test_a_token_of_another_query_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="belongs to another query"):
        place(with_token(replace(QUERY, **change), token(QUERY, LAST)))


@pytest.mark.parametrize("page", ["", "x", "%%%%", "eyJ9", "W10", base64.b64encode(b"[" * 50_000).decode(), "é"])
def test_a_token_that_was_cut_or_mistyped_is_called_damaged(page: str) -> None:
    with pytest.raises(ValueError, match="the page token is damaged"):
        place(with_token(QUERY, page))


@pytest.mark.parametrize("rank", [-1, 2**63, 1e300, "1", None, [1], float("nan")])
def test_a_made_up_place_that_no_column_holds_is_refused(rank: Any) -> None:
    with pytest.raises(ValueError, match="belongs to another query"):
        place(with_token(QUERY, made_up(rank, "oss://photos/a.jpg")))


def test_a_made_up_uri_that_is_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="belongs to another query"):
        place(with_token(QUERY, made_up(1, 7)))
    assert place(with_token(QUERY, made_up(0, "a"))) == PagePosition(0, "a")
    assert place(with_token(QUERY, made_up(2**63 - 1, "a"))) == PagePosition(2**63 - 1, "a")


def test_a_token_that_was_printed_before_an_update_still_continues_its_query() -> None:
    printed = "WyI4MjRiNDRhOTlmZDhjM2U2IiwxNzAwMDAwMDAwMTI1LCJvc3M6Ly9waG90b3MvYS5qcGciXQ"
    assert place(with_token(QUERY, printed)) == LAST
    assert token(QUERY, LAST) == printed


@pytest.mark.parametrize("stray", [" ", "%", "!!!!", "\n\n\n\n"])
def test_a_token_with_stray_characters_is_not_read_as_if_they_were_absent(stray: str) -> None:
    sound = token(QUERY, LAST)
    with pytest.raises(ValueError, match="the page token is damaged"):
        place(with_token(QUERY, sound[:8] + stray + sound[8:]))
