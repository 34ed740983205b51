"""What a person said of a picture against its detector: labels that are not so, and labels that are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from imagelabels.domain.model import Corrections, Label
from imagelabels.domain.policy import Chosen, Policy, Verdict, lineage, rank, shown_name
from imagelabels.domain.taxonomy import USER, Taxonomy, folded

LONGEST = 100
"""Characters of a word that is added."""

_NOTHING: Mapping[str, tuple[str, ...]] = {}


def merged(
    old: Corrections,
    without: Iterable[str],
    add: Iterable[str],
    taxonomy: Taxonomy,
    answered: Iterable[str] = (),
    shown: Iterable[tuple[str, str]] = (),
) -> Corrections:
    """The old ones and what is said now, which wins where it contradicts. ValueError says which word cannot be taken.

    `answered`: ids of the detector's labels, which may be called by their ids. `shown`: ids and the names that labels
    are shown by, in the policy and in the row: a word that only they explain is kept as the id, which stays the same
    when names change.
    """
    names = taxonomy.shown(shown)
    known = {*answered, *(added_id(word, taxonomy) for word in old.add)}
    known.update(id for word in old.without for id in _meant(word, taxonomy))
    denied = [other for word in map(_plain, without) for other in _denied(word, known, names, taxonomy)]
    gone = {word: _checked(word, known, taxonomy) for word in denied}
    come = {word: added_id(word, taxonomy) for word in (_spelled(_plain(word), names, taxonomy) for word in add)}
    for word, id in come.items():
        if taxonomy.named(word) in taxonomy.wider:
            raise ValueError(f"{word} is a wider word, for searching: add what the picture shows, as dog for animal")
        for other, ids in gone.items():
            if not ids.isdisjoint(_line(id, taxonomy)):
                raise ValueError(f"{word} is kept away by --not {other}: say one of the two")
    all_gone = frozenset[str]().union(*gone.values())
    kept_add = [w for w in old.add if all_gone.isdisjoint(_line(added_id(w, taxonomy), taxonomy))]
    lines = {id for added in come.values() for id in _line(added, taxonomy)}
    kept_without = [word for word in old.without if _meant(word, taxonomy).isdisjoint(lines)]
    return replace(
        old, without=tuple(dict.fromkeys((*kept_without, *gone))), add=tuple(dict.fromkeys((*kept_add, *come)))
    )


def corrected(chosen: Chosen, said: Corrections, policy: Policy, taxonomy: Taxonomy) -> Chosen:
    """The policy's choice as a person corrected it.

    A label that is not so goes with all that is below it: what is no dog is no husky. One that is added is as sure as
    can be, whatever the policy says of it.
    """
    away = frozenset[str]().union(*(_meant(word, taxonomy) for word in said.without))

    def is_away(label: Label) -> bool:
        return not away.isdisjoint(lineage(label.id, chosen.ancestors.get(label.id, ()), taxonomy))

    names = taxonomy.shown(policy.rename) if policy.rename else _NOTHING
    labels = (_added(_spelled(word, names, taxonomy), policy, taxonomy) for word in said.add)
    added = list({label.id: label for label in labels}.values())
    new = {label.id for label in added}
    stay = [label for label in chosen.labels if label.id not in new and not is_away(label)]
    ancestors = {label.id: chosen.ancestors[label.id] for label in stay}
    ancestors |= {label.id: taxonomy.ancestors(label.id) for label in added}
    verdicts = [
        verdict._replace(cause="not_so") if verdict.kept and is_away(verdict.label) else verdict
        for verdict in chosen.verdicts
        if verdict.label.id not in new
    ]
    verdicts += [Verdict(label.id, label, "added") for label in added]
    ordered = sorted(verdicts, key=lambda verdict: rank(verdict.label))
    return Chosen(tuple(sorted((*stay, *added), key=rank)), ancestors, tuple(ordered))


def added_id(word: str, taxonomy: Taxonomy) -> str:
    """The id of a word that somebody adds: the concept that is called so, a vendor's word as it is, else the user's."""
    found = taxonomy.named(word)
    return user_id(word) if found is None or found in taxonomy.wider else found


def user_id(word: str) -> str:
    """The same for all spellings in which letters' case, hyphens and spaces differ."""
    name = word.strip().casefold().removeprefix(f"{USER}:")
    return f"{USER}:{' '.join(name.replace('-', ' ').split())}"


def _plain(word: str) -> str:
    plain = " ".join(word.split())
    if not plain or not plain.isprintable() or len(plain) > LONGEST or user_id(plain) == f"{USER}:":
        raise ValueError(f"{word!r} is no word for a label: it takes 1 to {LONGEST} characters that can be printed")
    return plain


def _spelled(word: str, names: Mapping[str, tuple[str, ...]], taxonomy: Taxonomy) -> str:
    """A word that is added, as the id of the label that is shown by that name, unless the taxonomy knows the word."""
    ids = names.get(folded(word), ())
    return ids[0] if ids and taxonomy.named(word) is None else word


def _denied(word: str, known: set[str], names: Mapping[str, tuple[str, ...]], taxonomy: Taxonomy) -> tuple[str, ...]:
    """A word that is not so, and the ids of all labels that are shown by that name: a person cannot tell them apart."""
    ids = names.get(folded(word), ())
    is_word = not ids or taxonomy.named(word) is not None or user_id(word) in known
    return (*([word] if is_word else []), *ids)


def _meant(word: str, taxonomy: Taxonomy) -> frozenset[str]:
    return taxonomy.resolve(word) | {user_id(word)}


def _line(id: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    return (id, *taxonomy.ancestors(id))


def _checked(word: str, known: set[str], taxonomy: Taxonomy) -> frozenset[str]:
    ids = _meant(word, taxonomy)
    if taxonomy.named(word) is None and ids.isdisjoint(known):
        like = taxonomy.suggest(word)
        hint = f": did you mean {', '.join(like)}?" if like else ""
        raise ValueError(f"nothing is called {word}, and the picture has no such label{hint}")
    return ids


def _added(word: str, policy: Policy, taxonomy: Taxonomy) -> Label:
    id = added_id(word, taxonomy)
    concept = taxonomy.concepts.get(id)
    level, parent = (concept.level, concept.parent) if concept is not None else (1, None)
    vocabulary, colon, rest = word.partition(":")
    name = rest if colon and vocabulary in taxonomy.kinds else word
    label = Label(id, name, policy.language, level, parent, 1.0, None)
    return replace(label, name=shown_name(label, policy, taxonomy))
