"""Scores of rows, marked words, collapsed hits, routing, and dates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tablestore import (
    BoolQuery,
    Collapse,
    DisMaxQuery,
    FieldSchema,
    FieldSort,
    FieldType,
    FieldValueFactor,
    FunctionScoreQuery,
    Highlight,
    HighlightEncoder,
    HighlightFragmentOrder,
    HighlightParameter,
    IndexSetting,
    MatchAllQuery,
    MatchPhraseQuery,
    MatchQuery,
    NestedQuery,
    PrimaryKeySort,
    RangeQuery,
    ScoreMode,
    ScoreSort,
    SearchQuery,
    Sort,
    SortOrder,
    TermQuery,
)

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.search import dates
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.queries import compiled
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.core.refusal import Refusal
from tests.emulator.aliyun.tablestore.asking import index, keys, put, refused, search

FIELDS = [
    FieldSchema("text", FieldType.TEXT, index=True, enable_highlighting=True),
    FieldSchema("other", FieldType.TEXT, index=True),
    FieldSchema("k", FieldType.KEYWORD, index=True),
    FieldSchema("n", FieldType.LONG, index=True),
    FieldSchema("ns", FieldType.LONG, index=True, is_array=True),
    FieldSchema("when", FieldType.DATE, index=True, date_formats=["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "epoch_second"]),
]
NESTED = FieldSchema("parts", FieldType.NESTED, sub_field_schemas=[FieldSchema("text", FieldType.TEXT, index=True)])
BEST = Sort([ScoreSort(SortOrder.DESC)])
ALL = MatchAllQuery()


@pytest.fixture
def rows(client: Any) -> Any:
    index(client, FIELDS)
    put(client, "a", text="a cat and a dog and a bird", n=2, k="x")
    put(client, "b", text="cat cat", n=1, k="x")
    put(client, "c", text="dog", n=9, k="y", other="cat")
    put(client, "d", text="bird", other="dog")
    return client


def scored(client: Any, query: Any) -> dict[str, float]:
    found = search(client, query, sort=BEST)
    return {row[0][0][1]: hit.score for row, hit in zip(found.rows, found.search_hits, strict=True)}


def test_the_row_with_more_of_rarer_words_in_a_shorter_text_comes_first(rows: Any) -> None:
    assert list(scored(rows, MatchQuery("text", "cat"))) == ["b", "a"]
    assert list(scored(rows, TermQuery("text", "dog"))) == ["c", "a"]
    assert list(scored(rows, MatchPhraseQuery("text", "dog"))) == ["c", "a"]


def test_a_weight_multiplies_a_score(rows: Any) -> None:
    plain, heavy = (scored(rows, MatchQuery("text", "dog", weight=weight)) for weight in (None, 2.0))
    assert heavy == {key: pytest.approx(2 * score) for key, score in plain.items()}


def test_a_number_of_the_row_multiplies_its_score(rows: Any) -> None:
    found = scored(rows, FunctionScoreQuery(MatchQuery("text", "cat dog"), FieldValueFactor("n")))
    plain = scored(rows, MatchQuery("text", "cat dog"))
    assert found == {key: pytest.approx(plain[key] * n) for key, n in (("c", 9), ("a", 2), ("b", 1))}
    assert "is not a number" in refused(search, rows, FunctionScoreQuery(ALL, FieldValueFactor("k")))[2]


def test_all_parts_of_a_bool_query_add_up_but_filters_do_not(rows: Any) -> None:
    text, other = MatchQuery("text", "dog"), MatchQuery("other", "cat")
    (both,) = scored(rows, BoolQuery(must_queries=[text, other])).values()
    parts = scored(rows, text)["c"] + scored(rows, other)["c"]
    assert both == pytest.approx(parts)
    (filtered,) = scored(rows, BoolQuery(must_queries=[text], filter_queries=[other])).values()
    assert filtered == pytest.approx(scored(rows, text)["c"])


def test_the_best_part_counts_and_the_others_as_much_as_the_tie_breaker_says(rows: Any) -> None:
    text, other = MatchQuery("text", "dog"), MatchQuery("other", "cat")
    one, two = scored(rows, text)["c"], scored(rows, other)["c"]
    found = scored(rows, DisMaxQuery([text, other], tie_breaker=0.5))
    assert found["c"] == pytest.approx(max(one, two) + 0.5 * min(one, two))
    assert set(found) == {"a", "c"}


def test_the_parts_of_a_nested_field_score_by_their_mode(client: Any) -> None:
    index(client, [*FIELDS, NESTED])
    put(client, "a", parts=json.dumps([{"text": "cat"}, {"text": "cat and dog"}, {"text": "bird"}]))
    inner = MatchQuery("parts.text", "cat")
    low, high, total, mean, none = (
        scored(client, NestedQuery("parts", inner, mode))["a"]
        for mode in (ScoreMode.MIN, ScoreMode.MAX, ScoreMode.TOTAL, ScoreMode.AVG, ScoreMode.NONE)
    )
    assert 0 < low < high
    assert [total, mean, none] == pytest.approx([low + high, (low + high) / 2, 1])


def test_scores_go_on_over_the_pages(rows: Any) -> None:
    first = search(rows, MatchQuery("text", "dog cat bird"), sort=BEST, limit=2)
    second = search(rows, MatchQuery("text", "dog cat bird"), next_token=first.next_token, limit=2)
    assert sorted(row[0][0][1] for row in (*first.rows, *second.rows)) == ["a", "b", "c", "d"]
    assert [hit.score for hit in second.search_hits] == sorted((hit.score for hit in second.search_hits), reverse=True)


def test_an_index_cannot_be_sorted_by_score(client: Any) -> None:
    assert refused(index, client, FIELDS, index_sort=BEST)[2] == "an index cannot be sorted by score"


def test_a_constant_score_query_matches_as_its_filter_does() -> None:
    pb = messages.search
    schema = Schema(pb.IndexSchema(field_schemas=[pb.FieldSchema(field_name="k", field_type=pb.KEYWORD)]))
    inner = pb.Query(type=pb.EXISTS_QUERY, query=pb.ExistsQuery(field_name="k").SerializeToString())
    query = pb.Query(type=pb.CONST_SCORE_QUERY, query=pb.ConstScoreQuery(filter=inner).SerializeToString())
    test = compiled(query, schema)
    assert (test(Document({"k": ["x"]})), test(Document())) == (True, False)


def marked(client: Any, query: Any, encoder: Any = HighlightEncoder.PLAIN_MODE, **options: Any) -> dict[str, list[str]]:
    highlight = Highlight([HighlightParameter("text", **options)], encoder)
    found = search(client, query, highlight=highlight)
    return {
        row[0][0][1]: list(field.field_fragments)
        for row, hit in zip(found.rows, found.search_hits, strict=True)
        for field in hit.highlight_result.highlight_fields
    }


def test_the_words_that_match_are_marked(rows: Any) -> None:
    assert marked(rows, MatchQuery("text", "CAT bird")) == {
        "a": ["a <em>cat</em> and a dog and a <em>bird</em>"],
        "b": ["<em>cat</em> <em>cat</em>"],
        "d": ["<em>bird</em>"],
    }
    query = BoolQuery(must_queries=[TermQuery("k", "x")], should_queries=[MatchPhraseQuery("text", "dog")])
    assert marked(rows, query, pre_tag="[", post_tag="]") == {"a": ["a cat and a [dog] and a bird"]}


def test_a_long_text_comes_in_as_many_parts_as_asked_for(client: Any) -> None:
    index(client, FIELDS)
    put(client, "a", text="cat " + "x" * 20 + " <cat> cat " + "y" * 20)
    parts = marked(client, MatchQuery("text", "cat"), fragment_size=10, number_of_fragments=2)["a"]
    assert parts == ["<em>cat</em> xxxxxx", "<em>cat</em>> <em>cat</em> y"]
    best = marked(
        client,
        MatchQuery("text", "cat"),
        HighlightEncoder.HTML_MODE,
        fragment_size=10,
        number_of_fragments=1,
        fragments_order=HighlightFragmentOrder.SCORE,
    )
    assert best["a"] == ["<em>cat</em>&gt; <em>cat</em> y"]


def test_a_field_that_is_not_made_for_it_cannot_be_marked(rows: Any) -> None:
    highlight = Highlight([HighlightParameter("other")], HighlightEncoder.PLAIN_MODE)
    assert refused(search, rows, ALL, highlight=highlight)[2] == "highlighting is not supported for field[other]"
    assert "[0, 100]" in refused(marked, rows, MatchQuery("text", "cat"), number_of_fragments=101)[2]


def test_of_rows_with_the_same_value_only_the_first_is_shown(rows: Any) -> None:
    by_n = Sort([FieldSort("n", SortOrder.ASC)])
    found = search(rows, ALL, collapse_field=Collapse("k"), sort=by_n)
    assert [row[0][0][1] for row in found.rows] == ["b", "c", "d"]
    assert (found.total_count, found.next_token) == (4, b"")
    page = search(rows, ALL, collapse_field=Collapse("k"), sort=by_n, offset=1, limit=1)
    assert [row[0][0][1] for row in page.rows] == ["c"]


def test_what_cannot_be_collapsed_says_why(rows: Any) -> None:
    assert "to collapse by it" in refused(search, rows, ALL, collapse_field=Collapse("ns"))[2]
    token = search(rows, ALL, limit=1, sort=Sort([PrimaryKeySort()])).next_token
    assert "use the offset" in refused(search, rows, ALL, collapse_field=Collapse("k"), next_token=token)[2]


def test_routing_values_are_for_indexes_with_routing_fields(client: Any) -> None:
    index(client, FIELDS)
    index(client, FIELDS, "routed", index_setting=IndexSetting(routing_fields=["pk"]))
    put(client, "a", n=1)
    asked = SearchQuery(ALL, limit=1, get_total_count=True)
    assert client.search("t", "routed", asked, routing_keys=[[("pk", "a")]]).total_count == 1
    assert (
        refused(client.search, "t", "i", asked, routing_keys=[[("pk", "a")]])[2]
        == "the search index has no routing fields"
    )


@pytest.mark.parametrize(
    ("value", "low", "high", "matches"),
    [
        ("2022-05-06T00:00:00.500Z", "2022-05-06T00:00:00.000Z", "2022-05-06T00:00:01.000Z", True),
        ("2022-05-06T08:00:00.000+08:00", "2022-05-06T00:00:00.000Z", "2022-05-06T00:00:00.000Z", True),
        (1651795200, "2022-05-06T00:00:00.000Z", "2022-05-06T00:00:00.000Z", True),
        ("2022-05-6T00:00:00.500Z", "2000-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z", False),
        ("2022-02-30T00:00:00.500Z", "2000-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z", False),
    ],
)
def test_dates_are_read_by_their_formats(client: Any, value: Any, low: str, high: str, matches: bool) -> None:
    index(client, FIELDS)
    put(client, "a", when=value)
    query = RangeQuery("when", low, high, include_lower=True, include_upper=True)
    assert keys(client, query) == (["a"] if matches else [])


def test_a_date_that_has_no_format_is_refused_when_the_index_is_made(client: Any) -> None:
    assert "has no date formats" in refused(index, client, [FieldSchema("d", FieldType.DATE)])[2]
    week = FieldSchema("d", FieldType.DATE, date_formats=["YYYY-'W'ww"])
    assert "the date format YYYY-'W'ww" in refused(index, client, [week])[2]


@pytest.mark.parametrize("form", ["yyyy-yyyy", "yy", "MMM"])
def test_a_format_that_is_not_built_is_refused_by_name(form: str) -> None:
    with pytest.raises(Refusal, match=form):
        dates.check(form)
