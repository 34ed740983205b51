"""What an address of the page asks, and the addresses of the questions next to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode

from imagelabels.domain.albums import Question
from imagelabels.domain.moments import milliseconds
from imagelabels.domain.query import ORDERS, STATES, Order

How = Literal["label", "any_of", "not"]
HOWS: tuple[How, ...] = ("label", "any_of", "not")
"""How a word counts: it must be shown, one of these must be shown, or it must not be shown."""

Pair = tuple[str, str]

_SURE = re.compile(r"(.+):(0?\.\d+|[01](?:\.0+)?)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question. A word that begins with = is an id, and means this id and no other."""

    how: How
    text: str

    @property
    def name(self) -> str:
        """The word without what says how it is meant."""
        return self._parts[0].removeprefix("=")

    @property
    def sure(self) -> float:
        """The least confidence that the word names; 0 if it names none."""
        return self._parts[1]

    def at_least(self, sure: float) -> Word:
        """Return the word with another least confidence. Only a word without = can have one."""
        return replace(self, text=f"{self.name}:{sure:g}" if sure else self.name)

    @property
    def _parts(self) -> tuple[str, float]:
        parts = None if self.text.startswith("=") else _SURE.fullmatch(self.text)
        return (parts[1], float(parts[2])) if parts else (self.text, 0.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the names that the API's parameters have."""

    words: tuple[Word, ...] = ()
    min_confidence: float = 0.0
    prefix: str = ""
    start: str = ""
    """A day such as 2026-11-21, or another moment that the API understands."""
    until: str = ""
    state: str = "labelled"
    reason: str = ""
    order: Order = "newest"

    def question(self) -> Question:
        """Return the question; ValueError says which time cannot be meant."""
        all_of, any_of, none_of = (tuple(word.text for word in self.words if word.how == how) for how in HOWS)
        start, until = (milliseconds(text) if text else None for text in (self.start, self.until))
        least = self.min_confidence if self.state == "labelled" else 0.0
        return Question(all_of, any_of, none_of, least, self.prefix, start, until, None, self.state, self.reason)

    def pairs(self) -> list[Pair]:
        """Return the parameters of the question's address, without those that say nothing."""
        pairs: list[Pair] = [(word.how, word.text) for word in self.words]
        least = f"{self.min_confidence:g}" if self.min_confidence else ""
        state, order = (value if value not in ("labelled", "newest") else "" for value in (self.state, self.order))
        more = [("min_confidence", least), ("prefix", self.prefix), ("from", self.start), ("to", self.until)]
        more += [("state", state), ("reason", self.reason), ("order", order)]
        return pairs + [(name, value) for name, value in more if value]

    def url(self, path: str = "/", **more: str) -> str:
        """Return the address of the question at a path, with `more` parameters."""
        pairs = self.pairs() + [(name, value) for name, value in more.items() if value]
        return path + (f"?{urlencode(pairs, errors='replace')}" if pairs else "")

    def having(self, **changes: object) -> Asked:
        """Return the question with other conditions."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def has(self, label_id: str) -> How | None:
        """Return how the question's word for this label counts; None if it has none."""
        return next((word.how for word in self.words if word.name == label_id), None)

    def toggled(self, label_id: str, how: How = "label") -> Asked:
        """Return the question with a label chosen, or without it if it is chosen already."""
        rest = tuple(word for word in self.words if word.name != label_id)
        chosen = () if self.has(label_id) == how else (Word(how, f"={label_id}"),)
        return replace(self, words=(*rest, *chosen), state="labelled", reason="")

    def swapped(self, old: Word, new: Word | None) -> Asked:
        """Return the question with another word in the place of one, or without it."""
        changed = (new if word == old else word for word in self.words)
        return replace(self, words=tuple(word for word in changed if word is not None))


def asked(query: Mapping[str, str]) -> Asked:
    """Read the question from the parameters of an address. Values that say nothing are passed over."""
    words = tuple(Word(how, text) for how in HOWS for text in _texts(query.get(how, "")))
    state, order = query.get("state", ""), query.get("order", "")
    return Asked(
        words,
        _confidence(query.get("min_confidence", "")),
        query.get("prefix", ""),
        query.get("from", ""),
        query.get("to", ""),
        state if state in STATES else "labelled",
        query.get("reason", ""),
        next((known for known in ORDERS if known == order), "newest"),
    )


def _texts(value: str) -> Iterable[str]:
    return (text for text in dict.fromkeys(part.strip() for part in value.split(",")) if text)


def _confidence(text: str) -> float:
    return float(text) if re.fullmatch(r"0?\.\d{1,6}|[01](?:\.0+)?", text) else 0.0
