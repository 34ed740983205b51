"""Corrections by people: the labels that a person rejected or added for a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from imagelabels.domain.model import Corrections, Label
from imagelabels.domain.policy import Chosen, Policy, Verdict, lineage, rank, shown_name
from imagelabels.domain.taxonomy import USER, Taxonomy, folded

LONGEST = 100
"""A word that a person gives has at most this many characters."""

_NOTHING: Mapping[str, tuple[str, ...]] = {}


def merged(
    old: Corrections,
    without: Iterable[str],
    add: Iterable[str],
    taxonomy: Taxonomy,
    answered: Iterable[str] = (),
    shown: Iterable[tuple[str, str]] = (),
) -> Corrections:
    """Return the old corrections with the new words, which replace old ones that they contradict.

    It raises ValueError, which names the word, if a word cannot be used. `answered` are the ids of the detector's
    labels, because a person may use these ids as words. `shown` pairs ids with the names that the policy and the row
    show for them. A word that only such a name explains is stored as the id, because the id stays when names change.
    """
    names = taxonomy.ids_by_shown_name(shown)
    known = {*answered, *(added_id(word, taxonomy) for word in old.add)}
    known.update(label_id for word in old.without for label_id in _meant(word, taxonomy))
    rejected_words = [other for word in map(_plain, without) for other in _rejected(word, known, names, taxonomy)]
    rejected = {word: _checked(word, known, taxonomy) for word in rejected_words}
    added = {word: added_id(word, taxonomy) for word in (_spelled(_plain(word), names, taxonomy) for word in add)}
    for word, label_id in added.items():
        if (wider := taxonomy.wider.get(taxonomy.named(word) or "")) is not None:
            raise ValueError(
                f"{word} is a wider word, for searching only: add {' or '.join(wider.members)}, or a label below it"
            )
        for other, ids in rejected.items():
            if not ids.isdisjoint(_lineage(label_id, taxonomy)):
                raise ValueError(f"{word} is rejected by --not {other}: say one of the two")
    rejected_ids = frozenset[str]().union(*rejected.values())
    kept_add = [word for word in old.add if rejected_ids.isdisjoint(_lineage(added_id(word, taxonomy), taxonomy))]
    added_ids = {up for label_id in added.values() for up in _lineage(label_id, taxonomy)}
    kept_without = [word for word in old.without if _meant(word, taxonomy).isdisjoint(added_ids)]
    return replace(
        old, without=tuple(dict.fromkeys((*kept_without, *rejected))), add=tuple(dict.fromkeys((*kept_add, *added)))
    )


def corrected(chosen: Chosen, corrections: Corrections, policy: Policy, taxonomy: Taxonomy) -> Chosen:
    """Return the policy's choice with a person's corrections applied.

    A rejected label is removed together with all labels below it: a picture without a dog has no husky. An added label
    has the confidence 1, whatever the policy says about it.
    """
    rejected = frozenset[str]().union(*(_meant(word, taxonomy) for word in corrections.without))

    def is_rejected(label: Label) -> bool:
        return not rejected.isdisjoint(lineage(label.id, chosen.ancestors.get(label.id, ()), taxonomy))

    names = taxonomy.ids_by_shown_name(policy.rename) if policy.rename else _NOTHING
    labels = (_added(_spelled(word, names, taxonomy), policy, taxonomy) for word in corrections.add)
    added = list({label.id: label for label in labels}.values())
    new = {label.id for label in added}
    stay = [label for label in chosen.labels if label.id not in new and not is_rejected(label)]
    ancestors = {label.id: chosen.ancestors[label.id] for label in stay}
    ancestors |= {label.id: taxonomy.ancestors(label.id) for label in added}
    verdicts = [
        verdict._replace(cause="not_so") if verdict.kept and is_rejected(verdict.label) else verdict
        for verdict in chosen.verdicts
        if verdict.label.id not in new
    ]
    verdicts += [Verdict(label.id, label, "added") for label in added]
    ordered = sorted(verdicts, key=lambda verdict: rank(verdict.label))
    return Chosen(tuple(sorted((*stay, *added), key=rank)), ancestors, tuple(ordered))


def added_id(word: str, taxonomy: Taxonomy) -> str:
    """Return the id for a word that somebody adds: a concept's id, a vendor's word, or else a user's word."""
    label_id = taxonomy.named(word)
    return user_id(word) if label_id is None or label_id in taxonomy.wider else label_id


def user_id(word: str) -> str:
    """Return the id of a user's word. It does not depend on upper and lower case, hyphens and spaces."""
    name = word.strip().casefold().removeprefix(f"{USER}:")
    return f"{USER}:{' '.join(name.replace('-', ' ').split())}"


def _plain(word: str) -> str:
    plain = " ".join(word.split())
    if not plain or not plain.isprintable() or len(plain) > LONGEST or user_id(plain) == f"{USER}:":
        raise ValueError(f"{word!r} is no word for a label: use 1 to {LONGEST} characters, all printable")
    return plain


def _spelled(word: str, names: Mapping[str, tuple[str, ...]], taxonomy: Taxonomy) -> str:
    """Return the id of the label that is shown under this name, or the word itself if the taxonomy knows the word."""
    ids = names.get(folded(word), ())
    return ids[0] if ids and taxonomy.named(word) is None else word


def _rejected(word: str, known: set[str], names: Mapping[str, tuple[str, ...]], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return what a person rejects: the word, and all labels that are shown under it, which look the same to people."""
    ids = names.get(folded(word), ())
    is_word = not ids or taxonomy.named(word) is not None or user_id(word) in known
    return (*([word] if is_word else []), *ids)


def _meant(word: str, taxonomy: Taxonomy) -> frozenset[str]:
    return taxonomy.resolve(word) | {user_id(word)}


def _lineage(label_id: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    return (label_id, *taxonomy.ancestors(label_id))


def _checked(word: str, known: set[str], taxonomy: Taxonomy) -> frozenset[str]:
    ids = _meant(word, taxonomy)
    if taxonomy.named(word) is None and ids.isdisjoint(known):
        from imagelabels.domain.unknown_words import hint  # A function that takes no corrections need not load it.

        what_next = hint(word, taxonomy) or "`imagelabels why` shows the labels that it has"
        raise ValueError(f"nothing is called {word}, and the picture has no such label: {what_next}")
    return ids


def _added(word: str, policy: Policy, taxonomy: Taxonomy) -> Label:
    label_id = added_id(word, taxonomy)
    concept = taxonomy.concepts.get(label_id)
    level, parent = (concept.level, concept.parent) if concept is not None else (1, None)
    vocabulary, colon, rest = word.partition(":")
    name = rest if colon and vocabulary in taxonomy.id_prefixes else word
    label = Label(label_id, name, policy.language, level, parent, 1.0, None)
    return replace(label, name=shown_name(label, policy, taxonomy))
