"""The words that a search understands: the taxonomy's names in singular and plural, and everyday words."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from imagelabels.domain import measured, spelling
from imagelabels.domain import taxonomy as concepts
from imagelabels.domain.taxonomy import Taxonomy, folded


@dataclass(frozen=True, slots=True)
class EverydayWords:
    """Words that people type for labels with other names. No label has one of these words as its name."""

    words: Mapping[str, tuple[str, ...]]
    """The words in each language (en, zh-Hans)."""
    ids: tuple[str, ...]
    """The words mean these labels and all labels below them."""


@dataclass(frozen=True, slots=True)
class UnlabelledWords:
    """Words that people type and for which the embedded model has no label."""

    words: Mapping[str, tuple[str, ...]]
    why: str
    """What the model cannot do. The text continues a sentence that begins with the model."""
    near: tuple[str, ...]
    """The ids of wider labels that are worth trying; none if all of them would be far-fetched."""


NEEDS = {"face": "IMAGELABELS_FACES=on"}
"""The labels that the embedded model gives only with a setting. It can give all others that are not silent."""


ON_NEARLY_EVERY_PHOTO = frozenset({"surroundings"})
"""Nearly every photo has these labels, so they do not help somebody who looks for a sunset."""


class Words:
    """The words that a search understands: those of the taxonomy and everyday words."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        everyday: Iterable[EverydayWords | UnlabelledWords] = (),
        silent: Mapping[str, str | None] = MappingProxyType({}),
    ) -> None:
        """Raise ValueError if an everyday word is also the name of a label, or if two entries have it.

        `silent` are the labels that the embedded model never gives, each with the wider one that it gives instead.
        """
        self.taxonomy = taxonomy
        self._silent = silent
        self.everyday = tuple(everyday)
        self._entries: dict[str, EverydayWords | UnlabelledWords] = {}
        for entry in self.everyday:
            for word in _every(entry):
                if (name := taxonomy.named(word)) is not None or folded(word) in self._entries:
                    raise ValueError(f"the everyday word {word!r} already means {name or 'something else'}")
                self._entries[folded(word)] = entry

    def also_showing(self, names: Iterable[tuple[str, str]]) -> Words:
        """Return words that also understand the names by which policies show labels: pairs of an id and a name."""
        other = copy.copy(self)
        other.taxonomy = self.taxonomy.also_showing(names)
        return other

    def ids(self, word: str) -> frozenset[str]:
        """Return every id that the word means, including the ids of vendors' words."""
        meant = self.meant(word)
        if self.taxonomy.named(word) is not None:
            return self.taxonomy.resolve(word)
        entry = self._entry(word)
        names = _every(entry) if isinstance(entry, EverydayWords) else (word,)
        vendors_ids = frozenset(label_id for name in names for label_id in self._vendors_ids(name.strip()))
        return vendors_ids.union(self.taxonomy.resolve(word), *(self.taxonomy.resolve(label_id) for label_id in meant))

    def meant(self, word: str) -> tuple[str, ...]:
        """Return the ids of the labels and wider words that the word means; there are none for an unknown word."""
        for form in (word, *_other_forms(word)):
            word_id = self.taxonomy.named(form)
            if word_id is not None:
                return (word_id,) if word_id in self.taxonomy.concepts or word_id in self.taxonomy.wider else ()
            if (entry := self._entries.get(folded(form))) is not None:
                return entry.ids if isinstance(entry, EverydayWords) else ()
            if alias_ids := self.taxonomy.ids_of_alias(form):
                return alias_ids
        return ()

    def unsaid(self, word: str) -> UnlabelledWords | None:
        """Return why the embedded model has no label for the word; None if it has one or if the word is unknown."""
        entry = self._entry(word)
        return entry if isinstance(entry, UnlabelledWords) and not self.meant(word) else None

    def silent(self, word: str) -> Mapping[str, str | None]:
        """Return what the word means if the embedded model gives no such label, nor one below it; else nothing.

        Each label has the wider one that the model gives instead; None if it gives none.
        """
        meant = self.meant(word)
        ids = frozenset[str]().union(*(self.taxonomy.resolve(label_id) for label_id in meant))
        all_silent = ids & self.taxonomy.concepts.keys() <= self._silent.keys()
        return {label_id: self._silent[label_id] for label_id in meant} if all_silent else {}

    def meant_by_beginning(self, part: str) -> tuple[str, ...]:
        """Return the ids of the labels that everyday words mean which begin with `part`, a folded text."""
        entries = (entry for word, entry in self._entries.items() if word.startswith(part))
        return tuple(label_id for entry in entries if isinstance(entry, EverydayWords) for label_id in entry.ids)

    def wider(self, word: str) -> str | None:
        """Return the label directly above all labels that the word means.

        Return None if there is not exactly one, or if nearly every photo has it.
        """
        meant = self.meant(word)
        concepts = [self.taxonomy.concepts[label_id] for label_id in meant if label_id in self.taxonomy.concepts]
        parents = {concept.parent for concept in concepts}
        only = parents.pop() if len(parents) == 1 and len(concepts) == len(meant) else None
        return None if only in ON_NEARLY_EVERY_PHOTO else only

    def alike(self, word: str) -> tuple[str, ...]:
        """Return up to three known words that may have been meant by a misspelt word."""
        entries = {name: name for name, entry in self._entries.items() if isinstance(entry, EverydayWords)}
        return spelling.suggested(folded(word), {**entries, **self.taxonomy.spellings})

    def _entry(self, word: str) -> EverydayWords | UnlabelledWords | None:
        forms = (word, *_other_forms(word))
        return next((self._entries[folded(form)] for form in forms if folded(form) in self._entries), None)

    def _vendors_ids(self, word: str) -> Iterator[str]:
        """Yield the ids that vendors' labels with this name would have. Vendors begin English names with a capital."""
        spellings = (word,) if ":" in word else (word, word[:1].upper() + word[1:], word.title())
        for name in dict.fromkeys(spellings):
            yield from (f"{vocabulary}:{name}" for vocabulary in self.taxonomy.vocabularies)


@lru_cache(maxsize=2)
def load(vocabularies: tuple[str, ...] = ()) -> Words:
    """Return the project's words, which are read once. A label may also be a word of `vocabularies`."""
    data = json.loads(Path(__file__).with_name("everyday.json").read_bytes())
    meant = (EverydayWords(_lists(entry["words"]), tuple(entry["ids"])) for entry in data["meant"])
    unsaid = (UnlabelledWords(_lists(entry["words"]), entry["why"], tuple(entry["near"])) for entry in data["unsaid"])
    return Words(concepts.load(vocabularies), (*meant, *unsaid), measured.silent())


def _lists(words: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return {language: tuple(names) for language, names in words.items()}


def _every(entry: EverydayWords | UnlabelledWords) -> tuple[str, ...]:
    return tuple(word for words in entry.words.values() for word in words)


def _other_forms(word: str) -> tuple[str, ...]:
    """Return the plural of an English word in the singular, and the singular of one in the plural."""
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
