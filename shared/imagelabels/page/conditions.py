"""What narrows a question down: labels below their categories, months, and the chips of what is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from imagelabels.domain.moments import moment
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.page.asked import HOWS, Asked, Word
from imagelabels.page.text import Text
from imagelabels.usecases import gallery as use
from imagelabels.usecases import scopes
from imagelabels.usecases.gallery import Facets, Gallery

MONTHS = 24
SURE = (0.0, 0.5, 0.8, 0.95)
"""A chip's menu offers these least confidences."""

BELOW = 14
"""So many labels are shown below a category."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A label that can be chosen, with the number of pictures that are left then."""

    id: str
    count: int
    level: int
    below: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """A month, with the number of pictures that the rest of the question finds in it."""

    first: date
    count: int
    inside: bool
    """The question asks for this month, or for no time at all."""
    chosen: bool
    """The question asks for this month only."""
    asked: Asked
    """The question for this month, or for any time if the month is chosen already."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition of the question."""

    how: str
    text: str
    off: Asked
    """The question without this condition."""
    sure: float = 0.0
    menu: tuple[tuple[str, Asked], ...] = ()
    """Other ways in which the word can count."""
    sures: tuple[tuple[float, Asked], ...] = field(default=())
    repeats_or: bool = False


def facets(counted: Facets, taxonomy: Taxonomy) -> list[Facet]:
    """Return the categories, each with the labels below it: things follow the group that they belong to."""
    counts = {**counted.labels, **counted.categories}
    tops = [name for name in counts if not _ancestors(name, counts, taxonomy)]
    tops.sort(key=lambda name: (-counts[name], name))
    return [Facet(top, counts[top], 1, tuple(_below(top, counts, taxonomy))[:BELOW]) for top in tops]


def _ancestors(label_id: str, counts: Iterable[str], taxonomy: Taxonomy) -> list[str]:
    return [up for up in taxonomy.ancestors(label_id) if up in counts]


def _below(top: str, counts: dict[str, int], taxonomy: Taxonomy) -> Iterator[Facet]:
    inside = [name for name in counts if top in taxonomy.ancestors(name)]
    inside.sort(key=lambda name: (-counts[name], name))
    for group in inside:
        if _ancestors(group, counts, taxonomy)[0] == top:
            yield Facet(group, counts[group], 2)
            things = (name for name in inside if group in taxonomy.ancestors(name))
            yield from (Facet(thing, counts[thing], 3) for thing in things)


def months(gallery: Gallery, asked: Asked, within: Sequence[str], now: int) -> list[Month]:
    """Count the pictures of each of the last months. Where all have been counted, older months are empty."""
    question = use.queried(gallery.words, replace(asked, start="", until="").question())
    left = scopes.count(gallery.index, question, within).total
    found: list[Month] = []
    first = moment(now).date().replace(day=1)
    for _ in range(MONTHS):
        one = replace(asked, start=first.isoformat(), until=_next_month(first).isoformat())
        count = _count(gallery, one, within) if left > 0 else 0
        left -= count
        chosen = (asked.start, asked.until) == (one.start, one.until)
        inside = (not asked.start or asked.start <= one.start) and (not asked.until or one.until <= asked.until)
        found.append(Month(first, count, inside, chosen, replace(asked, start="", until="") if chosen else one))
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]


def _count(gallery: Gallery, asked: Asked, within: Sequence[str]) -> int:
    return scopes.count(gallery.index, use.queried(gallery.words, asked.question()), within).total


def without(gallery: Gallery, chips: Sequence[Chip], within: Sequence[str]) -> list[int]:
    """Count how many pictures there would be without each condition."""
    return [_count(gallery, chip.off, within) for chip in chips]


def chips(asked: Asked, text: Text) -> list[Chip]:
    """Return the conditions of the question."""
    return [*_word_chips(asked, text), *_time_chips(asked, text), *_other_chips(asked, text)]


def _word_chips(asked: Asked, text: Text) -> Iterator[Chip]:
    any_seen = False
    for word in asked.words:
        menu = tuple((how, asked.swapped(word, replace(word, how=how))) for how in HOWS)
        sures = tuple((sure, asked.swapped(word, word.at_least(sure))) for sure in SURE)
        repeats = word.how == "any_of" and any_seen
        any_seen = any_seen or word.how == "any_of"
        yield Chip(word.how, shown(word, text), asked.swapped(word, None), word.sure, menu, sures, repeats)


def shown(word: Word, text: Text) -> str:
    """Return a word as people read it: the name of a label in their language, or what was typed."""
    if word.text.startswith("=") or word.name in text.taxonomy.concepts:
        return text.name(word.name)
    return word.name


def _time_chips(asked: Asked, text: Text) -> Iterator[Chip]:
    start, until = _day(asked.start), _day(asked.until)
    if start and until and start.day == 1 and _next_month(start) == until:
        yield Chip("is", text.month(start), replace(asked, start="", until=""))
        return
    if asked.start:
        said = text.day(start) if start else asked.start
        yield Chip("is", text.t("since_chip", said), replace(asked, start=""))
    if asked.until:
        said = text.day(until) if until else asked.until
        yield Chip("is", text.t("until_chip", said), replace(asked, until=""))


def _other_chips(asked: Asked, text: Text) -> Iterator[Chip]:
    if asked.min_confidence:
        yield Chip("is", f"≥ {asked.min_confidence:g}", replace(asked, min_confidence=0.0))
    if asked.prefix:
        yield Chip("is", asked.prefix, replace(asked, prefix=""))
    if asked.state != "labelled":
        yield Chip(f"is {asked.state}", text.state(asked.state), replace(asked, state="labelled", reason=""))
    if asked.reason:
        yield Chip("is", text.reason(asked.reason), replace(asked, reason=""))


def _day(moment: str) -> date | None:
    try:
        return date.fromisoformat(moment) if len(moment) == 10 else None
    except ValueError:
        return None


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
