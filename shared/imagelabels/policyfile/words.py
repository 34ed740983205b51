"""This module translates the words in a rule into ids.

A word is an id, a name in either language, or a vendor's word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from imagelabels.domain.taxonomy import Taxonomy, folded

V = TypeVar("V")
Complain = Callable[[Sequence[str], str], None]
"""The function gets the place in the rule (a key, and perhaps a word behind it), and what is wrong there."""


class RuleWords:
    """The words of one rule. If a word is wrong, `complain` gets the reason, and the word is left out."""

    def __init__(self, taxonomy: Taxonomy, complain: Complain) -> None:
        self._taxonomy, self._complain = taxonomy, complain

    def labels(self, field: str, words: Iterable[str]) -> tuple[str, ...]:
        """Return the ids in order. A wider word (`animal`) becomes its categories."""
        return tuple(sorted({label_id for word in words for label_id in self._ids(field, word)}))

    def thresholds(self, shares: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        """Return the threshold of each id. One for a label itself takes precedence over one for a wider word."""
        ids_by_word = {word: self._ids("thresholds", word) for word in shares}
        wide = {label_id: shares[word] for word, ids in ids_by_word.items() if len(ids) > 1 for label_id in ids}
        own = self._table("thresholds", {word: shares[word] for word, ids in ids_by_word.items() if len(ids) == 1})
        return _pairs(wide | {label_id: share for label_id, (_, share) in own.items()})

    def renames(self, new_names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Return the new name of each id. No name may be another label's, because people could not tell them apart."""
        table = self._table("rename", new_names)
        owners = {label_id: self._taxonomy.named(name) for label_id, (_, name) in table.items()}
        if cycle := _cycle({label_id: owner for label_id, owner in owners.items() if owner not in (None, label_id)}):
            self._complain(("rename", table[cycle[0]][0]), f"a cycle: {' -> '.join(cycle)}")
            return ()
        names: dict[str, str] = {}
        for label_id, (word, name) in table.items():
            if (owner := owners[label_id] or names.setdefault(folded(name), label_id)) != label_id:
                why = f"{name!r} is what {owner} is called; to make one label of the two, use map"
                self._complain(("rename", word), why)
        return _pairs({label_id: name for label_id, (_, name) in table.items()})

    def maps(self, target_words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Return the last label of the chain that begins at each id."""
        table = self._table("map", target_words)
        targets: dict[str, str] = {}
        for label_id, (word, target_word) in table.items():
            target = self._single_id("map", target_word)
            if target is not None and target not in self._taxonomy.concepts:
                self._complain(("map", word), f"{target_word!r} is a vendor's word: map to a label of ours")
            elif target is not None:
                targets[label_id] = target
        if cycle := _cycle(targets):
            self._complain(("map", table[cycle[0]][0]), f"a cycle: {' -> '.join(cycle)}")
            return ()
        for label_id in targets:
            while (further := targets.get(targets[label_id])) is not None:
                targets[label_id] = further
        return _pairs(targets)

    def _ids(self, field: str, word: str) -> tuple[str, ...]:
        """Return the ids that the word names: several for a wider word, and none for an unknown word."""
        word_id = self._taxonomy.named(word)
        if word_id is None:
            from imagelabels.domain.unknown_words import hint  # A policy without mistakes need not load it.

            self._complain(
                (field, word), f"no label is called {word!r}: {hint(word, self._taxonomy) or self._every_label()}"
            )
            return ()
        wider = self._taxonomy.wider.get(word_id)
        return (word_id,) if wider is None else wider.members

    def _every_label(self) -> str:
        vendors = " or ".join(f"{vocabulary}:WORD" for vocabulary in self._taxonomy.vocabularies)
        return f"`imagelabels labels` lists all labels, and a vendor's own word is written as {vendors}"

    def _single_id(self, field: str, word: str) -> str | None:
        ids = self._ids(field, word)
        if len(ids) > 1:
            self._complain((field, word), f"{word!r} is a word for several labels; name one of {', '.join(ids)}")
        return ids[0] if len(ids) == 1 else None

    def _table(self, field: str, values: Mapping[str, V]) -> dict[str, tuple[str, V]]:
        """Return for each id the word that names it and the word's value."""
        table: dict[str, tuple[str, V]] = {}
        for word, value in values.items():
            if (label_id := self._single_id(field, word)) is not None:
                if label_id in table:
                    self._complain((field, word), f"{table[label_id][0]!r} and {word!r} are the same label")
                table[label_id] = (word, value)
        return table


def _pairs(values: Mapping[str, V]) -> tuple[tuple[str, V], ...]:
    return tuple(sorted(values.items(), key=lambda pair: pair[0]))


def _cycle(steps: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the ids of a cycle, with the first id again at the end; return nothing if there is no cycle."""
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
