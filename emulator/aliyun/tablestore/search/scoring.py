"""How well a document fits a query.

The vendor's pages name the method of a TEXT field, BM25. The constants are those of Lucene.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.queries import compiled, read
from emulator.aliyun.tablestore.search.schema import Field, Schema

pb = messages.search
Score = Callable[[Document], float]
# Unproven constants-of-bm25: BM25 has Lucene's constants, k1 1.2 and b 0.75.
# Why: the pages name the method and not its constants.
# Ask: Search a TEXT field with MatchQuery and ScoreSort over three texts of 1, 10 and 100 words: the scores.
SATURATION, SHORTNESS = 1.2, 0.75
"""The constants k1 and b of BM25."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many documents have a field, how many words each has on average, and how many documents have each word."""

    documents: int
    length: float
    frequency: Counter[Any]


class Corpus:
    """All documents of an index. Statistics of a field are made when they are first needed."""

    def __init__(self, documents: Callable[[], Iterable[Document]]) -> None:
        self._documents = documents
        self._known: dict[str, Statistics] = {}

    def of(self, name: str, path: str) -> Statistics:
        if name not in self._known:
            self._known[name] = self._counted(name, path)
        return self._known[name]

    def _counted(self, name: str, path: str) -> Statistics:
        documents, length, frequency = 0, 0, Counter[Any]()
        for document in self._documents():
            for part in below(document, path):
                if words := part.values.get(name):
                    documents, length = documents + 1, length + len(words)
                    frequency.update(set(words))
        return Statistics(documents, length / documents if documents else 1.0, frequency)


def below(document: Document, path: str) -> list[Document]:
    """Return the nested documents of a path, or the document itself if the path is empty."""
    if not path:
        return [document]
    above = path.rpartition(".")[0]
    return [child for parent in below(document, above) for child in parent.nested.get(path, ())]


# Unproven scores-of-other-queries: A query that is not about words scores its weight, a BoolQuery the sum of its
#   parts, and a NestedQuery by its score mode.
# Why: the vendor's pages describe the scores of words only.
# Ask: Search sorted by ScoreSort with a BoolQuery of a RangeQuery and a TermQuery of a KEYWORD field:
#   search_hits[].score.
def scorer(query: Any, schema: Schema, corpus: Corpus, path: str = "") -> Score:
    """Return the score of documents that match a Query, whose kind is built."""
    message = read(query)
    special = {
        pb.MATCH_QUERY: _words,
        pb.MATCH_PHRASE_QUERY: _words,
        pb.TERM_QUERY: _term,
        pb.BOOL_QUERY: _bool,
        pb.FUNCTION_SCORE_QUERY: _function,
        pb.NESTED_QUERY: _nested,
        pb.DIS_MAX_QUERY: _best,
    }
    make = special.get(query.type)
    weight = message.weight if "weight" in message.DESCRIPTOR.fields_by_name and message.HasField("weight") else 1.0
    if make is None:
        return lambda document: weight
    score = make(message, schema, corpus, path)
    return score if weight == 1.0 else lambda document: weight * score(document)


def _words(query: Any, schema: Schema, corpus: Corpus, path: str) -> Score:
    field = schema.searched(query.field_name, path)
    return (
        _bm25(field, field.analyzer.words(query.text), corpus, path) if field.kind == pb.TEXT else lambda document: 1.0
    )


def _term(query: Any, schema: Schema, corpus: Corpus, path: str) -> Score:
    field = schema.searched(query.field_name, path)
    if field.kind != pb.TEXT:
        return lambda document: 1.0
    return _bm25(field, [str(plainbuffer.value_of(query.term))], corpus, path)


def _bm25(field: Field, words: list[str], corpus: Corpus, path: str) -> Score:
    if field.analyzer.fuzzy is not None:
        has, name = field.analyzer.has, field.name
        return lambda document: float(sum(has(document.values.get(name, ()), word) for word in words))
    statistics, name = corpus.of(field.name, path), field.name
    rarity = {
        word: math.log(1 + (statistics.documents - count + 0.5) / (count + 0.5))
        for word in words
        for count in (statistics.frequency[word],)
    }

    def score(document: Document) -> float:
        held = document.values.get(name, ())
        long = SATURATION * (1 - SHORTNESS + SHORTNESS * len(held) / statistics.length)
        counted = Counter(held)
        return sum(
            rarity[word] * counted[word] * (SATURATION + 1) / (counted[word] + long) for word in words if counted[word]
        )

    return score


def _bool(query: Any, schema: Schema, corpus: Corpus, path: str) -> Score:
    parts = [
        (compiled(part, schema, path), scorer(part, schema, corpus, path))
        for part in (*query.must_queries, *query.should_queries)
    ]
    return lambda document: sum(score(document) for test, score in parts if test(document))


def _function(query: Any, schema: Schema, corpus: Corpus, path: str) -> Score:
    score, name = scorer(query.query, schema, corpus, path), query.field_value_factor.field_name
    return lambda document: score(document) * float(max(document.values.get(name, (0,))))


def _nested(query: Any, schema: Schema, corpus: Corpus, path: str) -> Score:
    name = query.path
    test, score = compiled(query.query, schema, name), scorer(query.query, schema, corpus, name)
    mode = query.score_mode if query.HasField("score_mode") else pb.SCORE_MODE_NONE

    def total(document: Document) -> float:
        scores = [score(child) for child in document.nested.get(name, ()) if test(child)]
        if mode == pb.SCORE_MODE_NONE or not scores:
            return 1.0
        if mode == pb.SCORE_MODE_AVG:
            return sum(scores) / len(scores)
        if mode == pb.SCORE_MODE_TOTAL:
            return sum(scores)
        return max(scores) if mode == pb.SCORE_MODE_MAX else min(scores)

    return total


def _best(query: Any, schema: Schema, corpus: Corpus, path: str) -> Score:
    parts = [(compiled(part, schema, path), scorer(part, schema, corpus, path)) for part in query.queries]

    def score(document: Document) -> float:
        scores = [score(document) for test, score in parts if test(document)]
        best = max(scores, default=0.0)
        return best + float(query.tie_breaker) * (sum(scores) - best)

    return score
