"""What labels mean: concepts in three levels, their names in two languages, and what vendors call them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from imagelabels.domain import spelling

USER = "user"
"""The vocabulary of words that people add and no concept has."""

_NOTHING: Mapping[str, tuple[str, ...]] = {}

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
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By language: what else it is called. Never shown, but understood: typed by people and said by vendors."""


@dataclass(frozen=True, slots=True)
class Wider:
    """A word for several categories: people search by it, but no picture is labelled so and no tag says it."""

    id: str
    names: Mapping[str, str]
    members: tuple[str, ...]
    """Ids of level-1 concepts."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By vocabulary: what vendors call it. Their labels keep that name, and a search for this word finds them."""


class Taxonomy:
    """The concepts, found by id, by name and by a vendor's word."""

    def __init__(
        self, concepts: Iterable[Concept], version: int, wider: Iterable[Wider] = (), vocabularies: Iterable[str] = ()
    ) -> None:
        """`vocabularies` are those whose words a label may be.

        ValueError for an id, a name or an alias that two claim, or a parent that is not one level above.
        """
        self.version = version
        self.vocabularies = tuple(sorted(set(vocabularies)))
        self.wider = {word.id: word for word in wider}
        self.concepts: Mapping[str, Concept] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._children: dict[str, list[str]] = {}
        self._lineages: dict[str, tuple[str, ...]] = {}
        self._shown: Mapping[str, tuple[str, ...]] = {}
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
            for name in word.names.items():
                if (other := self._names.get(name)) is not None:
                    raise ValueError(f"{other!r} and {word.id!r} are both called {name[1]!r}")
            self._check(word)
        for concept in known.values():
            self._check(concept)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What stands before the colon of an id that is no concept's."""
        return (*self.vocabularies, USER)

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

    def children(self, id: str) -> tuple[str, ...]:
        """The ids right below a concept; those of the categories that a wider word is for."""
        return self.wider[id].members if id in self.wider else tuple(self._children.get(id, ()))

    def said(self, word: str) -> tuple[str, ...]:
        """The ids of the concepts and wider words that a vendor calls so, whichever vendor it is."""
        return tuple(sorted(self._said.get(folded(word), ())))

    def name(self, id: str, language: str) -> str | None:
        concept = self.concepts.get(id)
        return None if concept is None else concept.names.get(_language(language))

    def label_id(self, vocabulary: str, name: str, language: str) -> str:
        """The id of a vendor's label: by alias, else by what a concept is called in that language, else the word."""
        found = self._aliases.get((vocabulary, name)) or self._names.get((_language(language), name))
        return found or f"{vocabulary}:{name}"

    def resolve(self, word: str) -> frozenset[str]:
        """Every id that a search word means: concept, descendants, and the vendors' words that rows may still carry."""
        word = word.strip()
        vocabulary, colon, name = word.partition(":")
        if colon and vocabulary in self.vocabularies:
            concept = self._aliases.get((vocabulary, name))
            return frozenset({word}) | (self._family(concept) if concept else frozenset())
        found = self._words.get(folded(word))
        shown = frozenset[str]().union(*(self._family(id) for id in self._shown.get(folded(word), ())))
        if found is not None:
            return self._meant(found) | shown
        # One vendor's alias may be another vendor's label that no concept has.
        raw = frozenset(f"{vocabulary}:{word}" for vocabulary in self.vocabularies)
        return raw.union(shown, *(self._meant(id) for id in self._said.get(folded(word), ())))

    def also_showing(self, names: Iterable[tuple[str, str]]) -> Taxonomy:
        """The same, which understands these names too when somebody types them: pairs of a label's id and a name that
        policies show it by. Of several labels that one name is shown for, `named` gives the first."""
        other = copy.copy(self)
        other._shown = self.shown(names)
        return other

    def shown(self, names: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
        """The ids, under the folded name that they are shown by, which would not be understood by that name."""
        found: dict[str, tuple[str, ...]] = {}
        for id, name in names:
            word = folded(name)
            if word and id not in (self._words.get(word), f"{USER}:{word}", *found.get(word, ())):
                found[word] = (*found.get(word, ()), id)
        return found

    def named(self, word: str) -> str | None:
        """The id of the concept or the wider word that has this id or is called so in any language; a vendor's word as
        its id: the concept that lists it, else itself. None: nothing is called so."""
        word = word.strip()
        vocabulary, colon, name = word.partition(":")
        if colon and vocabulary in self.vocabularies and name:
            return self._aliases.get((vocabulary, name), word)
        return self._words.get(folded(word)) or next(iter(self._shown.get(folded(word), ())), None)

    def is_shown(self, word: str) -> bool:
        """Whether the word is understood as a name that policies show a label by."""
        return folded(word) in self._shown

    def suggest(self, word: str) -> tuple[str, ...]:
        """Up to three names that somebody may have meant who mistyped one."""
        return spelling.suggested(folded(word), self.spellings)

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Every id, name and other name as somebody may type it: what is suggested for it."""
        spellings: dict[str, str] = {}
        for named in self._everything():
            also = named.also if isinstance(named, Concept) else {}
            spellings.update(
                (folded(name), name) for name in (*named.names.values(), *(name for _, name in _pairs(also)))
            )
            spellings.setdefault(folded(named.id), named.names.get("en", named.id))
        return spellings

    def _enter(self, concept: Concept) -> None:
        parent = self.concepts.get(concept.parent) if concept.parent is not None else None
        if (parent.level if parent else 0) != concept.level - 1 or (parent is None) != (concept.parent is None):
            raise ValueError(f"{concept.id!r} is at level {concept.level}, so {concept.parent!r} cannot be its parent")
        if parent is not None:
            self._children.setdefault(parent.id, []).append(concept.id)
        for language, first in concept.names.items():
            for name in (first, *concept.also.get(language, ())):
                if (other := self._names.setdefault((language, name), concept.id)) != concept.id:
                    raise ValueError(f"{other!r} and {concept.id!r} are both called {name!r}")
        for vocabulary, aliases in concept.aliases.items():
            for alias in aliases:
                if (other := self._aliases.setdefault((vocabulary, alias), concept.id)) != concept.id:
                    raise ValueError(f"{other!r} and {concept.id!r} both have the alias {vocabulary}:{alias}")

    def _check(self, named: Concept | Wider) -> None:
        """ValueError for an alias that is another's name or alias too: a vendor's word means one thing."""
        for vocabulary, alias in _pairs(named.aliases):
            if vocabulary not in self.vocabularies:
                raise ValueError(f"{named.id!r} has aliases of an unknown vocabulary {vocabulary!r}")
            found = {self._aliases.get((vocabulary, alias)), *(self._names.get((tag, alias)) for tag in named.names)}
            if others := found - {None, named.id}:
                raise ValueError(f"{named.id!r} has the alias {vocabulary}:{alias}, which means {others.pop()!r}")

    def _everything(self) -> Iterator[Concept | Wider]:
        yield from self.concepts.values()
        yield from self.wider.values()

    @cached_property
    def _words(self) -> dict[str, str]:
        """What somebody may type, and whose name or id it is. Made at the first search: labelling never asks.

        ValueError for a word of two concepts: letters' case and hyphens do not tell them apart.
        """
        words: dict[str, str] = {}
        for named in self._everything():
            also = named.also if isinstance(named, Concept) else {}
            for word in (named.id, *named.names.values(), *(name for _, name in _pairs(also))):
                if (other := words.setdefault(folded(word), named.id)) != named.id:
                    raise ValueError(f"{other!r} and {named.id!r} are both found by {word!r}")
        return words

    @cached_property
    def _said(self) -> dict[str, set[str]]:
        """The aliases as somebody may type them, without their vocabulary."""
        said: dict[str, set[str]] = {}
        for named in self._everything():
            for _, alias in _pairs(named.aliases):
                said.setdefault(folded(alias), set()).add(named.id)
        return said

    def _meant(self, id: str) -> frozenset[str]:
        """A concept's family; of a wider word those of its members, and the vendors' labels that are called so."""
        if id not in self.wider:
            return self._family(id)
        word = self.wider[id]
        called = {f"{vocabulary}:{name}" for vocabulary in self.vocabularies for name in word.names.values()}
        called.update(f"{vocabulary}:{alias}" for vocabulary, alias in _pairs(word.aliases))
        return frozenset(called).union(*(self._family(member) for member in word.members))

    def _family(self, id: str) -> frozenset[str]:
        """The concept and all below it, and the vendors' words for each as ids: rows of before the word was known."""
        concept = self.concepts.get(id)
        if concept is None:  # a vendor's word
            return frozenset({id})
        family = {id, *(f"{vocabulary}:{alias}" for vocabulary, alias in _pairs(concept.aliases))}
        family.update(f"{vocabulary}:{name}" for vocabulary in self.vocabularies for _, name in _pairs(concept.also))
        return frozenset(family).union(*(self._family(child) for child in self._children.get(id, ())))


def load(vocabularies: Iterable[str] = ()) -> Taxonomy:
    """The project's taxonomy, read once. A concept added later lists as aliases the words it was recorded under.

    A label may be a word of `vocabularies` and of those that the data name.
    """
    own = _load(frozenset())
    more = frozenset(vocabularies).difference(own.vocabularies)
    return _load(more) if more else own


@lru_cache(maxsize=2)
def _load(more: frozenset[str]) -> Taxonomy:
    data = json.loads(Path(__file__).with_name("taxonomy.json").read_bytes())
    entries = (*data["concepts"], *data["wider"])
    vocabularies = more.union(*(entry.get("aliases", ()) for entry in entries))
    concepts = (
        Concept(
            entry["id"],
            entry["level"],
            entry["parent"],
            entry["names"],
            _lists(entry, "aliases"),
            _lists(entry, "also"),
        )
        for entry in data["concepts"]
    )
    wider = (
        Wider(entry["id"], entry["names"], tuple(entry["members"]), _lists(entry, "aliases")) for entry in data["wider"]
    )
    return Taxonomy(concepts, data["version"], wider, vocabularies)


def _lists(entry: Mapping[str, Mapping[str, list[str]]], field: str) -> Mapping[str, tuple[str, ...]]:
    return {key: tuple(names) for key, names in entry[field].items()} if field in entry else _NOTHING


def _pairs(lists: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Each key with each of its names."""
    return ((key, name) for key, names in lists.items() for name in names)


def _language(tag: str) -> str:
    return _LANGUAGES.get(tag.lower(), tag)


def folded(word: str) -> str:
    """Letters' case and the hyphens of an id do not matter to somebody who types a word."""
    return " ".join(word.replace("-", " ").casefold().split())
