"""The taxonomy says what labels mean: concepts in three levels, with names in two languages and the vendors' words."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from imagelabels.domain.concept import Concept, Wider

USER = "user"
"""The vocabulary of words that people add and that belong to no concept."""

_NOTHING: Mapping[str, tuple[str, ...]] = {}

_LANGUAGES = {"en-us": "en", "en-gb": "en", "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-hans-cn": "zh-Hans"}


class Taxonomy:
    """The concepts, which can be found by id, by name and by a vendor's word."""

    def __init__(
        self, concepts: Iterable[Concept], version: int, wider: Iterable[Wider] = (), vocabularies: Iterable[str] = ()
    ) -> None:
        """Check and index the concepts. A label may be a word of one of the `vocabularies`.

        It raises ValueError if two concepts have the same id, name or alias, or if a parent is not one level above.
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
            strangers = [member for member in word.members if member not in known or known[member].level != 1]
            if word.id in known or strangers:
                raise ValueError(f"{word.id!r} cannot be the wider word for {strangers or 'itself'}")
            for name in word.names.items():
                if (other := self._names.get(name)) is not None:
                    raise ValueError(f"{other!r} and {word.id!r} are both called {name[1]!r}")
            self._check(word)
        for concept in known.values():
            self._check(concept)

    @property
    def id_prefixes(self) -> tuple[str, ...]:
        """The texts that may stand before the colon of a label id that is not a concept's id."""
        return (*self.vocabularies, USER)

    def ancestors(self, label_id: str) -> tuple[str, ...]:
        """Return the ids above a concept, nearest first; there are none for an id that is not a concept's."""
        known = self._lineages.get(label_id)
        if known is None:
            concept = self.concepts.get(label_id)
            if concept is None or concept.parent is None:
                return ()
            known = self._lineages[label_id] = (concept.parent, *self.ancestors(concept.parent))
        return known

    def category(self, label_id: str) -> str | None:
        """Return the level-1 concept of a concept, which may be itself; None for an id that is not a concept's."""
        return (label_id, *self.ancestors(label_id))[-1] if label_id in self.concepts else None

    def children(self, word_id: str) -> tuple[str, ...]:
        """Return the ids directly below a concept or a wider word. Those of a wider word are categories."""
        return self.wider[word_id].members if word_id in self.wider else tuple(self._children.get(word_id, ()))

    def ids_of_alias(self, word: str) -> tuple[str, ...]:
        """Return the ids of the concepts and wider words for which some vendor uses this word."""
        return tuple(sorted(self._ids_by_alias.get(folded(word), ())))

    def name(self, label_id: str, language: str) -> str | None:
        """Return the concept's name in a language; None for an id that is not a concept's."""
        concept = self.concepts.get(label_id)
        return None if concept is None else concept.names.get(_language(language))

    def label_id(self, vocabulary: str, name: str, language: str) -> str:
        """Return the id for a vendor's word: the concept with this alias or name, or else an id made of the word."""
        concept_id = self._aliases.get((vocabulary, name)) or self._names.get((_language(language), name))
        return concept_id or f"{vocabulary}:{name}"

    def _vendors_word(self, vocabulary: str, name: str) -> str | None:
        """Return the concept that a vendor's word means, in whatever language it is; None if there is none."""
        by_name = (self._names.get((language, name)) for language in dict.fromkeys(_LANGUAGES.values()))
        return self._aliases.get((vocabulary, name)) or next((found for found in by_name if found), None)

    def resolve(self, word: str) -> frozenset[str]:
        """Return every id that a search word means, with the vendors' words for it, which older rows may hold."""
        word = word.strip()
        vocabulary, colon, name = word.partition(":")
        if colon and vocabulary in self.vocabularies:
            concept = self._vendors_word(vocabulary, name)
            return frozenset({word}) | (self._family(concept) if concept else frozenset())
        word_id = self._words.get(folded(word))
        shown = frozenset[str]().union(*(self._family(label_id) for label_id in self._shown.get(folded(word), ())))
        if word_id is not None:
            return self._meant(word_id) | shown
        # One vendor's alias may be another vendor's word that belongs to no concept.
        raw = frozenset(f"{vocabulary}:{word}" for vocabulary in self.vocabularies)
        return raw.union(shown, *(self._meant(alias_id) for alias_id in self._ids_by_alias.get(folded(word), ())))

    def also_showing(self, names: Iterable[tuple[str, str]]) -> Taxonomy:
        """Return a taxonomy that also understands names by which policies show labels: pairs of an id and a name."""
        other = copy.copy(self)
        other._shown = self.ids_by_shown_name(names)
        return other

    def ids_by_shown_name(self, names: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
        """Return the ids by folded name, without ids that this taxonomy finds under the name already."""
        ids: dict[str, tuple[str, ...]] = {}
        for label_id, name in names:
            word = folded(name)
            if word and label_id not in (self._words.get(word), f"{USER}:{word}", *ids.get(word, ())):
                ids[word] = (*ids.get(word, ()), label_id)
        return ids

    def named(self, word: str) -> str | None:
        """Return the id of the concept or the wider word with this id or name, or None if nothing has this name.

        For a vendor's word with its vocabulary (`imm:露营`) it is the concept that the word means, or else the word
        itself. If policies show several labels by the name, it is the first of them.
        """
        word = word.strip()
        vocabulary, colon, name = word.partition(":")
        if colon and vocabulary in self.vocabularies and name:
            return self._vendors_word(vocabulary, name) or word
        return self._words.get(folded(word)) or next(iter(self._shown.get(folded(word), ())), None)

    def is_shown(self, word: str) -> bool:
        """Return whether the word is a name by which policies show a label."""
        return folded(word) in self._shown

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Every id and name in the form in which it is compared, with the name that is suggested for it."""
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
        """Raise ValueError if an alias is also a name or an alias of another: a vendor's word must have one meaning."""
        for vocabulary, alias in _pairs(named.aliases):
            if vocabulary not in self.vocabularies:
                raise ValueError(f"{named.id!r} has aliases of an unknown vocabulary {vocabulary!r}")
            owners = {self._aliases.get((vocabulary, alias)), *(self._names.get((tag, alias)) for tag in named.names)}
            if others := owners - {None, named.id}:
                raise ValueError(f"{named.id!r} has the alias {vocabulary}:{alias}, which means {others.pop()!r}")

    def _everything(self) -> Iterator[Concept | Wider]:
        yield from self.concepts.values()
        yield from self.wider.values()

    @cached_property
    def _words(self) -> dict[str, str]:
        """The ids by the folded words that people may type; ValueError if two concepts have the same word."""
        words: dict[str, str] = {}
        for named in self._everything():
            also = named.also if isinstance(named, Concept) else {}
            for word in (named.id, *named.names.values(), *(name for _, name in _pairs(also))):
                if (other := words.setdefault(folded(word), named.id)) != named.id:
                    raise ValueError(f"{other!r} and {named.id!r} are both found by {word!r}")
        return words

    @cached_property
    def _ids_by_alias(self) -> dict[str, set[str]]:
        """The aliases in the form in which they are compared, without their vocabulary, with the ids that have them."""
        ids: dict[str, set[str]] = {}
        for named in self._everything():
            for _, alias in _pairs(named.aliases):
                ids.setdefault(folded(alias), set()).add(named.id)
        return ids

    def _meant(self, word_id: str) -> frozenset[str]:
        """Return the family of a concept, or for a wider word the families of its members and the vendors' words."""
        if word_id not in self.wider:
            return self._family(word_id)
        word = self.wider[word_id]
        called = {f"{vocabulary}:{name}" for vocabulary in self.vocabularies for name in word.names.values()}
        called.update(f"{vocabulary}:{alias}" for vocabulary, alias in _pairs(word.aliases))
        return frozenset(called).union(*(self._family(member) for member in word.members))

    def _family(self, label_id: str) -> frozenset[str]:
        """Return a concept, all concepts below it, and the vendors' words for each, which older rows hold as ids."""
        concept = self.concepts.get(label_id)
        if concept is None:  # it is a vendor's word
            return frozenset({label_id})
        family = {label_id, *(f"{vocabulary}:{alias}" for vocabulary, alias in _pairs(concept.aliases))}
        family.update(f"{vocabulary}:{name}" for vocabulary in self.vocabularies for _, name in _pairs(concept.also))
        if concept.since:
            names = {concept.id, *concept.names.values(), *(name for _, name in _pairs(concept.also))}
            names.update([folded(name) for name in names])  # that is how the words of people are kept
            family.update(f"{prefix}:{name}" for name in names for prefix in self.id_prefixes)
        return frozenset(family).union(*(self._family(child) for child in self._children.get(label_id, ())))


def load(vocabularies: Iterable[str] = ()) -> Taxonomy:
    """Return the project's taxonomy, which is read once.

    A label may be a word of `vocabularies` and of those in the data file.
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
            entry.get("since", 0),
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
    """Yield each key with each of its names."""
    return ((key, name) for key, names in lists.items() for name in names)


def _language(tag: str) -> str:
    return _LANGUAGES.get(tag.lower(), tag)


def folded(word: str) -> str:
    """Return the form in which words are compared, without differences in upper and lower case, hyphens and spaces."""
    return " ".join(word.replace("-", " ").casefold().split())
