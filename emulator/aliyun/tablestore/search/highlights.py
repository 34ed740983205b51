"""Parts of a text in which the words of a query are marked.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/query-highlight-by-using-python-sdk
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.queries import read
from emulator.aliyun.tablestore.search.schema import Field, Schema

pb = messages.search
# Unproven defaults-of-highlight: Without parameters a highlight has up to 5 parts.
# Why: the page has the defaults of length and marks, and not that of the number.
# Ask: Search with a Highlight that has no parameters, on a text of 2000 words that has the word 10 times: the number of
#   parts.
FRAGMENTS, LENGTH, BEFORE, AFTER = 5, 100, "<em>", "</em>"
"""The defaults of how many parts there are, how many characters each has, and what marks a word."""
# Unproven most-highlights: One field may have 100 highlighted parts.
# Why: no page tells a number.
# Ask: Search with number_of_fragments 101: the code and the message.
MOST = 100
"""One field may have so many parts."""


class Highlighter:
    """Marks the words of one query in the texts of rows."""

    def __init__(self, highlight: Any, query: Any, schema: Schema) -> None:
        self._encode: Callable[[str], str] = (
            html.escape if highlight.highlight_encoder == pb.HTML_MODE else lambda text: text
        )
        self._parameters = [(_field(parameter, schema), parameter) for parameter in highlight.highlight_parameters]
        self._words = {
            field.name: frozenset(word for text in _texts(query, field.name) for word in field.analyzer.words(text))
            for field, _ in self._parameters
        }

    def marked(self, document: Document) -> Any:
        """Return the HighlightResult of a row."""
        result = pb.HighlightResult()
        cells = {cell.name: cell.value for cell in document.row.cells} if document.row else {}
        for field, parameter in self._parameters:
            text = cells.get(field.name)
            if isinstance(text, str) and (fragments := self._fragments(text, field, parameter)):
                result.highlight_fields.add(field_name=field.name, field_fragments=fragments)
        return result

    def _fragments(self, text: str, field: Field, parameter: Any) -> list[str]:
        analyzer, words = field.analyzer, self._words[field.name]
        spans = [span for span in analyzer.spans(text) if analyzer.fold(text[slice(*span)]) in words]
        wanted = parameter.number_of_fragments if parameter.HasField("number_of_fragments") else FRAGMENTS
        if not 0 <= wanted <= MOST:
            raise invalid(f"number_of_fragments must be in range: [0, {MOST}]")
        length = max(1, parameter.fragment_size if parameter.HasField("fragment_size") else LENGTH)
        parts = _parts(spans, length)
        if parameter.fragments_order == pb.SCORE:
            parts.sort(key=lambda part: -len(part))
        return [self._marked(text, part, length, parameter) for part in parts[:wanted]]

    def _marked(self, text: str, spans: list[tuple[int, int]], length: int, parameter: Any) -> str:
        before = parameter.pre_tag if parameter.HasField("pre_tag") else BEFORE
        after = parameter.post_tag if parameter.HasField("post_tag") else AFTER
        begin = max(0, min(spans[0][0], len(text) - length))
        end, at, pieces = max(begin + length, spans[-1][1]), begin, []
        for first, last in spans:
            pieces += [self._encode(text[at:first]), before, self._encode(text[first:last]), after]
            at = last
        return "".join([*pieces, self._encode(text[at:end])])


def _field(parameter: Any, schema: Schema) -> Field:
    field = schema.searched(parameter.field_name, "")
    if field.kind != pb.TEXT or not field.definition.enable_highlighting:
        raise invalid(f"highlighting is not supported for field[{field.name}]")
    if field.array or field.analyzer.fuzzy is not None:
        raise not_built(f"highlights of {field.name}, which is an array or has the analyzer fuzzy")
    return field


def _parts(spans: list[tuple[int, int]], length: int) -> list[list[tuple[int, int]]]:
    """Return the marked words in parts of a text that have at most so many characters."""
    parts: list[list[tuple[int, int]]] = []
    for span in spans:
        if parts and span[1] - parts[-1][0][0] <= length:
            parts[-1].append(span)
        else:
            parts.append([span])
    return parts


def _texts(query: Any, name: str) -> Iterator[str]:
    """Yield the texts for which a query looks in a field. What must not match is left out."""
    message = read(query)
    if query.type in (pb.MATCH_QUERY, pb.MATCH_PHRASE_QUERY) and message.field_name == name:
        yield message.text
    elif query.type == pb.TERM_QUERY and message.field_name == name:
        yield str(plainbuffer.value_of(message.term))
    for part in _within(query, message):
        yield from _texts(part, name)


def _within(query: Any, message: Any) -> list[Any]:
    if query.type == pb.BOOL_QUERY:
        return [*message.must_queries, *message.filter_queries, *message.should_queries]
    if query.type == pb.FUNCTION_SCORE_QUERY:
        return [message.query]
    if query.type == pb.CONST_SCORE_QUERY:
        return [message.filter]
    return list(message.queries) if query.type == pb.DIS_MAX_QUERY else []
