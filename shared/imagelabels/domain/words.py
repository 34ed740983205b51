"""What everyday words ask for: names in the singular or the plural, words for several labels, and words for none."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from imagelabels.domain import spelling
from imagelabels.domain import taxonomy as concepts
from imagelabels.domain.taxonomy import Taxonomy, folded


@dataclass(frozen=True, slots=True)
class Meant:
    """Words that people type for labels that are called otherwise. No label is called so, whoever says it."""

    words: Mapping[str, tuple[str, ...]]
    """By language: en, zh-Hans."""
    ids: tuple[str, ...]
    """The words ask for these and for all below them."""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Words that people type and that the embedded model has no label for."""

    words: Mapping[str, tuple[str, ...]]
    why: str
    """What the model cannot do, as the end of a sentence about it."""
    near: tuple[str, ...]
    """Ids of wider labels that are worth a try; none where all of them would be far-fetched."""


NEEDS = {"face": "IMAGELABELS_FACES=on"}
"""Labels that the embedded model gives with a setting only. It has no other label that it cannot give."""


class Words:
    """The words that a search understands: the taxonomy's and the everyday ones."""

    def __init__(self, taxonomy: Taxonomy, everyday: Iterable[Meant | Unsaid] = ()) -> None:
        """ValueError for an everyday word that a label has, or that stands in two entries."""
        self.taxonomy = taxonomy
        self.everyday = tuple(everyday)
        self._entries: dict[str, Meant | Unsaid] = {}
        for entry in self.everyday:
            for word in _every(entry):
                if (name := taxonomy.named(word)) is not None or folded(word) in self._entries:
                    raise ValueError(f"the everyday word {word!r} is {name or 'there'} already")
                self._entries[folded(word)] = entry

    def also_showing(self, names: Iterable[tuple[str, str]]) -> Words:
        """The same words, and the names that policies show labels by: pairs of a label's id and a name."""
        other = copy.copy(self)
        other.taxonomy = self.taxonomy.also_showing(names)
        return other

    def ids(self, word: str) -> frozenset[str]:
        """Every id that the word asks for, those of vendors' labels that are called so too."""
        meant = self.meant(word)
        if self.taxonomy.named(word) is not None:
            return self.taxonomy.resolve(word)
        entry = self._entry(word)
        said = _every(entry) if isinstance(entry, Meant) else (word,)
        called = frozenset(id for name in said for id in self._called(name.strip()))
        return called.union(self.taxonomy.resolve(word), *(self.taxonomy.resolve(id) for id in meant))

    def meant(self, word: str) -> tuple[str, ...]:
        """The ids of the labels and wider words that the word means; none where nothing is called so."""
        for form in (word, *_other_numbers(word)):
            id = self.taxonomy.named(form)
            if id is not None:
                return (id,) if id in self.taxonomy.concepts or id in self.taxonomy.wider else ()
            if (entry := self._entries.get(folded(form))) is not None:
                return entry.ids if isinstance(entry, Meant) else ()
            if said := self.taxonomy.said(form):
                return said
        return ()

    def unsaid(self, word: str) -> Unsaid | None:
        """Why the embedded model cannot say the word; None where it can, and where nobody thought of the word."""
        entry = self._entry(word)
        return entry if isinstance(entry, Unsaid) and not self.meant(word) else None

    def alike(self, word: str) -> tuple[str, ...]:
        """Up to three words that find something and that somebody may have meant who mistyped this one."""
        entries = {name: name for name, entry in self._entries.items() if isinstance(entry, Meant)}
        return spelling.suggested(folded(word), {**entries, **self.taxonomy.spellings})

    def _entry(self, word: str) -> Meant | Unsaid | None:
        forms = (word, *_other_numbers(word))
        return next((self._entries[folded(form)] for form in forms if folded(form) in self._entries), None)

    def _called(self, word: str) -> Iterator[str]:
        """Ids of vendors' labels that are called so: they begin English names with a capital."""
        written = (word,) if ":" in word else (word, word[:1].upper() + word[1:], word.title())
        for name in dict.fromkeys(written):
            yield from (f"{vocabulary}:{name}" for vocabulary in self.taxonomy.vocabularies)


@lru_cache(maxsize=2)
def load(vocabularies: tuple[str, ...] = ()) -> Words:
    """The project's words, read once. A label may be a word of `vocabularies` too."""
    data = json.loads(Path(__file__).with_name("everyday.json").read_bytes())
    meant = (Meant(_lists(entry["words"]), tuple(entry["ids"])) for entry in data["meant"])
    unsaid = (Unsaid(_lists(entry["words"]), entry["why"], tuple(entry["near"])) for entry in data["unsaid"])
    return Words(concepts.load(vocabularies), (*meant, *unsaid))


def _lists(words: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return {language: tuple(names) for language, names in words.items()}


def _every(entry: Meant | Unsaid) -> tuple[str, ...]:
    return tuple(word for words in entry.words.values() for word in words)


def _other_numbers(word: str) -> tuple[str, ...]:
    """An English word in the plural for one in the singular, and the other way round."""
    word = folded(word)
    if not word.isascii() or len(word) < 3 or ":" in word:
        return ()
    singular = [f"{word[:-3]}y"] if word.endswith("ies") else []
    singular += [word[:-2]] if word.endswith(("ses", "xes", "ches", "shes", "oes")) else []
    singular += [word[:-1]] if word.endswith("s") and not word.endswith("ss") else []
    plural = (
        f"{word[:-1]}ies"
        if word.endswith("y")
        else f"{word}es"
        if word.endswith(("s", "x", "ch", "sh"))
        else f"{word}s"
    )
    return (*singular, plural)
