"""Searches an index for the words that people type, and says which of them no label is called by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from imagelabels.domain import measured
from imagelabels.domain.corrections import user_id
from imagelabels.domain.query import ANY, Counts, Page, Query, Term
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.domain.words import NEEDS, Words
from imagelabels.ports import LabelIndex


@dataclass(frozen=True, slots=True)
class Typed:
    """Words as a person typed them. A word may say how sure its labels must be, as dog:0.8; `least` is for the others.

    A name that is known stays one, whatever it ends in, and so does a vendor's word: imm:7.
    """

    all_of: Sequence[str] = ()
    """A picture must show all of these."""
    any_of: Sequence[str] = ()
    """A picture must show at least one of these, if there are any."""
    none_of: Sequence[str] = ()
    """A picture must show none of these."""
    least: float = 0.0


def search(index: LabelIndex, words: Words, typed: Typed, conditions: Query) -> tuple[Page, list[str]]:
    """Find a page of pictures that show what was typed and meet the conditions, with hints for the person who typed.

    ValueError says which word, condition or page token cannot be meant.
    """
    page = index.search(question(words, typed, conditions))
    return page, _hints_after(words, typed, not page.records)


def count(index: LabelIndex, words: Words, typed: Typed, conditions: Query) -> tuple[Counts, list[str]]:
    """Count the pictures that match, and by what; hints and ValueError are those of `search`."""
    counts = index.count(question(words, typed, conditions))
    return counts, _hints_after(words, typed, counts.total == 0)


def question(words: Words, typed: Typed, conditions: Query | None = None) -> Query:
    """Make a query of the conditions and the words; a wide word means what is below it too.

    ValueError: the number behind a word's last colon is no confidence.
    """

    def terms(typed_words: Iterable[str]) -> tuple[Term, ...]:
        return tuple(_term(words, word, typed.least) for word in typed_words)

    return replace(
        conditions or Query(),
        all_of=terms(typed.all_of),
        any_of=terms(typed.any_of),
        none_of=terms(typed.none_of),
    )


def state_searched(state: str | None, reason: str) -> str:
    """Choose the state to search where none is named: a reason or a note may stand in a row of any state."""
    return state or (ANY if reason else "labelled")


def hints(words: Words, typed: Iterable[str]) -> list[str]:
    """Write a line for each word that no label of ours is called by, saying what may have been meant or why there is
    none, and for each label that the embedded model never gives, or gives only with a setting."""
    names = dict.fromkeys(_parted(words, word)[0].strip() for word in typed)
    return [hint for name in names if (hint := _hint(words, name))]


def offered(taxonomy: Taxonomy, ids: Iterable[str]) -> str:
    """Name labels to try, in words that a search takes."""
    return " or ".join(f"{_named(taxonomy, label_id)} ({label_id})" for label_id in ids)


def hints_after(words: Words, wanted: Sequence[str], unwanted: Sequence[str], nothing_matched: bool) -> list[str]:
    """Write the hints for a person who searched. A word that nothing is called by is worth a line where it is why
    nothing matched. A word to leave out is one always: mistyped, it leaves nothing out. If only one word was wanted and
    it is a label's, the wider label is named: a detector that is not sure enough of a thing gives that alone. If there
    is none to name, a label that the embedded model seldom gives is told to be so."""
    if not nothing_matched:
        return hints(words, unwanted)
    said = hints(words, wanted)
    if len(wanted) == 1 and not said:
        name = _parted(words, wanted[0])[0].strip()
        said = _wider_hint(words, name) or _seldom_hint(words, name)
    return list(dict.fromkeys((*said, *hints(words, unwanted))))


def _hints_after(words: Words, typed: Typed, nothing_matched: bool) -> list[str]:
    return hints_after(words, (*typed.all_of, *typed.any_of), typed.none_of, nothing_matched)


def _wider_hint(words: Words, name: str) -> list[str]:
    wider = words.wider(name)
    often = "pictures often get only the wider label"
    return [] if wider is None else [f"{name}: {often}: try {offered(words.taxonomy, [wider])}"]


def _seldom_hint(words: Words, name: str) -> list[str]:
    meant = words.meant(name)
    counts = measured.load().get(meant[0]) if len(meant) == 1 else None
    if counts is None or counts.right >= counts.there / 2:
        return []
    seldom = f"the embedded model gave {offered(words.taxonomy, meant)} to only {counts.right} of the {counts.there}"
    return [f"{name}: {seldom} measured pictures that show it: a lower threshold finds more"]


def _hint(words: Words, name: str) -> str:
    vocabulary, colon, _ = name.partition(":")
    if not name or (colon and vocabulary in words.taxonomy.id_prefixes):
        return ""
    if silent := words.silent(name):
        why = f"never gives {offered(words.taxonomy, silent)}, which was wrong too often"
        return f"{name}: the embedded model {why}{_tried(words, filter(None, silent.values()))}"
    if meant := words.meant(name):
        needed = [NEEDS[label_id] for label_id in meant if label_id in NEEDS]
        gives = f"{name}: the embedded model gives {offered(words.taxonomy, meant)} only with {' and '.join(needed)}"
        return gives if len(needed) == len(meant) else ""
    if (unsaid := words.unsaid(name)) is not None:
        return f"{name}: the embedded model {unsaid.why}{_tried(words, unsaid.near)}"
    if alike := words.alike(name):
        return f"nothing is called {name}: did you mean {', '.join(alike)}?"
    return f"no label of ours is called {name}: `imagelabels labels` lists them"


def _tried(words: Words, ids: Iterable[str]) -> str:
    wider = offered(words.taxonomy, dict.fromkeys(ids))
    return f": try {wider}" if wider else ""


def _named(taxonomy: Taxonomy, label_id: str) -> str:
    return (taxonomy.wider[label_id] if label_id in taxonomy.wider else taxonomy.concepts[label_id]).names["en"]


def _term(words: Words, word: str, least: float) -> Term:
    name, own = _parted(words, word)
    if own is not None and not 0 <= own <= 1:
        raise ValueError(f"{word}: a confidence is from 0 to 1; a word that ends in such a number is asked as {word}:0")
    ids = words.ids(name)
    if (words.taxonomy.named(name) is None or words.taxonomy.is_shown(name)) and name.strip():
        ids |= {user_id(name)}  # perhaps somebody's own word
    return Term(ids, least if own is None else own)


def _parted(words: Words, word: str) -> tuple[str, float | None]:
    """Part what was typed into the name, and the number behind it where that is not part of the name."""
    name, _, end = word.rpartition(":")
    if not name.strip() or name.strip() in words.taxonomy.id_prefixes or words.meant(word):
        return word, None
    try:
        return name, float(end)
    except ValueError:
        return word, None
