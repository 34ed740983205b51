"""Analyzed text: which words a TEXT field has, and the queries for words and phrases."""

from __future__ import annotations

from typing import Any

import pytest
from tablestore import (
    AnalyzerType,
    FieldSchema,
    FieldType,
    FuzzyAnalyzerParameter,
    MatchPhraseQuery,
    MatchQuery,
    PrefixQuery,
    QueryOperator,
    SingleWordAnalyzerParameter,
    SplitAnalyzerParameter,
    TermQuery,
    TermsQuery,
)

from tests.emulator.aliyun.tablestore.asking import index, keys, put, refused, search

T = FieldType.TEXT


def text(name: str, analyzer: Any = None, parameter: Any = None, **options: Any) -> Any:
    return FieldSchema(name, T, index=True, analyzer=analyzer, analyzer_parameter=parameter, **options)


FIELDS = [
    text("plain"),
    text("cased", AnalyzerType.SINGLEWORD, SingleWordAnalyzerParameter(True, False)),
    text("parted", AnalyzerType.SINGLEWORD, SingleWordAnalyzerParameter(False, True)),
    text("listed", AnalyzerType.SPLIT, SplitAnalyzerParameter(",")),
    text("hashed", AnalyzerType.SPLIT, SplitAnalyzerParameter("\\#")),
    text("fuzzy", AnalyzerType.FUZZY, FuzzyAnalyzerParameter(2, 4)),
    text("long", AnalyzerType.MAXWORD),
    text("several", is_array=True),
    FieldSchema("key", FieldType.KEYWORD, index=True),
]


@pytest.fixture
def texts(client: Any) -> Any:
    index(client, FIELDS)
    return client


@pytest.mark.parametrize(
    ("column", "value", "query", "matches"),
    [
        ("plain", "Hang Zhou", TermQuery("plain", "hang"), True),
        ("plain", "Hang Zhou", MatchQuery("plain", "HANG"), True),
        ("plain", "杭州", MatchQuery("plain", "杭"), True),
        ("plain", "IPhone6", MatchQuery("plain", "iphone6"), True),
        ("plain", "IPhone6", MatchQuery("plain", "iphone"), False),
        ("parted", "IPhone6", MatchQuery("parted", "iphone"), True),
        ("parted", "IPhone6", MatchPhraseQuery("parted", "iphone6"), True),
        ("cased", "Hang Zhou", MatchQuery("cased", "Hang"), True),
        ("cased", "Hang Zhou", MatchQuery("cased", "hang"), False),
        ("listed", "ping pong,Rap", TermQuery("listed", "ping pong"), True),
        ("listed", "ping pong,Rap", TermQuery("listed", "rap"), True),
        ("listed", "ping pong,Rap", TermQuery("listed", "ping"), False),
        ("hashed", "a b#c", TermQuery("hashed", "a b"), True),
        ("fuzzy", "苏梅岛ABC", MatchPhraseQuery("fuzzy", "梅岛ab"), True),
        ("fuzzy", "苏梅岛ABC", MatchPhraseQuery("fuzzy", "苏岛"), False),
        ("fuzzy", "苏梅岛ABC", TermQuery("fuzzy", "岛a"), True),
        ("fuzzy", "苏梅岛ABC", TermQuery("fuzzy", "岛"), False),
        ("fuzzy", "苏梅岛ABC", TermQuery("fuzzy", "苏梅岛ab"), False),
        ("fuzzy", "苏梅岛ABC", MatchQuery("fuzzy", "苏梅"), True),
        ("fuzzy", "苏梅岛ABC", MatchQuery("fuzzy", "苏苏苏"), False),
        ("fuzzy", "x" * 1024 + "yz", MatchPhraseQuery("fuzzy", "yz"), False),
        ("plain", "one two three", TermsQuery("plain", ["two", "four"]), True),
        ("plain", "one two three", PrefixQuery("plain", "th"), True),
    ],
)
def test_a_text_is_found_by_the_words_of_its_analyzer(
    texts: Any, column: str, value: str, query: Any, matches: bool
) -> None:
    put(texts, "a", **{column: value})
    assert keys(texts, query) == (["a"] if matches else [])


@pytest.mark.parametrize(
    ("phrase", "slop", "matches"),
    [
        ("quick brown fox", None, True),
        ("quick fox", None, False),
        ("quick fox", 1, True),
        ("fox quick", 5, False),
        ("quick quick", None, False),
        ("the the", 7, True),
        ("the the", 4, False),
        ("", None, False),
        ("absent", None, False),
    ],
)
def test_a_phrase_has_its_words_in_order_with_no_more_than_slop_others_between(
    texts: Any, phrase: str, slop: int | None, matches: bool
) -> None:
    put(texts, "a", plain="The quick brown fox jumps over the lazy dog")
    assert keys(texts, MatchPhraseQuery("plain", phrase, slop=slop)) == (["a"] if matches else [])


def test_a_phrase_does_not_reach_across_two_elements_of_an_array(texts: Any) -> None:
    put(texts, "a", several='["red cat", "blue dog"]')
    assert keys(texts, MatchPhraseQuery("several", "blue dog")) == ["a"]
    assert keys(texts, MatchPhraseQuery("several", "cat blue")) == []


def test_a_phrase_on_a_keyword_is_the_whole_keyword(texts: Any) -> None:
    put(texts, "a", key="one two")
    assert keys(texts, MatchPhraseQuery("key", "one two")) == ["a"]
    assert keys(texts, MatchPhraseQuery("key", "one")) == []


@pytest.mark.parametrize(
    ("options", "matches"),
    [
        ({}, True),
        ({"operator": QueryOperator.AND}, False),
        ({"minimum_should_match": 2}, True),
        ({"minimum_should_match": 3}, False),
        ({"minimum_should_match": "-1"}, True),
        ({"minimum_should_match": "75%"}, True),
        ({"minimum_should_match": "100%"}, False),
        ({"minimum_should_match": "-25%"}, False),
    ],
)
def test_so_many_words_must_match_as_the_query_says(texts: Any, options: Any, matches: bool) -> None:
    put(texts, "a", plain="one two")
    assert keys(texts, MatchQuery("plain", "one two three", **options)) == (["a"] if matches else [])


def test_an_analyzer_that_needs_the_vendor_s_dictionary_is_refused_by_name(texts: Any) -> None:
    put(texts, "a", long="菊花茶", plain="x")
    assert keys(texts, TermQuery("plain", "x")) == ["a"]
    message = "The emulator does not have this operation: the analyzer max_word"
    assert refused(search, texts, MatchQuery("long", "菊花"))[1:] == ("OTSUnsupportOperation", message)


def test_prefixes_of_fuzzy_texts_are_refused_by_name(texts: Any) -> None:
    assert "analyzer fuzzy" in refused(search, texts, PrefixQuery("fuzzy", "x"))[2]


def test_a_fuzzy_analyzer_whose_words_would_have_no_length_is_refused(client: Any) -> None:
    index(client, [text("t", AnalyzerType.FUZZY, FuzzyAnalyzerParameter(5, 3))])
    assert "min_chars" in refused(search, client, TermQuery("t", "x"))[2]


def test_a_query_of_more_than_1024_words_is_refused(texts: Any) -> None:
    for query in (MatchQuery("plain", "a " * 1025), MatchPhraseQuery("plain", "a " * 1025)):
        assert refused(search, texts, query)[2] == "the number of words exceeds the limit 1024"
