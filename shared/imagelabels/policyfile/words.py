"""The labels that a rule names, as ids: a word is an id, a name in either language, or a vendor's word (`imm:露营`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from imagelabels.domain.taxonomy import Taxonomy, folded

V = TypeVar("V")
Complain = Callable[[Sequence[str], str], None]
"""Where in the rule (a key, and a word behind it), and what is wrong there."""


class Words:
    """Of one rule. What is wrong is complained of and left out."""

    def __init__(self, taxonomy: Taxonomy, complain: Complain) -> None:
        self._taxonomy, self._complain = taxonomy, complain

    def labels(self, field: str, words: Iterable[str]) -> tuple[str, ...]:
        """Ids in order; a wider word (`animal`) is its categories."""
        return tuple(sorted({id for word in words for id in self._ids(field, word)}))

    def thresholds(self, said: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        """What is named itself counts before what a wider word says of it."""
        named = {word: self._ids("thresholds", word) for word in said}
        wide = {id: said[word] for word, ids in named.items() if len(ids) > 1 for id in ids}
        own = self._table("thresholds", {word: said[word] for word, ids in named.items() if len(ids) == 1})
        return _pairs(wide | {id: value for id, (_, value) in own.items()})

    def renames(self, said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """No name may be another label's: nobody could tell them apart."""
        found = self._table("rename", said)
        owners = {id: self._taxonomy.named(name) for id, (_, name) in found.items()}
        if cycle := _cycle({id: owner for id, owner in owners.items() if owner not in (None, id)}):
            self._complain(("rename", found[cycle[0]][0]), f"a cycle: {' -> '.join(cycle)}")
            return ()
        names: dict[str, str] = {}
        for id, (word, name) in found.items():
            if (owner := owners[id] or names.setdefault(folded(name), id)) != id:
                why = f"{name!r} is what {owner} is called; to make one label of the two, use map"
                self._complain(("rename", word), why)
        return _pairs({id: name for id, (_, name) in found.items()})

    def maps(self, said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Each label with the last one of its chain."""
        found = self._table("map", said)
        targets: dict[str, str] = {}
        for id, (word, target) in found.items():
            to = self._one("map", target)
            if to is not None and to not in self._taxonomy.concepts:
                self._complain(("map", word), f"{target!r} is a vendor's word: map to a label of ours")
            elif to is not None:
                targets[id] = to
        if cycle := _cycle(targets):
            self._complain(("map", found[cycle[0]][0]), f"a cycle: {' -> '.join(cycle)}")
            return ()
        for id in targets:
            while (further := targets.get(targets[id])) is not None:
                targets[id] = further
        return _pairs(targets)

    def _ids(self, field: str, word: str) -> tuple[str, ...]:
        """What the word names: several for a wider word, none for an unknown one."""
        id = self._taxonomy.named(word)
        if id is None:
            near = self._taxonomy.suggest(word)
            hint = f": did you mean {' or '.join(near)}?" if near else "; docs/labels.md tells how to find one"
            self._complain((field, word), f"no label is called {word!r}{hint}")
            return ()
        wider = self._taxonomy.wider.get(id)
        return (id,) if wider is None else wider.members

    def _one(self, field: str, word: str) -> str | None:
        ids = self._ids(field, word)
        if len(ids) > 1:
            self._complain((field, word), f"{word!r} is a word for several labels; name one, as {ids[0]}")
        return ids[0] if len(ids) == 1 else None

    def _table(self, field: str, said: Mapping[str, V]) -> dict[str, tuple[str, V]]:
        """By id: the word and what it is given."""
        found: dict[str, tuple[str, V]] = {}
        for word, value in said.items():
            if (id := self._one(field, word)) is not None:
                if id in found:
                    self._complain((field, word), f"{found[id][0]!r} and {word!r} are the same label")
                found[id] = (word, value)
        return found


def _pairs(found: Mapping[str, V]) -> tuple[tuple[str, V], ...]:
    return tuple(sorted(found.items(), key=lambda pair: pair[0]))


def _cycle(steps: Mapping[str, str | None]) -> tuple[str, ...]:
    """One that the steps make, its first id again at the end; empty if there is none."""
    seen: set[str] = set()
    for start in steps:
        path: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in path and at not in seen:
            path[at] = None
            at = steps.get(at)
        if at is not None and at in path:
            ring = list(path)
            return (*ring[ring.index(at) :], at)
        seen.update(path)
    return ()
