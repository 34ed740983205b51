"""Queries for words: MatchQuery and MatchPhraseQuery."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.aliyun.tablestore.search.terms import CLAUSES, Test, literal, one_of

pb = messages.search


def match(query: Any, schema: Schema, path: str) -> Test:
    field = schema.searched(query.field_name, path)
    if field.kind != pb.TEXT:
        return one_of(field, [literal(plainbuffer.variant(query.text), field)])
    name, has, wanted = field.name, field.analyzer.has, field.analyzer.words(query.text)
    if len(wanted) > CLAUSES:
        raise invalid(f"the number of words exceeds the limit {CLAUSES}")
    needed = len(wanted) if query.operator == pb.AND else max(1, minimum(query, len(wanted)) or 1)
    needed = min(needed, len(wanted))
    if not wanted:
        return lambda document: False
    return lambda document: sum(has(document.values.get(name, ()), word) for word in wanted) >= needed


def phrase(query: Any, schema: Schema, path: str) -> Test:
    field = schema.searched(query.field_name, path)
    if query.slop < 0:
        raise invalid("slop must not be negative")
    if field.kind != pb.TEXT:
        return one_of(field, [literal(plainbuffer.variant(query.text), field)])
    name, slop, analyzer = field.name, query.slop, field.analyzer
    if analyzer.fuzzy is not None:
        part = analyzer.fold(query.text)
        return lambda document: bool(part) and any(part in text for text in document.values.get(name, ()))
    wanted = analyzer.words(query.text)
    if len(wanted) > CLAUSES:
        raise invalid(f"the number of words exceeds the limit {CLAUSES}")
    return lambda document: bool(wanted) and in_order(document.values.get(name, ()), wanted, slop)


# Unproven swapped-words: A MatchPhraseQuery with a slop never matches words that swapped their places.
# Why: no page tells whether they may.
# Ask: Search for MatchPhraseQuery("b a", slop=2) with a row that has "a b": whether it matches.
def in_order(held: Sequence[str], wanted: Sequence[str], slop: int) -> bool:
    """Tell whether the words stand in this order with at most `slop` other words between them.

    Words never swap their places.
    """
    places: dict[str, list[int]] = {word: [] for word in wanted}
    for at, word in enumerate(held):
        if word in places:
            places[word].append(at)
    return any(_reached(begin, wanted, places) <= len(wanted) - 1 + slop for begin in places[wanted[0]])


def _reached(begin: int, wanted: Sequence[str], places: dict[str, list[int]]) -> float:
    """Return how far behind `begin` the last word stands if each of the words is taken as early as possible."""
    at = begin
    for word in wanted[1:]:
        later = bisect_right(places[word], at)
        if later == len(places[word]):
            return float("inf")
        at = places[word][later]
    return at - begin


def minimum(query: Any, optional: int) -> int | None:
    """Return how many of the optional parts must match, or None if the query does not tell.

    https://www.alibabacloud.com/help/en/tablestore/developer-reference/boolquery
    """
    text = query.new_minimum_should_match
    if not text:
        return int(query.minimum_should_match) if query.HasField("minimum_should_match") else None
    share = text.endswith("%")
    try:
        number = int(text[:-1] if share else text)
    except ValueError:
        raise not_built(f"minimum_should_match {text}") from None
    if share:
        part = optional * abs(number) // 100
        number = part if number >= 0 else optional - part
    elif number < 0:
        number += optional
    return max(0, number)
