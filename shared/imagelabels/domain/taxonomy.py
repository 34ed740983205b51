"""What labels mean: concepts in three levels, their names in two languages, and what vendors call them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

VOCABULARIES = ("ci", "imm")
"""Whose words a label may be: Tencent CI, and Alibaba IMM (which OSS image processing shares)."""

_LANGUAGES = {"en-us": "en", "en-gb": "en", "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-hans-cn": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a picture may show. `id` never changes and is never reused; level 1 is the widest."""

    id: str
    level: int
    parent: str | None
    names: Mapping[str, str]
    """By language: en, zh-Hans."""
    aliases: Mapping[str, tuple[str, ...]]
    """By vocabulary: a vendor's other names for it, in any language, spelled as the vendor does."""


@dataclass(frozen=True, slots=True)
class Wider:
    """A word for several categories: people search by it, but no picture is labelled so and no tag says it."""

    id: str
    names: Mapping[str, str]
    members: tuple[str, ...]
    """Ids of level-1 concepts."""


class Taxonomy:
    """The concepts, found by id, by name and by a vendor's word."""

    def __init__(self, concepts: Iterable[Concept], version: int, wider: Iterable[Wider] = ()) -> None:
        """ValueError for an id, a name or an alias that two concepts claim, or a parent that is not one level above."""
        self.version = version
        self.wider = {word.id: word for word in wider}
        self.concepts: Mapping[str, Concept] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._children: dict[str, list[str]] = {}
        self._lineages: dict[str, tuple[str, ...]] = {}
        known: dict[str, Concept] = {}
        for concept in concepts:
            if concept.id in known:
                raise ValueError(f"two concepts have the id {concept.id!r}")
            known[concept.id] = concept
        self.concepts = known
        for concept in known.values():
            self._enter(concept)
        for word in self.wider.values():
            strangers = [id for id in word.members if id not in known or known[id].level != 1]
            if word.id in known or strangers:
                raise ValueError(f"{word.id!r} cannot be the wider word for {strangers or 'itself'}")

    def ancestors(self, id: str) -> tuple[str, ...]:
        """The ids above it, nearest first; none for an id that is not here."""
        known = self._lineages.get(id)
        if known is None:
            concept = self.concepts.get(id)
            if concept is None or concept.parent is None:
                return ()
            known = self._lineages[id] = (concept.parent, *self.ancestors(concept.parent))
        return known

    def category(self, id: str) -> str | None:
        """The level-1 concept above it, itself at level 1; None for an id that is not here."""
        return (id, *self.ancestors(id))[-1] if id in self.concepts else None

    def name(self, id: str, language: str) -> str | None:
        concept = self.concepts.get(id)
        return None if concept is None else concept.names.get(_language(language))

    def label_id(self, vocabulary: str, name: str, language: str) -> str:
        """The id of a vendor's label: by alias, else by a concept's own name in that language, else the word itself."""
        found = self._aliases.get((vocabulary, name)) or self._names.get((_language(language), name))
        return found or f"{vocabulary}:{name}"

    def resolve(self, word: str) -> frozenset[str]:
        """Every id that a search word means: concept, descendants, and the vendors' words that rows may still carry."""
        word = word.strip()
        vocabulary, colon, name = word.partition(":")
        if colon and vocabulary in VOCABULARIES:
            concept = self._aliases.get((vocabulary, name))
            return frozenset({word}) | (self._family(concept) if concept else frozenset())
        found = self._words.get(_folded(word))
        if found is None:
            return frozenset(f"{vocabulary}:{word}" for vocabulary in VOCABULARIES)
        return frozenset(member for id in found for member in self._meant(id))

    def suggest(self, word: str) -> tuple[str, ...]:
        """Up to three names that look like a word that no concept has, or hold a word that does."""
        names: dict[str, str] = {}
        for name in sorted((name for concept in self.concepts.values() for name in concept.names.values()), key=len):
            for part in (_folded(name), *_folded(name).split()):
                names.setdefault(part, name)
        close = difflib.get_close_matches(_folded(word), names, n=6, cutoff=0.7)
        return tuple(dict.fromkeys(names[part] for part in close))[:3]

    def _enter(self, concept: Concept) -> None:
        parent = self.concepts.get(concept.parent) if concept.parent is not None else None
        if (parent.level if parent else 0) != concept.level - 1 or (parent is None) != (concept.parent is None):
            raise ValueError(f"{concept.id!r} is at level {concept.level}, so {concept.parent!r} cannot be its parent")
        if parent is not None:
            self._children.setdefault(parent.id, []).append(concept.id)
        for language, name in concept.names.items():
            if (other := self._names.setdefault((language, name), concept.id)) != concept.id:
                raise ValueError(f"{other!r} and {concept.id!r} are both called {name!r}")
        for vocabulary, aliases in concept.aliases.items():
            if vocabulary not in VOCABULARIES:
                raise ValueError(f"{concept.id!r} has aliases of an unknown vocabulary {vocabulary!r}")
            for alias in aliases:
                if (other := self._aliases.setdefault((vocabulary, alias), concept.id)) != concept.id:
                    raise ValueError(f"{other!r} and {concept.id!r} both have the alias {vocabulary}:{alias}")

    @cached_property
    def _words(self) -> dict[str, set[str]]:
        """What somebody may type. Made at the first search: a function that labels never asks."""
        words: dict[str, set[str]] = {}
        everything: list[Concept | Wider] = [*self.concepts.values(), *self.wider.values()]
        for named in everything:
            for word in (named.id, *named.names.values()):
                words.setdefault(_folded(word), set()).add(named.id)
        return words

    def _meant(self, id: str) -> frozenset[str]:
        """A concept's family; of a wider word those of its members, and the vendors' labels that are called so."""
        if id not in self.wider:
            return self._family(id)
        word = self.wider[id]
        called = frozenset(f"{vocabulary}:{name}" for vocabulary in VOCABULARIES for name in word.names.values())
        return called.union(*(self._family(member) for member in word.members))

    def _family(self, id: str) -> frozenset[str]:
        """The concept and everything below it, and for each of them its aliases as ids: rows of before the alias."""
        aliases = self.concepts[id].aliases.items()
        family = {id, *(f"{vocabulary}:{alias}" for vocabulary, names in aliases for alias in names)}
        return frozenset(family).union(*(self._family(child) for child in self._children.get(id, ())))


@lru_cache(maxsize=1)
def load() -> Taxonomy:
    """The project's taxonomy, read once. A concept added later lists as aliases the words it was recorded under."""
    data = json.loads(Path(__file__).with_name("taxonomy.json").read_bytes())
    concepts = (
        Concept(
            entry["id"],
            entry["level"],
            entry["parent"],
            entry["names"],
            {vocabulary: tuple(names) for vocabulary, names in entry.get("aliases", {}).items()},
        )
        for entry in data["concepts"]
    )
    wider = (Wider(entry["id"], entry["names"], tuple(entry["members"])) for entry in data["wider"])
    return Taxonomy(concepts, data["version"], wider)


def _language(tag: str) -> str:
    return _LANGUAGES.get(tag.lower(), tag)


def _folded(word: str) -> str:
    """Letters' case and the hyphens of an id do not matter to somebody who types a word."""
    return " ".join(word.replace("-", " ").casefold().split())
