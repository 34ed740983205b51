"""The analyzers of TEXT fields, which turn a text into words.

https://www.alibabacloud.com/help/en/tablestore/tokenization-of-text-column-in-search-index
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid, not_built

pb = messages.search
SINGLE_WORD, SPLIT, FUZZY = "single_word", "split", "fuzzy"
FUZZY_LENGTH = 1024
"""The analyzer fuzzy reads so many characters of a text: https://www.alibabacloud.com/help/en/tablestore/search-index-limits."""
MIN_CHARS, MAX_CHARS = 1, 7
"""https://www.alibabacloud.com/help/en/tablestore/developer-reference/fuzzyanalyzerparameter."""
GAP = "\x00"
"""It stands between the words of two elements of an array, so that no phrase reaches across."""
WHOLE = re.compile(r"[A-Za-z0-9]+|[^\W_A-Za-z0-9]")
DELIMITED = re.compile(r"[A-Za-z]+|[0-9]+|[^\W_A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Analyzer:
    """`spans` gives the first and the last position of each word in a text. `fold` puts letters in one case."""

    name: str
    spans: Callable[[str], list[tuple[int, int]]]
    fold: Callable[[str], str]
    fuzzy: tuple[int, int] | None = None
    """The fewest and the most characters of a word. The analyzer fuzzy takes every part of a text as a word."""

    def indexed(self, text: str) -> list[str]:
        """Return what a document holds: the words, or the whole text if every part of it is a word."""
        if self.fuzzy is not None:
            return [self.fold(text[:FUZZY_LENGTH])]
        return self.words(text)

    def words(self, text: str) -> list[str]:
        """Return the words of a query, or of a text."""
        if self.fuzzy is not None:
            return self._parts(self.fold(text[:FUZZY_LENGTH]), *self.fuzzy)
        return [self.fold(text[begin:end]) for begin, end in self.spans(text)]

    def has(self, held: Sequence[object], word: str) -> bool:
        """Tell whether a document that holds this has the word."""
        if self.fuzzy is None:
            return word in held
        shortest, longest = self.fuzzy
        return shortest <= len(word) <= longest and any(word in str(text) for text in held)

    @staticmethod
    def _parts(text: str, shortest: int, longest: int) -> list[str]:
        """Return the longest parts that can be words. A text shorter than a word has none."""
        length = min(longest, len(text))
        if length < shortest:
            return []
        return list(dict.fromkeys(text[at : at + length] for at in range(len(text) - length + 1)))


def of(definition: object) -> Analyzer:
    """Return the analyzer of a FieldSchema, or refuse it by name."""
    name: str = getattr(definition, "analyzer", "") or SINGLE_WORD
    parameter: bytes = getattr(definition, "analyzer_parameter", b"")
    return _analyzer(name, parameter)


@lru_cache(maxsize=256)
def _analyzer(name: str, parameter: bytes) -> Analyzer:
    if name == SINGLE_WORD:
        single = messages.read(pb.SingleWordAnalyzerParameter, parameter)
        pattern = DELIMITED if single.delimit_word else WHOLE
        return Analyzer(
            name, lambda text: [word.span() for word in pattern.finditer(text)], _case(single.case_sensitive)
        )
    if name == SPLIT:
        split = messages.read(pb.SplitAnalyzerParameter, parameter)
        # Special characters are sent with an escape character before them:
        # https://www.alibabacloud.com/help/en/tablestore/developer-reference/splitanalyzerparameter
        delimiter = split.delimiter.replace("\\", "") or " "
        return Analyzer(name, lambda text: _split(text, delimiter), _case(False))
    if name == FUZZY:
        fuzzy = messages.read(pb.FuzzyAnalyzerParameter, parameter)
        shortest, longest = fuzzy.min_chars or MIN_CHARS, fuzzy.max_chars or MAX_CHARS
        if not 1 <= shortest <= longest:
            raise invalid("min_chars of the fuzzy analyzer must be at least 1 and at most max_chars")
        return Analyzer(name, lambda text: [(0, len(text))], _case(False), (shortest, longest))
    # min_word and max_word need the vendor's dictionary of Chinese words.
    raise not_built(f"the analyzer {name}")


def _case(sensitive: bool) -> Callable[[str], str]:
    return str if sensitive else str.lower


def _split(text: str, delimiter: str) -> list[tuple[int, int]]:
    spans, begin = [], 0
    for part in text.split(delimiter):
        if part:
            spans.append((begin, begin + len(part)))
        begin += len(part) + len(delimiter)
    return spans
